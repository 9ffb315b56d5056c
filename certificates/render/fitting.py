"""Names fitted to their line: made smaller or set on two lines, never cut."""

import re
from dataclasses import dataclass
from pathlib import Path

from certificates.refusals import NameTooLong
from certificates.render.glyphs import width_of

MILLIMETRES_PER_POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class FittedName:
    """A name as it is set: its lines, top first, the size in points and the spacing in ems."""

    lines: tuple[str, ...]
    size: float
    spacing: float


def _halves(name: str) -> tuple[str, str]:
    """The name in two lines of nearly equal length, broken after a space or a middle dot if it has one."""
    places = [match.end() for match in re.finditer(r"[ ·]", name)] or list(range(1, len(name)))
    middle = min(places, key=lambda place: abs(place - len(name) / 2))
    return name[:middle].rstrip(), name[middle:]


def _size_for(line: str, width: float, fonts_dir: Path, largest: float, spacing: float) -> float:
    per_point = width_of(line, 1.0, fonts_dir, spacing=spacing) * MILLIMETRES_PER_POINT
    return min(largest, int(width / per_point * 10) / 10)


def fit_line(
    line: str, width: float, fonts_dir: Path, *, field: str, largest: float, smallest: float = 7.0, spacing: float = 0.0
) -> float:
    """The largest size in points at which one line fits ``width`` millimetres; NameTooLong below ``smallest``."""
    size = _size_for(line, width, fonts_dir, largest, spacing)
    if size < smallest:
        raise NameTooLong(field=field, length=len(line), limit=int(len(line) * size / smallest))
    return size


def fit_name(
    name: str,
    width: float,
    fonts_dir: Path,
    *,
    field: str = "name",
    largest: float = 30.0,
    two_lines_below: float = 16.0,
    smallest: float = 8.0,
    spacing: float = 0.0,
) -> FittedName:
    """Fit ``name`` into ``width`` millimetres.

    One line at the largest size that fits; when that would fall below ``two_lines_below`` points, two lines. Raises
    NameTooLong when even two lines of the smallest size do not fit.
    """
    single = _size_for(name, width, fonts_dir, largest, spacing)
    if single >= two_lines_below or len(name) < 4:
        return FittedName((name,), single, spacing)
    halves = _halves(name)
    double = min(_size_for(half, width, fonts_dir, two_lines_below, spacing) for half in halves)
    if single >= double:
        return FittedName((name,), single, spacing)
    if double < smallest:
        raise NameTooLong(field=field, length=len(name), limit=int(len(name) * double / smallest))
    return FittedName(halves, double, spacing)
