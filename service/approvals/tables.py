"""Rows of maker-checker decisions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class ApprovalState(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Approval(Record, table=True):
    """One row is one proposal by a maker, decided by a different checker; void when the subject's digest has changed.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "approval"
    __table_args__ = (
        one_of("state", ApprovalState),
        sa.CheckConstraint("checker_account_id IS DISTINCT FROM maker_account_id", name="checker_is_another"),
        sa.Index(
            "uq_approval_open",
            "subject_kind",
            "subject_id",
            "step",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    subject_digest: str = Field(max_length=64)
    step: str = Field(default="approve", max_length=40)
    maker_account_id: UUID = refers_to("account.id")
    checker_account_id: UUID | None = refers_to("account.id", optional=True)
    state: ApprovalState = choice(ApprovalState, ApprovalState.PROPOSED)
    reason: str | None = Field(default=None, max_length=500)
    decided_at: datetime | None = moment(optional=True)
