"""What an item must be by itself, before it is looked at among others."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from curricula.canonical import exact
from curricula.findings import WARNING, Problem
from curricula.reading import Pointer
from curricula.shapes import (
    Shape,
    anything,
    bilingual,
    day,
    doubled,
    exact_number,
    identifier,
    list_of,
    nothing_or,
    one_of,
    record,
    text,
    true_false,
    whole,
)

SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC, CASE, ESSAY = "single", "multiple", "true_false", "numeric", "case", "essay"
KINDS = (SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC, CASE, ESSAY)
PART_KINDS = (SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC, ESSAY)
MODULES = ("public_knowledge", "policy_and_law", "practical_skills", "capability")
LEVELS = ("initial", "intermediate", "senior")
COGNITIVE = ("remember", "understand", "apply", "analyse")
POLICIES = ("all_or_nothing", "right_minus_wrong", "each_option", "partial_if_none_wrong")

citation = record({"act": identifier(), "article": identifier()})
_points = exact_number(least=Fraction(1, 100), most=1000)
_option = record({"id": text(r"[A-Z]"), "text": bilingual(english=False)})
_level = record({"points": exact_number(least=0), "text": bilingual(english=False)})
_rubric_line = record(
    {"id": identifier(), "criterion": bilingual(english=False), "points": _points}, {"levels": list_of(_level)}
)
_asked: dict[str, Shape] = {
    "options": list_of(_option, least=2),
    "key": anything,
    "policy": one_of(*POLICIES),
    "rubric": list_of(_rubric_line, least=1),
    "shuffle": true_false,
}
_part = record(
    {
        "id": text(r"[A-Za-z0-9]{1,16}"),
        "kind": one_of(*PART_KINDS),
        "stem": bilingual(english=False),
        "points": _points,
    },
    {**_asked, "rationale": nothing_or(bilingual(english=False))},
)
_item = record(
    {
        "id": identifier(),
        "version": whole(least=1),
        "kind": one_of(*KINDS),
        "stem": bilingual(english=False),
        "points": _points,
        "rationale": bilingual(english=False),
        "citations": list_of(citation),
        "unit": identifier(),
        "module": one_of(*MODULES),
        "level": list_of(one_of(*LEVELS), least=1),
        "cognitive": one_of(*COGNITIVE),
        "difficulty": whole(least=1, most=5),
    },
    {
        **_asked,
        "parts": list_of(_part, least=2),
        "enemies": list_of(identifier()),
        "second_reader": nothing_or(
            record({"checked_on": day, "result": one_of("agrees", "differs")}, {"note": nothing_or(text())})
        ),
    },
)
_numeric_key = record({"value": exact_number()}, {"tolerance": exact_number(least=0), "unit": nothing_or(text())})

# Which of the fields about asking and scoring belong to which kind.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    SINGLE: (("options", "key"), ("shuffle",)),
    MULTIPLE: (("options", "key", "policy"), ("shuffle",)),
    TRUE_FALSE: (("key",), ()),
    NUMERIC: (("key",), ()),
    CASE: (("parts",), ()),
    ESSAY: (("rubric",), ()),
}
_OF_SOME_KINDS = ("options", "key", "policy", "rubric", "shuffle", "parts")


def item_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of one item seen alone."""
    problems = list(_item(value, at))
    yield from problems
    if not isinstance(value, Mapping) or value.get("kind") not in KINDS:
        return
    yield from _question_problems(value, at)
    if value["kind"] == CASE and isinstance(value.get("parts"), list):
        yield from _case_problems(value, at)
    if isinstance(value.get("level"), list):
        yield from doubled([((*at, "level", n), str(one)) for n, one in enumerate(value["level"])])
    if value.get("id") in (value.get("enemies") or ()):
        yield Problem((*at, "enemies"), "own-enemy")
    reading = value.get("second_reader")
    if not isinstance(reading, Mapping):
        yield Problem(at, "second-reader-missing", {}, WARNING)
    elif reading.get("result") == "differs":
        yield Problem((*at, "second_reader", "result"), "second-reader-differs")


def _question_problems(value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    kind = value["kind"]
    needed, optional = _FIELDS[kind]
    for name in needed:
        if name not in value:
            yield Problem(at, "missing", {"name": name})
    for name in _OF_SOME_KINDS:
        if name in value and name not in needed and name not in optional:
            yield Problem((*at, name), "field-not-for-kind", {"name": name, "kind": kind})
    if "key" in needed and "key" in value:
        yield from _key_problems(value, at)
    if isinstance(value.get("options"), list):
        yield from doubled([((*at, "options", n, "id"), one) for n, one in _ids(value["options"])])
    if kind == ESSAY and isinstance(value.get("rubric"), list):
        yield from _rubric_problems(value, at)


def _ids(entries: list[Any]) -> list[tuple[int, str]]:
    return [
        (n, one["id"]) for n, one in enumerate(entries) if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    ]


def _key_problems(value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    kind, key, place = value["kind"], value["key"], (*at, "key")
    options = {one for _, one in _ids(value["options"])} if isinstance(value.get("options"), list) else set()
    if kind == NUMERIC:
        yield from _numeric_key(key, place)
    elif kind == TRUE_FALSE:
        if not isinstance(key, bool):
            yield Problem(place, "key-wrong-shape", {"kind": kind})
    elif kind == SINGLE:
        if not isinstance(key, str):
            yield Problem(place, "key-wrong-shape", {"kind": kind})
        elif key not in options:
            yield Problem(place, "key-not-an-option", {"given": key})
    elif not isinstance(key, list) or not key or not all(isinstance(one, str) for one in key):
        yield Problem(place, "key-wrong-shape", {"kind": kind})
    else:
        yield from (
            Problem((*place, n), "key-not-an-option", {"given": one}) for n, one in enumerate(key) if one not in options
        )
        yield from doubled([((*place, n), one) for n, one in enumerate(key)])
        if options and options == set(key):
            yield Problem(place, "all-options-are-key", {}, WARNING)
        if len(key) == 1:
            yield Problem(place, "key-of-one", {}, WARNING)


def _rubric_problems(value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    lines = value["rubric"]
    yield from doubled([((*at, "rubric", n, "id"), one) for n, one in _ids(lines)])
    yield from _sum_problems(lines, value.get("points"), (*at, "rubric"))
    for n, line in enumerate(lines):
        most = exact(line.get("points")) if isinstance(line, Mapping) else None
        if most is None or not isinstance(line.get("levels"), list):
            continue
        for m, level in enumerate(line["levels"]):
            points = exact(level.get("points")) if isinstance(level, Mapping) else None
            if points is not None and points > most:
                facts = {"given": str(points), "most": str(most)}
                yield Problem((*at, "rubric", n, "levels", m, "points"), "level-outside", facts)


def _case_problems(value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    parts = value["parts"]
    yield from doubled([((*at, "parts", n, "id"), one) for n, one in _ids(parts)])
    yield from _sum_problems(parts, value.get("points"), (*at, "parts"))
    for n, part in enumerate(parts):
        if isinstance(part, Mapping) and part.get("kind") in PART_KINDS:
            yield from _question_problems(part, (*at, "parts", n))


def _sum_problems(entries: list[Any], whole_points: Any, at: Pointer) -> Iterator[Problem]:
    points = [exact(one.get("points")) if isinstance(one, Mapping) else None for one in entries]
    total = exact(whole_points)
    known = [one for one in points if one is not None]
    if total is not None and len(known) == len(points) and sum(known) != total:
        yield Problem(at, "sum-differs", {"given": str(sum(known)), "needed": str(total)})
