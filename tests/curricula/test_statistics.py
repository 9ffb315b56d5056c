"""Classical statistics against figures worked out by hand."""

from fractions import Fraction

import pytest

from curricula.refusals import TooFewObservations
from curricula.statistics.classical import cronbach_alpha, facility, item_statistics, point_biserial

# Five people, three items of one point: totals 3, 2, 2, 1, 0.
POINTS = [[Fraction(one) for one in row] for row in ((1, 1, 1), (1, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 0))]


def test_facility_is_the_mean_share() -> None:
    assert facility([Fraction(1), Fraction(1, 2), Fraction(0)]) == Fraction(1, 2)
    with pytest.raises(TooFewObservations):
        facility([])


def test_alpha_agrees_with_the_hand_calculation() -> None:
    # Sums of squares: items 0.8, 1.2, 1.2; totals 5.2; alpha = 3/2 x (1 - 3.2/5.2) = 15/26.
    assert cronbach_alpha(POINTS) == Fraction(15, 26)


def test_point_biserial_leaves_the_item_out_of_the_total() -> None:
    first = [row[0] for row in POINTS]
    totals = [sum(row, Fraction(0)) for row in POINTS]
    # Rest scores 2, 1, 1, 0, 0 against 1, 1, 1, 1, 0: product 0.8, squares 2.8 and 0.8.
    assert point_biserial(first, totals) == pytest.approx(0.8 / (2.8 * 0.8) ** 0.5)


def test_what_cannot_be_computed_is_refused_or_left_out() -> None:
    everyone_right = [[Fraction(1), Fraction(n % 2)] for n in range(4)]
    with pytest.raises(TooFewObservations):
        point_biserial([Fraction(1)] * 4, [Fraction(n) for n in range(4)])
    with pytest.raises(TooFewObservations):
        cronbach_alpha([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]])
    first, second = item_statistics(["a", "b"], everyone_right, [Fraction(1), Fraction(1)])
    assert first.point_biserial is None
    assert (first.facility, second.facility, second.answered) == (1.0, 0.5, 4)
