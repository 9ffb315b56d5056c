"""A regional overlay: courses and demands added to a syllabus; it may add and raise, never drop or lower."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.bilingual import Bilingual, optional_bilingual
from curricula.canonical import exact_json
from curricula.editions.syllabus import (
    Course,
    Module,
    Syllabus,
    course_of,
    course_shape,
    edition_name,
    pass_mark_shape,
)
from curricula.findings import Problem, refuse_errors
from curricula.items import MODULES
from curricula.reading import Document, Pointer
from curricula.refusals import OverlayForAnotherEdition
from curricula.shapes import (
    bilingual,
    day,
    days_in_order,
    doubled,
    identifier,
    list_of,
    mapping_of,
    nothing_or,
    one_of,
    parsed_day,
    record,
    text,
    true_false,
    whole,
)

_overlay = record(
    {
        "overlay": identifier(),
        "version": text(),
        "region": text(r"CN-[A-Z]{2}"),
        "title": bilingual(),
        "over": edition_name,
        "valid_from": day,
        "verified": true_false,
        "source": bilingual(),
        "adds": list_of(record({"module": one_of(*MODULES), "courses": list_of(course_shape, least=1)})),
        "minimum_periods": mapping_of(whole(most=1000)),
    },
    {
        "valid_to": nothing_or(day),
        "level_title": nothing_or(bilingual()),
        "total_minimum_periods": nothing_or(whole(least=1, most=5000)),
        "pass_mark": nothing_or(pass_mark_shape),
    },
)


@dataclass(frozen=True)
class Overlay:
    """What a region adds to one edition: courses by module, higher minimum periods, a higher pass mark, its own titles."""

    overlay: str
    version: str
    region: str
    title: Bilingual
    over: tuple[str, str, str]
    valid_from: date
    valid_to: date | None
    verified: bool
    source: Bilingual
    adds: tuple[tuple[str, tuple[Course, ...]], ...]
    minimum_periods: tuple[tuple[str, int], ...]
    total_minimum_periods: int | None
    pass_mark: Fraction | None
    level_title: Bilingual | None

    @property
    def name(self) -> tuple[str, str, str]:
        """(overlay code, version, level)."""
        return self.overlay, self.version, self.over[2]

    def to_json(self) -> dict[str, Any]:
        """The overlay as its file writes it."""
        return {
            "overlay": self.overlay,
            "version": self.version,
            "region": self.region,
            "title": self.title.to_json(),
            "over": dict(zip(("syllabus", "version", "level"), self.over, strict=True)),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "verified": self.verified,
            "source": self.source.to_json(),
            "adds": [{"module": name, "courses": [one.to_json() for one in courses]} for name, courses in self.adds],
            "minimum_periods": dict(self.minimum_periods),
            "total_minimum_periods": self.total_minimum_periods,
            "pass_mark": None if self.pass_mark is None else exact_json(self.pass_mark),
            "level_title": None if self.level_title is None else self.level_title.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "overlay") -> "Overlay":
        """An overlay from its JSON. Raises Faults."""
        refuse_errors(Document(file, value), overlay_problems(value, ()))
        return overlay_of(value)

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return canonical.digest(self.to_json())


def overlay_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of an overlay seen alone."""
    yield from _overlay(value, at)
    if not isinstance(value, Mapping):
        return
    yield from days_in_order(value, at)
    if isinstance(value.get("minimum_periods"), Mapping):
        for name in value["minimum_periods"]:
            yield from one_of(*MODULES)(name, (*at, "minimum_periods", name))


def overlay_of(value: Mapping[str, Any]) -> Overlay:
    """An overlay from a value whose shape was checked before."""
    since = parsed_day(value["valid_from"])
    assert since is not None
    return Overlay(
        overlay=value["overlay"],
        version=value["version"],
        region=value["region"],
        title=Bilingual.from_json(value["title"]),
        over=(value["over"]["syllabus"], value["over"]["version"], value["over"]["level"]),
        valid_from=since,
        valid_to=parsed_day(value.get("valid_to")),
        verified=value["verified"],
        source=Bilingual.from_json(value["source"]),
        adds=tuple((one["module"], tuple(course_of(course) for course in one["courses"])) for one in value["adds"]),
        minimum_periods=tuple(sorted(value["minimum_periods"].items())),
        total_minimum_periods=value.get("total_minimum_periods"),
        pass_mark=canonical.exact(value.get("pass_mark")),
        level_title=optional_bilingual(value.get("level_title")),
    )


def fit_problems(overlay: Overlay, base: Syllabus, at: Pointer = ()) -> Iterator[Problem]:
    """Where an overlay lowers what the syllabus demands, or adds what is already there."""
    for name, periods in overlay.minimum_periods:
        module = base.module(name)
        if module is not None and periods < module.minimum_periods:
            facts = {"given": str(periods), "needed": str(module.minimum_periods)}
            yield Problem((*at, "minimum_periods", name), "lowered", facts)
    if overlay.pass_mark is not None and overlay.pass_mark < base.pass_mark:
        yield Problem((*at, "pass_mark"), "lowered", {"given": str(overlay.pass_mark), "needed": str(base.pass_mark)})
    if overlay.total_minimum_periods is not None and overlay.total_minimum_periods < base.minimum_periods:
        facts = {"given": str(overlay.total_minimum_periods), "needed": str(base.minimum_periods)}
        yield Problem((*at, "total_minimum_periods"), "lowered", facts)
    known = {course.id for _, course in base.courses()}
    added = [
        ((*at, "adds", n, "courses", c, "id"), course.id)
        for n, (_, courses) in enumerate(overlay.adds)
        for c, course in enumerate(courses)
    ]
    yield from doubled(added)
    yield from (Problem(place, "doubled", {"given": name}) for place, name in added if name in known)


def overlaid(base: Syllabus, overlay: Overlay) -> Syllabus:
    """The syllabus of the region: the base with the overlay's additions, naming the base and its digest.

    Raises OverlayForAnotherEdition, and Faults when the overlay lowers anything or the result does not add up.
    """
    if overlay.over != base.name:
        raise OverlayForAnotherEdition(wanted=" ".join(overlay.over), given=" ".join(base.name))
    refuse_errors(Document(overlay.overlay, None), fit_problems(overlay, base))
    modules = tuple(_module_with(one, overlay) for one in base.modules)
    wanted = overlay.total_minimum_periods
    least = sum(one.minimum_periods for one in modules)
    made = replace(
        base,
        syllabus=overlay.overlay,
        version=overlay.version,
        title=overlay.title,
        level_title=overlay.level_title or base.level_title,
        valid_from=max(base.valid_from, overlay.valid_from),
        valid_to=min((one for one in (base.valid_to, overlay.valid_to) if one is not None), default=None),
        verified=base.verified and overlay.verified,
        source=overlay.source,
        modules=modules,
        minimum_periods=max(base.minimum_periods if wanted is None else wanted, least),
        pass_mark=base.pass_mark if overlay.pass_mark is None else overlay.pass_mark,
        based_on=(*base.name, base.digest()),
    )
    return Syllabus.from_json(made.to_json(), overlay.overlay)


def _module_with(module: Module, overlay: Overlay) -> Module:
    added = tuple(course for name, courses in overlay.adds if name == module.id for course in courses)
    least = dict(overlay.minimum_periods).get(module.id, module.minimum_periods)
    return replace(module, courses=module.courses + added, minimum_periods=least)
