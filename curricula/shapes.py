"""Shapes of JSON values: each shape is a function that lists the problems of a value at a place."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from curricula.canonical import exact
from curricula.findings import WARNING, Problem
from curricula.reading import Pointer

Shape = Callable[[Any, Pointer], Iterator[Problem]]

IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


def text(form: str | None = None) -> Shape:
    """Non-empty text, of a form given as a regular expression."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "not-text")
        elif not value.strip():
            yield Problem(at, "empty-text")
        elif form is not None and not re.fullmatch(form, value, re.ASCII):
            yield Problem(at, "pattern", {"given": value, "form": form})

    return shape


def identifier() -> Shape:
    """A short name of ASCII letters, digits, dots, dashes."""
    return text(IDENTIFIER)


def whole(least: int = 0, most: int = 1_000_000) -> Shape:
    """A whole number between two bounds."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield Problem(at, "not-whole", {"least": least, "most": most})

    return shape


def exact_number(least: Fraction | int | None = None, most: Fraction | int | None = None) -> Shape:
    """An exact number, as an integer or as text `3.5` or `7/2`, between two bounds."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        number = exact(value)
        if number is None:
            yield Problem(at, "not-exact")
        elif (least is not None and number < least) or (most is not None and number > most):
            yield Problem(
                at,
                "out-of-range",
                {
                    "given": str(number),
                    "least": "-∞" if least is None else str(least),
                    "most": "∞" if most is None else str(most),
                },
            )

    return shape


def one_of(*choices: str) -> Shape:
    """One of the words."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if value not in choices:
            yield Problem(at, "not-a-choice", {"given": str(value), "choices": list(choices)})

    return shape


def day(value: Any, at: Pointer) -> Iterator[Problem]:
    """A day written as 2026-01-31."""
    if parsed_day(value) is None:
        yield Problem(at, "not-a-day", {"given": str(value)})


def true_false(value: Any, at: Pointer) -> Iterator[Problem]:
    """true or false."""
    if not isinstance(value, bool):
        yield Problem(at, "not-true-false")


def anything(value: Any, at: Pointer) -> Iterator[Problem]:
    """No demand at this level; the demand depends on other fields and is checked there."""
    yield from ()


def bilingual(english: bool = True) -> Shape:
    """{zh, en}: Chinese always; a missing English is a warning where it is wanted."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "not-a-mapping")
            return
        for name in value:
            if name not in ("zh", "en"):
                yield Problem((*at, name), "unknown-key", {"name": name})
        if "zh" not in value:
            yield Problem(at, "chinese-missing")
        else:
            yield from text()(value["zh"], (*at, "zh"))
        if value.get("en") is not None:
            yield from text()(value["en"], (*at, "en"))
        elif english:
            yield Problem(at, "english-missing", {}, WARNING)

    return shape


def list_of(shape_of_one: Shape, least: int = 0) -> Shape:
    """A list of at least so many entries, each of one shape."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "not-a-list")
            return
        if len(value) < least:
            yield Problem(at, "too-few", {"least": least, "given": len(value)})
        for place, one in enumerate(value):
            yield from shape_of_one(one, (*at, place))

    return shape


def nothing_or(shape_of_value: Shape) -> Shape:
    """null, or a value of the shape."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if value is not None:
            yield from shape_of_value(value, at)

    return shape


def record(needed: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Named fields: all needed ones, any optional ones, no others."""
    others = optional or {}

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "not-a-mapping")
            return
        for name, one in value.items():
            found = needed.get(name) or others.get(name)
            if found is None:
                yield Problem((*at, name), "unknown-key", {"name": name})
            else:
                yield from found(one, (*at, name))
        for name in needed:
            if name not in value:
                yield Problem(at, "missing", {"name": name})

    return shape


def mapping_of(shape_of_one: Shape, form: str = IDENTIFIER) -> Shape:
    """Fields whose names are data, each value of one shape."""

    def shape(value: Any, at: Pointer) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(at, "not-a-mapping")
            return
        for name, one in value.items():
            yield from text(form)(name, (*at, name))
            yield from shape_of_one(one, (*at, name))

    return shape


def parsed_day(value: Any) -> date | None:
    """The day of `2026-01-31`, or None."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def doubled(values: list[tuple[Pointer, str]]) -> Iterator[Problem]:
    """A problem for each identifier that stands a second time."""
    seen: set[str] = set()
    for at, value in values:
        if value in seen:
            yield Problem(at, "doubled", {"given": value})
        seen.add(value)


def days_in_order(value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
    """A problem when valid_to lies before valid_from."""
    since, until = parsed_day(value.get("valid_from")), parsed_day(value.get("valid_to"))
    if since and until and until < since:
        yield Problem((*at, "valid_to"), "days-reversed", {"since": str(since), "until": str(until)})
