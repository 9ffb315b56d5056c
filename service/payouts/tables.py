"""Rows of notices, objections, payouts and statements."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, one_of, refers_to, whole
from service.foundation.workdays import DayKind


class PayoutState(StrEnum):
    """The way of a payout: proposed, approved, noticed, clear, paid."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    NOTICED = "noticed"
    CLEAR = "clear"
    PAID = "paid"
    REJECTED = "rejected"


class Payout(Record, table=True):
    """One row is one batch of one plan's accruals proposed for payment by a maker and approved by a checker.

    A trigger lets it become clear only after the last day of its notice and without an open objection.
    Tenancy: own. Personal: none.
    """

    __tablename__ = "payout"
    __table_args__ = (
        one_of("state", PayoutState),
        one_of("notice_kind", DayKind),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(["org_id", "plan_id"], ["plan.org_id", "plan.id"], ondelete="RESTRICT"),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_on IS NOT NULL AND payment_reference IS NOT NULL)", name="paid_whole"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    plan_id: UUID = Field(index=True)
    title: str = Field(max_length=200)
    through: date  # events up to this day
    digest: str = Field(max_length=64)
    notice_kind: str = Field(max_length=10)  # calendar, working
    notice_days: int
    notice_opens_on: date | None = Field(default=None)
    notice_closes_on: date | None = Field(default=None)
    notice_certain: bool = Field(default=True)  # False while holidays inside it are not yet published
    paid_on: date | None = Field(default=None)
    payment_reference: str | None = Field(default=None, max_length=120)
    rejection_reason: str | None = Field(default=None, max_length=500)
    state: PayoutState = choice(PayoutState, PayoutState.DRAFT)


class PayoutLine(Record, table=True):
    """One row is one person's sum from one accrual line in a payout, with the tax estimate by ground.

    Tax and net are empty where only the payer can tell them.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "payout_line"
    __table_args__ = (
        sa.CheckConstraint(
            "(tax_fen IS NULL AND net_fen IS NULL) OR gross_fen = net_fen + tax_fen", name="net_and_tax_are_gross"
        ),
        sa.ForeignKeyConstraint(["org_id", "payout_id"], ["payout.org_id", "payout.id"], ondelete="RESTRICT"),
        sa.Index("uq_payout_line_live", "accrual_line_id", unique=True, postgresql_where=sa.text("live")),
    )

    org_id: UUID = refers_to("organisation.id")
    payout_id: UUID = Field(index=True)
    accrual_line_id: UUID = refers_to("accrual_line.id", index=False)
    person_id: UUID = refers_to("person.id")
    gross_fen: int = whole()
    tax_fen: int | None = whole(optional=True)
    net_fen: int | None = whole(optional=True)
    tax_ground: str = Field(max_length=40)
    live: bool = Field(default=True)


class Objection(Record, table=True):
    """One row is one objection against a noticed payout, by a person named in it or as the unit received it, and its finding.

    Tenancy: own, person reads. Personal: person_id, ground, finding.
    """

    __tablename__ = "objection"
    __table_args__ = (
        sa.ForeignKeyConstraint(["org_id", "payout_id"], ["payout.org_id", "payout.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    payout_id: UUID = Field(index=True)
    person_id: UUID | None = refers_to("person.id", optional=True)
    ground: str = Field(max_length=1000)
    finding: str | None = Field(default=None, max_length=1000)
    upheld: bool | None = Field(default=None)
    settled_at: datetime | None = moment(optional=True)


class IncentiveStatement(Record, table=True):
    """One row is one issued statement of one person for one period, as known at a moment. Only added.

    Tenancy: own, person reads. Personal: person_id, totals.
    """

    __tablename__ = "incentive_statement"

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    period: str = Field(max_length=10)  # a year, or a month as 2026-05
    known_at: datetime = moment()
    totals: dict[str, Any] = document()
    document_id: UUID | None = refers_to("issued_document.id", optional=True)
