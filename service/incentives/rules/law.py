"""What cited rules ask of a plan's terms, and whether the terms do it; the rules themselves are data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, model_validator

from service.foundation.language import later
from service.foundation.money import Rate, yuan_text
from service.incentives.errors import RuleFileWrong
from service.incentives.rules.terms import BaseKind, LineRole, PlanTerms


class RuleKind(StrEnum):
    """What a rule measures."""

    POOL_OF_NET_INCOME_MIN = "pool_of_net_income_min"
    POOL_OF_SHARES_MIN = "pool_of_shares_min"
    POOL_OF_PROFIT_MIN = "pool_of_profit_min"
    MAIN_CONTRIBUTORS_OF_POOL_MIN = "main_contributors_of_pool_min"
    TRANSFER_STAFF_OF_POOL_MIN = "transfer_staff_of_pool_min"
    TRANSFER_OFFICE_OF_NET_INCOME_MIN = "transfer_office_of_net_income_min"
    NOTICE_DAYS_MIN = "notice_days_min"
    AWARD_RATE_MAX = "award_rate_max"
    AWARD_PERSON_YEAR_MAX = "award_person_year_max"


class Binding(StrEnum):
    """How a rule binds: it must be kept, it may be used, or it is a local award's condition."""

    MUST = "must"
    MAY = "may"
    AWARD = "award"


class Outcome(StrEnum):
    """Whether the terms do what a rule asks; open when the terms alone cannot tell."""

    MET = "met"
    UNMET = "unmet"
    OPEN = "open"


_Text = Annotated[str, Field(min_length=1, max_length=300)]
_NEEDS: dict[RuleKind, str] = {
    RuleKind.NOTICE_DAYS_MIN: "days",
    RuleKind.AWARD_PERSON_YEAR_MAX: "amount_fen",
}


class LegalRule(BaseModel):
    """One cited rule: act, article, what it measures and the number, since when, from which source, whether verified."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    key: _Text
    place: _Text
    act: dict[Literal["zh", "en"], _Text]
    article: _Text
    kind: RuleKind
    base: BaseKind | None = None
    numerator: StrictInt | None = None
    denominator: StrictInt | None = None
    amount_fen: StrictInt | None = Field(default=None, ge=0)
    days: StrictInt | None = Field(default=None, ge=1)
    years: StrictInt | None = Field(default=None, ge=1)
    binding: Binding
    in_force: date | None = Field(default=None, alias="from")
    until: date | None = None
    source: _Text
    verified: StrictBool

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = _NEEDS.get(self.kind, "rate")
        given = {"days": self.days, "amount_fen": self.amount_fen, "rate": self.numerator}
        if given.pop(needed) is None or any(value is not None for value in given.values()):
            raise ValueError(f"{self.kind} takes {needed} and no other number")
        if needed == "rate":
            _ = self.rate
        if set(self.act) != {"zh", "en"}:
            raise ValueError("act needs zh and en")
        return self

    @property
    def rate(self) -> Rate:
        """The share the rule names. Raises `RateOutOfRange`."""
        return Rate(self.numerator or 0, self.denominator or 0)

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day, as far as its dates are known."""
        return (self.in_force is None or self.in_force <= day) and (self.until is None or day <= self.until)


class _RuleFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: _Text
    dated: date
    rules: list[dict[str, Any]]


def read_rules(text: str) -> tuple[LegalRule, ...]:
    """Cited rules from a YAML text. Raises `RuleFileWrong` for unknown keys, missing or wrong values, repeated keys."""
    try:
        file = _RuleFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise RuleFileWrong(rule="-", reason=later("the file cannot be read."), detail=_first(error)) from error
    rules: dict[str, LegalRule] = {}
    for position, row in enumerate(file.rules, start=1):
        name = str(row.get("key", f"#{position}"))
        try:
            rule = LegalRule.model_validate(row)
        except ValidationError as error:
            raise RuleFileWrong(rule=name, reason=later("a value is wrong."), detail=_first(error)) from error
        if rule.key in rules:
            raise RuleFileWrong(rule=name, reason=later("the key stands twice."), detail=name)
        rules[rule.key] = rule
    return tuple(rules.values())


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False)[0]
        return ".".join(str(part) for part in problem["loc"]) + ": " + problem["msg"]
    return str(error).splitlines()[0]


@cache
def shipped_rules() -> tuple[LegalRule, ...]:
    """The rules shipped with the service (`data/rules.yaml`)."""
    return read_rules((resources.files("service.incentives") / "data" / "rules.yaml").read_text(encoding="utf-8"))


