"""Rows of exam sessions and their frozen forms."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.exams.rules import APPEAL_DAYS, APPEAL_PANEL
from service.foundation.records import Record, choice, document, moment, one_of, refers_to, whole


class ExamState(StrEnum):
    """The life of an exam session."""

    PLANNED = "planned"
    FROZEN = "frozen"  # forms and sittings are written, nothing is drawn any more
    CLOSED = "closed"
    RELEASED = "released"
    CANCELLED = "cancelled"


class ExamMode(StrEnum):
    """How an exam session is held."""

    ONLINE = "online"
    PAPER = "paper"  # on paper, marked outside: no form is drawn, scores come as a list


class ExamSession(Record, table=True):
    """One row is one exam session (考试场次) for a course session, with its window, duration and blueprint.

    One on paper needs neither blueprint nor bank, and keeps its full marks here.

    Its title and times may be read by anyone once frozen; candidates need them.
    Tenancy: own, published read (state). Personal: none.
    """

    __tablename__ = "exam_session"
    __table_args__ = (
        one_of("state", ExamState),
        one_of("mode", ExamMode),
        sa.CheckConstraint(
            "(mode = 'online' AND blueprint_id IS NOT NULL AND bank_id IS NOT NULL AND full_marks IS NULL)"
            " OR (mode = 'paper' AND full_marks > 0)",
            name="marks_by_mode",
        ),
        sa.UniqueConstraint("org_id", "id"),
        sa.CheckConstraint("duration_minutes > 0", name="duration_positive"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_open"),
        sa.CheckConstraint("appeal_days BETWEEN 1 AND 90", name="appeal_days_bounded"),
        sa.CheckConstraint("appeal_panel BETWEEN 3 AND 15 AND appeal_panel % 2 = 1", name="appeal_panel_odd"),
    )

    org_id: UUID = refers_to("organisation.id")
    course_session_id: UUID = refers_to("course_session.id")
    mode: ExamMode = choice(ExamMode, ExamMode.ONLINE)
    blueprint_id: UUID | None = refers_to("edition.id", optional=True)
    bank_id: UUID | None = refers_to("item_bank.id", optional=True)
    occurrence_id: UUID | None = refers_to("occurrence.id", optional=True)
    title: dict[str, str] = document()
    opens_at: datetime = moment()
    closes_at: datetime = moment()
    duration_minutes: int
    pass_numerator: int  # pass mark as a part of the full mark, from the blueprint or given at planning
    pass_denominator: int
    full_marks: int | None = Field(default=None)  # of a paper held outside; of a drawn one the form says it
    appeal_days: int = Field(default=APPEAL_DAYS)  # days after the release in which an appeal may be lodged
    appeal_panel: int = Field(default=APPEAL_PANEL)  # the fewest people that hear one
    state: ExamState = choice(ExamState, ExamState.PLANNED)


class ExamForm(Record, table=True):
    """One row is one drawn form, frozen: `content` with the keys, `paper` as candidates may see it. Only added.

    Candidates reach `paper` through the function sitting_paper alone, and only while their sitting is open.
    Tenancy: own. Personal: none.
    """

    __tablename__ = "exam_form"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "id"),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"], ["exam_session.org_id", "exam_session.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    exam_session_id: UUID = Field(index=True)
    seed: int = whole()
    content: dict[str, Any] = document()
    paper: list[dict[str, Any]] = document()  # slots in the order of the form, without any key
    digest: str = Field(max_length=64)
