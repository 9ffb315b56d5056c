"""What a person holds, as enrolment rules read it; written in the transaction of issue and revocation."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.foundation.errors import NotFound
from service.people.tables import Qualification


async def record_qualification(
    db: AsyncSession,
    *,
    person_id: UUID,
    credential_id: UUID,
    number: str,
    scheme: str,
    level: str,
    awarded_on: date,
    valid_until: date | None = None,
    state: str = "valid",
    claimed_by_org_id: UUID | None = None,
) -> Qualification:
    """Write down a credential a person now holds; `level` belongs to `scheme`, an edition's standard.

    With `claimed_by_org_id` it is what that organisation says it issued before, and no credential of ours.
    """
    row = Qualification(
        person_id=person_id,
        credential_id=credential_id,
        number=number,
        scheme=scheme,
        level=level,
        awarded_on=awarded_on,
        valid_until=valid_until,
        state=state,
        claimed_by_org_id=claimed_by_org_id,
    )
    db.add(row)
    await db.flush()
    return row


async def change_qualification(db: AsyncSession, credential_id: UUID, state: str) -> None:
    """Say that a credential's state changed (valid, suspended, revoked, expired); raises NotFound for an unknown one."""
    changed = await db.scalar(
        sa.update(Qualification)
        .where(col(Qualification.credential_id) == credential_id)
        .values(state=state)
        .returning(col(Qualification.id))
    )
    if changed is None:
        raise NotFound(what="qualification")
