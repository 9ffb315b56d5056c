"""Selects over uploads of the actor's organisation, of kinds the actor's post may bring in."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exchange.tables import FileImport, ImportState
from service.foundation.actor import Actor
from service.foundation.errors import NotFound


async def import_for(
    db: AsyncSession, actor: Actor, import_id: UUID, kinds: Collection[str], lock: bool = False
) -> FileImport:
    """One upload of the actor's organisation and of one of these kinds. Raises NotFound."""
    chosen = select(FileImport).where(
        col(FileImport.id) == import_id, col(FileImport.org_id) == actor.org, col(FileImport.kind).in_(kinds)
    )
    if lock:
        chosen = chosen.with_for_update()
    row = (await db.scalars(chosen.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound(what="file_import")
    return row


async def uploads(
    db: AsyncSession, actor: Actor, kinds: Collection[str], target_id: UUID | None = None, limit: int = 20
) -> list[FileImport]:
    """The latest uploads of these kinds, for one target when it is given; without their rows' details being needed."""
    chosen = select(FileImport).where(col(FileImport.org_id) == actor.org, col(FileImport.kind).in_(kinds))
    if target_id is not None:
        chosen = chosen.where(col(FileImport.target_id) == target_id)
    return list(await db.scalars(chosen.order_by(col(FileImport.id).desc()).limit(limit)))


async def applied_before(db: AsyncSession, row: FileImport) -> FileImport | None:
    """The latest earlier upload of the very same file for the same purpose that was applied."""
    chosen = (
        select(FileImport)
        .where(
            col(FileImport.org_id) == row.org_id,
            col(FileImport.kind) == row.kind,
            col(FileImport.target_id).is_not_distinct_from(row.target_id),
            col(FileImport.sha256) == row.sha256,
            col(FileImport.state) == ImportState.APPLIED,
            col(FileImport.id) != row.id,
        )
        .order_by(sa.desc(col(FileImport.applied_at)))
        .limit(1)
    )
    return (await db.scalars(chosen)).first()
