"""The security pattern: frame, interlaced waves and a rosette of hypotrochoids, drawn from the level and nothing else."""

import math
from collections.abc import Callable
from dataclasses import dataclass

PAGE = (297.0, 210.0)
"""A4 landscape in millimetres."""

GOLD = "#9a7b34"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tint:
    """The colour family of a level: full strength for rules and titles, pale for the pattern behind text."""

    name: str
    full: str

    def pale(self, strength: float) -> str:
        """The colour mixed with white paper; ``strength`` 0 to 1. Solid, so that every printer shows it alike."""
        channels = (int(self.full[place : place + 2], 16) for place in (1, 3, 5))
        return "#" + "".join(f"{round(255 - (255 - channel) * strength):02x}" for channel in channels)


CELADON = Tint("celadon", "#0b5c6b")
INDIGO = Tint("indigo", "#2f3f86")
PLUM = Tint("plum", "#7a2a5c")
SLATE = Tint("slate", "#46545e")
TINTS = (CELADON, INDIGO, PLUM)


@dataclass(frozen=True, slots=True)
class Ring:
    """A hypotrochoid between two circles: ``petals`` over ``turns`` rounds, ``outer`` and ``inner`` reach (1 = edge)."""

    petals: int
    turns: int
    outer: float
    inner: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one level is drawn: its tint and the six rings of its rosette, outermost first.

    The outlines differ (overlapping circles, a star over a disc, round lace), so that levels can be told apart in grey
    and on a copy.
    """

    tint: Tint
    rings: tuple[Ring, ...]
    waves: int = 7


_LEVELS = (
    Pattern(
        CELADON,
        (
            Ring(24, 11, 1.0, 0.60),
            Ring(36, 17, 0.84, 0.52),
            Ring(24, 11, 0.68, 0.34),
            Ring(48, 11, 0.48, 0.28),
            Ring(24, 7, 0.40, 0.12),
            Ring(24, 11, 0.22, 0.05),
        ),
    ),
    Pattern(
        INDIGO,
        (
            Ring(16, 5, 1.0, 0.58),
            Ring(32, 15, 0.88, 0.62),
            Ring(48, 11, 0.72, 0.48),
            Ring(32, 13, 0.54, 0.26),
            Ring(48, 11, 0.42, 0.24),
            Ring(32, 15, 0.24, 0.06),
        ),
    ),
    Pattern(
        PLUM,
        (
            Ring(40, 17, 1.0, 0.70),
            Ring(60, 7, 0.84, 0.56),
            Ring(40, 9, 0.74, 0.34),
            Ring(80, 9, 0.50, 0.36),
            Ring(40, 11, 0.44, 0.10),
            Ring(40, 7, 0.26, 0.06),
        ),
    ),
)
_PLAIN = Pattern(
    SLATE,
    (
        Ring(8, 3, 1.0, 0.52),
        Ring(24, 11, 0.86, 0.55),
        Ring(32, 9, 0.64, 0.42),
        Ring(16, 7, 0.50, 0.20),
        Ring(32, 9, 0.34, 0.18),
        Ring(16, 7, 0.20, 0.05),
    ),
)


_CORNER = (Ring(12, 5, 1.0, 0.3), Ring(12, 5, 0.5, 0.16))


def pattern_of(rank: int | None) -> Pattern:
    """The pattern of a level's rank (1 lowest, repeating after the third); None for papers without a level."""
    return _PLAIN if rank is None else _LEVELS[(rank - 1) % len(_LEVELS)]


def _curve(at: Callable[[float], Point], slope: Callable[[float], Point], end: float, steps: int) -> str:
    """A smooth SVG path through ``at(t)``, t from 0 to ``end``, as cubic Bezier pieces with exact tangents."""
    step = end / steps
    x, y = at(0.0)
    parts = [f"M{x:.2f} {y:.2f}"]
    for index in range(steps):
        t, u = index * step, (index + 1) * step
        (x0, y0), (x1, y1) = at(t), at(u)
        (dx0, dy0), (dx1, dy1) = slope(t), slope(u)
        parts.append(
            f"C{x0 + dx0 * step / 3:.2f} {y0 + dy0 * step / 3:.2f} "
            f"{x1 - dx1 * step / 3:.2f} {y1 - dy1 * step / 3:.2f} {x1:.2f} {y1:.2f}"
        )
    return "".join(parts)


