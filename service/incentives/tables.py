"""Rows of plans, agreements, revenue events and accruals."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of, refers_to, whole


class PlanKind(StrEnum):
    """What a plan pays."""

    COMMISSION = "commission"
    REVENUE_SHARE = "revenue_share"
    EQUITY = "equity"


class Plan(Record, table=True):
    """One row is the head of an incentive plan of an organisation.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "plan"
    __table_args__ = (
        one_of("kind", PlanKind),
        sa.UniqueConstraint("org_id", "code"),
        sa.UniqueConstraint("org_id", "id"),
    )

    org_id: UUID = refers_to("organisation.id")
    code: str = Field(max_length=60)
    kind: PlanKind = choice(PlanKind)
    title: dict[str, str] = document()


class PlanState(StrEnum):
    """The way of a plan version."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    ENDED = "ended"


class PlanVersion(Record, table=True):
    """One row is one version of a plan: base, deductions, bands, caps, splits, notice days, tax ground.

    From its proposal on a trigger refuses any change of content; a plan has at most one version in force on a day.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "plan_version"
    __table_args__ = (
        one_of("state", PlanState),
        sa.UniqueConstraint("plan_id", "version"),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(["org_id", "plan_id"], ["plan.org_id", "plan.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days_in_order"),
    )

    org_id: UUID = refers_to("organisation.id")
    plan_id: UUID = Field(index=True)
    version: int
    content: dict[str, Any] = document()
    digest: str = Field(max_length=64)
    valid_from: date
    valid_to: date | None = Field(default=None)
    places: list[str] = document()  # whose rules it is held against, besides the nation's
    findings: list[dict[str, Any]] = document()  # legal floors checked
    state: PlanState = choice(PlanState, PlanState.DRAFT)


class Agreement(Record, table=True):
    """One row binds one contract to one plan version, pinned at signing. Only added.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "plan_version_id"),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"], ["technology_contract.org_id", "technology_contract.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_version_id"], ["plan_version.org_id", "plan_version.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    contract_id: UUID = Field(index=True)
    plan_version_id: UUID = Field(index=True)
    signed_on: date


class AgreementParty(Record, table=True):
    """One row is one party of an agreement: a person or the unit itself, under which split line, with which exact weight.

    Only added.
    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "agreement_party"
    __table_args__ = (
        sa.UniqueConstraint("agreement_id", "party_no"),
        sa.ForeignKeyConstraint(["org_id", "agreement_id"], ["agreement.org_id", "agreement.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("weight > 0", name="weight_positive"),
    )

    org_id: UUID = refers_to("organisation.id")
    agreement_id: UUID = Field(index=True)
    party_no: int
    person_id: UUID | None = refers_to("person.id", optional=True)
    line: str = Field(max_length=60)  # split line of the plan version
    weight: int


class EventKind(StrEnum):
    """What kind of fact of money an event is."""

    RECEIPT = "receipt"
    REFUND = "refund"
    COST = "cost"
    PROFIT = "profit"
    LOSS = "loss"
    POOL = "pool"  # an award pool was set aside
    CONTRACT_CONCLUDED = "contract_concluded"  # with its contract amount
    TRANSACTION_CONCLUDED = "transaction_concluded"  # with its technology transaction amount
    REVERSAL = "reversal"


class RevenueEvent(Record, table=True):
    """One row is one fact of money: receipt, refund, cost, profit; once per (source, reference). Only added.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "revenue_event"
    __table_args__ = (
        one_of("kind", EventKind),
        sa.UniqueConstraint("org_id", "source", "reference"),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"], ["technology_contract.org_id", "technology_contract.id"], ondelete="RESTRICT"
        ),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reversal_names_its_event"),
    )

    org_id: UUID = refers_to("organisation.id")
    contract_id: UUID = Field(index=True)
    source: str = Field(max_length=60)
    reference: str = Field(max_length=120)
    digest: str = Field(max_length=64)
    kind: EventKind = choice(EventKind)
    amount_fen: int = whole()
    deductions: dict[str, int] = document()  # of a receipt or cost, by the names the plan version lists
    effective_on: date
    evidence: str | None = Field(default=None, max_length=500)
    reverses: UUID | None = refers_to("revenue_event.id", optional=True, unique=True)


class Bucket(Record, table=True):
    """One row is the running total of one agreement: base so far, earned so far; locked while an event is booked.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "bucket"
    __table_args__ = (
        sa.ForeignKeyConstraint(["org_id", "agreement_id"], ["agreement.org_id", "agreement.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    agreement_id: UUID = Field(unique=True)
    base_fen: int = whole(default=0)
    earned_fen: int = whole(default=0)


class YearTotal(Record, table=True):
    """One row is one person's running total of one plan in one calendar year, before and under the yearly cap.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "year_total"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "person_id", "year"),
        sa.ForeignKeyConstraint(["org_id", "plan_id"], ["plan.org_id", "plan.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    plan_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    year: int
    earned_fen: int = whole(default=0)
    booked_fen: int = whole(default=0)


class AccrualKind(StrEnum):
    """How an accrual came about."""

    EVENT = "event"
    REVERSAL = "reversal"  # the stored lines of another accrual, swapped
    ADJUSTMENT = "adjustment"  # what later events would have earned without the reversed one


class Accrual(Record, table=True):
    """One row is what one event earned under one agreement: f(after) - f(before), and its ledger entry. Only added.

    `amount_fen` is what was earned, `booked_fen` what of it lies under the yearly caps and stands in the ledger.
    Tenancy: own. Personal: none.
    """

    __tablename__ = "accrual"
    __table_args__ = (
        one_of("kind", AccrualKind),
        sa.UniqueConstraint("agreement_id", "event_id", "kind"),
        sa.UniqueConstraint("org_id", "id"),
        sa.UniqueConstraint("reverses"),
        sa.ForeignKeyConstraint(["org_id", "agreement_id"], ["agreement.org_id", "agreement.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["org_id", "event_id"], ["revenue_event.org_id", "revenue_event.id"], ondelete="RESTRICT"
        ),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reversal_names_its_accrual"),
    )

    org_id: UUID = refers_to("organisation.id")
    agreement_id: UUID = Field(index=True)
    event_id: UUID = Field(index=True)
    kind: AccrualKind = choice(AccrualKind, AccrualKind.EVENT)
    year: int  # whose yearly caps it counts under
    base_before_fen: int = whole()
    base_after_fen: int = whole()
    total_before_fen: int = whole()
    total_after_fen: int = whole()
    amount_fen: int = whole()
    booked_fen: int = whole()
    reverses: UUID | None = refers_to("accrual.id", optional=True, index=False)
    ledger_entry_id: UUID | None = refers_to("ledger_entry.id", optional=True)


class AccrualLine(Record, table=True):
    """One row is one party's part of an accrual: earned, and booked under the yearly cap; the parts sum to it. Only added.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "accrual_line"
    __table_args__ = (
        sa.UniqueConstraint("accrual_id", "party_no"),
        sa.ForeignKeyConstraint(["org_id", "accrual_id"], ["accrual.org_id", "accrual.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    accrual_id: UUID = Field(index=True)
    party_no: int
    person_id: UUID | None = refers_to("person.id", optional=True)
    earned_fen: int = whole()
    amount_fen: int = whole()
