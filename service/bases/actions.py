"""The register of bases is loaded, corrected and verified; what was said before stays readable."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.queries import bases
from service.bases.reading import Register, Slot, shipped_register
from service.bases.tables import Base, BaseHost, BaseListing
from service.foundation.database import scope_of
from service.foundation.journal import note
from service.organisations.actions import keys_for, organisation_for
from service.organisations.tables import Organisation, OrganisationKind


async def load_register(db: AsyncSession, register: Register | None = None) -> int:
    """Make every slot of the register that is not there yet; what an administrator has changed is left alone.

    Returns how many were made. Needs the reach of the authority or of the system.
    """
    slots = (register or shipped_register()).bases
    known = {row.code: row for row in await bases(db)}
    made = 0
    for slot in sorted(slots, key=lambda one: (one.parent is not None, one.code)):
        if slot.code not in known:
            known[slot.code] = await _enter(db, slot, known)
            made += 1
    return made


async def _enter(db: AsyncSession, slot: Slot, known: dict[str, Base]) -> Base:
    name = slot.name.model_dump()
    tenant = Organisation(
        kind=OrganisationKind.TRAINING_BASE,
        name=name,
        name_keys=keys_for(name),
        province=slot.province,
        city=slot.city,
    )
    db.add(tenant)
    await db.flush()
    base = Base(
        code=slot.code,
        org_id=tenant.id,
        tier=slot.tier,
        parent_id=known[slot.parent].id if slot.parent else None,
        name=name,
        province=slot.province,
        verified=slot.verified,
        source=slot.source,
        evidence_on=slot.recorded_on,
    )
    db.add(base)
    await db.flush()
    if slot.source is not None:
        db.add(
            BaseListing(
                base_id=base.id,
                verified=slot.verified,
                source=slot.source,
                evidence=slot.source,
                account_id=scope_of(db).account_id,
            )
        )
    for host in slot.hosts:
        entity = await organisation_for(db, host.name.model_dump(), uscc=host.uscc, kind=host.kind)
        db.add(
            BaseHost(
                base_id=base.id,
                org_id=entity.id,
                starts_on=host.starts_on,
                ends_on=host.ends_on,
                source=host.source,
            )
        )
    await note(db, "base.listed", "base", base.id, org_id=tenant.id, code=slot.code, verified=slot.verified)
    await db.flush()
    return base
