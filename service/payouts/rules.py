"""When a payout may move on, and what tax its payer is likely to withhold, as an estimate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from service.equity.rules import months_after
from service.foundation.language import later
from service.foundation.money import round_half_away
from service.foundation.running_total import book
from service.foundation.workdays import DayKind, add_days
from service.incentives.rules import TaxGround
from service.payouts.errors import (
    HalfInclusionNotOpen,
    NoticeMissing,
    NoticeStillOpen,
    NoticeTooShort,
    ObjectionsOpen,
    PaymentNotPositive,
    PayoutStepWrong,
    PeriodUnreadable,
)

EDGES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"proposed"}),
    "proposed": frozenset({"approved", "rejected"}),
    "approved": frozenset({"noticed", "rejected"}),
    "noticed": frozenset({"clear", "rejected"}),
    "clear": frozenset({"paid", "rejected"}),
    "paid": frozenset(),
    "rejected": frozenset(),
}
"""From each state of a payout the states that may follow; only `clear` leads to `paid`."""


STATE_TITLES = {
    "draft": later("draft"),
    "proposed": later("proposed"),
    "approved": later("approved"),
    "noticed": later("on public notice"),
    "clear": later("clear to be paid"),
    "paid": later("paid"),
    "rejected": later("rejected"),
}


def check_step(state: str, to: str) -> None:
    """Whether a payout may go from one state to another. Raises `PayoutStepWrong`."""
    if to not in EDGES.get(state, frozenset()):
        raise PayoutStepWrong(state=STATE_TITLES.get(state, state), to=STATE_TITLES.get(to, to))


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """A public notice: the day it opens, the last day it stands, the first day on which it is over.

    `certain` is False while the holidays inside it are not yet published; `closes_on` is then a working assumption.
    """

    opens_on: date
    closes_on: date
    over_from: date
    certain: bool


def notice_period(
    opens_on: date,
    days: int,
    kind: DayKind,
    overrides: Mapping[date, bool] | None = None,
    *,
    least_days: int = 0,
) -> NoticePeriod:
    """The notice that opens on a day and stands at least `days` full days after it (Civil Code art. 201: the first day
    does not count).

    Raises `NoticeTooShort` below `least_days`, and `DaysOutOfRange`.
    """
    if days < least_days:
        raise NoticeTooShort(days=days, least=least_days)
    closes = add_days(opens_on, days, kind, overrides)
    return NoticePeriod(opens_on, closes.day, closes.day + timedelta(days=1), closes.certain)


def check_clear(closes_on: date | None, today: date, open_objections: int) -> None:
    """Whether a noticed payout is clear to be paid: the notice is over and every objection has its finding.

    Raises `NoticeMissing`, `NoticeStillOpen`, `ObjectionsOpen`.
    """
    if closes_on is None:
        raise NoticeMissing()
    if today <= closes_on:
        raise NoticeStillOpen(closes_on=closes_on.isoformat())
    if open_objections:
        raise ObjectionsOpen(count=open_objections)


def period_days(period: str) -> tuple[date, date]:
    """First and last day of a statement's period: a year as `2026`, or a month as `2026-05`. Raises `PeriodUnreadable`."""
    match = re.fullmatch(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?", period)
    if match is None:
        raise PeriodUnreadable(field="period", period=period[:20])
    year = int(match[1])
    if match[2] is None:
        return date(year, 1, 1), date(year, 12, 31)
    first = date(year, int(match[2]), 1)
    return first, months_after(first, 1) - timedelta(days=1)


ESTIMATE = {"zh": "估算", "en": "estimate"}
"""What stands beside every figure of tax: the payer's tax system decides."""

_LABOUR_BRACKETS = (
    (20_000_00, Fraction(20, 100), 0),
    (50_000_00, Fraction(30, 100), 2_000_00),
    (None, Fraction(40, 100), 7_000_00),
)
"""Upper limit of the taxable amount, rate, quick deduction, in fen (国家税务总局公告2018年第61号; seen on secondary pages)."""

_SOURCES: Mapping[TaxGround, str] = {
    TaxGround.WAGES: "个人所得税法；由支付单位按工资薪金累计预扣",
    TaxGround.LABOUR_SERVICE: "国家税务总局公告2018年第61号；个人所得税法实施条例第十四条",
    TaxGround.HALF_INCLUSION: "财税〔2018〕58号",
    TaxGround.EQUITY_OF_INSTITUTE: "财税字〔1999〕45号",
    TaxGround.EQUITY_DEFERRED: "财税〔2016〕101号",
    TaxGround.NONE: "",
}


@dataclass(frozen=True, slots=True)
class TaxEstimate:
    """What the payer is likely to withhold on one payment, in fen; always an estimate (估算).

    `tax_fen` is None where only the payer can tell (wages): `net_fen` is then None too. `taxable_fen` is what this
    payment adds to the taxable amount, rounded only to be shown. `source` is the rule, unverified; `note` a message id.
    """

    ground: TaxGround
    gross_fen: int
    taxable_fen: int
    tax_fen: int | None
    source: str
    note: str
    label: Mapping[str, str]
    verified: bool = False

    @property
    def net_fen(self) -> int | None:
        """What reaches the person if the estimate is right: gross less tax."""
        return None if self.tax_fen is None else self.gross_fen - self.tax_fen


_NOTE_PAYER = later("The payer's wage system works out the tax together with the month's wages.")
_NOTE_LABOUR = later("Withheld in advance on labour service; settled with the year's income.")
_NOTE_NOTHING_NOW = later("No tax on receipt; tax follows when the shares pay dividends or are transferred.")
_NOTE_TRANSFER = later("Tax of one fifth of what the transfer brings above its cost; the award itself was deferred.")
_NOTE_NONE = later("The plan names no ground of tax; nothing was estimated.")


def labour_taxable(gross_fen: int) -> Fraction:
    """The exact taxable amount of one payment for labour service: less 800 yuan up to 4,000 yuan, less 20 % above."""
    if gross_fen <= 4_000_00:
        return Fraction(max(gross_fen - 800_00, 0))
    return Fraction(gross_fen * 80, 100)


def labour_withheld(gross_fen: int) -> int:
    """The tax withheld on one payment for labour service, in fen, rounded half up once at the end."""
    taxable = labour_taxable(gross_fen)
    for limit, rate, quick in _LABOUR_BRACKETS:
        if limit is None or taxable <= limit:
            return round_half_away(taxable * rate - quick)
    raise AssertionError("the last bracket has no limit")


def estimate(ground: TaxGround, gross_fen: int, *, paid_before_fen: int = 0, cost_fen: int = 0) -> TaxEstimate:
    """The estimate for one payment under the ground it claims.

    `paid_before_fen`: for labour service what the same payer paid the person before in the same month for the same
    continuing project, since these count as one payment (实施条例 art. 14); the tax booked is the difference of running
    totals. `cost_fen`: what the shares of a transfer cost. For equity the gross is the value received, and for deferred
    equity the proceeds of the transfer. Half inclusion needs `check_half_inclusion` first. Raises `PaymentNotPositive`.
    """
    if gross_fen <= 0 or paid_before_fen < 0 or cost_fen < 0:
        raise PaymentNotPositive()
    match ground:
        case TaxGround.LABOUR_SERVICE:
            taxable = round_half_away(labour_taxable(paid_before_fen + gross_fen) - labour_taxable(paid_before_fen))
            tax: int | None = book(labour_withheld, paid_before_fen, paid_before_fen + gross_fen)
            note = _NOTE_LABOUR
        case TaxGround.WAGES:
            taxable, tax, note = gross_fen, None, _NOTE_PAYER
        case TaxGround.HALF_INCLUSION:
            taxable, tax, note = round_half_away(Fraction(gross_fen, 2)), None, _NOTE_PAYER
        case TaxGround.EQUITY_OF_INSTITUTE:
            taxable, tax, note = 0, 0, _NOTE_NOTHING_NOW
        case TaxGround.EQUITY_DEFERRED:
            taxable = max(gross_fen - cost_fen, 0)
            tax, note = round_half_away(Fraction(taxable * 20, 100)), _NOTE_TRANSFER
        case TaxGround.NONE:
            taxable, tax, note = 0, None, _NOTE_NONE
    return TaxEstimate(ground, gross_fen, taxable, tax, _SOURCES[ground], note, ESTIMATE)


@dataclass(frozen=True, slots=True)
class HalfInclusionFacts:
    """What 财税〔2018〕58号 makes half inclusion hang on; each as recorded, not as hoped."""

    own_staff: bool
    scientific_staff: bool
    non_profit_body: bool
    contract_registered: bool
    on_noticed_list: bool
    income_received_on: date | None
    paid_on: date


HALF_INCLUSION_MONTHS = 36
_OWN = later("the person is on the unit's own payroll (an outside manager never qualifies)")
_SCIENTIFIC = later("the person is scientific staff who made an important contribution")
_NON_PROFIT = later("the unit is a non-profit institute or school")
_REGISTERED = later("the technology contract is registered")
_NOTICED = later("the person is on the noticed list")
_WITHIN = later("the award is paid within 36 months of the income")


def half_inclusion_missing(facts: HalfInclusionFacts) -> tuple[str, ...]:
    """The conditions of half inclusion that are not met, as message ids; none when it is open."""
    received = facts.income_received_on
    in_time = received is not None and received <= facts.paid_on <= months_after(received, HALF_INCLUSION_MONTHS)
    conditions = (
        (_OWN, facts.own_staff),
        (_SCIENTIFIC, facts.scientific_staff),
        (_NON_PROFIT, facts.non_profit_body),
        (_REGISTERED, facts.contract_registered),
        (_NOTICED, facts.on_noticed_list),
        (_WITHIN, in_time),
    )
    return tuple(condition for condition, met in conditions if not met)


def check_half_inclusion(facts: HalfInclusionFacts) -> None:
    """Whether half inclusion may be claimed. Raises `HalfInclusionNotOpen` with every condition that is missing."""
    missing = half_inclusion_missing(facts)
    if missing:
        raise HalfInclusionNotOpen(missing=list(missing))
