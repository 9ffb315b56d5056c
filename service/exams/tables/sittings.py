"""Rows of sittings, the time given to them, and their answers."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.records import Record, choice, document, moment, now_by_database, one_of, refers_to, whole


class SittingState(StrEnum):
    """The life of one person's sitting."""

    READY = "ready"
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    ABSENT = "absent"


class Sitting(Record, table=True):
    """One row is one person's sitting (应试): seed, stored deadline, state. The database's clock decides.

    `deadline_at` = min(opened_at + duration + extra_minutes, closes_at + window_minutes), stored at start and at each adjustment.
    Tenancy: own, person acts. Personal: person_id.
    """

    __tablename__ = "sitting"
    __table_args__ = (
        one_of("state", SittingState),
        sa.UniqueConstraint("org_id", "id"),
        sa.UniqueConstraint("exam_session_id", "enrolment_id", "attempt"),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"], ["exam_session.org_id", "exam_session.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["org_id", "enrolment_id"], ["enrolment.org_id", "enrolment.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["org_id", "form_id"], ["exam_form.org_id", "exam_form.id"], ondelete="RESTRICT"),
        sa.Index("ix_sitting_deadline", "deadline_at", postgresql_where=sa.text("state = 'open'")),
    )

    org_id: UUID = refers_to("organisation.id")
    exam_session_id: UUID = Field(index=True)
    enrolment_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    form_id: UUID | None = Field(default=None, index=True)  # none for an exam held on paper
    attempt: int = Field(default=1)
    seed: int = whole()
    arrangement: dict[str, Any] = document()  # order of questions and options, made from the seed when frozen
    slots: int  # how many questions the form has, so that a save reads one row
    extra_minutes: int = Field(default=0)  # the sum of its time adjustments
    window_minutes: int = Field(default=0)  # how far they move the closing time for this person
    state: SittingState = choice(SittingState, SittingState.READY)
    opened_at: datetime | None = moment(optional=True)
    deadline_at: datetime | None = moment(optional=True)
    submitted_at: datetime | None = moment(optional=True)
    receipt: str | None = Field(default=None, max_length=64)  # SHA-256 over the final answers


class TimeAdjustment(Record, table=True):
    """One row is minutes given to one sitting with the reason; deadlines follow from these alone. Only added.

    Tenancy: own. Personal: reason.
    """

    __tablename__ = "time_adjustment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    sitting_id: UUID = Field(index=True)
    minutes: int
    moves_window: bool = Field(default=False)  # whether the closing time moves too
    reason: str = Field(max_length=300)
    account_id: UUID | None = Field(default=None)


class Answer(SQLModel, table=True):
    """One row is the latest answer of one sitting to one slot that came in time; written by the function save_answer only.

    Tenancy: own, person reads. Personal: response.
    """

    __tablename__ = "answer"
    __table_args__ = (
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
    )

    sitting_id: UUID = Field(primary_key=True)
    slot: int = Field(primary_key=True)
    org_id: UUID
    person_id: UUID = Field(index=True)
    revision: int = whole()
    response: Any = document(optional=True)
    flagged: bool = Field(default=False)  # marked for review by the candidate; not part of the answer
    saved_at: datetime = now_by_database()


class AnswerTrail(SQLModel, table=True):
    """One row is one acknowledged save in the order they came; `late` ones came after the end and are never scored. Only added.

    Tenancy: own, person reads. Personal: response.
    """

    __tablename__ = "answer_trail"

    id: int | None = Field(default=None, sa_type=sa.BigInteger, primary_key=True)
    sitting_id: UUID = Field(index=True)
    slot: int
    org_id: UUID
    person_id: UUID
    revision: int = whole()
    response: Any = document(optional=True)
    late: bool = Field(default=False)
    saved_at: datetime = now_by_database()
