"""How many shares of a grant are vested on a day, and whether a grant fits its pool and its person."""

import hashlib
import json
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from service.equity.errors import (
    GrantWithoutShares,
    PersonLimitExceeded,
    PoolExceeded,
    VestingTooLong,
    VestingWrong,
)
from service.foundation.language import later
from service.foundation.money import Rate

LONGEST = 600
"""Months."""


class VestingTerms(BaseModel):
    """When a grant vests: nothing before `cliff_months`, then every `step_months`, all after `total_months` from `start`.

    1 is monthly, 3 quarterly, 12 yearly. At the cliff the whole share of the months passed vests at once. Frozen at
    granting; `model_dump(mode="json")` is what is stored. Raises `VestingWrong` and `VestingTooLong`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: date
    total_months: StrictInt
    step_months: StrictInt = 1
    cliff_months: Annotated[StrictInt, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.total_months < 1 or self.step_months < 1:
            raise VestingWrong(reason=later("its length and its steps are at least one month."))
        if self.total_months > LONGEST:
            raise VestingTooLong(limit=LONGEST)
        if self.total_months % self.step_months:
            raise VestingWrong(reason=later("its length must be a whole number of steps."))
        if self.cliff_months > self.total_months:
            raise VestingWrong(reason=later("the first vesting comes after the end."))
        return self


def months_after(start: date, months: int) -> date:
    """The same day of the month some months later; where that month is shorter, its last day.

    The day of `start` is kept for every step: from 31 January come 28 or 29 February and then 31 March again.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, day: date) -> int:
    """How many months have passed between two days by `months_after`; below zero when `day` comes first."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return months if months_after(start, months) <= day else months - 1


def vested(quantity: int, terms: VestingTerms, as_of: date, *, stopped_on: date | None = None) -> int:
    """How many of `quantity` whole shares are vested at the end of a day: the floor of the running share.

    A function of the day alone: cutting the time in any way gives the same total. After `stopped_on`, the last day on
    which the condition was met, nothing more vests. Raises `GrantWithoutShares`.
    """
    if quantity < 1:
        raise GrantWithoutShares()
    day = as_of if stopped_on is None else min(as_of, stopped_on)
    passed = whole_months(terms.start, day)
    if passed < terms.cliff_months or passed < 0:
        return 0
    counted = max(passed // terms.step_months * terms.step_months, terms.cliff_months)
    return quantity * min(counted, terms.total_months) // terms.total_months


def vesting_days(terms: VestingTerms) -> list[date]:
    """The days on which more of a grant vests, first to last."""
    steps = range(terms.step_months, terms.total_months + 1, terms.step_months)
    kept = {months for months in steps if months >= terms.cliff_months} | ({terms.cliff_months} - {0})
    return [months_after(terms.start, months) for months in sorted(kept)]


def schedule(quantity: int, terms: VestingTerms) -> list[tuple[date, int]]:
    """What each day of vesting adds, in whole shares; the parts add up to the grant. Raises `GrantWithoutShares`."""
    before = 0
    steps: list[tuple[date, int]] = []
    for day in vesting_days(terms):
        after = vested(quantity, terms, day)
        steps.append((day, after - before))
        before = after
    return steps


def check_grant(
    quantity: int,
    *,
    pool: int,
    granted: int,
    person_granted: int,
    person_limit: int | None = None,
) -> None:
    """Whether a grant fits: the grants of a pool stay within it, one person's within the limit, in whole shares.

    `granted` and `person_granted` are what is granted already and not given back. Raises `GrantWithoutShares`,
    `PoolExceeded`, `PersonLimitExceeded`.
    """
    if quantity < 1:
        raise GrantWithoutShares()
    if granted + quantity > pool:
        raise PoolExceeded(left=max(pool - granted, 0), quantity=quantity)
    if person_limit is not None and person_granted + quantity > person_limit:
        raise PersonLimitExceeded(limit=person_limit, total=person_granted + quantity)


def digest_of(facts: dict[str, Any]) -> str:
    """The digest a decision is bound to: SHA-256, in hexadecimal digits, of the facts of a grant or of its ending."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def shares_of(total_shares: int, rate: Rate) -> int:
    """The whole shares that a rate of the company allows at most: the floor, so that a limit is never passed."""
    return total_shares * rate.numerator // rate.denominator
