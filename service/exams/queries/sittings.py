"""Sittings and answers that the actor may see."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exams.queries.sessions import database_now
from service.exams.rules import arranged, deadline_of, seconds_between, unreadable_places
from service.exams.schemas import OwnSitting, SavedAnswer, SittingRead
from service.exams.tables import (
    Answer,
    ExamSession,
    Result,
    ResultRelease,
    Sitting,
    SittingState,
)
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import MOST

CLOSED = (SittingState.SUBMITTED, SittingState.EXPIRED)


async def sitting_of_org(db: AsyncSession, actor: Actor, sitting_id: UUID, lock: bool = False) -> Sitting:
    """A sitting at the actor's organisation. Raises NotFound."""
    chosen = select(Sitting).where(col(Sitting.id) == sitting_id, col(Sitting.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="sitting")
    return found


async def own_sitting(db: AsyncSession, actor: Actor, sitting_id: UUID, lock: bool = False) -> Sitting:
    """A sitting of the actor's own person. Raises NotFound."""
    chosen = select(Sitting).where(col(Sitting.id) == sitting_id, col(Sitting.person_id) == actor.person)
    if lock:
        chosen = chosen.with_for_update()
    found = (await db.scalars(chosen.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound(what="sitting")
    return found


async def exam_of(db: AsyncSession, sitting: Sitting) -> ExamSession:
    """The exam session of a sitting."""
    return (await db.scalars(select(ExamSession).where(col(ExamSession.id) == sitting.exam_session_id))).one()


async def own_sittings(db: AsyncSession, actor: Actor) -> list[OwnSitting]:
    """The actor's own sittings, the latest exam first."""
    rows = await db.execute(
        sa.select(Sitting, ExamSession, _released())
        .join(ExamSession, col(ExamSession.id) == col(Sitting.exam_session_id))
        .where(col(Sitting.person_id) == actor.person)
        .order_by(col(ExamSession.opens_at).desc(), col(Sitting.id))
        .limit(MOST)
    )
    return [_own(sitting, exam, released) for sitting, exam, released in rows]


def _released() -> sa.ColumnElement[bool]:
    return sa.exists(
        sa.select(col(ResultRelease.id))
        .join(Result, col(Result.id) == col(ResultRelease.result_id))
        .where(col(Result.sitting_id) == col(Sitting.id))
    ).correlate(Sitting)


def _own(sitting: Sitting, exam: ExamSession, released: bool) -> OwnSitting:
    return OwnSitting(
        sitting_id=sitting.id,
        exam_session_id=exam.id,
        mode=exam.mode,
        title=exam.title,
        opens_at=exam.opens_at,
        closes_at=deadline_of(exam.closes_at, exam.closes_at, sitting.window_minutes, 0, sitting.window_minutes),
        duration_minutes=exam.duration_minutes,
        extra_minutes=sitting.extra_minutes,
        state=sitting.state.value,
        deadline_at=sitting.deadline_at,
        submitted_at=sitting.submitted_at,
        receipt=sitting.receipt,
        released=released,
    )


async def answers_of(db: AsyncSession, sitting_id: UUID) -> list[Answer]:
    """The answers of a sitting that came in time, by slot."""
    chosen = select(Answer).where(col(Answer.sitting_id) == sitting_id).order_by(col(Answer.slot))
    return list(await db.scalars(chosen.execution_options(populate_existing=True)))


async def sitting_read(db: AsyncSession, actor: Actor, sitting_id: UUID) -> SittingRead:
    """The actor's own sitting; the paper only while it is open, never with a key. Raises NotFound."""
    sitting = await own_sitting(db, actor, sitting_id)
    exam = await exam_of(db, sitting)
    released = bool(await db.scalar(sa.select(_released()).where(col(Sitting.id) == sitting_id)))
    now = await database_now(db)
    paper = await db.scalar(sa.select(sa.func.sitting_paper(sitting_id)))
    asked = {int(slot["slot"]): slot for slot in paper or ()}
    return SittingRead(
        sitting=_own(sitting, exam, released),
        paper=arranged(paper, sitting.arrangement) if paper is not None else [],
        answers=[
            SavedAnswer(
                slot=one.slot,
                revision=one.revision,
                response=one.response,
                flagged=one.flagged,
                saved_at=one.saved_at,
                unreadable=unreadable_places(asked[one.slot], one.response) if one.slot in asked else None,
            )
            for one in await answers_of(db, sitting_id)
        ],
        server_time=now,
        seconds_left=seconds_between(now, sitting.deadline_at) if sitting.state == SittingState.OPEN else 0,
    )


async def sitting_clock(db: AsyncSession, actor: Actor, sitting_id: UUID) -> tuple[str, datetime, int]:
    """(state, the database's time, seconds left) of the actor's own sitting. Raises NotFound."""
    sitting = await own_sitting(db, actor, sitting_id)
    now = await database_now(db)
    running = sitting.state == SittingState.OPEN
    return sitting.state.value, now, seconds_between(now, sitting.deadline_at) if running else 0
