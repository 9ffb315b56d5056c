"""Shares vest by the day alone, never more than granted, and fit their pool."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.equity.errors import (
    GrantWithoutShares,
    PersonLimitExceeded,
    PoolExceeded,
    VestingTooLong,
    VestingWrong,
)
from service.equity.rules import (
    VestingTerms,
    check_grant,
    months_after,
    schedule,
    shares_of,
    vested,
    vesting_days,
    whole_months,
)
from service.foundation.money import Rate

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@st.composite
def terms(draw: st.DrawFn) -> VestingTerms:
    step = draw(st.sampled_from([1, 3, 6, 12]))
    total = step * draw(st.integers(1, 20))
    return VestingTerms(
        start=draw(DAYS), total_months=total, step_months=step, cliff_months=draw(st.integers(0, total))
    )


@given(st.integers(1, 10**9), terms(), st.lists(DAYS, min_size=1, max_size=8))
def test_vesting_only_grows_and_never_passes_the_grant(quantity: int, plan: VestingTerms, days: list[date]) -> None:
    totals = [vested(quantity, plan, day) for day in sorted(days)]
    assert all(0 <= total <= quantity for total in totals)
    assert all(before <= after for before, after in pairwise(totals))
    assert vested(quantity, plan, months_after(plan.start, plan.total_months)) == quantity
    assert vested(quantity, plan, plan.start - timedelta(days=1)) == 0


@given(st.integers(1, 10**9), terms(), DAYS)
def test_the_schedule_adds_up_to_what_is_vested_on_every_day(quantity: int, plan: VestingTerms, day: date) -> None:
    steps = schedule(quantity, plan)
    assert sum(shares for _, shares in steps) == quantity
    assert sum(shares for on, shares in steps if on <= day) == vested(quantity, plan, day)
    assert [on for on, _ in steps] == sorted(set(vesting_days(plan)))


@given(st.integers(1, 10**6), terms(), DAYS, DAYS)
def test_nothing_vests_after_the_condition_ended(quantity: int, plan: VestingTerms, stopped: date, day: date) -> None:
    held = vested(quantity, plan, day, stopped_on=stopped)
    assert held == min(vested(quantity, plan, day), vested(quantity, plan, stopped))


@given(st.integers(1, 10**6), st.integers(1, 240), DAYS)
def test_each_months_share_is_within_one_share_of_the_exact_one(quantity: int, total: int, start: date) -> None:
    plan = VestingTerms(start=start, total_months=total)
    for month in range(total + 1):
        held = vested(quantity, plan, months_after(start, month))
        assert 0 <= quantity * month - held * total < total


@given(DAYS, st.integers(0, 300))
def test_months_are_counted_back_as_they_are_counted_on(start: date, months: int) -> None:
    day = months_after(start, months)
    assert whole_months(start, day) == months
    assert whole_months(start, day - timedelta(days=1)) == months - 1


def test_the_day_of_the_month_is_kept_through_short_months() -> None:
    start = date(2024, 1, 31)
    assert [months_after(start, months) for months in (1, 2, 3, 13)] == [
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
        date(2025, 2, 28),
    ]
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2024, 2, 29), 48) == date(2028, 2, 29)


def test_four_years_with_a_cliff_of_one_year() -> None:
    plan = VestingTerms(start=date(2026, 1, 31), total_months=48, cliff_months=12)
    days = {
        date(2027, 1, 30): 0,
        date(2027, 1, 31): 250,
        date(2027, 2, 27): 250,
        date(2027, 2, 28): 270,
        date(2030, 1, 31): 1000,
    }
    assert {day: vested(1000, plan, day) for day in days} == days
    yearly = VestingTerms(start=date(2026, 1, 31), total_months=36, step_months=12)
    assert schedule(100, yearly) == [(date(2027, 1, 31), 33), (date(2028, 1, 31), 33), (date(2029, 1, 31), 34)]


def test_a_cliff_between_two_steps_vests_the_months_passed() -> None:
    plan = VestingTerms(start=date(2026, 1, 1), total_months=36, step_months=12, cliff_months=18)
    assert schedule(360, plan) == [(date(2027, 7, 1), 180), (date(2028, 1, 1), 60), (date(2029, 1, 1), 120)]


def test_a_grant_fits_its_pool_and_its_person() -> None:
    check_grant(10, pool=100, granted=90, person_granted=20, person_limit=30)
    check_grant(10, pool=100, granted=0, person_granted=10**9)
    with pytest.raises(PoolExceeded) as pool:
        check_grant(11, pool=100, granted=90, person_granted=0)
    assert pool.value.facts == {"left": 10, "quantity": 11}
    with pytest.raises(PersonLimitExceeded) as person:
        check_grant(11, pool=100, granted=0, person_granted=20, person_limit=30)
    assert person.value.facts == {"limit": 30, "total": 31}
    for nothing in (0, -5):
        with pytest.raises(GrantWithoutShares):
            check_grant(nothing, pool=100, granted=0, person_granted=0)
        with pytest.raises(GrantWithoutShares):
            vested(nothing, VestingTerms(start=date(2026, 1, 1), total_months=1), date(2027, 1, 1))
    assert shares_of(1_000_001, Rate(3, 100)) == 30_000


@pytest.mark.parametrize(
    ("numbers", "refusal"),
    [
        ({"total_months": 0}, VestingWrong),
        ({"total_months": 12, "step_months": 0}, VestingWrong),
        ({"total_months": 13, "step_months": 12}, VestingWrong),
        ({"total_months": 12, "cliff_months": 13}, VestingWrong),
        ({"total_months": 612}, VestingTooLong),
        ({"total_months": 12, "cliff_months": -1}, ValidationError),
        ({"total_months": 12.5}, ValidationError),
        ({"total_months": 12, "accelerated": True}, ValidationError),
    ],
)
def test_schedules_that_do_not_fit_are_refused(numbers: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        VestingTerms.model_validate({"start": "2026-01-01", **numbers})


@given(terms())
def test_stored_terms_come_back_the_same(plan: VestingTerms) -> None:
    assert VestingTerms.model_validate(plan.model_dump(mode="json")) == plan
