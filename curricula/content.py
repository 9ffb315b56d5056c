"""The content that ships with the package, and any other folder like it, read into one library."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from curricula.banks import Bank
from curricula.editions import Overlay, Shelf, Standard, Syllabus, edition_of
from curricula.formats.bank_yaml import read_bank
from curricula.items import Citation
from curricula.laws import Act, Register
from curricula.papers import Blueprint
from curricula.reading import Document, read_file
from curricula.refusals import ContentHasFaults, FileMissing, KindUnknown

CONTENT = Path(__file__).parent
SHIPPED_FOLDERS = ("standards", "laws", "courses", "samples")

# The key that says what a document is; the first that is present decides.
KINDS_OF_DOCUMENT = {
    "overlay": "overlay",
    "blueprint": "blueprint",
    "bank": "bank",
    "act": "act",
    "syllabus": "syllabus",
    "standard": "standard",
}


@dataclass(frozen=True)
class Library:
    """Standards, syllabi, overlays, blueprints, banks and the citation register by their names."""

    standards: Mapping[tuple[str, str], Standard]
    syllabi: Mapping[tuple[str, str, str], Syllabus]
    overlays: Mapping[tuple[str, str, str], Overlay]
    blueprints: Mapping[tuple[str, int], Blueprint]
    banks: Mapping[str, Bank]
    register: Register

    def shelf(self) -> Shelf:
        """What an edition may point at."""
        return Shelf(self.standards, self.syllabi, frozenset(self.blueprints), self.register)

    def cited_courses(self) -> Iterator[tuple[str, tuple[Citation, ...]]]:
        """Every course that cites law, by its id."""
        for syllabus in self.syllabi.values():
            yield from ((course.id, course.citations) for _, course in syllabus.courses() if course.citations)
        for overlay in self.overlays.values():
            for _, courses in overlay.adds:
                yield from ((course.id, course.citations) for course in courses if course.citations)


def kind_of_document(document: Document) -> str:
    """What a document is, by the key that names it. Raises KindUnknown."""
    if isinstance(document.value, Mapping):
        for key, kind in KINDS_OF_DOCUMENT.items():
            if key in document.value:
                return kind
    raise KindUnknown(file=document.file, line=document.line(()) or 1, kinds=list(KINDS_OF_DOCUMENT))


def yaml_files(paths: Iterable[Path]) -> list[Path]:
    """The YAML and JSON files named, and those inside the folders named; of the package itself only its content.

    Raises FileMissing.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            homes = [path / name for name in SHIPPED_FOLDERS] if path.resolve() == CONTENT else [path]
            inside = (file for home in homes for ending in ("*.yaml", "*.yml") for file in home.rglob(ending))
            found.update(dict.fromkeys(sorted(inside)))
        elif path.is_file():
            found[path] = None
        else:
            raise FileMissing(file=str(path))
    return list(found)


def library_of(documents: Iterable[Document]) -> Library:
    """A library of what can be used; documents with errors are left out, the checker reports them."""
    groups: dict[str, list[Document]] = {}
    for document in documents:
        groups.setdefault(kind_of_document(document), []).append(document)
    editions = list(_usable_editions(groups))
    return Library(
        {one.name: one for one in editions if isinstance(one, Standard)},
        {one.name: one for one in editions if isinstance(one, Syllabus)},
        {one.name: one for one in editions if isinstance(one, Overlay)},
        {one.name: one for one in _usable_blueprints(groups.get("blueprint", []))},
        {one.id: one for one in _usable_banks(groups.get("bank", []))},
        Register.of(_usable_acts(groups.get("act", []))),
    )


@cache
def shipped() -> Library:
    """What ships with this package, read once."""
    return library_of(read_file(path) for path in yaml_files([CONTENT]))


def _usable_editions(groups: Mapping[str, list[Document]]) -> Iterator[Standard | Syllabus | Overlay]:
    for kind in ("standard", "syllabus", "overlay"):
        for document in groups.get(kind, []):
            try:
                yield edition_of(document)
            except ContentHasFaults:
                continue


def _usable_blueprints(documents: Iterable[Document]) -> Iterator[Blueprint]:
    for document in documents:
        try:
            yield Blueprint.from_json(document.value, document.file)
        except ContentHasFaults:
            continue


def _usable_acts(documents: Iterable[Document]) -> Iterator[Act]:
    for document in documents:
        try:
            yield Act.from_json(document.value, document.file)
        except ContentHasFaults:
            continue


def _usable_banks(documents: Iterable[Document]) -> Iterator[Bank]:
    """A bank with a fault in any of its files is left out as a whole: half a bank would hide what is missing."""
    by_name: dict[str, list[Document]] = {}
    for document in documents:
        by_name.setdefault(str(document.value["bank"]), []).append(document)
    for group in by_name.values():
        try:
            yield read_bank(group)
        except ContentHasFaults:
            continue
