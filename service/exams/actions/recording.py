"""Recording scores of an exam held on paper: exact, by rounds with their trail, until two people release them."""

from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from curricula.canonical import digest, fraction_text
from curricula.cutscores import Cut
from service.accounts.tables import Account
from service.exams.errors import (
    DayNotOfExam,
    NotHeldOnPaper,
    RecorderReleases,
    ResultsAlreadyReleased,
    ScoreBeyondFullMarks,
    SittingsNotWritten,
)
from service.exams.queries import exam_for, latest_results, recorded_scores, sitting_of_org
from service.exams.rules import EXAM_STATE_TITLES
from service.exams.schemas import ScoreGiven
from service.exams.tables import (
    ExamMode,
    ExamSession,
    ExamState,
    PaperOutcome,
    RecordedScore,
    Result,
    Sitting,
    SittingState,
)
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import StateConflict
from service.foundation.journal import note

RECORD_FORMAT = "paper-score-1"
RULE = "held-on-paper"


def exam_days(exam: ExamSession) -> tuple[date, date]:
    """The first and the last day of an exam session, Beijing time."""
    return exam.opens_at.astimezone(BEIJING).date(), exam.closes_at.astimezone(BEIJING).date()


async def recordable_exam(db: AsyncSession, actor: Actor, exam_id: UUID, lock: bool = False) -> ExamSession:
    """An exam session of the actor's organisation that takes scores from a list.

    Raises NotFound, NotHeldOnPaper, SittingsNotWritten, ResultsAlreadyReleased, StateConflict when it was cancelled.
    """
    exam = await exam_for(db, actor, exam_id, lock=lock)
    if exam.mode is not ExamMode.PAPER:
        raise NotHeldOnPaper
    if exam.state is ExamState.PLANNED:
        raise SittingsNotWritten
    if exam.state is ExamState.RELEASED:
        raise ResultsAlreadyReleased
    if exam.state is ExamState.CANCELLED:
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])
    return exam


def refuse_unfit(exam: ExamSession, given: ScoreGiven) -> None:
    """Hold what a list says against its exam. Raises ScoreBeyondFullMarks, DayNotOfExam."""
    if given.score is not None and (exam.full_marks is None or given.score > exam.full_marks):
        raise ScoreBeyondFullMarks(field="score", full=exam.full_marks)
    first, last = exam_days(exam)
    if not first <= given.held_on <= last:
        facts = {"day": given.held_on.isoformat(), "first": first.isoformat(), "last": last.isoformat()}
        raise DayNotOfExam(field="held_on", **facts)


def says_the_same(row: RecordedScore, given: ScoreGiven) -> bool:
    """Whether a list says nothing new of a person."""
    score = Fraction(row.score_numerator, row.score_denominator)
    return (row.outcome, score, row.held_on) == (given.outcome, Fraction(given.score or 0), given.held_on)


async def record_score(db: AsyncSession, actor: Actor, sitting_id: UUID, given: ScoreGiven) -> RecordedScore:
    """Keep what a list says of one sitting: the first time, or as an amendment that leaves the earlier round as trail.

    The same again writes nothing. A result is computed at once, and stands when two people release it. Raises NotFound,
    what `recordable_exam` and `refuse_unfit` raise.
    """
    sitting = await sitting_of_org(db, actor, sitting_id)
    exam = await recordable_exam(db, actor, sitting.exam_session_id, lock=True)  # the lock a release takes too
    sitting = await sitting_of_org(db, actor, sitting_id, lock=True)
    refuse_unfit(exam, given)
    before = (await recorded_scores(db, [sitting.id])).get(sitting.id)
    if before is not None and says_the_same(before, given):
        return before
    assert actor.account_id is not None, "who records is signed in"
    score = Fraction(given.score or 0)
    row = RecordedScore(
        org_id=sitting.org_id,
        sitting_id=sitting.id,
        round=1 if before is None else before.round + 1,
        outcome=given.outcome,
        score_numerator=score.numerator,
        score_denominator=score.denominator,
        held_on=given.held_on,
        account_id=actor.account_id,
        import_id=given.import_id,
        row_number=given.row_number,
    )
    db.add(row)
    sitting.opened_at = max(exam.opens_at, datetime.combine(given.held_on, time(), BEIJING)).astimezone(UTC)
    sitting.state = SittingState.ABSENT if given.outcome is PaperOutcome.ABSENT else SittingState.SUBMITTED
    await db.flush()
    if given.outcome is not PaperOutcome.ABSENT:
        await keep_result(db, exam, sitting, row)
    verb = "score.recorded" if before is None else "score.amended"
    await note(db, verb, "sitting", sitting.id, person_id=sitting.person_id, round=row.round, outcome=row.outcome.value)
    return row


def score_record(exam: ExamSession, sitting_id: UUID, row: RecordedScore) -> dict[str, Any]:
    """The record of a paper's score, in the shape of `curricula.scoring.ScoreRecord`, without slots: none are known here."""
    assert exam.full_marks is not None, "an exam on paper says what it is worth"
    points, earned = Fraction(exam.full_marks), Fraction(row.score_numerator, row.score_denominator)
    cut = Cut(Fraction(exam.pass_numerator, exam.pass_denominator), points)
    passed = row.outcome is PaperOutcome.SCORED and cut.passes(earned)
    return {
        "format": RECORD_FORMAT,
        "rule": RULE,
        "state": "complete",
        "points": fraction_text(points),
        "earned": fraction_text(earned),
        "passed": passed,
        "cut": cut.to_json(),
        "pending": [],
        "unplaced": [],
        "modules": {},
        "units": {},
        "slots": [],
        "outcome": row.outcome.value,
        "held_on": row.held_on.isoformat(),
        "sitting": str(sitting_id),
        "round": row.round,
        "hashes": {},
    }


async def keep_result(db: AsyncSession, exam: ExamSession, sitting: Sitting, row: RecordedScore) -> Result:
    """The result of what was recorded, as the next run of its sitting."""
    latest = (await latest_results(db, [sitting.id])).get(sitting.id)
    record = score_record(exam, sitting.id, row)
    result = Result(
        org_id=sitting.org_id,
        sitting_id=sitting.id,
        enrolment_id=sitting.enrolment_id,
        person_id=sitting.person_id,
        run=1 if latest is None else latest.run + 1,
        score_numerator=row.score_numerator,
        score_denominator=row.score_denominator,
        full_marks=int(record["points"]),
        passed=record["passed"],
        complete=True,
        record=record,
        digest=digest(record),
    )
    db.add(result)
    await db.flush()
    return result


async def refuse_recorder(db: AsyncSession, actor: Actor, exam: ExamSession) -> None:
    """Refuse that who brought scores of an exam in decides on their release, by any of their accounts."""
    if exam.mode is ExamMode.PAPER and await recorded_by(db, actor, exam.id):
        raise RecorderReleases


async def recorded_by(db: AsyncSession, actor: Actor, exam_id: UUID) -> bool:
    """Whether the actor's human brought in any score of an exam session, a later amended one included."""
    same = [col(Account.id) == actor.account_id]
    if actor.person_id is not None:
        same.append(col(Account.person_id) == actor.person_id)
    chosen = (
        sa.select(col(RecordedScore.id))
        .join(Sitting, col(Sitting.id) == col(RecordedScore.sitting_id))
        .join(Account, col(Account.id) == col(RecordedScore.account_id))
        .where(col(Sitting.exam_session_id) == exam_id, sa.or_(*same))
    )
    return bool(await db.scalar(sa.select(sa.exists(chosen))))
