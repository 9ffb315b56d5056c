"""Grounds on which an organisation sees a person: given, and ended."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.journal import note
from service.foundation.records import uuid7


async def grant_access(
    db: AsyncSession,
    person_id: UUID,
    org_id: UUID,
    ground: str,
    source_id: UUID | None = None,
    until: datetime | None = None,
) -> UUID:
    """Record why an organisation may see a person from now on, until a moment (None: open end); returns the row's id.

    `ground` is enrolment, employment, consent or contract; the same ground of the same source is one row. The caller
    must be the person, the organisation, an organisation that sees the person already, or a job.
    """
    statement = sa.text("SELECT grant_person_access(:id, :person, :org, :ground, :source, :until)").bindparams(
        sa.bindparam("source", type_=sa.Uuid()), sa.bindparam("until", type_=sa.DateTime(timezone=True))
    )
    await db.flush()  # the person may be as new as this transaction
    granted = await db.scalar(
        statement,
        {"id": uuid7(), "person": person_id, "org": org_id, "ground": ground, "source": source_id, "until": until},
    )
    await note(db, "person.ground_given", "person", person_id, person_id=person_id, org_id=org_id, ground=ground)
    return UUID(str(granted))


async def end_access(
    db: AsyncSession, person_id: UUID, org_id: UUID, ground: str, source_id: UUID | None = None
) -> bool:
    """End a ground now; False when it did not hold."""
    statement = sa.text("SELECT end_person_access(:person, :org, :ground, :source)").bindparams(
        sa.bindparam("source", type_=sa.Uuid())
    )
    await db.flush()
    ended = await db.scalar(statement, {"person": person_id, "org": org_id, "ground": ground, "source": source_id})
    if ended:
        await note(db, "person.ground_ended", "person", person_id, person_id=person_id, org_id=org_id, ground=ground)
    return bool(ended)
