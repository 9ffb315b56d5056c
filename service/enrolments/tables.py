"""Rows of enrolments."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class EnrolmentState(StrEnum):
    """Where an enrolment stands; `enrolled` holds a seat."""

    WAITING = "waiting"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"


class Enrolment(Record, table=True):
    """One row is one person's place, or place in the waiting list, in one course session; keeps the edition it began with.

    Tenancy: own, person acts. Personal: person_id, reason.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        one_of("state", EnrolmentState),
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "course_session_id"], ["course_session.org_id", "course_session.id"], ondelete="RESTRICT"
        ),
        sa.Index(
            "uq_enrolment_live",
            "course_session_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state NOT IN ('withdrawn', 'refused')"),
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    course_session_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    syllabus_id: UUID = refers_to("edition.id")
    employer_org_id: UUID | None = refers_to("organisation.id", optional=True)  # the unit that sent and paid
    state: EnrolmentState = choice(EnrolmentState)
    source: str = Field(max_length=20)  # self, staff, roster, transfer
    waiting_since: datetime | None = moment(optional=True)
    enrolled_at: datetime | None = moment(optional=True)
    ended_at: datetime | None = moment(optional=True)
    admitted_by: UUID | None = Field(default=None)  # the qualification by which the rule of entry was met
    reason: str | None = Field(default=None, max_length=200)  # why it was refused, as the person reads it
