"""Exam sessions, their forms and the board that the actor may see."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.courses.tables import CourseSession
from service.editions.tables import Edition, EditionKind, EditionState
from service.exams.rules import seconds_between
from service.exams.schemas import BoardRow
from service.exams.tables import (
    Answer,
    ExamForm,
    ExamSession,
    Sitting,
    SittingState,
)
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import MOST, bounded
from service.people.tables import Person


async def database_now(db: AsyncSession) -> datetime:
    """The present moment by the clock that decides deadlines."""
    moment: datetime = (await db.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return moment


async def exam_for(db: AsyncSession, actor: Actor, exam_id: UUID, lock: bool = False) -> ExamSession:
    """An exam session of the actor's organisation. Raises NotFound."""
    chosen = select(ExamSession).where(col(ExamSession.id) == exam_id, col(ExamSession.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="exam")
    return found


async def exams_for(
    db: AsyncSession, actor: Actor, course_session_id: UUID | None = None, limit: int = 50, after: UUID | None = None
) -> list[ExamSession]:
    """Exam sessions of the actor's organisation, newest first."""
    chosen = select(ExamSession).where(col(ExamSession.org_id) == actor.org).order_by(col(ExamSession.id).desc())
    if course_session_id is not None:
        chosen = chosen.where(col(ExamSession.course_session_id) == course_session_id)
    if after is not None:
        chosen = chosen.where(col(ExamSession.id) < after)
    return list(await db.scalars(chosen.limit(bounded(limit))))


async def course_sessions_for(db: AsyncSession, actor: Actor) -> list[CourseSession]:
    """Course sessions of the actor's organisation that an exam may be planned for, newest first."""
    chosen = select(CourseSession).where(
        col(CourseSession.org_id) == actor.org, sa.cast(col(CourseSession.state), sa.Text).in_(("planned", "published"))
    )
    return list(await db.scalars(chosen.order_by(col(CourseSession.id).desc()).limit(MOST)))


async def blueprints(db: AsyncSession) -> list[Edition]:
    """The frozen blueprints in force or to come, by code."""
    chosen = select(Edition).where(
        col(Edition.kind) == EditionKind.BLUEPRINT, col(Edition.state) == EditionState.FROZEN
    )
    return list(await db.scalars(chosen.order_by(col(Edition.code), col(Edition.version)).limit(MOST)))


async def form_of(db: AsyncSession, exam_id: UUID) -> ExamForm | None:
    """The frozen form of an exam session, keys included."""
    found = await db.scalars(select(ExamForm).where(col(ExamForm.exam_session_id) == exam_id))
    return found.first()


async def sitting_counts(db: AsyncSession, exam_id: UUID) -> dict[str, int]:
    """How many sittings of an exam session are in which state."""
    rows = await db.execute(
        sa.select(col(Sitting.state), sa.func.count())
        .where(col(Sitting.exam_session_id) == exam_id)
        .group_by(col(Sitting.state))
    )
    return {state.value: count for state, count in rows}


async def board_of(db: AsyncSession, exam: ExamSession) -> list[BoardRow]:
    """Every sitting of an exam session as the invigilator sees it, by name; without name where no ground shows it any more."""
    now = await database_now(db)
    saves = (
        sa.select(
            col(Answer.sitting_id),
            sa.func.max(col(Answer.saved_at)).label("last"),
            sa.func.count().filter(col(Answer.response) != sa.text("'null'::jsonb")).label("answered"),
        )
        .group_by(col(Answer.sitting_id))
        .subquery()
    )
    rows = await db.execute(
        sa.select(Sitting, col(Person.name), saves.c.last, saves.c.answered)
        .outerjoin(Person, col(Person.id) == col(Sitting.person_id))
        .outerjoin(saves, saves.c.sitting_id == col(Sitting.id))
        .where(col(Sitting.exam_session_id) == exam.id)
        .order_by(col(Person.sort_key), col(Person.name), col(Sitting.id))
    )
    return [_board_row(sitting, name or "", last, answered or 0, now) for sitting, name, last, answered in rows]


def _board_row(sitting: Sitting, name: str, last: datetime | None, answered: int, now: datetime) -> BoardRow:
    running = sitting.state == SittingState.OPEN and sitting.deadline_at is not None
    return BoardRow(
        sitting_id=sitting.id,
        name=name,
        state=sitting.state.value,
        opened_at=sitting.opened_at,
        deadline_at=sitting.deadline_at,
        submitted_at=sitting.submitted_at,
        extra_minutes=sitting.extra_minutes,
        answered=answered,
        slots=sitting.slots,
        seconds_since_save=None if last is None else max(0, int((now - last).total_seconds())),
        seconds_left=seconds_between(now, sitting.deadline_at) if running else None,
    )
