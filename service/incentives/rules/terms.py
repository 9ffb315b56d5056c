"""The frozen terms of one plan version: base, deductions, bands, caps, split lines, notice, tax ground, cited rules."""

from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from service.foundation.language import later
from service.foundation.money import Rate
from service.foundation.running_total import BandedTotal, CappedTotal, bands_from_limits
from service.foundation.text import Clean
from service.foundation.workdays import DayKind
from service.incentives.errors import (
    SharesAboveWhole,
    SharesBelowWhole,
    SplitLineIncomplete,
    SplitLinesMissing,
    SplitLineTwice,
    TwoRestLines,
)

Key = Annotated[str, Clean(60, min_length=1, fold_width=True)]


class BaseKind(StrEnum):
    """Of which sum a plan takes its share; six different sums that are never taken for one another."""

    CONTRACT_AMOUNT = "contract_amount"  # 合同成交额
    TRANSACTION_AMOUNT = "transaction_amount"  # 技术交易额, without equipment and material
    RECEIVED = "received"  # 实际到账额
    NET_INCOME = "net_income"  # 净收入
    POOL = "pool"  # 奖励总额
    OPERATING_PROFIT = "operating_profit"  # 营业利润


class LineKind(StrEnum):
    """How a split line is measured."""

    FIXED = "fixed"
    PERCENT = "percent"
    REST = "rest"


class LineRole(StrEnum):
    """For whom a split line is meant; the law's shares are counted by role."""

    MAIN_CONTRIBUTORS = "main_contributors"
    CONTRIBUTORS = "contributors"
    MANAGERS = "managers"  # technology managers
    TRANSFER_STAFF = "transfer_staff"  # staff and leaders of the transfer office
    TRANSFER_OFFICE = "transfer_office"  # the office itself
    UNIT = "unit"
    OTHER = "other"


class TaxGround(StrEnum):
    """Which legal basis a payment claims; the payer's tax system decides."""

    WAGES = "wages"
    LABOUR_SERVICE = "labour_service"
    HALF_INCLUSION = "half_inclusion"
    EQUITY_OF_INSTITUTE = "equity_of_institute"
    EQUITY_DEFERRED = "equity_deferred"
    NONE = "none"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class BandRow(_Frozen):
    """One band by its upper limit in fen (None: no end); the bands follow one another from zero."""

    up_to_fen: StrictInt | None
    rate: Rate


class SplitLine(_Frozen):
    """One line of a split: a fixed sum taken first, a percentage of what the fixed sums leave, or the rest.

    Raises `SplitLineIncomplete` when its number is missing or another kind's is given.
    """

    key: Key
    kind: LineKind
    role: LineRole
    fixed_fen: StrictInt | None = None
    rate: Rate | None = None
    title: dict[Literal["zh", "en"], Annotated[str, Clean(200)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        fixed, percent = self.fixed_fen is not None, self.rate is not None
        if self.kind is LineKind.FIXED and (not fixed or percent or (self.fixed_fen or 0) < 0):
            raise SplitLineIncomplete(key=self.key, needs=later("a fixed sum of at least zero, and no percentage."))
        if self.kind is LineKind.PERCENT and (fixed or not percent):
            raise SplitLineIncomplete(key=self.key, needs=later("a percentage, and no fixed sum."))
        if self.kind is LineKind.REST and (fixed or percent):
            raise SplitLineIncomplete(key=self.key, needs=later("neither a fixed sum nor a percentage."))
        return self


class PlanTerms(_Frozen):
    """Terms of one plan version, the same for commission and revenue share; `model_dump(mode="json")` is what is stored.

    The running total of the base, in fen, earns by `bands` up to `cap_deal_fen`; what is earned goes to `lines`; what
    one person gets of a plan in a calendar year stops at `cap_person_year_fen`. Raises at construction the refusals of
    `running_total` and of the split, and `DaysOutOfRange`'s bounds are those of the field.
    """

    base: BaseKind
    deductions: tuple[Key, ...] = ()
    bands: tuple[BandRow, ...]
    bands_apply_to: Literal["part", "whole"] = "part"
    cap_deal_fen: StrictInt | None = None
    cap_person_year_fen: StrictInt | None = None
    lines: tuple[SplitLine, ...]
    notice_days: Annotated[StrictInt, Field(ge=0, le=365)] = 15
    notice_kind: DayKind = DayKind.WORKING
    tax_ground: TaxGround = TaxGround.NONE
    rules: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _ = self.earned
        CappedTotal(self.cap_person_year_fen)
        if not self.lines:
            raise SplitLinesMissing()
        keys = [line.key for line in self.lines]
        for key in keys:
            if keys.count(key) > 1:
                raise SplitLineTwice(key=key)
        rests = sum(line.kind is LineKind.REST for line in self.lines)
        shares = sum((line.rate.exact for line in self.lines if line.rate is not None), Fraction(0))
        if rests > 1:
            raise TwoRestLines()
        if shares > 1:
            raise SharesAboveWhole(sum=f"{float(shares * 100):g}%")
        if not rests and shares < 1:
            raise SharesBelowWhole(sum=f"{float(shares * 100):g}%")
        return self

    @cached_property
    def earned(self) -> BandedTotal:
        """The function from the running total of the base to what is earned of it, both in fen."""
        rows = [(row.up_to_fen, row.rate) for row in self.bands]
        return BandedTotal(bands_from_limits(rows, whole_sum=self.bands_apply_to == "whole"), self.cap_deal_fen)

    def share_of(self, *roles: LineRole) -> Fraction | None:
        """The exact share of what is earned that goes to these roles; None when fixed sums make it depend on the sum."""
        if any(line.kind is LineKind.FIXED for line in self.lines):
            return None
        shares = {line.key: line.rate.exact for line in self.lines if line.rate is not None}
        rest = 1 - sum(shares.values(), Fraction(0))
        return sum((shares.get(line.key, rest) for line in self.lines if line.role in roles), Fraction(0))
