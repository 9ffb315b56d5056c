"""What goes in and out of the payouts room."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.payouts.tables import PayoutState


class PayoutCreate(BaseModel):
    """A payout drawn up from what is accrued under a plan for events up to a day.

    `own_scientific_staff`: the officer declares that everybody in it is scientific staff on the unit's own payroll,
    which half inclusion asks for.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    plan_id: UUID
    through: date
    title: str = Field(min_length=1, max_length=200)
    own_scientific_staff: bool = False


class DecisionCreate(BaseModel):
    """Yes or no to a proposed payout."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    approve: bool
    reason: str | None = Field(default=None, max_length=500)


class RejectionCreate(BaseModel):
    """Why a payout is given up."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: str = Field(min_length=1, max_length=500)


class ObjectionCreate(BaseModel):
    """An objection to a payout on public notice."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    ground: str = Field(min_length=1, max_length=1000)


class FindingCreate(BaseModel):
    """The finding on an objection; upheld, it ends the payout."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    finding: str = Field(min_length=1, max_length=1000)
    upheld: bool = False


class PaymentCreate(BaseModel):
    """The day and the bank's reference of a payment made."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    paid_on: date
    payment_reference: str = Field(min_length=1, max_length=120)


class PayoutLineRead(BaseModel):
    """One person's sum from one accrual line, in fen; tax and net are estimates and empty where only the payer can tell."""

    accrual_line_id: UUID
    person_id: UUID
    gross_fen: int
    tax_fen: int | None
    net_fen: int | None
    tax_ground: str
    tax_is_estimate: bool = True


class ObjectionRead(BaseModel):
    """An objection and its finding."""

    id: UUID
    ground: str
    finding: str | None
    upheld: bool | None
    settled_at: datetime | None


class PayoutRead(BaseModel):
    """A payout with its lines, its notice and its objections."""

    id: UUID
    plan_id: UUID
    title: str
    through: date
    digest: str
    notice_kind: str
    notice_days: int
    notice_opens_on: date | None
    notice_closes_on: date | None
    notice_certain: bool
    paid_on: date | None
    payment_reference: str | None
    rejection_reason: str | None
    state: PayoutState
    gross_fen: int
    lines: list[PayoutLineRead]
    objections: list[ObjectionRead]


class StatementCreate(BaseModel):
    """A statement of one person for a year (`2026`) or a month (`2026-05`) as a paper."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID
    period: str = Field(max_length=10)


class OwnStatementCreate(BaseModel):
    """One's own statement from one unit."""

    model_config = ConfigDict(extra="forbid")

    org_id: UUID
    period: str = Field(max_length=10)


class StatementAccepted(BaseModel):
    """The statement is being made; it appears among the issued ones."""

    state: str


class StatementRead(BaseModel):
    """An issued statement and its paper."""

    id: UUID
    person_id: UUID
    org_id: UUID
    period: str
    known_at: datetime
    totals: dict[str, Any]
    document_id: UUID | None
