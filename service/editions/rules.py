"""How a checked text becomes an edition: its kind, names, effective days and digest; pure."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from curricula.canonical import digest
from curricula.content import Library, kind_of_document
from curricula.editions import Overlay, Shelf, Standard, Syllabus, check_document, edition_of, overlaid
from curricula.findings import Problem, placed
from curricula.language import sentence
from curricula.laws import Register
from curricula.papers import Blueprint, blueprint_problems
from curricula.reading import Document, read_text
from curricula.refusals import ContentHasFaults, Unreadable
from service.foundation.language import CHINESE, ENGLISH, gettext, later

STANDARD, SYLLABUS, BLUEPRINT, LAWS = "standard", "syllabus", "blueprint", "laws"
REGISTER_CODE = "citation-register"
KIND_NOT_TAKEN = later(
    "Standards, syllabi, overlays and blueprints are uploaded here; this is a document of another kind."
)


@dataclass(frozen=True)
class Named:
    """An edition's content with the names and days under which it is kept. `verified` False marks working values."""

    kind: str
    code: str
    version: str
    title: dict[str, str]
    content: dict[str, Any]
    digest: str
    valid_from: date | None
    valid_to: date | None
    scheme: str | None = None
    level: str | None = None


def named(value: Standard | Syllabus | Blueprint) -> Named:
    """The names of a standard, syllabus or blueprint; a syllabus's code carries its level."""
    content = value.to_json()
    if isinstance(value, Standard):
        return Named(
            STANDARD,
            value.standard,
            value.version,
            value.title.to_json(),
            content,
            value.digest(),
            value.valid_from,
            value.valid_to,
        )
    if isinstance(value, Syllabus):
        return Named(
            SYLLABUS,
            f"{value.syllabus}-{value.level}",
            value.version,
            value.title.to_json(),
            content,
            value.digest(),
            value.valid_from,
            value.valid_to,
            value.syllabus,
            value.level,
        )
    return Named(
        BLUEPRINT,
        value.blueprint,
        str(value.version),
        value.title.to_json(),
        content,
        value.digest(),
        None,
        None,
        value.syllabus[0],
        value.level,
    )


def named_register(register: Register) -> Named:
    """The citation register as one edition; its version is the start of its digest, since laws change one by one."""
    content = {"acts": [act.to_json() for _, act in sorted(register.acts.items())]}
    mark = digest(content)
    title = {"zh": "法规引用登记册", "en": "Citation register"}
    return Named(LAWS, REGISTER_CODE, mark[:12], title, content, mark, None, None)


def shipped_editions(library: Library) -> list[Named]:
    """What ships with the service, standards first; overlays are examples and are left to be uploaded."""
    found = [named(one) for one in library.standards.values()]
    found += [named(one) for one in library.syllabi.values()]
    for blueprint in library.blueprints.values():
        syllabus = library.syllabi.get(blueprint.syllabus)
        days = (syllabus.valid_from, syllabus.valid_to) if syllabus else (None, None)
        found.append(replace(named(blueprint), valid_from=days[0], valid_to=days[1]))
    found.append(named_register(library.register))
    return found


def examined(raw: bytes, file: str, shelf: Shelf) -> tuple[list[dict[str, Any]], Named | None]:
    """The checker's report on an uploaded text, and the edition it would become when the report has no error.

    An overlay becomes the region's whole syllabus: the syllabus it names with the additions.
    """
    try:
        document = read_text(raw, file)
        kind = kind_of_document(document)
        if kind in ("standard", "syllabus", "overlay"):
            findings = [one.to_json() for one in check_document(document, shelf)]
        elif kind == "blueprint":
            findings = [one.to_json() for one in placed(document, _blueprint_report(document, shelf))]
        else:
            said = {"zh": gettext(KIND_NOT_TAKEN, CHINESE), "en": KIND_NOT_TAKEN}
            return [_finding(file, document.line(()), "kind-not-taken", said)], None
        if any(one["severity"] == "error" for one in findings):
            return findings, None
        return findings, named(_value(document, kind, shelf))
    except Unreadable as refusal:
        line = refusal.facts.get("line")
        said = {"zh": sentence(refusal, CHINESE), "en": sentence(refusal, ENGLISH)}
        return [_finding(file, line if isinstance(line, int) else None, refusal.slug, said)], None
    except ContentHasFaults as refusal:  # an overlay that does not add up over its syllabus
        said = {"zh": sentence(refusal, CHINESE), "en": sentence(refusal, ENGLISH)}
        return [_finding(file, None, refusal.slug, said)], None


def text_of(raw: bytes) -> str:
    """What was sent, as text the database can hold; bytes that are no text become replacement marks."""
    return raw.decode("utf-8", "replace").replace("\x00", "\ufffd")


def sha256_of(raw: bytes) -> str:
    """SHA-256 of what was sent, in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def _blueprint_report(document: Document, shelf: Shelf) -> list[Problem]:
    problems = list(blueprint_problems(document.value, ()))
    if not any(one.severity == "error" for one in problems):
        blueprint = Blueprint.from_json(document.value, document.file)
        if blueprint.syllabus not in shelf.syllabi:
            facts = {"given": " ".join(blueprint.syllabus), "where": "courses"}
            problems.append(Problem(("syllabus",), "not-found", facts))
    return problems


def _value(document: Document, kind: str, shelf: Shelf) -> Standard | Syllabus | Blueprint:
    if kind == "blueprint":
        return Blueprint.from_json(document.value, document.file)
    edition = edition_of(document)
    return overlaid(shelf.syllabi[edition.over], edition) if isinstance(edition, Overlay) else edition


def _finding(file: str, line: int | None, rule: str, said: dict[str, str]) -> dict[str, Any]:
    return {
        "file": file,
        "line": line,
        "field": "",
        "severity": "error",
        "rule": rule,
        "facts": {},
        "sentence": said,
    }
