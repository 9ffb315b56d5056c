"""Selects over organisations; everybody may read the register of legal entities."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.foundation.names import search_keys
from service.foundation.paging import bounded
from service.organisations.tables import Organisation


async def organisation(db: AsyncSession, org_id: UUID) -> Organisation:
    """One organisation; raises NotFound."""
    row = await db.get(Organisation, org_id)
    if row is None:
        raise NotFound(what="organisation")
    return row


async def sandbox_of(db: AsyncSession, org_id: UUID) -> Organisation | None:
    """The sandbox that an organisation's sandbox keys act for today, or None while it has none."""
    chosen = select(Organisation).where(
        col(Organisation.sandbox_of) == org_id, col(Organisation.sandbox_ended_at).is_(None)
    )
    return (await db.scalars(chosen)).first()


async def by_credit_code(db: AsyncSession, uscc: str) -> Organisation | None:
    """The organisation of a credit code in its stored form."""
    return (await db.scalars(select(Organisation).where(col(Organisation.uscc) == uscc))).first()


async def by_exact_name(db: AsyncSession, name: str) -> list[Organisation]:
    """The organisations of exactly this Chinese name, oldest first; sandboxes are none."""
    chosen = select(Organisation).where(col(Organisation.name)["zh"].astext == name, ~col(Organisation.sandbox))
    return list(await db.scalars(chosen.order_by(col(Organisation.created_at))))


async def organisations(
    db: AsyncSession, search: str = "", kind: str | None = None, after: UUID | None = None, limit: int = 50
) -> list[Organisation]:
    """Organisations in the order of entry, those whose name answers the search (characters, pinyin, initials) or code."""
    chosen = select(Organisation).where(sa.func.sandbox_fits(col(Organisation.id)))
    chosen = chosen.order_by(col(Organisation.id)).limit(bounded(limit))
    folded = search.strip()
    if folded:
        by_name = col(Organisation.name_keys).contains(search_keys(folded))
        chosen = chosen.where(sa.or_(by_name, col(Organisation.uscc) == folded.upper()))
    if kind:
        chosen = chosen.where(col(Organisation.kind) == kind)
    if after is not None:
        chosen = chosen.where(col(Organisation.id) > after)
    return list(await db.scalars(chosen))


async def names_of(db: AsyncSession, ids: set[UUID]) -> dict[UUID, dict[str, str]]:
    """Bilingual names of organisations by id."""
    if not ids:
        return {}
    rows = await db.execute(
        sa.select(col(Organisation.id), col(Organisation.name)).where(col(Organisation.id).in_(ids))
    )
    return {row.id: row.name for row in rows}
