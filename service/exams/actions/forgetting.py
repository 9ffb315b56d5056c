"""Forgetting what people wrote in exams once it may go: points, scores, receipts and digests stay."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.journal import note

BATCH = 500


async def forget_answers(db: AsyncSession, person_id: UUID | None = None, most: int = BATCH) -> int:
    """Blank answers, their trail, markers' comments and reasons for more time, of one person or of all; returns how many sittings.

    Of a person who was erased as soon as no appeal can change the result any more; of everybody five years after the
    release. Needs the reach of the system.
    """
    found = await db.scalars(
        sa.text("SELECT forget_answers(:person, :most)").bindparams(sa.bindparam("person", type_=sa.Uuid())),
        {"person": person_id, "most": most},
    )
    sittings = list(found)
    for sitting_id in sittings:
        await note(db, "answers.forgotten", "sitting", sitting_id, person_id=person_id)
    return len(sittings)
