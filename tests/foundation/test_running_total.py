"""A function of a running total, booked as differences, does not care how events are cut."""

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.money import Rate, round_half_away
from service.foundation.running_total import (
    Band,
    BandedTotal,
    BandEmpty,
    BandsMissing,
    BandsNotJoined,
    CapNegative,
    CappedTotal,
    LastBandClosed,
    SlabRefused,
    bands_from_limits,
    book,
)

AMOUNTS = st.lists(st.integers(-(10**11), 10**11), max_size=12)


@st.composite
def banded(draw: st.DrawFn) -> BandedTotal:
    limits = sorted(draw(st.sets(st.integers(1, 10**10), max_size=4)))
    denominators = [draw(st.integers(1, 1000)) for _ in range(len(limits) + 1)]
    rates = [Rate(draw(st.integers(0, below)), below) for below in denominators]
    cap = draw(st.none() | st.integers(0, 10**10))
    return BandedTotal(bands_from_limits([*zip(limits, rates, strict=False), (None, rates[-1])]), cap)


def marginal_oracle(function: BandedTotal, total: int) -> Fraction:
    """Each fen taken in turn would be too slow; each band's part by set arithmetic on its end points instead."""
    whole = Fraction(0)
    for band in function.bands:
        high = total if band.up_to_fen is None else band.up_to_fen
        inside = max(0, min(total, high) - band.above_fen)
        whole += Fraction(inside) * Fraction(band.rate.numerator, band.rate.denominator)
    return whole if function.cap_fen is None else min(whole, Fraction(function.cap_fen))


@given(banded(), AMOUNTS)
def test_the_sum_of_steps_depends_only_on_where_they_lead(function: BandedTotal, amounts: list[int]) -> None:
    totals = [0, *accumulate(amounts)]
    steps = [book(function, before, after) for before, after in pairwise(totals)]
    assert sum(steps) == function(totals[-1])
    assert function(totals[-1]) == round_half_away(marginal_oracle(function, totals[-1]))


@given(banded(), AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_change_what_is_earned(
    function: BandedTotal, amounts: list[int], random: object
) -> None:
    shuffled = list(amounts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for order in (amounts, shuffled):
        totals = [0, *accumulate(order)]
        assert sum(book(function, a, b) for a, b in pairwise(totals)) == function(sum(amounts))


@given(banded(), AMOUNTS)
def test_a_full_refund_takes_back_everything(function: BandedTotal, amounts: list[int]) -> None:
    totals = [*accumulate([0, *amounts]), 0]
    assert sum(book(function, a, b) for a, b in pairwise(totals)) == 0


@given(banded(), st.integers(-(10**10), 10**11), st.integers(0, 10**10))
def test_more_base_never_earns_less_and_never_passes_the_cap(function: BandedTotal, total: int, more: int) -> None:
    assert 0 <= function(total) <= function(total + more) <= max(total + more, 0)
    if function.cap_fen is not None:
        assert function(total + more) <= function.cap_fen


@given(st.integers(0, 10**9), st.lists(st.integers(-(10**8), 10**9), max_size=8))
def test_a_refund_frees_room_under_a_cap_again(cap: int, amounts: list[int]) -> None:
    capped = CappedTotal(cap)
    totals = [0, *accumulate(amounts)]
    booked = 0
    for before, after in pairwise(totals):
        booked += book(capped, before, after)
        assert 0 <= booked <= cap
        assert booked == min(max(after, 0), cap)
    assert CappedTotal(None)(7) == 7


def test_a_limit_belongs_to_the_band_below_it() -> None:
    function = BandedTotal(bands_from_limits([(10_000, Rate(10, 100)), (None, Rate(0, 100))]))
    assert [function(total) for total in (9_990, 10_000, 10_010)] == [999, 1_000, 1_000]


def test_rounding_happens_once_and_not_in_each_band() -> None:
    third = Rate(1, 3)
    function = BandedTotal(bands_from_limits([(1, third), (2, third), (None, third)]))
    assert function(3) == 1


def test_yearly_award_with_cap_matches_the_published_figures() -> None:
    # 5 % of money received, at most 200,000 yuan a person a year (Lanzhou 2025).
    award = BandedTotal(bands_from_limits([(None, Rate(5, 100))]), cap_fen=20_000_000)
    assert award(300_000_000) == 15_000_000
    assert book(award, 300_000_000, 500_000_000) == 5_000_000
    assert book(award, 500_000_000, 350_000_000) == -2_500_000


def test_bands_with_holes_ends_or_jumps_are_refused() -> None:
    rate = Rate(1, 10)
    with pytest.raises(BandsMissing):
        BandedTotal(())
    with pytest.raises(BandsNotJoined) as refused:
        BandedTotal((Band(5, None, rate),))
    assert refused.value.facts == {"position": 1, "expected": "0.00"}
    with pytest.raises(BandsNotJoined):
        BandedTotal((Band(0, 10_000, rate), Band(20_000, None, rate)))
    with pytest.raises(BandsNotJoined):
        BandedTotal((Band(0, None, rate), Band(20_000, None, rate)))
    with pytest.raises(BandsNotJoined):
        bands_from_limits([(None, rate), (5, rate)])
    with pytest.raises(BandEmpty):
        BandedTotal((Band(0, 0, rate), Band(0, None, rate)))
    with pytest.raises(LastBandClosed):
        BandedTotal((Band(0, 10, rate),))
    with pytest.raises(CapNegative):
        BandedTotal((Band(0, None, rate),), -1)
    with pytest.raises(CapNegative):
        CappedTotal(-1)
    with pytest.raises(SlabRefused):
        bands_from_limits([(None, rate)], whole_sum=True)


@given(banded(), st.integers(0, 10**10))
def test_a_step_to_the_same_total_books_nothing(function: BandedTotal, total: int) -> None:
    assert book(function, total, total) == 0
