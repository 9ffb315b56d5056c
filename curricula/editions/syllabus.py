"""The syllabus of one level of a scheme: modules, courses, periods (学时), and the rules of completion and assessment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.bilingual import Bilingual
from curricula.canonical import exact_json
from curricula.findings import Problem, refuse_errors
from curricula.items import LEVELS, MODULES, Citation
from curricula.items.checking import citation
from curricula.items.values import citation_of
from curricula.reading import Document, Pointer
from curricula.shapes import (
    Shape,
    bilingual,
    day,
    days_in_order,
    doubled,
    exact_number,
    identifier,
    list_of,
    nothing_or,
    one_of,
    parsed_day,
    record,
    text,
    true_false,
    whole,
)

FORMS = ("classroom", "online", "practice", "degree_course")
ROUNDINGS = ("down", "none")

course_shape: Shape = record(
    {
        "id": identifier(),
        "title": bilingual(),
        "periods": whole(least=1, most=1000),
        "required": true_false,
        "forms": list_of(one_of(*FORMS), least=1),
        "units": list_of(identifier(), least=1),
    },
    {"outline": nothing_or(bilingual()), "citations": list_of(citation)},
)
pass_mark_shape: Shape = exact_number(least=Fraction(1, 1000), most=1)
edition_name: Shape = record({"syllabus": identifier(), "version": text(), "level": one_of(*LEVELS)})
_module = record(
    {
        "id": one_of(*MODULES),
        "title": bilingual(),
        "minimum_periods": whole(most=1000),
        "courses": list_of(course_shape, least=1),
    }
)
_resit = record(
    {
        "attempts": whole(least=1, most=20),
        "wait_days": whole(most=3650),
        "within_days": nothing_or(whole(least=1, most=3650)),
        "counts": one_of("best", "last"),
    }
)
_entry = record({"scheme": identifier(), "level": one_of(*LEVELS), "claimed": true_false})
_syllabus = record(
    {
        "syllabus": identifier(),
        "version": text(),
        "level": one_of(*LEVELS),
        "title": bilingual(),
        "level_title": bilingual(),
        "standard": record({"standard": identifier(), "version": text()}),
        "valid_from": day,
        "verified": true_false,
        "source": bilingual(),
        "minutes_per_period": whole(least=1, most=240),
        "rounding": one_of(*ROUNDINGS),
        "modules": list_of(_module, least=1),
        "completion": record(
            {
                "minimum_periods": whole(least=1, most=5000),
                "required_courses": one_of("all"),
                "make_up_within_days": nothing_or(whole(least=1, most=3650)),
            }
        ),
        "assessment": record(
            {
                "blueprint": record({"blueprint": identifier(), "version": whole(least=1)}),
                "minutes": whole(least=1, most=600),
                "pass_mark": pass_mark_shape,
                "resit": _resit,
            }
        ),
        "validity_years": nothing_or(whole(least=1, most=50)),
    },
    {
        "valid_to": nothing_or(day),
        "entry": nothing_or(_entry),
        "based_on": nothing_or(
            record(
                {"syllabus": identifier(), "version": text(), "level": one_of(*LEVELS), "digest": text(r"[0-9a-f]{64}")}
            )
        ),
    },
)


@dataclass(frozen=True)
class Course:
    """One course of a module. `periods` are teaching periods of the edition's minutes."""

    id: str
    title: Bilingual
    periods: int
    required: bool
    forms: tuple[str, ...]
    units: tuple[str, ...]
    outline: Bilingual | None = None
    citations: tuple[Citation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The course as its file writes it."""
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "periods": self.periods,
            "required": self.required,
            "forms": list(self.forms),
            "units": list(self.units),
            "outline": None if self.outline is None else self.outline.to_json(),
            "citations": [one.to_json() for one in self.citations],
        }


@dataclass(frozen=True)
class Module:
    """One of the four modules; `minimum_periods` is what completion needs in it."""

    id: str
    title: Bilingual
    minimum_periods: int
    courses: tuple[Course, ...]

    @property
    def periods(self) -> int:
        """What all its courses give."""
        return sum(one.periods for one in self.courses)

    def to_json(self) -> dict[str, Any]:
        """{id, title, minimum_periods, courses}."""
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "minimum_periods": self.minimum_periods,
            "courses": [one.to_json() for one in self.courses],
        }


@dataclass(frozen=True)
class ResitRule:
    """Attempts in all (the first included), days to wait between, days from the first within which, and which counts."""

    attempts: int
    wait_days: int
    within_days: int | None
    counts: str

    def to_json(self) -> dict[str, Any]:
        """{attempts, wait_days, within_days, counts}."""
        return {
            "attempts": self.attempts,
            "wait_days": self.wait_days,
            "within_days": self.within_days,
            "counts": self.counts,
        }


@dataclass(frozen=True)
class EntryRule:
    """What a person must hold to be admitted: a certificate of `scheme` of `level` or above.

    With `claimed`, a certificate that a base issued before and entered in a list counts as well, whatever its scheme; it
    is the base's word, and can never be verified as issued here.
    """

    scheme: str
    level: str
    claimed: bool

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are enough, the lowest first."""
        return LEVELS[LEVELS.index(self.level) :]

    def to_json(self) -> dict[str, Any]:
        """{scheme, level, claimed}."""
        return {"scheme": self.scheme, "level": self.level, "claimed": self.claimed}


@dataclass(frozen=True)
class Syllabus:
    """One edition of the syllabus of one level: (scheme code, version, level)."""

    syllabus: str
    version: str
    level: str
    title: Bilingual
    level_title: Bilingual
    standard: tuple[str, str]
    valid_from: date
    valid_to: date | None
    verified: bool
    source: Bilingual
    minutes_per_period: int
    rounding: str
    modules: tuple[Module, ...]
    minimum_periods: int
    make_up_within_days: int | None
    blueprint: tuple[str, int]
    assessment_minutes: int
    pass_mark: Fraction
    resit: ResitRule
    validity_years: int | None
    based_on: tuple[str, str, str, str] | None = None
    entry: EntryRule | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        """(scheme code, version, level)."""
        return self.syllabus, self.version, self.level

    def courses(self) -> Iterator[tuple[Module, Course]]:
        """Every course with its module."""
        return ((module, course) for module in self.modules for course in module.courses)

    def module(self, name: str) -> Module | None:
        """The module of this id."""
        return next((one for one in self.modules if one.id == name), None)

    def minimum_minutes(self) -> dict[str, int]:
        """Minutes that completion needs, by module."""
        return {one.id: one.minimum_periods * self.minutes_per_period for one in self.modules}

    def total_minimum_minutes(self) -> int:
        """Minutes that completion needs over all modules."""
        return self.minimum_periods * self.minutes_per_period

    def periods_of(self, minutes: int) -> Fraction:
        """学时 of so many minutes by the edition's rounding: whole periods only (`down`), or exact (`none`)."""
        exact = Fraction(minutes, self.minutes_per_period)
        return Fraction(exact.numerator // exact.denominator) if self.rounding == "down" else exact

    def to_json(self) -> dict[str, Any]:
        """The syllabus as its file writes it; without a rule of entry nothing stands for it, so that digests stay."""
        based_on = (
            dict(zip(("syllabus", "version", "level", "digest"), self.based_on, strict=True)) if self.based_on else None
        )
        return {
            "syllabus": self.syllabus,
            "version": self.version,
            "level": self.level,
            "title": self.title.to_json(),
            "level_title": self.level_title.to_json(),
            "standard": {"standard": self.standard[0], "version": self.standard[1]},
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "verified": self.verified,
            "source": self.source.to_json(),
            "minutes_per_period": self.minutes_per_period,
            "rounding": self.rounding,
            "modules": [one.to_json() for one in self.modules],
            "completion": {
                "minimum_periods": self.minimum_periods,
                "required_courses": "all",
                "make_up_within_days": self.make_up_within_days,
            },
            "assessment": {
                "blueprint": {"blueprint": self.blueprint[0], "version": self.blueprint[1]},
                "minutes": self.assessment_minutes,
                "pass_mark": exact_json(self.pass_mark),
                "resit": self.resit.to_json(),
            },
            "validity_years": self.validity_years,
            "based_on": based_on,
            **({"entry": self.entry.to_json()} if self.entry is not None else {}),
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "syllabus") -> "Syllabus":
        """A syllabus from its JSON. Raises Faults."""
        refuse_errors(Document(file, value), syllabus_problems(value, ()))
        return syllabus_of(value)

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return canonical.digest(self.to_json())


def syllabus_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of a syllabus seen alone."""
    problems = list(_syllabus(value, at))
    yield from problems
    if not isinstance(value, Mapping):
        return
    yield from days_in_order(value, at)
    if problems and any(one.severity == "error" for one in problems):
        return
    modules = value["modules"]
    yield from doubled([((*at, "modules", n, "id"), one["id"]) for n, one in enumerate(modules)])
    for missing in [name for name in MODULES if name not in {one["id"] for one in modules}]:
        yield Problem((*at, "modules"), "module-missing", {"module": missing})
    yield from doubled(
        [
            ((*at, "modules", n, "courses", c, "id"), course["id"])
            for n, one in enumerate(modules)
            for c, course in enumerate(one["courses"])
        ]
    )
    for n, one in enumerate(modules):
        given = sum(course["periods"] for course in one["courses"])
        if given < one["minimum_periods"]:
            facts = {"given": given, "needed": one["minimum_periods"]}
            yield Problem((*at, "modules", n, "minimum_periods"), "periods-short", facts)
    least = sum(one["minimum_periods"] for one in modules)
    most = sum(course["periods"] for one in modules for course in one["courses"])
    wanted = value["completion"]["minimum_periods"]
    if not least <= wanted <= most:
        place = (*at, "completion", "minimum_periods")
        yield Problem(place, "out-of-range", {"given": str(wanted), "least": str(least), "most": str(most)})


def course_of(value: Mapping[str, Any]) -> Course:
    """A course from a value whose shape was checked before."""
    return Course(
        value["id"],
        Bilingual.from_json(value["title"]),
        value["periods"],
        value["required"],
        tuple(value["forms"]),
        tuple(value["units"]),
        Bilingual.from_json(value["outline"]) if value.get("outline") else None,
        tuple(citation_of(one) for one in value.get("citations") or ()),
    )


def syllabus_of(value: Mapping[str, Any]) -> Syllabus:
    """A syllabus from a value whose shape was checked before."""
    since, pass_mark = parsed_day(value["valid_from"]), canonical.exact(value["assessment"]["pass_mark"])
    assert since is not None
    assert pass_mark is not None
    assessment, based_on = value["assessment"], value.get("based_on")
    return Syllabus(
        syllabus=value["syllabus"],
        version=value["version"],
        level=value["level"],
        title=Bilingual.from_json(value["title"]),
        level_title=Bilingual.from_json(value["level_title"]),
        standard=(value["standard"]["standard"], value["standard"]["version"]),
        valid_from=since,
        valid_to=parsed_day(value.get("valid_to")),
        verified=value["verified"],
        source=Bilingual.from_json(value["source"]),
        minutes_per_period=value["minutes_per_period"],
        rounding=value["rounding"],
        modules=tuple(
            Module(
                one["id"],
                Bilingual.from_json(one["title"]),
                one["minimum_periods"],
                tuple(course_of(course) for course in one["courses"]),
            )
            for one in value["modules"]
        ),
        minimum_periods=value["completion"]["minimum_periods"],
        make_up_within_days=value["completion"]["make_up_within_days"],
        blueprint=(assessment["blueprint"]["blueprint"], assessment["blueprint"]["version"]),
        assessment_minutes=assessment["minutes"],
        pass_mark=pass_mark,
        resit=ResitRule(**assessment["resit"]),
        validity_years=value["validity_years"],
        based_on=(based_on["syllabus"], based_on["version"], based_on["level"], based_on["digest"])
        if based_on
        else None,
        entry=EntryRule(**value["entry"]) if value.get("entry") else None,
    )
