"""Scoring closed sittings: pure and repeatable; a run that finds nothing new writes nothing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.papers import Form
from curricula.scoring import ScoreRecord, score
from service.exams.queries import CLOSED, answers_of, latest_results, marks_of
from service.exams.rules import final_answers
from service.exams.tables import ExamForm, Result, Sitting
from service.foundation.journal import note


async def computed(db: AsyncSession, sitting: Sitting) -> ScoreRecord:
    """The score of a sitting from its frozen form, its answers in time and its marks: the same bytes every time."""
    row = (await db.scalars(select(ExamForm).where(col(ExamForm.id) == sitting.form_id))).one()
    answers = {one.slot: one.response for one in await answers_of(db, sitting.id)}
    marks = {place: mark.points for place, mark in (await marks_of(db, sitting.id)).items()}
    return score(Form.from_json(row.content), final_answers(answers), marks)


async def score_sitting(db: AsyncSession, sitting_id: UUID) -> Result | None:
    """Score a closed sitting; the newest result when nothing has changed since, None while the sitting is not closed."""
    sitting = (
        await db.scalars(
            select(Sitting)
            .where(col(Sitting.id) == sitting_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).first()
    if sitting is None or sitting.state not in CLOSED:
        return None
    record = await computed(db, sitting)
    latest = (await latest_results(db, [sitting.id])).get(sitting.id)
    digest = record.digest()
    if latest is not None and latest.digest == digest:
        return latest
    earned = record.earned
    row = Result(
        org_id=sitting.org_id,
        sitting_id=sitting.id,
        enrolment_id=sitting.enrolment_id,
        person_id=sitting.person_id,
        run=1 if latest is None else latest.run + 1,
        score_numerator=earned.numerator,
        score_denominator=earned.denominator,
        full_marks=int(record.points),
        passed=bool(record.passed),
        complete=not record.pending,
        record=record.to_json(),
        digest=digest,
    )
    db.add(row)
    await db.flush()
    await note(db, "result.scored", "sitting", sitting.id, org_id=sitting.org_id, run=row.run, digest=digest)
    return row


async def unscored(db: AsyncSession, exam_id: UUID) -> int:
    """How many closed sittings of an exam session have no result yet."""
    has_one = sa.exists().where(col(Result.sitting_id) == col(Sitting.id))
    count = await db.scalar(
        sa.select(sa.func.count())
        .select_from(Sitting)
        .where(col(Sitting.exam_session_id) == exam_id, col(Sitting.state).in_(CLOSED), ~has_one)
    )
    return int(count or 0)
