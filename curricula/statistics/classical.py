"""Classical item statistics: facility, corrected point-biserial correlation, Cronbach's alpha."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from curricula.language import later
from curricula.refusals import TooFewObservations

FACILITY = later("facility")
POINT_BISERIAL = later("point-biserial correlation")
ALPHA = later("Cronbach's alpha")


@dataclass(frozen=True)
class ItemStatistics:
    """What one item did; None where the numbers cannot give the figure (nobody differs)."""

    item: str
    answered: int
    facility: float
    point_biserial: float | None


def facility(shares: Sequence[Fraction]) -> Fraction:
    """The mean share of its points that an item gave (0 to 1). Raises TooFewObservations when there is none."""
    if not shares:
        raise TooFewObservations(statistic=FACILITY, needed=1, given=0)
    return sum(shares, Fraction(0)) / len(shares)


def point_biserial(item: Sequence[Fraction], total: Sequence[Fraction]) -> float:
    """Pearson's correlation of an item's points with the total of the other items (total less item), over people.

    Raises TooFewObservations when fewer than two people are given or one of the two does not vary.
    """
    rest = [whole - own for own, whole in zip(item, total, strict=True)]
    if len(set(item)) < 2 or len(set(rest)) < 2:
        raise TooFewObservations(statistic=POINT_BISERIAL, needed=2, given=min(len(set(item)), len(set(rest))))
    count = len(item)
    mean_item, mean_rest = sum(item) / count, sum(rest) / count
    product = sum(((a - mean_item) * (b - mean_rest) for a, b in zip(item, rest, strict=True)), Fraction(0))
    return float(product) / sqrt(float(_squares(item)) * float(_squares(rest)))


def cronbach_alpha(points: Sequence[Sequence[Fraction]]) -> Fraction:
    """k / (k - 1) x (1 - sum of item variances / variance of totals); rows are people, columns items.

    Raises TooFewObservations with fewer than two items or totals that do not vary.
    """
    columns = list(zip(*points, strict=True))
    totals = [sum(row, Fraction(0)) for row in points]
    if len(columns) < 2 or len(set(totals)) < 2:
        raise TooFewObservations(statistic=ALPHA, needed=2, given=min(len(columns), len(set(totals))))
    within = sum((_squares(column) for column in columns), Fraction(0))
    return Fraction(len(columns), len(columns) - 1) * (1 - within / _squares(totals))


def item_statistics(
    names: Sequence[str], points: Sequence[Sequence[Fraction]], most: Sequence[Fraction]
) -> list[ItemStatistics]:
    """Statistics of each item: rows of `points` are people, columns items worth `most`."""
    totals = [sum(row, Fraction(0)) for row in points]
    found = []
    for name, column, worth in zip(names, zip(*points, strict=True), most, strict=True):
        try:
            correlation: float | None = point_biserial(column, totals)
        except TooFewObservations:
            correlation = None
        share = float(facility([one / worth for one in column]))
        found.append(ItemStatistics(name, len(column), share, correlation))
    return found


def _squares(values: Sequence[Fraction]) -> Fraction:
    """The sum of squared differences from the mean."""
    mean = sum(values, Fraction(0)) / len(values)
    return sum(((one - mean) ** 2 for one in values), Fraction(0))
