"""Scores of exams held on paper: what counts, and the trail of each."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exams.tables import RecordedScore, Sitting


async def recorded_scores(db: AsyncSession, sitting_ids: Iterable[UUID]) -> dict[UUID, RecordedScore]:
    """What counts of each paper sitting: the highest round."""
    chosen = select(RecordedScore).where(col(RecordedScore.sitting_id).in_(list(sitting_ids)))
    return {row.sitting_id: row for row in await db.scalars(chosen.order_by(col(RecordedScore.round)))}


async def score_trail(db: AsyncSession, exam_id: UUID) -> list[RecordedScore]:
    """Every recorded score of an exam session, amended ones too, in the order they came."""
    chosen = select(RecordedScore).join(Sitting, col(Sitting.id) == col(RecordedScore.sitting_id))
    chosen = chosen.where(col(Sitting.exam_session_id) == exam_id)
    return list(await db.scalars(chosen.order_by(col(RecordedScore.created_at), col(RecordedScore.id))))


async def paper_sittings(db: AsyncSession, exam_id: UUID) -> list[Sitting]:
    """The sittings of an exam session, in the order they were written."""
    chosen = select(Sitting).where(col(Sitting.exam_session_id) == exam_id).order_by(col(Sitting.id))
    return list(await db.scalars(chosen.execution_options(populate_existing=True)))
