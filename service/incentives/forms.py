"""What the pages' forms hand in: texts as people write them, made into what the API takes."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from service.contracts.schemas import YuanText
from service.foundation.errors import DomainError
from service.foundation.language import sentence
from service.foundation.money import parse_rate
from service.incentives.errors import NobodyNamed
from service.incentives.rules.terms import BaseKind, LineKind, LineRole, TaxGround
from service.incentives.schemas import AgreementCreate, EventCreate, PartyCreate, VersionCreate
from service.incentives.tables import EventKind

BANDS = 5
LINES = 6
DEDUCTIONS = 4


def _rate(value: Any) -> Any:
    """`5%`, `3‰` or `1/3` as two integers; the refusal's own sentence stands beside the field."""
    if not isinstance(value, str):
        return value
    try:
        rate = parse_rate(value)
    except DomainError as error:
        raise ValueError(sentence(error.message, error.facts)) from error
    return {"numerator": rate.numerator, "denominator": rate.denominator}


RateText = Annotated[dict[str, int], BeforeValidator(_rate)]


class BandForm(BaseModel):
    """One band: up to this sum (empty: no end) at this rate."""

    model_config = ConfigDict(extra="forbid")

    up_to: YuanText | None = None
    rate: RateText


class LineForm(BaseModel):
    """One split line: its title, for whom, how it is measured, and the percentage or fixed sum."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=60)
    role: LineRole
    kind: LineKind
    rate: RateText | None = None
    fixed: YuanText | None = None


class VersionForm(BaseModel):
    """A draft of a version of a commission or revenue-share plan."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    valid_from: date
    base: BaseKind
    deductions: str = Field(default="", max_length=400)
    bands: dict[str, BandForm] = {}
    cap_deal: YuanText | None = None
    cap_person_year: YuanText | None = None
    lines: dict[str, LineForm] = {}
    notice_days: int = Field(default=15, ge=0, le=365)
    notice_kind: str = "working"
    tax_ground: TaxGround = TaxGround.NONE
    places: list[str] = []
    rules: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _without_empty_rows(cls, given: Any) -> Any:
        """A row of the form in which only the choices stand, which always have a value, is no line."""
        if isinstance(given, dict) and isinstance(given.get("lines"), dict):
            kept = {
                place: row
                for place, row in given["lines"].items()
                if not isinstance(row, dict) or set(row) - {"role", "kind"}
            }
            return {**given, "lines": kept}
        return given

    def create(self) -> VersionCreate:
        """As the API takes it."""
        terms = {
            "base": self.base.value,
            "deductions": [one.strip() for one in self.deductions.replace("，", ",").split(",") if one.strip()],
            "bands": [{"up_to_fen": one.up_to, "rate": one.rate} for _, one in sorted(self.bands.items())],
            "cap_deal_fen": self.cap_deal,
            "cap_person_year_fen": self.cap_person_year,
            "lines": [
                {
                    "key": one.title,
                    "title": {"zh": one.title},
                    "role": one.role.value,
                    "kind": one.kind.value,
                    "rate": one.rate if one.kind is LineKind.PERCENT else None,
                    "fixed_fen": one.fixed if one.kind is LineKind.FIXED else None,
                }
                for _, one in sorted(self.lines.items())
            ],
            "notice_days": self.notice_days,
            "notice_kind": self.notice_kind,
            "tax_ground": self.tax_ground.value,
            "rules": self.rules,
        }
        return VersionCreate(valid_from=self.valid_from, places=self.places, terms=terms)


class EquityVersionForm(BaseModel):
    """A draft of a version of an equity plan."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    valid_from: date
    company: str = Field(min_length=1, max_length=200)
    pool_shares: int = Field(ge=1, le=10**15)
    person_limit_shares: int | None = Field(default=None, ge=1)

    def create(self) -> VersionCreate:
        """As the API takes it."""
        return VersionCreate(valid_from=self.valid_from, terms=self.model_dump(exclude={"valid_from"}))


class AgreementForm(BaseModel):
    """An agreement from a page: weights by the number of the split line and by person (or `unit`); empty is no party."""

    model_config = ConfigDict(extra="forbid")

    contract_id: UUID
    plan_version_id: UUID
    signed_on: date
    weights: dict[str, dict[str, int]] = {}

    def create(self, keys: list[str]) -> AgreementCreate:
        """As the API takes it; `keys` are the split lines of the version in their order."""
        parties = [
            PartyCreate(person_id=None if who == "unit" else UUID(who), line=keys[int(place)], weight=weight)
            for place, given in sorted(self.weights.items(), key=lambda pair: int(pair[0]))
            for who, weight in given.items()
        ]
        if not parties:
            raise NobodyNamed(field="weights.0.unit")
        return AgreementCreate(
            contract_id=self.contract_id,
            plan_version_id=self.plan_version_id,
            signed_on=self.signed_on,
            parties=parties,
        )


class DeductionForm(BaseModel):
    """One deduction by name and amount."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=60)
    amount: YuanText


class EventForm(BaseModel):
    """A revenue event from a page."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contract_id: UUID
    source: str = Field(min_length=1, max_length=60)
    reference: str = Field(min_length=1, max_length=120)
    kind: EventKind
    amount: Annotated[YuanText, Field(gt=0)]
    effective_on: date
    deductions: dict[str, DeductionForm] = {}
    evidence: str | None = Field(default=None, max_length=500)

    def create(self) -> EventCreate:
        """As the API takes it."""
        return EventCreate(
            contract_id=self.contract_id,
            source=self.source,
            reference=self.reference,
            kind=self.kind,
            amount_fen=self.amount,
            effective_on=self.effective_on,
            deductions={one.name: one.amount for one in self.deductions.values()},
            evidence=self.evidence,
        )
