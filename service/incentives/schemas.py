"""What goes in and out of the incentives room."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from service.contracts.schemas import Bilingual, Fen
from service.foundation.language import later
from service.incentives.tables import AccrualKind, EventKind, PlanKind, PlanState


class PlanCreate(BaseModel):
    """The head of a plan."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: str = Field(min_length=1, max_length=60)
    kind: PlanKind
    title: Bilingual


class EquityTerms(BaseModel):
    """The frozen terms of an equity plan: whose shares, how many in the pool, how many at most for one person."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    company: str = Field(min_length=1, max_length=200)
    pool_shares: StrictInt = Field(ge=1, le=10**15)
    person_limit_shares: Annotated[StrictInt, Field(ge=1)] | None = None


class VersionCreate(BaseModel):
    """A draft version: from which day, under which places' rules, with which terms (by the plan's kind)."""

    model_config = ConfigDict(extra="forbid")

    valid_from: date
    valid_to: date | None = None
    places: list[str] = Field(default=[], max_length=20)
    terms: dict[str, Any]


class DecisionCreate(BaseModel):
    """Yes or no to what was proposed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    approve: bool
    reason: str | None = Field(default=None, max_length=500)


class PlanRead(BaseModel):
    """The head of a plan."""

    id: UUID
    code: str
    kind: PlanKind
    title: dict[str, str]


class VersionRead(BaseModel):
    """One version of a plan with the findings of the cited rules."""

    id: UUID
    plan_id: UUID
    version: int
    valid_from: date
    valid_to: date | None
    places: list[str]
    content: dict[str, Any]
    findings: list[dict[str, Any]]
    digest: str
    state: PlanState


class PartyCreate(BaseModel):
    """One party: a person, or the unit itself (no person), its split line and whole-number weight in that line."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    person_id: UUID | None = None
    line: str = Field(min_length=1, max_length=60)
    weight: int = Field(default=1, ge=1, le=1_000_000_000)


class AgreementCreate(BaseModel):
    """An agreement: the contract, the plan version pinned, the day of signing, the parties in their order."""

    model_config = ConfigDict(extra="forbid")

    contract_id: UUID
    plan_version_id: UUID
    signed_on: date
    parties: list[PartyCreate] = Field(min_length=1, max_length=200)


class PartyRead(BaseModel):
    """One party of an agreement."""

    party_no: int
    person_id: UUID | None
    line: str
    weight: int


class AgreementRead(BaseModel):
    """An agreement with its parties and its running totals, in fen."""

    id: UUID
    contract_id: UUID
    plan_version_id: UUID
    signed_on: date
    base_fen: int
    earned_fen: int
    parties: list[PartyRead]


class EventCreate(BaseModel):
    """A fact of money about one contract, named by its id or its number; amounts in fen.

    (source, reference) is the sender's own name of the fact: sent again with the same content it is answered as the
    first time, with other content it is refused.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contract_id: UUID | None = None
    contract_no: str | None = Field(default=None, min_length=1, max_length=80)
    source: str = Field(min_length=1, max_length=60)
    reference: str = Field(min_length=1, max_length=120)
    kind: EventKind
    amount_fen: Fen = Field(gt=0)
    effective_on: date
    deductions: dict[str, Fen] = Field(default={}, max_length=20)
    evidence: str | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _one_contract(self) -> Self:
        if (self.contract_id is None) == (self.contract_no is None):
            raise ValueError(later("Name the contract by its id or by its number, one of them."))
        if self.kind is EventKind.REVERSAL:
            raise ValueError(later("A reversal is made at the event it reverses."))
        return self


class ReversalCreate(BaseModel):
    """The reversal of a wrong event, itself a fact with the sender's own name."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    source: str = Field(min_length=1, max_length=60)
    reference: str = Field(min_length=1, max_length=120)
    effective_on: date
    reason: str = Field(min_length=1, max_length=200)


class CorrectionCreate(BaseModel):
    """A wrong event reversed and the right one recorded, both or neither."""

    model_config = ConfigDict(extra="forbid")

    reversal: ReversalCreate
    event: EventCreate


class LineRead(BaseModel):
    """One party's part of an accrual: earned, and booked under the yearly cap, in fen."""

    party_no: int
    person_id: UUID | None
    earned_fen: int
    amount_fen: int


class AccrualRead(BaseModel):
    """What an event earned under one agreement, in fen, and its ledger entry."""

    id: UUID
    agreement_id: UUID
    kind: AccrualKind
    year: int
    base_before_fen: int
    base_after_fen: int
    total_before_fen: int
    total_after_fen: int
    amount_fen: int
    booked_fen: int
    ledger_entry_id: UUID | None
    lines: list[LineRead]


class EventRead(BaseModel):
    """A revenue event and what it earned for whom."""

    id: UUID
    contract_id: UUID
    source: str
    reference: str
    kind: EventKind
    amount_fen: int
    deductions: dict[str, int]
    effective_on: date
    evidence: str | None
    reverses: UUID | None
    created_at: datetime
    accruals: list[AccrualRead]
