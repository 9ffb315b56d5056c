"""Reading, checking and freezing editions: a report for their owner, a value and a digest for the service."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curricula.editions.overlay import Overlay, fit_problems, overlay_of, overlay_problems
from curricula.editions.standard import Standard, standard_of, standard_problems
from curricula.editions.syllabus import Syllabus, syllabus_of, syllabus_problems
from curricula.findings import Finding, Problem, errors, placed, refuse_errors
from curricula.laws import Register
from curricula.reading import Document, Pointer, read_text
from curricula.refusals import KindUnknown

Edition = Standard | Syllabus | Overlay

_PROBLEMS: dict[str, Callable[[Any, Pointer], Iterator[Problem]]] = {
    "overlay": overlay_problems,
    "syllabus": syllabus_problems,
    "standard": standard_problems,
}


@dataclass(frozen=True)
class Shelf:
    """What an edition may point at. An empty shelf means: do not look beyond the edition itself."""

    standards: Mapping[tuple[str, str], Standard] = field(default_factory=dict)
    syllabi: Mapping[tuple[str, str, str], Syllabus] = field(default_factory=dict)
    blueprints: frozenset[tuple[str, int]] = frozenset()
    register: Register | None = None


def kind_of(document: Document) -> str:
    """`overlay`, `syllabus` or `standard`, by the key that names the edition. Raises KindUnknown."""
    if isinstance(document.value, Mapping):
        for kind in _PROBLEMS:
            if kind in document.value:
                return kind
    raise KindUnknown(file=document.file, line=document.line(()) or 1, kinds=list(_PROBLEMS))


def parse(text: str | bytes, file: str = "edition") -> Edition:
    """An edition from its YAML or JSON text; the value is frozen and compares by content.

    Raises Unreadable (not text, not YAML, not an edition) and Faults (errors, each with line and field).
    """
    return edition_of(read_text(text, file))


def edition_of(document: Document) -> Edition:
    """An edition from a document. Raises KindUnknown, Faults."""
    kind = kind_of(document)
    refuse_errors(document, _PROBLEMS[kind](document.value, ()))
    if kind == "overlay":
        return overlay_of(document.value)
    return syllabus_of(document.value) if kind == "syllabus" else standard_of(document.value)


def from_json(value: Any, file: str = "edition") -> Edition:
    """An edition from the JSON it was frozen as. Raises KindUnknown, Faults."""
    return edition_of(Document(file, value))


def digest(edition: Edition) -> str:
    """The digest an edition is frozen with: SHA-256 of its canonical JSON, whatever the order of keys in its file."""
    return edition.digest()


def check(text: str | bytes, file: str = "edition", shelf: Shelf | None = None) -> list[Finding]:
    """Everything the checker has to say about an edition, by line; no error among them means it can be frozen.

    With a shelf, references to standards, units, laws, blueprints and the overlaid syllabus are followed. Raises
    Unreadable when the text cannot be read at all.
    """
    return check_document(read_text(text, file), shelf)


def check_document(document: Document, shelf: Shelf | None = None) -> list[Finding]:
    """The same for a document that was read before."""
    kind = kind_of(document)
    found = placed(document, _PROBLEMS[kind](document.value, ()))
    if shelf is None or any(errors(found)):
        return found
    edition = edition_of(document)
    if isinstance(edition, Syllabus):
        found += placed(document, _syllabus_references(edition, shelf))
    elif isinstance(edition, Overlay):
        found += placed(document, _overlay_references(edition, shelf))
    return sorted(found, key=lambda one: (one.line or 0, one.field, one.rule))


def _syllabus_references(syllabus: Syllabus, shelf: Shelf) -> Iterator[Problem]:
    if syllabus.standard not in shelf.standards:
        yield Problem(("standard",), "not-found", {"given": " ".join(syllabus.standard), "where": "standards"})
    if syllabus.blueprint not in shelf.blueprints:
        given = f"{syllabus.blueprint[0]} {syllabus.blueprint[1]}"
        yield Problem(("assessment", "blueprint"), "not-found", {"given": given, "where": "blueprints"})
    standard = shelf.standards.get(syllabus.standard)
    for n, module in enumerate(syllabus.modules):
        for c, course in enumerate(module.courses):
            yield from _course_references(course.to_json(), ("modules", n, "courses", c), standard, shelf.register)


def _overlay_references(overlay: Overlay, shelf: Shelf) -> Iterator[Problem]:
    base = shelf.syllabi.get(overlay.over)
    if base is None:
        yield Problem(("over",), "not-found", {"given": " ".join(overlay.over), "where": "courses"})
        return
    yield from fit_problems(overlay, base)
    standard = shelf.standards.get(base.standard)
    for n, (_, courses) in enumerate(overlay.adds):
        for c, course in enumerate(courses):
            yield from _course_references(course.to_json(), ("adds", n, "courses", c), standard, shelf.register)


def _course_references(
    course: Mapping[str, Any], at: Pointer, standard: Standard | None, register: Register | None
) -> Iterator[Problem]:
    names = standard.names() if standard is not None else None
    for n, unit in enumerate(course["units"]):
        if names is not None and unit not in names:
            yield Problem((*at, "units", n), "not-found", {"given": unit, "where": "standards"})
    if register is not None:
        for n, one in enumerate(course["citations"]):
            yield from register.citation_problems(one, (*at, "citations", n))
