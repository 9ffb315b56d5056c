"""The competence standard: units, their elements, and the performance criteria of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from curricula import canonical
from curricula.bilingual import Bilingual
from curricula.findings import Problem, refuse_errors
from curricula.reading import Document, Pointer
from curricula.shapes import (
    bilingual,
    day,
    days_in_order,
    doubled,
    identifier,
    list_of,
    nothing_or,
    parsed_day,
    record,
    text,
    true_false,
)

_criterion = record({"id": identifier(), "text": bilingual()})
_element = record({"id": identifier(), "title": bilingual(), "criteria": list_of(_criterion, least=1)})
_unit = record({"id": identifier(), "title": bilingual(), "elements": list_of(_element, least=1)})
_standard = record(
    {
        "standard": identifier(),
        "version": text(),
        "title": bilingual(),
        "valid_from": day,
        "verified": true_false,
        "source": bilingual(),
        "units": list_of(_unit, least=1),
    },
    {"valid_to": nothing_or(day)},
)


@dataclass(frozen=True)
class Criterion:
    """One performance criterion: what a competent person is seen to do."""

    id: str
    text: Bilingual

    def to_json(self) -> dict[str, Any]:
        """{id, text}."""
        return {"id": self.id, "text": self.text.to_json()}


@dataclass(frozen=True)
class Element:
    """One element of a unit, with its criteria."""

    id: str
    title: Bilingual
    criteria: tuple[Criterion, ...]

    def to_json(self) -> dict[str, Any]:
        """{id, title, criteria}."""
        return {"id": self.id, "title": self.title.to_json(), "criteria": [one.to_json() for one in self.criteria]}


@dataclass(frozen=True)
class Unit:
    """One competence unit."""

    id: str
    title: Bilingual
    elements: tuple[Element, ...]

    def to_json(self) -> dict[str, Any]:
        """{id, title, elements}."""
        return {"id": self.id, "title": self.title.to_json(), "elements": [one.to_json() for one in self.elements]}


@dataclass(frozen=True)
class Standard:
    """One version of a competence standard."""

    standard: str
    version: str
    title: Bilingual
    valid_from: date
    valid_to: date | None
    verified: bool
    source: Bilingual
    units: tuple[Unit, ...]

    @property
    def name(self) -> tuple[str, str]:
        """(code, version)."""
        return self.standard, self.version

    def names(self) -> frozenset[str]:
        """The ids of all units, elements and criteria: whatever an item or a course may point at."""
        found: set[str] = set()
        for unit in self.units:
            found.add(unit.id)
            for element in unit.elements:
                found |= {element.id, *(one.id for one in element.criteria)}
        return frozenset(found)

    def unit_ids(self) -> tuple[str, ...]:
        """The ids of the units in their order."""
        return tuple(unit.id for unit in self.units)

    def to_json(self) -> dict[str, Any]:
        """The standard as its file writes it."""
        return {
            "standard": self.standard,
            "version": self.version,
            "title": self.title.to_json(),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "verified": self.verified,
            "source": self.source.to_json(),
            "units": [one.to_json() for one in self.units],
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "standard") -> "Standard":
        """A standard from its JSON. Raises Faults."""
        refuse_errors(Document(file, value), standard_problems(value, ()))
        return standard_of(value)

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return canonical.digest(self.to_json())


def standard_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of a standard seen alone."""
    problems = list(_standard(value, at))
    yield from problems
    if not isinstance(value, Mapping):
        return
    yield from days_in_order(value, at)
    if not problems:
        yield from doubled(list(_all_ids(value, at)))


def standard_of(value: Mapping[str, Any]) -> Standard:
    """A standard from a value whose shape was checked before."""
    since = parsed_day(value["valid_from"])
    assert since is not None
    return Standard(
        value["standard"],
        value["version"],
        Bilingual.from_json(value["title"]),
        since,
        parsed_day(value.get("valid_to")),
        value["verified"],
        Bilingual.from_json(value["source"]),
        tuple(_unit_of(one) for one in value["units"]),
    )


def _unit_of(value: Mapping[str, Any]) -> Unit:
    return Unit(value["id"], Bilingual.from_json(value["title"]), tuple(_element_of(one) for one in value["elements"]))


def _element_of(value: Mapping[str, Any]) -> Element:
    criteria = tuple(Criterion(one["id"], Bilingual.from_json(one["text"])) for one in value["criteria"])
    return Element(value["id"], Bilingual.from_json(value["title"]), criteria)


def _all_ids(value: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, str]]:
    for u, unit in enumerate(value["units"]):
        yield (*at, "units", u, "id"), unit["id"]
        for e, element in enumerate(unit["elements"]):
            yield (*at, "units", u, "elements", e, "id"), element["id"]
            for c, criterion in enumerate(element["criteria"]):
                yield (*at, "units", u, "elements", e, "criteria", c, "id"), criterion["id"]
