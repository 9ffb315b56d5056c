"""How a sum came about, step by step: each band's part of the running total, the cap, the rounding, the split."""

from dataclasses import dataclass
from fractions import Fraction

from service.foundation.money import Rate
from service.incentives.rules.accrual import split_lines
from service.incentives.rules.terms import PlanTerms, SplitLine


@dataclass(frozen=True, slots=True)
class BandStep:
    """One band: from above one limit up to another (None: no end), its rate, how much of the total lies inside, in fen."""

    above_fen: int
    up_to_fen: int | None
    rate: Rate
    inside_fen: int
    gives: Fraction

    @property
    def whole_fen(self) -> int:
        """The whole fen of what the band gives."""
        return self.gives.numerator // self.gives.denominator

    @property
    def part_of_fen(self) -> Fraction:
        """What is left of what the band gives beyond whole fen; rounding comes once, at the end of all bands."""
        return self.gives - self.whole_fen


@dataclass(frozen=True, slots=True)
class TotalSteps:
    """One running total of the base and what it has earned: by bands, in all, under the cap, rounded once, in fen."""

    base_fen: int
    bands: tuple[BandStep, ...]
    exact: Fraction
    capped: bool
    earned_fen: int


def total_steps(terms: PlanTerms, base_fen: int) -> TotalSteps:
    """The steps from a running total of the base to what it has earned."""
    bands = []
    for band in terms.earned.bands:
        top = base_fen if band.up_to_fen is None else min(base_fen, band.up_to_fen)
        inside = max(top - band.above_fen, 0)
        bands.append(BandStep(band.above_fen, band.up_to_fen, band.rate, inside, band.rate.of(inside)))
    exact = terms.earned.exact(base_fen)
    cap = terms.cap_deal_fen
    return TotalSteps(base_fen, tuple(bands), exact, cap is not None and exact > cap, terms.earned(base_fen))


def bands_between(terms: PlanTerms, before_fen: int, after_fen: int) -> tuple[BandStep, ...]:
    """The bands a step passes through, each with how much of the step lies inside; a step back has minus signs."""
    pairs = zip(total_steps(terms, before_fen).bands, total_steps(terms, after_fen).bands, strict=True)
    steps = [(after, after.inside_fen - before.inside_fen) for before, after in pairs]
    return tuple(
        BandStep(band.above_fen, band.up_to_fen, band.rate, inside, band.rate.of(inside))
        for band, inside in steps
        if inside
    )


@dataclass(frozen=True, slots=True)
class LineStep:
    """One split line: its running totals before and after, and the difference, in fen."""

    line: SplitLine
    before_fen: int
    after_fen: int

    @property
    def difference_fen(self) -> int:
        """What the line gets of the step."""
        return self.after_fen - self.before_fen


def line_steps(terms: PlanTerms, total_before_fen: int, total_after_fen: int) -> list[LineStep]:
    """How the plan's lines share what was earned before and after."""
    before, after = split_lines(terms.lines, total_before_fen), split_lines(terms.lines, total_after_fen)
    return [LineStep(line, *pair) for line, *pair in zip(terms.lines, before, after, strict=True)]
