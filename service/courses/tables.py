"""Rows of course sessions and their meetings."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, one_of, refers_to, whole


class SessionState(StrEnum):
    """The life of a course session."""

    PLANNED = "planned"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CourseSession(Record, table=True):
    """One row is one course session (班/期) of a base, taught from one frozen syllabus. `taken` never exceeds `capacity`.

    Read by anyone once published.
    Tenancy: own, published read (state). Personal: none.
    """

    __tablename__ = "course_session"
    __table_args__ = (
        one_of("state", SessionState),
        sa.UniqueConstraint("code"),  # over all bases: it is the address people are given
        sa.UniqueConstraint("org_id", "id"),
        sa.UniqueConstraint("id", "state"),
        sa.CheckConstraint("capacity > 0", name="capacity_positive"),
        sa.CheckConstraint("fee_fen >= 0", name="fee_not_negative"),
        sa.CheckConstraint("sign_up_closes_at > sign_up_opens_at", name="sign_up_window_in_order"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    org_id: UUID = refers_to("organisation.id")
    base_id: UUID = refers_to("base.id")
    syllabus_id: UUID = refers_to("edition.id")
    code: str = Field(max_length=40)
    title: dict[str, str] = document()
    co_host_org_id: UUID | None = refers_to("organisation.id", optional=True)  # 协办
    contractor_org_id: UUID | None = refers_to("organisation.id", optional=True)  # 承办
    starts_on: date
    ends_on: date
    sign_up_opens_at: datetime | None = moment(optional=True)
    sign_up_closes_at: datetime | None = moment(optional=True)
    capacity: int
    taken: int = Field(default=0)
    fee_fen: int = whole(default=0)
    place: str | None = Field(default=None, max_length=200)
    notice: dict[str, str] | None = document(optional=True)
    state: SessionState = choice(SessionState, SessionState.PLANNED)
    published_at: datetime | None = moment(optional=True)


class Meeting(Record, table=True):
    """One row is one meeting of a course session: which course of the syllabus, how many minutes count, where and by whom.

    `state` is the course session's and follows it by foreign key, so that nobody reads an unpublished programme.
    Tenancy: own, published read (state). Personal: lecturer_id.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "course_session_id"], ["course_session.org_id", "course_session.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id", "state"],
            ["course_session.id", "course_session.state"],
            name="fk_meeting_course_session_state",
            onupdate="CASCADE",
            ondelete="RESTRICT",
        ),
        one_of("state", SessionState),
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    org_id: UUID = refers_to("organisation.id")
    course_session_id: UUID = Field(index=True)
    occurrence_id: UUID = refers_to("occurrence.id", unique=True)
    module: str = Field(max_length=40)
    course_code: str = Field(max_length=60)
    state: SessionState = choice(SessionState, SessionState.PLANNED)
    form: str = Field(default="classroom", max_length=20)  # classroom, online, practice, degree_course
    minutes: int
    lecturer_id: UUID | None = refers_to("person.id", optional=True)
    room_id: UUID | None = refers_to("room.id", optional=True)
    cancelled: bool = Field(default=False)