def rules_for(
    rules: Iterable[LegalRule], places: Sequence[str], day: date, claimed: Sequence[str] = ()
) -> tuple[LegalRule, ...]:
    """Rules to hold terms against: those of the nation (全国) and of these places in force on a day, and those claimed.

    A local award's conditions are looked at only when the plan claims them by key.
    """
    wanted = {"全国", *places}
    return tuple(
        rule
        for rule in rules
        if rule.holds_on(day) and (rule.key in claimed or (rule.place in wanted and rule.binding is not Binding.AWARD))
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of a plan's terms. `needed` and `found` are texts to show; `message` a message id with them."""

    rule: LegalRule
    outcome: Outcome
    needed: str
    found: str
    message: str

    def as_record(self) -> dict[str, Any]:
        """The finding as it is stored beside the plan version, the cited rule with it."""
        return {
            "rule": self.rule.key,
            "act": dict(self.rule.act),
            "article": self.rule.article,
            "binding": self.rule.binding.value,
            "verified": self.rule.verified,
            "outcome": self.outcome.value,
            "needed": self.needed,
            "found": self.found,
            "message": self.message,
        }


_MET = later("The plan gives %(found)s; the rule asks for %(needed)s.")
_UNMET = later("The plan gives %(found)s, which does not reach what the rule asks for: %(needed)s.")
_ABOVE = later("The plan gives %(found)s, more than the rule allows: %(needed)s.")
_OPEN = later("Fixed sums or caps make the share depend on the amount; it must be checked for each deal: %(needed)s.")


def check_law(terms: PlanTerms, rules: Iterable[LegalRule]) -> tuple[Finding, ...]:
    """One finding for each rule that speaks of this plan's base; rules on another base say nothing.

    Shares are taken at their worst over all sums: the lowest band's rate for a floor, the highest for an award. With a
    cap per deal, or with fixed lines, a floor stays open.
    """
    findings = (_finding(terms, rule) for rule in rules)
    return tuple(finding for finding in findings if finding is not None)


def _finding(terms: PlanTerms, rule: LegalRule) -> Finding | None:
    lowest = min(row.rate.exact for row in terms.bands)
    unit = terms.share_of(LineRole.UNIT)
    pool = None if unit is None else 1 - unit
    of_net = terms.base is BaseKind.NET_INCOME
    match rule.kind:
        case RuleKind.POOL_OF_NET_INCOME_MIN if of_net:
            return _floor(terms, rule, None if pool is None else lowest * pool)
        case RuleKind.POOL_OF_PROFIT_MIN if terms.base is BaseKind.OPERATING_PROFIT:
            return _floor(terms, rule, None if pool is None else lowest * pool)
        case RuleKind.MAIN_CONTRIBUTORS_OF_POOL_MIN if of_net or terms.base is BaseKind.POOL:
            return _floor(terms, rule, _of_pool(terms, pool, lowest, LineRole.MAIN_CONTRIBUTORS))
        case RuleKind.TRANSFER_STAFF_OF_POOL_MIN if of_net or terms.base is BaseKind.POOL:
            # The act says staff and leaders of the transfer office; a technology manager counts as its staff, and the
            # role line is where a plan says so: an outside broker stands under another role.
            return _floor(terms, rule, _of_pool(terms, pool, lowest, LineRole.TRANSFER_STAFF, LineRole.MANAGERS))
        case RuleKind.TRANSFER_OFFICE_OF_NET_INCOME_MIN if of_net:
            office = terms.share_of(LineRole.TRANSFER_OFFICE)
            return _floor(terms, rule, None if office is None else lowest * office)
        case RuleKind.NOTICE_DAYS_MIN:
            met = terms.notice_days >= (rule.days or 0)
            outcome, message = (Outcome.MET, _MET) if met else (Outcome.UNMET, _UNMET)
            return Finding(rule, outcome, f">= {rule.days}", str(terms.notice_days), message)
        case RuleKind.AWARD_RATE_MAX if terms.base is rule.base:
            highest = max(row.rate.exact for row in terms.bands)
            return _ceiling(rule, highest <= rule.rate.exact, str(rule.rate), _percent(highest))
        case RuleKind.AWARD_PERSON_YEAR_MAX:
            cap = terms.cap_person_year_fen
            most = rule.amount_fen or 0
            return _ceiling(
                rule, cap is not None and cap <= most, yuan_text(most), "-" if cap is None else yuan_text(cap)
            )
        case _:
            return None


def _of_pool(terms: PlanTerms, pool: Fraction | None, lowest: Fraction, *roles: LineRole) -> Fraction | None:
    """The part of the pool that goes to roles: the pool is what the unit does not keep, or the plan's base itself."""
    share = terms.share_of(*roles)
    if share is None or pool is None:
        return None
    if terms.base is BaseKind.POOL:
        return share * lowest
    return share / pool if pool else Fraction(0)


def _floor(terms: PlanTerms, rule: LegalRule, share: Fraction | None) -> Finding:
    needed = f">= {rule.rate}"
    of_the_base = rule.kind not in (RuleKind.MAIN_CONTRIBUTORS_OF_POOL_MIN, RuleKind.TRANSFER_STAFF_OF_POOL_MIN)
    capped = terms.cap_deal_fen is not None and (of_the_base or terms.base is BaseKind.POOL)
    if share is not None and share < rule.rate.exact:
        return Finding(rule, Outcome.UNMET, needed, _percent(share), _UNMET)
    if share is None or capped:
        return Finding(rule, Outcome.OPEN, needed, "-", _OPEN)
    return Finding(rule, Outcome.MET, needed, _percent(share), _MET)


def _ceiling(rule: LegalRule, met: bool, most: str, found: str) -> Finding:
    return Finding(rule, Outcome.MET if met else Outcome.UNMET, f"<= {most}", found, _MET if met else _ABOVE)


def _percent(share: Fraction) -> str:
    return str(Rate(share.numerator, share.denominator))
