"""Scores of an exam held on paper, for machines: what the lists said, with every amendment."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from pydantic import BaseModel

from service.exams.queries import exam_for, score_trail
from service.exams.tables import PaperOutcome
from service.exchange.actions.own_lists import exact_text
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


class RecordedScoreRead(BaseModel):
    """What one list said of one sitting; the highest round counts. `score` is exact decimal text, null without one."""

    sitting_id: UUID
    round: int
    outcome: PaperOutcome
    score: str | None
    held_on: date
    recorded_at: datetime
    import_id: UUID | None
    row_number: int | None


@get(
    "/api/exams/{exam_id:uuid}/scores",
    responses=problem_responses(404),
    **access("exams.plan|exams.release|exams.release_propose"),
)
async def recorded(db: Db, actor: Who, exam_id: FromPath[UUID]) -> list[RecordedScoreRead]:
    """Every recorded score of an exam held on paper in the order they came, amended ones too."""
    exam = await exam_for(db, actor, exam_id)
    return [
        RecordedScoreRead(
            sitting_id=one.sitting_id,
            round=one.round,
            outcome=one.outcome,
            score=exact_text(one.score_numerator, one.score_denominator)
            if one.outcome is PaperOutcome.SCORED
            else None,
            held_on=one.held_on,
            recorded_at=one.created_at,
            import_id=one.import_id,
            row_number=one.row_number,
        )
        for one in await score_trail(db, exam.id)
    ]


handlers: list[Any] = [recorded]
