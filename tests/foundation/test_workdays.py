"""Days are counted as the notice says, and guessed holidays are called guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.workdays import DayKind, DaysOutOfRange, add_days, days_between, nature_of

KNOWN = st.dates(date(2004, 1, 1), date(2026, 3, 1))


def test_published_holidays_and_make_up_days_are_known() -> None:
    national = nature_of(date(2025, 10, 1))
    assert not national.working
    assert national.certain
    assert national.holiday == {"zh": "国庆节", "en": "National Day"}
    made_up = nature_of(date(2025, 9, 28))  # a Sunday worked for the National Day
    assert made_up.working
    assert made_up.make_up
    assert not nature_of(date(2025, 9, 27)).working
    assert nature_of(date(2025, 9, 26)).working


def test_working_days_pass_over_the_national_day_week() -> None:
    # 2025: holidays 1-8 October; 9, 10 and Saturday 11 October are worked.
    assert add_days(date(2025, 9, 30), 1, DayKind.WORKING) == (date(2025, 10, 9), True)
    assert add_days(date(2025, 9, 30), 3, DayKind.WORKING) == (date(2025, 10, 11), True)
    assert add_days(date(2025, 9, 30), 3, DayKind.CALENDAR) == (date(2025, 10, 3), True)


def test_beyond_the_published_years_the_count_is_not_certain() -> None:
    far = date(2099, 6, 1)
    nature = nature_of(far)
    assert (nature.working, nature.certain, nature.holiday) == (True, False, None)
    assert add_days(far, 5, DayKind.WORKING) == (date(2099, 6, 8), False)
    assert add_days(far, 5, DayKind.CALENDAR).certain
    assert not nature_of(date(2003, 12, 31)).certain


def test_an_organisations_own_table_comes_first_and_is_certain() -> None:
    monday = date(2099, 6, 1)
    overrides = {monday + timedelta(days=step): step >= 5 for step in range(7)}
    assert add_days(monday - timedelta(days=1), 2, DayKind.WORKING, overrides) == (date(2099, 6, 7), True)
    assert nature_of(monday, overrides).certain


@given(KNOWN, st.integers(0, 60), st.integers(0, 60))
def test_counting_on_gives_the_same_as_counting_at_once(start: date, first: int, second: int) -> None:
    for kind in DayKind:
        halfway = add_days(start, first, kind).day
        assert add_days(halfway, second, kind).day == add_days(start, first + second, kind).day


@given(KNOWN, st.integers(1, 60))
def test_the_day_reached_is_a_working_day_and_counts_back(start: date, days: int) -> None:
    reached = add_days(start, days, DayKind.WORKING)
    assert nature_of(reached.day).working
    assert days_between(start, reached.day, DayKind.WORKING) == (days, True)
    assert days_between(start, reached.day, DayKind.CALENDAR)[0] >= days
    assert days_between(reached.day, start, DayKind.WORKING) == (0, True)


def test_impossible_counts_are_refused() -> None:
    start = date(2026, 1, 1)
    assert add_days(start, 0, DayKind.WORKING) == (start, True)
    for days in (-1, 3_661):
        with pytest.raises(DaysOutOfRange):
            add_days(start, days, DayKind.WORKING)
    never = {start + timedelta(days=step): False for step in range(400)}
    with pytest.raises(DaysOutOfRange):
        add_days(start, 1, DayKind.WORKING, never)
    with pytest.raises(DaysOutOfRange):
        days_between(date(1900, 1, 1), start, DayKind.WORKING)
