"""Consents: one purpose each, with the text as shown then; withdrawn as easily as given."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.organisations.queries import organisation
from service.people.actions.grounds import end_access, grant_access
from service.people.errors import ConsentNeedsOrganisation, PurposeUnknown
from service.people.events import ConsentWithdrawn
from service.people.queries import own_id
from service.people.reading import purposes
from service.people.tables import Consent

GROUNDS = {"employer_view": "employment", "university_view": "consent"}
"""Purposes that let an organisation see the person, with the ground recorded for it."""

ANSWER = sa.text("SELECT answer_affiliations(:org, :agree)")


async def give_consent(db: AsyncSession, actor: Actor, purpose: str, org_id: UUID | None = None) -> Consent:
    """The person agrees to a purpose in its present wording; agreeing twice is agreeing once.

    Consent for an organisation is at once its ground to see the person, and confirms what an employer has recorded.
    Raises PurposeUnknown, ConsentNeedsOrganisation, NotFound for an unknown organisation.
    """
    asked = purposes().get(purpose)
    if asked is None:
        raise PurposeUnknown(field="purpose", purpose=purpose)
    if asked.per_organisation != (org_id is not None):
        raise ConsentNeedsOrganisation(field="org_id")
    if org_id is not None:
        await organisation(db, org_id)
    held = await _open(db, own_id(actor), purpose, org_id)
    if held is not None and held.text_digest == asked.digest:
        return held
    if held is not None:
        held.withdrawn_at = clock.now()
        await db.flush()
    row = Consent(
        person_id=own_id(actor),
        purpose=purpose,
        text_version=asked.version,
        text_digest=asked.digest,
        org_id=org_id,
    )
    db.add(row)
    await db.flush()
    if org_id is not None and purpose in GROUNDS:
        await grant_access(db, own_id(actor), org_id, GROUNDS[purpose], row.id)
        if held is not None:
            await end_access(db, own_id(actor), org_id, GROUNDS[purpose], held.id)
    if purpose == "employer_view":
        await db.execute(ANSWER, {"org": org_id, "agree": True})
    await note(
        db,
        "consent.given",
        "consent",
        row.id,
        person_id=row.person_id,
        org_id=org_id,
        purpose=purpose,
        version=row.text_version,
    )
    return row


async def _open(db: AsyncSession, person_id: UUID, purpose: str, org_id: UUID | None) -> Consent | None:
    chosen = select(Consent).where(
        col(Consent.person_id) == person_id,
        col(Consent.purpose) == purpose,
        col(Consent.org_id).is_not_distinct_from(org_id),
        col(Consent.withdrawn_at).is_(None),
    )
    return (await db.scalars(chosen.with_for_update())).first()


async def withdraw_consent(db: AsyncSession, actor: Actor, consent_id: UUID) -> Consent:
    """The person takes a consent back: the organisation it named stops seeing them at once. Raises NotFound."""
    chosen = select(Consent).where(col(Consent.id) == consent_id, col(Consent.person_id) == own_id(actor))
    row = (await db.scalars(chosen.with_for_update())).first()
    if row is None:
        raise NotFound(what="consent")
    if row.withdrawn_at is not None:
        return row
    row.withdrawn_at = clock.now()
    if row.org_id is not None and row.purpose in GROUNDS:
        await end_access(db, row.person_id, row.org_id, GROUNDS[row.purpose], row.id)
    await note(
        db, "consent.withdrawn", "consent", row.id, person_id=row.person_id, org_id=row.org_id, purpose=row.purpose
    )
    await announce(
        db, ConsentWithdrawn(person_id=row.person_id, consent_id=row.id, purpose=row.purpose, org_id=row.org_id)
    )
    return row
