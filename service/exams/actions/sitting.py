"""Starting, handing in and closing sittings: guarded transitions of one row, decided by the database's clock."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.errors import HeldOnPaper, NotEnrolledAnyMore, NotOpenYet, NotStarted, WindowOver
from service.exams.events import SittingClosed
from service.exams.queries import answers_of, database_now, exam_of, own_sitting
from service.exams.rules import SITTING_STATE_TITLES, deadline_of, final_answers, receipt_of
from service.exams.schemas import Receipt
from service.exams.tables import ExamMode, ExamSession, ExamState, Sitting, SittingState
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.foundation.templates import show_time

BATCH = 100


async def start_sitting(db: AsyncSession, actor: Actor, sitting_id: UUID) -> Sitting:
    """Start one's sitting, or come back to it: the deadline is stored at the first start and stays.

    Raises NotFound, HeldOnPaper, NotOpenYet, WindowOver, NotEnrolledAnyMore, StateConflict when it is over.
    """
    sitting = await own_sitting(db, actor, sitting_id, lock=True)
    if sitting.form_id is None:
        raise HeldOnPaper
    if sitting.state == SittingState.OPEN:
        return sitting
    if sitting.state != SittingState.READY:
        raise StateConflict(state=SITTING_STATE_TITLES[sitting.state.value])
    exam = await exam_of(db, sitting)
    now = await database_now(db)
    last = deadline_of(exam.closes_at, exam.closes_at, sitting.window_minutes, 0, sitting.window_minutes)
    if exam.state != ExamState.FROZEN or now > last:
        raise WindowOver(closes_at=show_time(last))
    if now < exam.opens_at:
        raise NotOpenYet(opens_at=show_time(exam.opens_at))
    enrolled = await db.scalar(sa.select(col(Enrolment.state)).where(col(Enrolment.id) == sitting.enrolment_id))
    if enrolled not in (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED):
        raise NotEnrolledAnyMore
    sitting.state = SittingState.OPEN
    sitting.opened_at = now
    sitting.deadline_at = deadline_of(
        now, exam.closes_at, exam.duration_minutes, sitting.extra_minutes, sitting.window_minutes
    )
    await note(db, "sitting.started", "sitting", sitting.id, person_id=sitting.person_id, org_id=sitting.org_id)
    await db.flush()
    return sitting


async def submit_sitting(db: AsyncSession, actor: Actor, sitting_id: UUID) -> Receipt:
    """Hand in one's paper: once; a second time gives the same receipt. After the deadline it counts as time over.

    Raises NotFound, NotStarted, StateConflict for an absent person.
    """
    sitting = await own_sitting(db, actor, sitting_id, lock=True)
    if sitting.state == SittingState.READY:
        raise NotStarted
    if sitting.state == SittingState.ABSENT:
        raise StateConflict(state=SITTING_STATE_TITLES[sitting.state.value])
    if sitting.state == SittingState.OPEN:
        await _close(db, sitting)
    return await receipt_for(db, sitting)


async def close_if_over(db: AsyncSession, actor: Actor, sitting_id: UUID) -> Sitting:
    """One's sitting, closed first when its time has run out and no job has come by yet. Raises NotFound."""
    sitting = await own_sitting(db, actor, sitting_id)
    if sitting.state == SittingState.OPEN and await _is_over(db, sitting):
        sitting = await own_sitting(db, actor, sitting_id, lock=True)
        if sitting.state == SittingState.OPEN and await _is_over(db, sitting):
            await _close(db, sitting)
    return sitting


async def _is_over(db: AsyncSession, sitting: Sitting) -> bool:
    return sitting.deadline_at is not None and await database_now(db) > sitting.deadline_at


async def receipt_for(db: AsyncSession, sitting: Sitting) -> Receipt:
    """The receipt of a closed sitting, as it was written at its closing. Raises NotStarted when it is not closed."""
    if sitting.receipt is None or sitting.submitted_at is None:
        raise NotStarted
    answers = {one.slot: one.response for one in await answers_of(db, sitting.id)}
    return Receipt(
        sitting_id=sitting.id,
        state=sitting.state.value,
        receipt=sitting.receipt,
        submitted_at=sitting.submitted_at,
        answered=len(final_answers(answers)),
    )


async def _close(db: AsyncSession, sitting: Sitting) -> None:
    """Close a locked open sitting over exactly the answers acknowledged so far; saves wait for the lock or come after."""
    now = await database_now(db)
    assert sitting.deadline_at is not None
    over = now > sitting.deadline_at
    answers = {one.slot: one.response for one in await answers_of(db, sitting.id)}
    sitting.receipt = receipt_of(sitting.id, answers)
    sitting.submitted_at = sitting.deadline_at if over else now
    sitting.state = SittingState.EXPIRED if over else SittingState.SUBMITTED
    verb = "sitting.expired" if over else "sitting.submitted"
    await note(
        db,
        verb,
        "sitting",
        sitting.id,
        person_id=sitting.person_id,
        org_id=sitting.org_id,
        receipt=sitting.receipt,
    )
    await announce(db, SittingClosed(sitting_id=sitting.id, org_id=sitting.org_id))


async def close_expired(db: AsyncSession, most: int = BATCH) -> int:
    """Close a batch of sittings whose time has run out; those another worker holds are left to it. Returns how many."""
    chosen = (
        select(Sitting)
        .where(col(Sitting.state) == SittingState.OPEN, col(Sitting.deadline_at) < sa.func.clock_timestamp())
        .order_by(col(Sitting.deadline_at))
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found = list(await db.scalars(chosen))
    for sitting in found:
        await _close(db, sitting)
    await db.flush()
    return len(found)


async def close_exams(db: AsyncSession) -> int:
    """After the window: who never started is absent, and an exam session without running sittings is closed.

    On paper nothing runs here: the session is closed with its window, and who was absent is said by the score list.
    """
    over = sa.and_(
        col(ExamSession.id) == col(Sitting.exam_session_id),
        col(ExamSession.mode) == ExamMode.ONLINE,
        col(ExamSession.state) == ExamState.FROZEN,
        col(ExamSession.closes_at) + sa.func.make_interval(0, 0, 0, 0, 0, col(Sitting.window_minutes))
        < sa.func.clock_timestamp(),
    )
    await db.execute(
        sa.update(Sitting)
        .where(col(Sitting.state) == SittingState.READY, over)
        .values(state=SittingState.ABSENT)
        .execution_options(synchronize_session=False)
    )
    running = sa.exists().where(
        col(Sitting.exam_session_id) == col(ExamSession.id),
        col(Sitting.state).in_((SittingState.READY, SittingState.OPEN)),
    )
    closed = await db.scalars(
        sa.update(ExamSession)
        .where(
            col(ExamSession.state) == ExamState.FROZEN,
            col(ExamSession.closes_at) < sa.func.clock_timestamp(),
            sa.or_(col(ExamSession.mode) == ExamMode.PAPER, ~running),
        )
        .values(state=ExamState.CLOSED)
        .returning(col(ExamSession.id))
        .execution_options(synchronize_session=False)
    )
    return len(closed.all())


async def anything_due(db: AsyncSession) -> bool:
    """Whether any sitting or exam session is past its time and still open."""
    sittings = sa.exists().where(
        col(Sitting.state) == SittingState.OPEN, col(Sitting.deadline_at) < sa.func.clock_timestamp()
    )
    exams = sa.exists().where(
        col(ExamSession.state) == ExamState.FROZEN, col(ExamSession.closes_at) < sa.func.clock_timestamp()
    )
    return bool(await db.scalar(sa.select(sa.or_(sittings, exams))))
