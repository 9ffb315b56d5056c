"""Results: the newest runs, one's own, and the one that stands for an enrolment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.editions.tables import Edition, EditionKind, EditionState
from service.exams.tables import (
    ExamSession,
    Mark,
    RecordedScore,
    Result,
    ResultRelease,
    Sitting,
)
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound


async def latest_results(db: AsyncSession, sitting_ids: Iterable[UUID]) -> dict[UUID, Result]:
    """The newest scoring run of each sitting."""
    chosen = select(Result).where(col(Result.sitting_id).in_(list(sitting_ids))).order_by(col(Result.run))
    return {row.sitting_id: row for row in await db.scalars(chosen)}


async def own_result(db: AsyncSession, actor: Actor, sitting_id: UUID) -> tuple[Result, ExamSession]:
    """The released result of the actor's own sitting. Raises NotFound before the release."""
    row = (
        await db.execute(
            sa.select(Result, ExamSession)
            .join(ResultRelease, col(ResultRelease.result_id) == col(Result.id))
            .join(ExamSession, col(ExamSession.id) == col(ResultRelease.exam_session_id))
            .where(col(Result.sitting_id) == sitting_id, col(Result.person_id) == actor.person)
            .order_by(col(ResultRelease.created_at).desc(), col(Result.run).desc())
            .limit(1)
        )
    ).first()
    if row is None:
        raise NotFound(what="result")
    return row[0], row[1]


async def unit_titles(db: AsyncSession) -> dict[str, dict[str, str]]:
    """The titles {zh, en} of competence units and their elements by id, from the frozen standards, the newest last."""
    rows = await db.scalars(
        select(Edition)
        .where(col(Edition.kind) == EditionKind.STANDARD, col(Edition.state) == EditionState.FROZEN)
        .order_by(col(Edition.effective_from))
    )
    titles: dict[str, dict[str, str]] = {}
    for row in rows:
        for unit in row.content.get("units", ()):
            for one in (unit, *unit.get("elements", ())):
                titles[one["id"]] = one["title"]
    return titles


@dataclass(frozen=True)
class ReleasedResult:
    """A result that stands: exact score of `full_marks`, passed or not, by module and unit {points, earned}, and its proof."""

    score: Fraction
    full_marks: int
    passed: bool
    by_module: dict[str, dict[str, Any]]
    by_unit: dict[str, dict[str, Any]]
    exam_session_id: UUID
    sitting_id: UUID
    result_id: UUID
    digest: str
    held_on: date
    marker_account_ids: frozenset[UUID]


async def released_result(db: AsyncSession, enrolment_id: UUID) -> ReleasedResult | None:
    """The result that stands for an enrolment: a passed one before a failed one, then the one released last."""
    rows = await db.execute(
        sa.select(Result, Sitting)
        .join(ResultRelease, col(ResultRelease.result_id) == col(Result.id))
        .join(Sitting, col(Sitting.id) == col(Result.sitting_id))
        .where(col(ResultRelease.enrolment_id) == enrolment_id)
        .order_by(col(ResultRelease.created_at).desc(), col(Result.run).desc())
    )
    latest: dict[UUID, tuple[Result, Sitting]] = {}
    for result, sitting in rows:
        latest.setdefault(sitting.id, (result, sitting))
    standing = sorted(latest.values(), key=lambda one: not one[0].passed)
    if not standing:
        return None
    result, sitting = standing[0]
    marked = sa.select(col(Mark.marker_account_id)).where(col(Mark.sitting_id) == sitting.id)
    recorded = sa.select(col(RecordedScore.account_id)).where(col(RecordedScore.sitting_id) == sitting.id)
    markers = await db.scalars(marked.union(recorded))  # who brought a score in decides as little as who gave it
    begun = sitting.opened_at or sitting.created_at
    return ReleasedResult(
        score=Fraction(result.score_numerator, result.score_denominator),
        full_marks=result.full_marks,
        passed=result.passed,
        by_module=result.record["modules"],
        by_unit=result.record["units"],
        exam_session_id=sitting.exam_session_id,
        sitting_id=sitting.id,
        result_id=result.id,
        digest=result.digest,
        held_on=begun.astimezone(BEIJING).date(),
        marker_account_ids=frozenset(markers),
    )
