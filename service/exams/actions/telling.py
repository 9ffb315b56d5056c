"""Telling a person that a result has been released."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.tables import Approval
from service.exams.actions.releasing import SUBJECT
from service.exams.tables import ResultRelease
from service.letters.actions import write


async def tell_person(db: AsyncSession, result_id: UUID) -> None:
    """A letter about a result that was released with its exam session; of one that came by an appeal its own letter tells."""
    row = (await db.scalars(select(ResultRelease).where(col(ResultRelease.result_id) == result_id))).one()
    kind = await db.scalar(sa.select(col(Approval.subject_kind)).where(col(Approval.id) == row.approval_id))
    if kind == SUBJECT:
        facts = {"exam_session_id": str(row.exam_session_id)}
        await write(db, kind="exam.result_released", facts=facts, person_id=row.person_id, org_id=row.org_id)