def hypotrochoid(centre: Point, radius: float, ring: Ring) -> str:
    """The closed path of a hypotrochoid: the trace of a point on an arm of a circle rolling inside another.

    ``radius`` in millimetres is the distance reached by a ring whose ``outer`` is 1.
    """
    divisor = math.gcd(ring.petals, ring.turns)
    petals, turns = ring.petals // divisor, ring.turns // divisor
    orbit = radius * (ring.outer + ring.inner) / 2  # of the rolling circle's centre
    arm = radius * (ring.outer - ring.inner) / 2
    ratio = petals / turns - 1  # the arm's turns for one turn of the centre, the other way round

    def at(t: float) -> Point:
        return (
            centre[0] + orbit * math.cos(t) + arm * math.cos(ratio * t),
            centre[1] + orbit * math.sin(t) - arm * math.sin(ratio * t),
        )

    def slope(t: float) -> Point:
        return (
            -orbit * math.sin(t) - arm * ratio * math.sin(ratio * t),
            orbit * math.cos(t) - arm * ratio * math.cos(ratio * t),
        )

    return _curve(at, slope, 2 * math.pi * turns, petals * 6) + "z"


def wave(start: Point, length: float, amplitude: float, periods: int, phase: float, vertical: bool = False) -> str:
    """A sine wave of whole ``periods`` along a straight side, as an SVG path."""
    rate = 2 * math.pi * periods / length

    def turned(along: float, across: float) -> Point:
        return (across, along) if vertical else (along, across)

    def at(t: float) -> Point:
        along, across = t, amplitude * math.sin(rate * t + phase)
        x, y = turned(along, across)
        return start[0] + x, start[1] + y

    def slope(t: float) -> Point:
        return turned(1.0, amplitude * rate * math.cos(rate * t + phase))

    return _curve(at, slope, length, periods * 4)


def rosette(pattern: Pattern, centre: Point, radius: float) -> list[str]:
    """The six hypotrochoids of a level's rosette, outermost first."""
    return [hypotrochoid(centre, radius, ring) for ring in pattern.rings]


def wave_band(pattern: Pattern, inset: float, amplitude: float, corner: float) -> list[str]:
    """Interlaced waves along the four sides, their middle ``inset`` from the edge, leaving ``corner`` at each corner."""
    width, height = PAGE
    across, down = width - 2 * corner, height - 2 * corner
    paths: list[str] = []
    for index in range(pattern.waves):
        phase = 2 * math.pi * index / pattern.waves
        # One period is as long on the short sides as on the long ones, to a few per cent.
        long_periods, short_periods = 30, round(30 * down / across)
        paths.append(wave((corner, inset), across, amplitude, long_periods, phase))
        paths.append(wave((corner, height - inset), across, amplitude, long_periods, phase))
        paths.append(wave((inset, corner), down, amplitude, short_periods, phase, vertical=True))
        paths.append(wave((width - inset, corner), down, amplitude, short_periods, phase, vertical=True))
    return paths


def background(pattern: Pattern, centre: Point, radius: float) -> str:
    """The whole pattern of a page as one SVG element, A4 landscape in millimetres."""
    width, height = PAGE
    tint = pattern.tint
    inset, corner = 13.0, 17.2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pattern" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}mm" height="{height:g}mm" aria-hidden="true">'
    ]

    def stroke(paths: list[str], colour: str, line: float) -> None:
        parts.append(f'<path d="{"".join(paths)}" fill="none" stroke="{colour}" stroke-width="{line:g}"/>')

    def frame(distance: float, line: float, colour: str = GOLD) -> None:
        parts.append(
            f'<rect x="{distance:g}" y="{distance:g}" width="{width - 2 * distance:g}" '
            f'height="{height - 2 * distance:g}" fill="none" stroke="{colour}" stroke-width="{line:g}"/>'
        )

    for index, path in enumerate(rosette(pattern, centre, radius)):
        stroke([path], tint.pale(0.14 + 0.05 * (index % 2)), 0.16)
    frame(7.6, 0.35)
    frame(8.9, 0.2)
    stroke(wave_band(pattern, inset, 2.5, corner), tint.pale(0.55), 0.12)
    frame(17.2, 0.2)
    corners = [(inset, inset), (width - inset, inset), (inset, height - inset), (width - inset, height - inset)]
    for x, y in corners:
        parts.append(
            f'<rect x="{x - 4.1:g}" y="{y - 4.1:g}" width="8.2" height="8.2" fill="#ffffff" '
            f'stroke="{GOLD}" stroke-width="0.2"/>'
        )
        stroke([hypotrochoid((x, y), 3.6, _CORNER[0])], tint.pale(0.75), 0.1)
        stroke([hypotrochoid((x, y), 3.6, _CORNER[1])], GOLD, 0.1)
    parts.append("</svg>")
    return "".join(parts)
