"""Looks at a person's details, each recorded for the person to see; a full identity number only for a reason."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.actor import Actor
from service.foundation.errors import InvalidInput, NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.language import later
from service.people.queries import seen_person
from service.people.rules import IdentityKind
from service.people.tables import IdentityDocument, IdentityState, Person

REVEAL_REASONS = {
    "original_seen": later("To compare with the original document"),
    "name_list": later("To file a name list with the authority"),
    "dispute": later("To settle a mistaken identity"),
}


async def look_at(db: AsyncSession, actor: Actor, person_id: UUID) -> Person:
    """Open a person's details on a ground of the actor's organisation; the person sees who looked. Raises NotFound."""
    row = await seen_person(db, actor, person_id)
    await note(db, "person.looked_at", "person", row.id, person_id=row.id)
    return row


async def reveal_number(db: AsyncSession, keyring: Keyring, actor: Actor, document_id: UUID, reason: str) -> str:
    """The full number of an identity document for one of REVEAL_REASONS. Raises NotFound, InvalidInput."""
    if reason not in REVEAL_REASONS:
        raise InvalidInput(field="reason", reason=later("Please choose one of the offered values."))
    row = await _document(db, actor, document_id)
    await note(db, "person.number_revealed", "person", row.person_id, person_id=row.person_id, reason=reason)
    return keyring.decrypt(row.number_sealed, f"identity_document.number_sealed:{row.id}").decode()


async def mark_seen(db: AsyncSession, actor: Actor, document_id: UUID) -> IdentityDocument:
    """A clerk has seen the original document. Raises NotFound."""
    row = await _document(db, actor, document_id)
    row.state = IdentityState.SEEN
    await note(
        db,
        "person.document_seen",
        "person",
        row.person_id,
        person_id=row.person_id,
        kind=IdentityKind(row.kind).value,
    )
    return row


async def _document(db: AsyncSession, actor: Actor, document_id: UUID) -> IdentityDocument:
    chosen = select(IdentityDocument).where(
        col(IdentityDocument.id) == document_id, col(IdentityDocument.state) != IdentityState.WITHDRAWN
    )
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="document")
    await seen_person(db, actor, row.person_id)
    return row
