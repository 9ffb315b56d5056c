"""Selects over the register of bases, which everybody may read."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.bases.schemas import BaseDetails, BaseRead, HostRead, ListingRead
from service.bases.tables import Base, BaseHost, BaseListing
from service.foundation.errors import NotFound
from service.organisations.queries import names_of


async def base_of(db: AsyncSession, org_id: UUID) -> Base | None:
    """The base that works as this organisation, or None."""
    return (await db.scalars(select(Base).where(col(Base.org_id) == org_id))).first()


async def base_by_code(db: AsyncSession, code: str) -> Base:
    """The base of a code; raises NotFound."""
    row = (await db.scalars(select(Base).where(col(Base.code) == code))).first()
    if row is None:
        raise NotFound(what="base")
    return row


async def bases(
    db: AsyncSession, tier: str | None = None, province: str | None = None, verified: bool | None = None
) -> list[Base]:
    """All bases of the register by code, narrowed by tier, province (two digits) or verification."""
    chosen = select(Base).where(sa.func.sandbox_fits(col(Base.org_id))).order_by(col(Base.code))
    if tier:
        chosen = chosen.where(col(Base.tier) == tier)
    if province:
        chosen = chosen.where(col(Base.province) == province)
    if verified is not None:
        chosen = chosen.where(col(Base.verified) == verified)
    return list(await db.scalars(chosen))


async def hosts_of(db: AsyncSession, base_ids: set[UUID], day: date | None = None) -> dict[UUID, list[BaseHost]]:
    """Hostings by base, earliest first; with a day, only those that hold then."""
    chosen = select(BaseHost).where(col(BaseHost.base_id).in_(base_ids))
    if day is not None:
        chosen = chosen.where(
            sa.or_(col(BaseHost.starts_on).is_(None), col(BaseHost.starts_on) <= day),
            sa.or_(col(BaseHost.ends_on).is_(None), col(BaseHost.ends_on) >= day),
        )
    found: dict[UUID, list[BaseHost]] = {}
    for row in await db.scalars(chosen.order_by(col(BaseHost.starts_on).nulls_first(), col(BaseHost.id))):
        found.setdefault(row.base_id, []).append(row)
    return found


async def listings_of(db: AsyncSession, base_id: UUID) -> list[BaseListing]:
    """What was recorded of a base, newest first."""
    chosen = select(BaseListing).where(col(BaseListing.base_id) == base_id)
    return list(await db.scalars(chosen.order_by(col(BaseListing.created_at).desc(), col(BaseListing.id).desc())))


async def details_of(db: AsyncSession, base: Base) -> BaseDetails:
    """A base with its hosts, earliest first, and its record, newest first."""
    hosts = (await hosts_of(db, {base.id})).get(base.id, [])
    names = await names_of(db, {one.org_id for one in hosts})
    shown = BaseRead.model_validate(base, from_attributes=True)
    return BaseDetails(
        **shown.model_dump(),
        hosts=[
            HostRead(
                id=one.id,
                org_id=one.org_id,
                organisation_name=names.get(one.org_id, {}),
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                source=one.source,
            )
            for one in hosts
        ],
        listings=[ListingRead.model_validate(one, from_attributes=True) for one in await listings_of(db, base.id)],
    )
