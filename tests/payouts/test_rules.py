"""Nothing is paid before its notice is over, and every tax is an estimate that adds up."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.workdays import DayKind
from service.incentives.rules import TaxGround
from service.payouts.errors import (
    HalfInclusionNotOpen,
    NoticeMissing,
    NoticeStillOpen,
    NoticeTooShort,
    ObjectionsOpen,
    PaymentNotPositive,
    PayoutStepWrong,
)
from service.payouts.rules import (
    EDGES,
    HalfInclusionFacts,
    check_clear,
    check_half_inclusion,
    check_step,
    estimate,
    half_inclusion_missing,
    labour_withheld,
    notice_period,
)

YUAN = 100


@pytest.mark.parametrize(
    ("gross", "tax"),
    [
        (500, 0),
        (800, 0),
        (2_000, 240),  # (2,000 - 800) x 20 %
        (4_000, 640),
        (10_000, 1_600),  # 10,000 x 80 % x 20 %
        (25_000, 4_000),  # taxable 20,000, the end of the first bracket
        (30_000, 5_200),  # 24,000 x 30 % - 2,000
        (62_500, 13_000),  # taxable 50,000, the end of the second bracket
        (100_000, 25_000),  # 80,000 x 40 % - 7,000
    ],
)
def test_labour_service_is_withheld_by_the_published_brackets(gross: int, tax: int) -> None:
    assert labour_withheld(gross * YUAN) == tax * YUAN
    result = estimate(TaxGround.LABOUR_SERVICE, gross * YUAN)
    assert (result.tax_fen, result.net_fen) == (tax * YUAN, (gross - tax) * YUAN)
    assert result.label["zh"] == "估算"
    assert not result.verified


def bracket_oracle(gross_fen: int) -> Fraction:
    """The same tax by marginal parts of the taxable amount instead of quick deductions."""
    taxable = Fraction(max(gross_fen - 80_000, 0)) if gross_fen <= 400_000 else Fraction(gross_fen) * 4 / 5
    parts = ((0, 2_000_000, 20), (2_000_000, 5_000_000, 30), (5_000_000, None, 40))
    return sum(
        (
            max(Fraction(0), (taxable if high is None else min(taxable, Fraction(high))) - low) * percent / 100
            for low, high, percent in parts
        ),
        Fraction(0),
    )


@given(st.integers(1, 10**10))
def test_quick_deductions_equal_the_brackets_taken_part_by_part(gross: int) -> None:
    assert abs(labour_withheld(gross) - bracket_oracle(gross)) <= Fraction(1, 2)
    assert 0 <= labour_withheld(gross) <= labour_withheld(gross + 1) < gross


@given(st.lists(st.integers(1, 10**8), min_size=1, max_size=6))
def test_payments_of_one_project_month_are_taxed_as_one(payments: list[int]) -> None:
    totals = [0, *accumulate(payments)]
    results = [
        estimate(TaxGround.LABOUR_SERVICE, after - before, paid_before_fen=before) for before, after in pairwise(totals)
    ]
    assert sum(result.tax_fen or 0 for result in results) == labour_withheld(totals[-1])
    assert all((result.net_fen or 0) + (result.tax_fen or 0) == result.gross_fen for result in results)
    assert all((result.tax_fen or 0) >= 0 for result in results)


def test_other_grounds_say_what_is_known_and_leave_the_rest_to_the_payer() -> None:
    wages = estimate(TaxGround.WAGES, 1_000)
    assert (wages.taxable_fen, wages.tax_fen, wages.net_fen) == (1_000, None, None)
    half = estimate(TaxGround.HALF_INCLUSION, 1_001)
    assert (half.taxable_fen, half.tax_fen) == (501, None)
    institute = estimate(TaxGround.EQUITY_OF_INSTITUTE, 1_000)
    assert (institute.tax_fen, institute.net_fen) == (0, 1_000)
    deferred = estimate(TaxGround.EQUITY_DEFERRED, 1_003, cost_fen=500)
    assert (deferred.taxable_fen, deferred.tax_fen, deferred.net_fen) == (503, 101, 902)
    assert estimate(TaxGround.EQUITY_DEFERRED, 1_000, cost_fen=2_000).tax_fen == 0
    assert estimate(TaxGround.NONE, 1_000).tax_fen is None
    for ground in TaxGround:
        result = estimate(ground, 1_000)
        assert result.label == {"zh": "估算", "en": "estimate"}
        assert result.note
        assert bool(result.source) == (ground is not TaxGround.NONE)


def test_nothing_and_less_than_nothing_is_no_payment() -> None:
    for gross, before, cost in ((0, 0, 0), (-1, 0, 0), (1, -1, 0), (1, 0, -1)):
        with pytest.raises(PaymentNotPositive):
            estimate(TaxGround.LABOUR_SERVICE, gross, paid_before_fen=before, cost_fen=cost)


FACTS = HalfInclusionFacts(
    own_staff=True,
    scientific_staff=True,
    non_profit_body=True,
    contract_registered=True,
    on_noticed_list=True,
    income_received_on=date(2024, 2, 29),
    paid_on=date(2027, 2, 28),
)


def test_half_inclusion_is_open_when_every_condition_is_met() -> None:
    check_half_inclusion(FACTS)
    assert half_inclusion_missing(FACTS) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"own_staff": False},
        {"scientific_staff": False},
        {"non_profit_body": False},
        {"contract_registered": False},
        {"on_noticed_list": False},
        {"income_received_on": None},
        {"paid_on": date(2027, 3, 1)},
        {"paid_on": date(2024, 2, 28)},
    ],
)
def test_each_missing_condition_of_half_inclusion_is_named(change: dict[str, bool]) -> None:
    with pytest.raises(HalfInclusionNotOpen) as refused:
        check_half_inclusion(replace(FACTS, **change))
    missing = refused.value.facts["missing"]
    assert isinstance(missing, list)
    assert len(missing) == 1


def test_the_notice_stands_its_full_days_after_the_day_it_opens() -> None:
    calendar = notice_period(date(2025, 9, 22), 15, DayKind.CALENDAR)
    assert (calendar.closes_on, calendar.over_from, calendar.certain) == (date(2025, 10, 7), date(2025, 10, 8), True)
    working = notice_period(date(2025, 9, 22), 15, DayKind.WORKING)
    assert working.closes_on == date(2025, 10, 17)
    assert not notice_period(date(2098, 1, 1), 15, DayKind.WORKING).certain
    with pytest.raises(NoticeTooShort) as refused:
        notice_period(date(2025, 9, 22), 14, DayKind.CALENDAR, least_days=15)
    assert refused.value.facts == {"days": 14, "least": 15}


@given(st.dates(date(2004, 1, 1), date(2026, 6, 1)), st.integers(1, 40), st.sampled_from(list(DayKind)))
def test_nothing_is_clear_on_any_day_of_its_notice(opens: date, days: int, kind: DayKind) -> None:
    period = notice_period(opens, days, kind)
    assert (period.closes_on - opens).days >= days
    for day in (opens, period.closes_on - timedelta(days=1), period.closes_on):
        with pytest.raises(NoticeStillOpen):
            check_clear(period.closes_on, day, 0)
    check_clear(period.closes_on, period.over_from, 0)
    with pytest.raises(ObjectionsOpen):
        check_clear(period.closes_on, period.over_from, 1)


def test_a_payout_that_was_never_noticed_is_not_clear() -> None:
    with pytest.raises(NoticeMissing):
        check_clear(None, date(2026, 1, 1), 0)


def test_only_a_clear_payout_is_paid_and_every_other_step_is_refused() -> None:
    assert [state for state, following in EDGES.items() if "paid" in following] == ["clear"]
    reachable, found = {"draft"}, {"draft"}
    while found:
        found = {to for state in found for to in EDGES[state]} - reachable
        reachable |= found
    assert reachable == set(EDGES)
    for state in EDGES:
        for to in EDGES:
            if to in EDGES[state]:
                check_step(state, to)
            else:
                with pytest.raises(PayoutStepWrong):
                    check_step(state, to)
    with pytest.raises(PayoutStepWrong):
        check_step("unknown", "paid")
