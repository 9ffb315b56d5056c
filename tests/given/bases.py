"""Bases of the register, for tests of other rooms."""

import itertools
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.tables import Base, Tier
from service.organisations.tables import Organisation, OrganisationKind

_next = itertools.count(1)


async def base(
    db: AsyncSession,
    name: str = "某基地",
    *,
    verified: bool = True,
    tier: Tier = Tier.NATIONAL,
    parent: Base | None = None,
    province: str | None = "31",
) -> Base:
    """A base with its organisation (`org_id`); codes are B001 and on, so that they never meet the register's. Needs `world()`."""
    bilingual = {"zh": name, "en": "A base"}
    tenant = Organisation(kind=OrganisationKind.TRAINING_BASE, name=bilingual, name_keys=[name], province=province)
    db.add(tenant)
    await db.flush()
    row = Base(
        code=f"B{next(_next):03d}",
        org_id=tenant.id,
        tier=tier,
        parent_id=parent.id if parent else None,
        name=bilingual,
        province=province,
        verified=verified,
        source="测试" if verified else None,
        evidence_on=date(2020, 1, 1) if verified else None,
    )
    db.add(row)
    await db.flush()
    return row
