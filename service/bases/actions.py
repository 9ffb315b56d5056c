"""The register of bases is loaded, corrected and verified; what was said before stays readable."""

from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.errors import (
    BaseCodeTaken,
    EvidenceMissing,
    HostingEndsBeforeStart,
    HostingOverlaps,
    WrongParent,
)
from service.bases.queries import base_by_code, bases, hosts_of
from service.bases.reading import Register, Slot, shipped_register
from service.bases.rules import Tier, may_stand_under, overlap
from service.bases.schemas import BaseChange, BaseCreate, EvidenceCreate, HostCreate
from service.bases.tables import Base, BaseHost, BaseListing
from service.foundation import clock
from service.foundation.database import scope_of
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.organisations.actions import keys_for, organisation_for
from service.organisations.queries import organisation
from service.organisations.tables import Organisation, OrganisationKind

ORDER = {tier: number for number, tier in enumerate(Tier)}


async def load_register(db: AsyncSession, register: Register | None = None) -> int:
    """Make every slot of the register that is not there yet; what an administrator has changed is left alone.

    Returns how many were made. Needs the reach of the authority or of the system.
    """
    slots = (register or shipped_register()).bases
    known = {row.code: row for row in await bases(db)}
    made = 0
    for slot in sorted(slots, key=lambda one: (ORDER[one.tier], one.code)):
        if slot.code not in known:
            known[slot.code] = await _enter(db, slot, known)
            made += 1
    return made


async def _enter(db: AsyncSession, slot: Slot, known: dict[str, Base]) -> Base:
    parent = known.get(slot.parent) if slot.parent else None
    base = await _list(db, slot.code, slot.tier, slot.name.model_dump(), slot.province, parent, slot.city)
    base.verified, base.source, base.evidence_on = slot.verified, slot.source, slot.recorded_on
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
    await db.flush()
    return base


async def _list(
    db: AsyncSession,
    code: str,
    tier: Tier,
    name: dict[str, str],
    province: str | None,
    parent: Base | None,
    city: str | None = None,
) -> Base:
    """A new base with the organisation that works in it, unverified. Raises WrongParent."""
    if parent is not None and not may_stand_under(tier, parent.tier):
        raise WrongParent(field="parent")
    tenant = Organisation(
        kind=OrganisationKind.TRAINING_BASE, name=name, name_keys=keys_for(name), province=province, city=city
    )
    db.add(tenant)
    await db.flush()  # the base refers to it
    base = Base(
        code=code,
        org_id=tenant.id,
        tier=tier,
        parent_id=parent.id if parent else None,
        name=name,
        province=province,
    )
    db.add(base)
    await db.flush()
    await note(db, "base.listed", "base", base.id, org_id=tenant.id, code=code)
    return base


async def add_base(db: AsyncSession, new: BaseCreate) -> Base:
    """List a further base, unverified at first. Raises BaseCodeTaken, WrongParent, NotFound for an unknown parent."""
    parent = await base_by_code(db, new.parent) if new.parent else None
    try:
        async with db.begin_nested():
            return await _list(db, new.code, new.tier, new.name.model_dump(), new.province, parent)
    except IntegrityError as error:
        raise BaseCodeTaken(field="code", code=new.code) from error


async def change_base(db: AsyncSession, code: str, change: BaseChange) -> Base:
    """Correct name, province or parent; the organisation's name follows and the earlier name stays in the record.

    Raises NotFound, WrongParent.
    """
    base = await base_by_code(db, code)
    parent = await base_by_code(db, change.parent) if change.parent else None
    if parent is not None and not may_stand_under(base.tier, parent.tier):
        raise WrongParent(field="parent")
    name = change.name.model_dump()
    if name != base.name:
        _record(db, base, base.source or "-", f"{base.name['zh']} / {base.name['en']} → {name['zh']} / {name['en']}")
    base.name, base.province, base.parent_id = name, change.province, parent.id if parent else None
    tenant = await organisation(db, base.org_id)
    tenant.name, tenant.name_keys, tenant.province = name, keys_for(name), change.province
    await note(db, "base.changed", "base", base.id, org_id=base.org_id, code=code)
    await db.flush()
    return base


async def record_evidence(db: AsyncSession, code: str, new: EvidenceCreate) -> Base:
    """Say with evidence that a base is verified, or is so no longer; what was recorded before stays. Raises EvidenceMissing."""
    base = await base_by_code(db, code)
    if not new.source or not new.evidence:
        raise EvidenceMissing(field="evidence" if new.source else "source")
    base.verified, base.source, base.evidence_on = new.verified, new.source, clock.today()
    _record(db, base, new.source, new.evidence)
    await note(db, "base.evidence_recorded", "base", base.id, org_id=base.org_id, code=code, verified=new.verified)
    await db.flush()
    return base


def _record(db: AsyncSession, base: Base, source: str, evidence: str) -> None:
    db.add(
        BaseListing(
            base_id=base.id,
            verified=base.verified,
            source=source,
            evidence=evidence,
            account_id=scope_of(db).account_id,
        )
    )


async def add_host(db: AsyncSession, code: str, new: HostCreate) -> BaseHost:
    """Record an organisation as host of a base from-to. Raises HostingEndsBeforeStart, HostingOverlaps, and the refusals
    of `organisation_for`."""
    base = await base_by_code(db, code)
    if new.starts_on and new.ends_on and new.ends_on < new.starts_on:
        raise HostingEndsBeforeStart(field="ends_on", starts_on=new.starts_on, ends_on=new.ends_on)
    entity = await organisation_for(db, new.organisation, uscc=new.uscc, kind=OrganisationKind.TRANSFER_INSTITUTION)
    span = (new.starts_on, new.ends_on)
    for other in (await hosts_of(db, {base.id})).get(base.id, []):
        if other.org_id == entity.id and overlap(span, (other.starts_on, other.ends_on)):
            raise HostingOverlaps(field="starts_on")
    row = BaseHost(base_id=base.id, org_id=entity.id, starts_on=new.starts_on, ends_on=new.ends_on, source=new.source)
    db.add(row)
    await note(db, "base.host_added", "base", base.id, org_id=base.org_id, host_id=entity.id)
    await db.flush()
    return row


async def end_host(db: AsyncSession, code: str, host_id: UUID, new: date) -> BaseHost:
    """Say when a hosting ends. Raises NotFound, HostingEndsBeforeStart."""
    base = await base_by_code(db, code)
    row = await db.get(BaseHost, host_id)
    if row is None or row.base_id != base.id:
        raise NotFound(what="host")
    if row.starts_on is not None and new < row.starts_on:
        raise HostingEndsBeforeStart(field="ends_on", starts_on=row.starts_on, ends_on=new)
    row.ends_on = new
    await note(db, "base.host_ended", "base", base.id, org_id=base.org_id, host_id=row.org_id)
    await db.flush()
    return row
