"""The blueprint of a paper: cells that say how many items of which kind, unit, module and difficulty, worth how much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.bilingual import Bilingual
from curricula.canonical import exact_json
from curricula.findings import Problem, refuse_errors
from curricula.items import COGNITIVE, KINDS, MODULES, Item
from curricula.reading import Document, Pointer
from curricula.shapes import (
    bilingual,
    doubled,
    exact_number,
    identifier,
    list_of,
    one_of,
    record,
    text,
    true_false,
    whole,
)

MOST_QUESTIONS = 300

_positive = exact_number(least=Fraction(1, 100), most=1000)
_cell = record(
    {
        "id": identifier(),
        "kinds": list_of(one_of(*KINDS), least=1),
        "count": whole(least=1, most=200),
        "points": _positive,
    },
    {
        "units": list_of(identifier(), least=1),
        "modules": list_of(one_of(*MODULES), least=1),
        "difficulty": list_of(whole(least=1, most=5), least=2),
        "cognitive": list_of(one_of(*COGNITIVE), least=1),
    },
)
_blueprint = record(
    {
        "blueprint": identifier(),
        "version": whole(least=1),
        "title": bilingual(),
        "bank": identifier(),
        "syllabus": record(
            {"syllabus": identifier(), "version": text(), "level": one_of("initial", "intermediate", "senior")}
        ),
        "verified": true_false,
        "source": bilingual(),
        "minutes": whole(least=1, most=600),
        "pass_mark": exact_number(least=Fraction(1, 1000), most=1),
        "questions": whole(least=1, most=MOST_QUESTIONS),
        "points": exact_number(least=Fraction(1, 100), most=10000),
        "shuffle_questions": true_false,
        "cells": list_of(_cell, least=1),
    }
)


@dataclass(frozen=True)
class Cell:
    """So many questions, each worth `points` in this paper; an empty tuple of units, modules or cognitive means any."""

    id: str
    kinds: tuple[str, ...]
    count: int
    points: Fraction
    units: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    difficulty: tuple[int, int] = (1, 5)
    cognitive: tuple[str, ...] = ()

    def takes(self, item: Item) -> bool:
        """Whether an item fits the cell; an item of an element (TM-U1.2) fits its unit (TM-U1)."""
        return (
            item.kind in self.kinds
            and self.difficulty[0] <= item.difficulty <= self.difficulty[1]
            and (not self.modules or item.module in self.modules)
            and (not self.cognitive or item.cognitive in self.cognitive)
            and (not self.units or any(item.unit == one or item.unit.startswith(one + ".") for one in self.units))
        )

    def to_json(self) -> dict[str, Any]:
        """The cell as its file writes it; fields that mean "any" are left out."""
        value: dict[str, Any] = {
            "id": self.id,
            "kinds": list(self.kinds),
            "count": self.count,
            "points": exact_json(self.points),
            "difficulty": list(self.difficulty),
        }
        for name in ("units", "modules", "cognitive"):
            if getattr(self, name):
                value[name] = list(getattr(self, name))
        return value


@dataclass(frozen=True)
class Blueprint:
    """One version of the plan of a paper for one level of a syllabus; `pass_mark` is a share of the points."""

    blueprint: str
    version: int
    title: Bilingual
    bank: str
    syllabus: tuple[str, str, str]
    verified: bool
    source: Bilingual
    minutes: int
    pass_mark: Fraction
    shuffle_questions: bool
    cells: tuple[Cell, ...]

    @property
    def level(self) -> str:
        """The level the paper is for."""
        return self.syllabus[2]

    @property
    def name(self) -> tuple[str, int]:
        """(id, version)."""
        return self.blueprint, self.version

    @property
    def questions(self) -> int:
        """How many questions a form has."""
        return sum(one.count for one in self.cells)

    @property
    def points(self) -> Fraction:
        """What a whole form is worth."""
        return sum((one.count * one.points for one in self.cells), Fraction(0))

    def to_json(self) -> dict[str, Any]:
        """The blueprint as its file writes it."""
        return {
            "blueprint": self.blueprint,
            "version": self.version,
            "title": self.title.to_json(),
            "bank": self.bank,
            "syllabus": dict(zip(("syllabus", "version", "level"), self.syllabus, strict=True)),
            "verified": self.verified,
            "source": self.source.to_json(),
            "minutes": self.minutes,
            "pass_mark": exact_json(self.pass_mark),
            "questions": self.questions,
            "points": exact_json(self.points),
            "shuffle_questions": self.shuffle_questions,
            "cells": [one.to_json() for one in self.cells],
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "blueprint") -> "Blueprint":
        """A blueprint from its JSON. Raises Faults."""
        refuse_errors(Document(file, value), blueprint_problems(value, ()))
        return blueprint_of(value)

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return canonical.digest(self.to_json())


def blueprint_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of a blueprint seen alone; its sums must agree with its cells."""
    problems = list(_blueprint(value, at))
    yield from problems
    if any(one.severity == "error" for one in problems):
        return
    cells = value["cells"]
    yield from doubled([((*at, "cells", n, "id"), one["id"]) for n, one in enumerate(cells)])
    for n, one in enumerate(cells):
        band = one.get("difficulty", [1, 5])
        if len(band) != 2 or band[0] > band[1]:
            facts = {"given": str(band), "form": "[1, 5]"}
            yield Problem((*at, "cells", n, "difficulty"), "pattern", facts)
    count = sum(one["count"] for one in cells)
    if count != value["questions"]:
        yield Problem((*at, "questions"), "sum-differs", {"given": str(count), "needed": str(value["questions"])})
    points = sum((one["count"] * (canonical.exact(one["points"]) or 0) for one in cells), Fraction(0))
    wanted = canonical.exact(value["points"])
    if points != wanted:
        yield Problem((*at, "points"), "sum-differs", {"given": str(points), "needed": str(wanted)})


def blueprint_of(value: Mapping[str, Any]) -> Blueprint:
    """A blueprint from a value whose shape was checked before."""
    pass_mark = canonical.exact(value["pass_mark"])
    assert pass_mark is not None
    return Blueprint(
        value["blueprint"],
        value["version"],
        Bilingual.from_json(value["title"]),
        value["bank"],
        (value["syllabus"]["syllabus"], value["syllabus"]["version"], value["syllabus"]["level"]),
        value["verified"],
        Bilingual.from_json(value["source"]),
        value["minutes"],
        pass_mark,
        value["shuffle_questions"],
        tuple(_cell_of(one) for one in value["cells"]),
    )


def _cell_of(value: Mapping[str, Any]) -> Cell:
    points = canonical.exact(value["points"])
    assert points is not None
    low, high = value.get("difficulty", (1, 5))
    return Cell(
        value["id"],
        tuple(value["kinds"]),
        value["count"],
        points,
        tuple(value.get("units", ())),
        tuple(value.get("modules", ())),
        (low, high),
        tuple(value.get("cognitive", ())),
    )
