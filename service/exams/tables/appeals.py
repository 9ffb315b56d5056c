"""Rows of appeals against results, their panels, opinions and dated steps."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class AppealState(StrEnum):
    """The way of an appeal."""

    LODGED = "lodged"
    HEARING = "hearing"  # a panel reads and gives its opinions
    DRAWN_UP = "drawn_up"  # the decision is written and waits for a second member's word
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class AppealGround(StrEnum):
    """What an appeal says was wrong."""

    SCORE_CHECK = "score_check"
    MARKING = "marking"
    PROCEDURE = "procedure"
    IRREGULARITY = "irregularity"


class AppealOutcome(StrEnum):
    """What a panel finds."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    DISMISSED = "dismissed"


class Appeal(Record, table=True):
    """One row is one appeal (成绩复核) against a released result: what it says, where it stands and what was found.

    What the person wrote and the reasons of the decision are sealed under the person's own key. A sitting has at most one
    appeal that was not withdrawn: the panel's word is final at this base.
    Tenancy: own, person acts. Personal: person_id, statement_sealed, reasons_sealed.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        one_of("state", AppealState),
        one_of("ground", AppealGround),
        one_of("outcome", AppealOutcome),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"], ["exam_session.org_id", "exam_session.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("(state IN ('drawn_up', 'closed')) = (outcome IS NOT NULL)", name="outcome_when_decided"),
        sa.Index("uq_appeal_sitting", "sitting_id", unique=True, postgresql_where=sa.text("state <> 'withdrawn'")),
    )

    org_id: UUID = refers_to("organisation.id")
    exam_session_id: UUID = Field(index=True)
    sitting_id: UUID = Field(index=True)
    result_id: UUID = refers_to("result.id")  # the result it is about
    person_id: UUID = refers_to("person.id")
    ground: AppealGround = choice(AppealGround)
    statement_sealed: bytes
    state: AppealState = choice(AppealState, AppealState.LODGED)
    outcome: AppealOutcome | None = choice(AppealOutcome, None, nullable=True)
    reasons_sealed: bytes | None = Field(default=None)
    marks: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    new_score: str | None = Field(default=None, max_length=20)  # of an exam on paper, exact: `85.5`
    new_result_id: UUID | None = refers_to("result.id", optional=True)  # what replaced the result, when something did
    approval_id: UUID | None = refers_to("approval.id", optional=True)
    closed_at: datetime | None = moment(optional=True)


class AppealStepKind(StrEnum):
    """What happened to an appeal, as its person sees it."""

    LODGED = "lodged"
    PANEL = "panel"
    DRAWN_UP = "drawn_up"
    RETURNED = "returned"  # the second member did not confirm; the panel goes on
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class AppealStep(Record, table=True):
    """One row is one dated step of an appeal. Only added.

    Tenancy: own, person acts. Personal: person_id.
    """

    __tablename__ = "appeal_step"
    __table_args__ = (
        one_of("kind", AppealStepKind),
        sa.ForeignKeyConstraint(["org_id", "appeal_id"], ["appeal.org_id", "appeal.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    appeal_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    kind: AppealStepKind = choice(AppealStepKind)
    account_id: UUID | None = Field(default=None)


class AppealMember(Record, table=True):
    """One row is one panellist of one appeal; who stood down before giving an opinion keeps the row with the moment.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "appeal_member"
    __table_args__ = (
        sa.UniqueConstraint("appeal_id", "account_id"),
        sa.ForeignKeyConstraint(["org_id", "appeal_id"], ["appeal.org_id", "appeal.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    appeal_id: UUID = Field(index=True)
    account_id: UUID = refers_to("account.id")
    stood_down_at: datetime | None = moment(optional=True)


class AppealOpinion(Record, table=True):
    """One row is one panellist's opinion with its reasons, sealed under the appellant's own key. Only added.

    Tenancy: own. Personal: reasons_sealed.
    """

    __tablename__ = "appeal_opinion"
    __table_args__ = (
        one_of("outcome", AppealOutcome),
        sa.UniqueConstraint("appeal_id", "account_id"),
        sa.ForeignKeyConstraint(["org_id", "appeal_id"], ["appeal.org_id", "appeal.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    appeal_id: UUID = Field(index=True)
    account_id: UUID = refers_to("account.id")
    outcome: AppealOutcome = choice(AppealOutcome)
    reasons_sealed: bytes
