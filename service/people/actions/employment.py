"""Employers say who works for them; the person is told, and it counts when the person agrees."""

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.language import later
from service.foundation.text import mask_identity, mask_name
from service.letters.actions import write
from service.people.actions.consents import ANSWER, give_consent
from service.people.actions.identity import known_or_entered
from service.people.errors import AlreadyAsked, EmploymentRefused, NameDiffers
from service.people.events import EmployerAsked
from service.people.queries import own_id
from service.people.rules import check_identity
from service.people.schemas import EmployeeCreate
from service.people.tables import Affiliation, PersonAccess

REST_DAYS = 30
"""After a person has declined, the employer may ask again after so many days."""


async def record_employee(db: AsyncSession, keyring: Keyring, actor: Actor, new: EmployeeCreate) -> Affiliation:
    """Record that a person works for the actor's organisation and ask them; it sees nobody before they agree.

    Raises the refusals of `check_identity`, NameDiffers, AlreadyAsked, and EmploymentRefused within REST_DAYS of a no.
    """
    identity = check_identity(new.kind, new.identity_number, clock.today())
    found, _new = await known_or_entered(db, keyring, identity, new.name)
    if not found.same_name:
        raise NameDiffers(field="name", masked=mask_identity(identity.number))
    row = await _refuse_repeated(db, found.person_id, actor.org)
    if row is None:
        row = Affiliation(person_id=found.person_id, org_id=actor.org, source="employer")
        db.add(row)
    row.source, row.title, row.starts_on = "employer", new.title, new.starts_on
    row.asked_as = f"{mask_name(new.name)} {mask_identity(identity.number)}"
    await db.flush()
    facts = {"org_id": str(actor.org), "affiliation_id": str(row.id)}
    await write(db, kind="people.employer_asks", facts=facts, person_id=found.person_id, org_id=actor.org)
    await note(db, "employment.asked", "affiliation", row.id, person_id=row.person_id)
    await announce(db, EmployerAsked(person_id=row.person_id, affiliation_id=row.id))
    return row


async def _refuse_repeated(db: AsyncSession, person_id: UUID, org_id: UUID) -> Affiliation | None:
    """The unanswered affiliation that a roster brought, to be asked about now; None when there is none."""
    await db.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended('affiliation:' || :pair, 0))"),
        {"pair": f"{org_id}:{person_id}"},
    )
    today, brought = clock.today(), None
    chosen = select(Affiliation).where(col(Affiliation.person_id) == person_id, col(Affiliation.org_id) == org_id)
    for row in await db.scalars(chosen):
        if row.refused_at is not None:
            from_day = row.refused_at.astimezone(clock.BEIJING).date() + timedelta(days=REST_DAYS)
            if today < from_day:
                raise EmploymentRefused(field="identity_number", from_day=from_day)
        elif row.ends_on is None or row.ends_on >= today:
            if row.source == "employer" or row.confirmed_at is not None:
                raise AlreadyAsked(field="identity_number")
            brought = row
    return brought


async def answer_employer(db: AsyncSession, actor: Actor, affiliation_id: UUID, agree: bool) -> Affiliation:
    """The person answers an employer: a yes is consent to be seen by it. Raises NotFound, and StateConflict when answered."""
    chosen = select(Affiliation).where(
        col(Affiliation.id) == affiliation_id, col(Affiliation.person_id) == own_id(actor)
    )
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="affiliation")
    if row.confirmed_at is not None or row.refused_at is not None:
        raise StateConflict(state=later("answered by the person"))
    if agree:
        await give_consent(db, actor, "employer_view", row.org_id)
    await db.execute(ANSWER, {"org": row.org_id, "agree": agree})
    await note(
        db,
        "employment.confirmed" if agree else "employment.declined",
        "affiliation",
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
    )
    await db.refresh(row)
    return row


async def end_employment(db: AsyncSession, actor: Actor, affiliation_id: UUID, ends_on: date) -> Affiliation:
    """The employer says an employment ends; its ground to see the person ends now. Raises NotFound."""
    chosen = select(Affiliation).where(col(Affiliation.id) == affiliation_id, col(Affiliation.org_id) == actor.org)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="affiliation")
    row.ends_on, row.asked_as = ends_on, None
    await db.execute(
        sa.update(PersonAccess)
        .where(
            col(PersonAccess.person_id) == row.person_id,
            col(PersonAccess.org_id) == row.org_id,
            col(PersonAccess.ground) == "employment",
            sa.or_(col(PersonAccess.until).is_(None), col(PersonAccess.until) > sa.func.now()),
        )
        .values(until=sa.func.now())
    )
    await note(db, "employment.ended", "affiliation", row.id, person_id=row.person_id)
    return row
