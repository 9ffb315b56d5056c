"""Erasure: what the room holds in clear about a person goes; number, digests, state and dates stay."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.credentials.tables import CorrectionRequest, Credential
from service.foundation.journal import note


async def erase_names(db: AsyncSession, person_id: UUID) -> int:
    """Blank the masked name and the keyed digests of names of a person's credentials; returns how many. Again: none.

    The database allows it only once the person's key is destroyed. Facts and signed text stay, sealed for ever.
    """
    erased = await db.scalars(
        sa.update(Credential)
        .where(col(Credential.person_id) == person_id, col(Credential.masked_name) != "")
        .values(masked_name="", name_lookup=b"", english_lookup=None)
        .returning(col(Credential.id))
        .execution_options(synchronize_session=False)
    )
    ids = list(erased)
    await db.execute(
        sa.update(CorrectionRequest)
        .where(col(CorrectionRequest.person_id) == person_id, col(CorrectionRequest.answer).is_not(None))
        .values(answer=None)
        .execution_options(synchronize_session=False)
    )
    for credential_id in ids:
        await note(db, "credential.names_erased", "credential", credential_id, person_id=person_id)
    return len(ids)
