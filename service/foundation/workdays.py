"""Days counted by the calendar or by working days, saying honestly where the holidays are not yet published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import chinese_calendar

from service.foundation.errors import DomainError
from service.foundation.language import later

LONGEST_COUNT = 3_660
"""Days; nobody waits longer than ten years for a notice to close."""

UNPUBLISHED = {"zh": "节假日安排未公布", "en": "holidays not yet published"}
"""What to show beside a day whose count is not certain."""

_HOLIDAYS = {
    "New Year's Day": {"zh": "元旦", "en": "New Year's Day"},
    "Spring Festival": {"zh": "春节", "en": "Spring Festival"},
    "Tomb-sweeping Day": {"zh": "清明节", "en": "Tomb-sweeping Day"},
    "Labour Day": {"zh": "劳动节", "en": "Labour Day"},
    "Dragon Boat Festival": {"zh": "端午节", "en": "Dragon Boat Festival"},
    "National Day": {"zh": "国庆节", "en": "National Day"},
    "Mid-autumn Festival": {"zh": "中秋节", "en": "Mid-autumn Festival"},
    "Anti-Fascist 70th Day": {"zh": "抗战胜利纪念日", "en": "Victory Day"},
}


class DayKind(StrEnum):
    """How days are counted: every day, or working days only."""

    CALENDAR = "calendar"
    WORKING = "working"


class DaysOutOfRange(DomainError):
    """A number of days is below zero or longer than ten years."""

    status = 422
    slug = "days-out-of-range"
    message = later("The number of days, %(days)s, must lie between 0 and %(limit)s.")


class CountedDay(NamedTuple):
    """A day reached by counting; `certain` is False when the holidays of a day counted were not yet published."""

    day: date
    certain: bool


@dataclass(frozen=True, slots=True)
class DayNature:
    """What kind of day it is: working or not, certain or not, which holiday, whether it makes up for one (调休)."""

    working: bool
    certain: bool
    holiday: Mapping[str, str] | None = None
    make_up: bool = False


def nature_of(day: date, overrides: Mapping[date, bool] | None = None) -> DayNature:
    """Whether a day is a working day in mainland China.

    `overrides` (day -> working) come first: an organisation's own table. Then the published arrangement of the State
    Council; beyond the years it covers Monday to Friday, not certain.
    """
    if overrides and day in overrides:
        return DayNature(overrides[day], certain=True)
    weekday = day.weekday() < 5
    try:
        holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayNature(weekday, certain=False)
    working = not holiday
    return DayNature(working, certain=True, holiday=_HOLIDAYS.get(name or ""), make_up=working and not weekday)


def add_days(start: date, days: int, kind: DayKind, overrides: Mapping[date, bool] | None = None) -> CountedDay:
    """The day that is `days` after `start`, which itself does not count: by the calendar, or counting working days.

    Zero days give `start` itself. Raises `DaysOutOfRange` below zero and above ten years.
    """
    if not 0 <= days <= LONGEST_COUNT:
        raise DaysOutOfRange(days=days, limit=LONGEST_COUNT)
    if kind is DayKind.CALENDAR:
        return CountedDay(start + timedelta(days=days), certain=True)
    day, certain, left = start, True, days
    for _ in range(days * 8 + 60):
        if not left:
            break
        day += timedelta(days=1)
        nature = nature_of(day, overrides)
        certain = certain and nature.certain
        left -= nature.working
    if left:
        raise DaysOutOfRange(days=days, limit=LONGEST_COUNT)
    return CountedDay(day, certain)


def days_between(
    start: date, end: date, kind: DayKind, overrides: Mapping[date, bool] | None = None
) -> tuple[int, bool]:
    """How many days after `start` up to and including `end` count, and whether that is certain; 0 when `end` is not after."""
    if kind is DayKind.CALENDAR or end <= start:
        return max((end - start).days, 0), True
    if (end - start).days > 2 * LONGEST_COUNT:
        raise DaysOutOfRange(days=(end - start).days, limit=LONGEST_COUNT)
    natures = [nature_of(start + timedelta(days=step), overrides) for step in range(1, (end - start).days + 1)]
    return sum(nature.working for nature in natures), all(nature.certain for nature in natures)
