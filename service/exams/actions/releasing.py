"""Releasing results by two people, bound to the digest of every result that is released."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.actions import decide, propose
from service.approvals.queries import open_approval
from service.approvals.tables import Approval
from service.exams.actions.recording import refuse_recorder
from service.exams.actions.scoring import unscored
from service.exams.errors import NoResults, ResultsIncomplete, ScoresMissing
from service.exams.events import ResultSettled
from service.exams.queries import CLOSED, exam_for, latest_results
from service.exams.rules import EXAM_STATE_TITLES, release_digest
from service.exams.tables import ExamMode, ExamSession, ExamState, Result, ResultRelease, Sitting, SittingState
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note

SUBJECT = "exam_session"
STEP = "release"


async def standing_results(db: AsyncSession, exam: ExamSession) -> list[Result]:
    """The newest result of every sitting of an exam session that took place. Raises ResultsIncomplete, ScoresMissing, NoResults."""
    running = await db.scalar(
        sa.select(sa.func.count())
        .select_from(Sitting)
        .where(col(Sitting.exam_session_id) == exam.id, col(Sitting.state).in_((SittingState.READY, SittingState.OPEN)))
    )
    closed = await db.scalars(
        sa.select(col(Sitting.id)).where(col(Sitting.exam_session_id) == exam.id, col(Sitting.state).in_(CLOSED))
    )
    results = list((await latest_results(db, closed.all())).values())
    missing, unmarked = await unscored(db, exam.id), sum(1 for one in results if not one.complete)
    if running and exam.mode is ExamMode.PAPER:
        raise ScoresMissing(waiting=running)
    if running or missing or unmarked:
        raise ResultsIncomplete(running=running, unscored=missing, unmarked=unmarked)
    if not results:
        raise NoResults
    return results


def digest_over(results: list[Result]) -> str:
    """What the two people decide on."""
    return release_digest((one.enrolment_id, one.id, one.digest) for one in results)


async def propose_release(db: AsyncSession, actor: Actor, exam_id: UUID) -> tuple[Approval, list[Result]]:
    """Propose to release all results of an exam session.

    Raises ResultsIncomplete, ScoresMissing, NoResults, StateConflict, AlreadyProposed.
    """
    exam = await exam_for(db, actor, exam_id, lock=True)
    _refuse_unless_open(exam)
    results = await standing_results(db, exam)
    digest = digest_over(results)
    return await propose(db, actor, subject_kind=SUBJECT, subject_id=exam.id, digest=digest, step=STEP), results


def _refuse_unless_open(exam: ExamSession) -> None:
    if exam.state not in (ExamState.FROZEN, ExamState.CLOSED):
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])


async def decide_release(
    db: AsyncSession, actor: Actor, exam_id: UUID, *, approve: bool, reason: str | None = None
) -> list[ResultRelease]:
    """Release, or refuse to: by another person than the proposer, over exactly the results that were proposed.

    Who brought scores of a paper in decides as little as who proposed. Returns what was released. Raises SamePerson, RecorderReleases, SubjectChanged, NothingProposed, ResultsIncomplete, StateConflict.
    """
    exam = await exam_for(db, actor, exam_id, lock=True)
    _refuse_unless_open(exam)
    approval = await open_approval(db, SUBJECT, exam.id, STEP)
    if not approve:
        await decide(db, actor, approval, digest="", approve=False, reason=reason)
        return []
    await refuse_recorder(db, actor, exam)
    results = await standing_results(db, exam)
    decided = await decide(db, actor, approval, digest=digest_over(results), approve=True, reason=reason)
    released = await _release(db, exam, results, decided)
    exam.state = ExamState.RELEASED
    await db.flush()
    await note(db, "exam.released", "exam_session", exam.id, approval_id=decided.id, results=len(released))
    return released


async def _release(
    db: AsyncSession, exam: ExamSession, results: list[Result], approval: Approval
) -> list[ResultRelease]:
    rows = []
    for result in sorted(results, key=lambda one: str(one.id)):
        row = ResultRelease(
            org_id=exam.org_id,
            result_id=result.id,
            exam_session_id=exam.id,
            enrolment_id=result.enrolment_id,
            person_id=result.person_id,
            approval_id=approval.id,
        )
        db.add(row)
        await announce(db, ResultSettled(enrolment_id=result.enrolment_id, result_id=result.id, org_id=exam.org_id))
        rows.append(row)
    return rows


async def releases_of(db: AsyncSession, exam_id: UUID) -> list[ResultRelease]:
    """What was released of an exam session."""
    return list(await db.scalars(select(ResultRelease).where(col(ResultRelease.exam_session_id) == exam_id)))
