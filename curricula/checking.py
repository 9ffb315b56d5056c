"""Checking files of every kind, alone and against each other: the report behind `python -m curricula check`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from curricula.banks import Bank
from curricula.content import CONTENT, Library, kind_of_document, library_of, yaml_files
from curricula.editions import Standard, check_document
from curricula.findings import WARNING, Finding, Problem, errors, placed
from curricula.formats.bank_yaml import bank_findings
from curricula.language import CHINESE, ENGLISH, sentence
from curricula.laws import Register, act_problems
from curricula.papers import Blueprint, blueprint_problems, draw
from curricula.reading import Document, read_file
from curricula.refusals import FormCannotBeFilled


@dataclass(frozen=True)
class Report:
    """How many files were read, and what was found in them."""

    files: int
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether anything stops the content from being used."""
        return any(errors(self.findings))

    def to_json(self) -> dict[str, Any]:
        """{files, counts, errors, warnings, findings}."""
        bad = len(list(errors(self.findings)))
        return {
            "files": self.files,
            "counts": dict(self.counts),
            "errors": bad,
            "warnings": len(self.findings) - bad,
            "findings": [one.to_json() for one in self.findings],
        }


def check_paths(paths: Iterable[Path] = (), on: date | None = None) -> Report:
    """Check files and folders (none: everything shipped), following references into them and the shipped content.

    `on` is the day on which every blueprint must be drawable (none: the first day its syllabus is valid). Raises
    Unreadable for a file that cannot be read at all.
    """
    wanted = list(paths) or [CONTENT]
    documents = [read_file(path) for path in yaml_files(wanted)]
    given = {Path(one.file).resolve() for one in documents}
    others = [read_file(path) for path in yaml_files([CONTENT]) if path.resolve() not in given]
    return check_documents(documents, others, on)


def check_documents(documents: list[Document], others: list[Document], on: date | None = None) -> Report:
    """Check documents; `others` are only referred to, and where one is of the same name the checked document wins."""
    library = library_of([*others, *documents])
    kinds: dict[str, list[Document]] = {}
    for document in documents:
        kinds.setdefault(kind_of_document(document), []).append(document)
    found: list[Finding] = []
    for document in kinds.get("act", []):
        found += placed(document, act_problems(document.value, ()))
    for kind in ("standard", "syllabus", "overlay"):
        for document in kinds.get(kind, []):
            found += check_document(document, library.shelf())
    found += _bank_findings(kinds.get("bank", []), others, library)
    for document in kinds.get("blueprint", []):
        found += placed(document, _blueprint_problems(document, library, on))
    counts = {kind: len(group) for kind, group in sorted(kinds.items())}
    counts["items"] = sum(len(one.value.get("items") or ()) for one in kinds.get("bank", []))
    return Report(len(documents), tuple(found), counts)


def _bank_findings(documents: list[Document], others: list[Document], library: Library) -> Iterator[Finding]:
    by_bank: dict[str, list[Document]] = {}
    for document in documents:
        by_bank.setdefault(str(document.value["bank"]), []).append(document)
    for name, group in by_bank.items():
        yield from bank_findings(group)
        siblings = [one for one in others if kind_of_document(one) == "bank" and one.value["bank"] == name]
        yield from _across(group, siblings, library)


def _across(group: list[Document], siblings: list[Document], library: Library) -> Iterator[Finding]:
    """What can only be seen with the whole bank, the standard and the register at hand."""
    known = {str(item.get("id")) for one in [*group, *siblings] for _, item in _items(one)}
    names = frozenset(name for standard in library.standards.values() for name in standard.names())
    stems: dict[str, str] = {}
    for document in group:
        problems: list[Problem] = []
        for place, item in _items(document):
            problems += _item_references(place, item, known, names, library.register)
            stem = item.get("stem")
            wording = "".join(str(stem.get("zh", "")).split()) if isinstance(stem, Mapping) else ""
            if wording and wording in stems:
                facts = {"elsewhere": stems[wording]}
                problems.append(Problem(("items", place, "stem"), "stem-doubled", facts, WARNING))
            stems.setdefault(wording, str(item.get("id")))
        yield from placed(document, problems)


def _items(document: Document) -> Iterator[tuple[int, Mapping[str, Any]]]:
    items = document.value.get("items")
    for place, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping):
            yield place, item


def _item_references(
    place: int, item: Mapping[str, Any], known: set[str], names: frozenset[str], register: Register
) -> Iterator[Problem]:
    at = ("items", place)
    if isinstance(item.get("unit"), str) and item["unit"] not in names:
        yield Problem((*at, "unit"), "not-found", {"given": item["unit"], "where": "standards"})
    enemies, citations = item.get("enemies"), item.get("citations")
    for n, enemy in enumerate(enemies if isinstance(enemies, list) else ()):
        if str(enemy) not in known:
            yield Problem((*at, "enemies", n), "not-found", {"given": str(enemy), "where": "bank"})
    for n, one in enumerate(citations if isinstance(citations, list) else ()):
        if isinstance(one, Mapping):
            yield from register.citation_problems(one, (*at, "citations", n))


def _blueprint_problems(document: Document, library: Library, on: date | None) -> Iterator[Problem]:
    problems = list(blueprint_problems(document.value, ()))
    yield from problems
    if any(one.severity == "error" for one in problems):
        return
    blueprint = Blueprint.from_json(document.value, document.file)
    syllabus = library.syllabi.get(blueprint.syllabus)
    if syllabus is None:
        yield Problem(("syllabus",), "not-found", {"given": " ".join(blueprint.syllabus), "where": "courses"})
        return
    for name, given, needed in (
        ("minutes", blueprint.minutes, syllabus.assessment_minutes),
        ("pass_mark", blueprint.pass_mark, syllabus.pass_mark),
    ):
        if given != needed:
            facts = {"given": str(given), "needed": str(needed), "where": " ".join(blueprint.syllabus)}
            yield Problem((name,), "differs-from", facts)
    standard = library.standards.get(syllabus.standard)
    yield from _cell_units(blueprint, standard)
    bank = library.banks.get(blueprint.bank)
    if bank is None:
        yield Problem(("bank",), "not-found", {"given": blueprint.bank, "where": "banks"})
    else:
        yield from _drawing_problems(blueprint, bank, on or syllabus.valid_from, library.register)


def _cell_units(blueprint: Blueprint, standard: Standard | None) -> Iterator[Problem]:
    names = standard.names() if standard is not None else frozenset()
    for n, cell in enumerate(blueprint.cells):
        for u, unit in enumerate(cell.units):
            if standard is not None and unit not in names:
                yield Problem(("cells", n, "units", u), "not-found", {"given": unit, "where": "standards"})


def _drawing_problems(blueprint: Blueprint, bank: Bank, day: date, register: Register) -> Iterator[Problem]:
    try:
        draw(blueprint, bank, 0, day, register)
    except FormCannotBeFilled as refusal:
        reason = {"zh": sentence(refusal, CHINESE), "en": sentence(refusal, ENGLISH)}
        yield Problem(("cells",), "cell-cannot-be-filled", {"reason": reason})
