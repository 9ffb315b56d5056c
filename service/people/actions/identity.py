"""Who a person is: found or entered by identity document."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation import clock
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.names import name_keys, sort_key
from service.foundation.records import uuid7
from service.foundation.text import mask_identity, person_name
from service.people.actions.grounds import grant_access
from service.people.errors import NameDiffers
from service.people.queries import person
from service.people.rules import Identity, IdentityKind, check_identity
from service.people.tables import Person

FIND = sa.text("SELECT person_id, same_name, linked FROM find_identity(:kind, :lookup, :name)")
ENTER = sa.text("SELECT enter_person(:person, :name, :keys, :sort, :document, :kind, :sealed, :lookup, :masked)")


@dataclass(frozen=True)
class Known:
    """Who bears a document: whether the given name is the one on record, and whether an account is linked."""

    person_id: UUID
    same_name: bool
    linked: bool


def lookup_of(keyring: Keyring, identity: Identity) -> bytes:
    """The keyed digest by which a document is found."""
    return keyring.lookup(f"identity:{identity.kind.value}", identity.number)


def sealed_number(keyring: Keyring, identity: Identity, document_id: UUID) -> bytes:
    """The number sealed for its column and row."""
    return keyring.encrypt(identity.number.encode(), f"identity_document.number_sealed:{document_id}")


async def known(db: AsyncSession, keyring: Keyring, identity: Identity, name: str) -> Known | None:
    """Who bears this document, over all organisations, or None."""
    found = (
        await db.execute(FIND, {"kind": identity.kind.value, "lookup": lookup_of(keyring, identity), "name": name})
    ).first()
    return None if found is None else Known(UUID(str(found.person_id)), found.same_name, found.linked)


async def known_or_entered(db: AsyncSession, keyring: Keyring, identity: Identity, name: str) -> tuple[Known, bool]:
    """Who bears this document, entered now when nobody did; the flag says whether the person is new.

    Of two that enter the same document at once, the second finds the first's person.
    """
    found = await known(db, keyring, identity, name)
    if found is not None:
        return found, False
    person_id, document_id = uuid7(), uuid7()
    await db.flush()
    entered = await db.scalar(
        ENTER,
        {
            "person": person_id,
            "name": name,
            "keys": name_keys(name),
            "sort": sort_key(name),
            "document": document_id,
            "kind": identity.kind.value,
            "sealed": sealed_number(keyring, identity, document_id),
            "lookup": lookup_of(keyring, identity),
            "masked": mask_identity(identity.number),
        },
    )
    if entered:
        await note(db, "person.entered", "person", person_id, person_id=person_id, kind=identity.kind.value)
        return Known(person_id, same_name=True, linked=False), True
    found = await known(db, keyring, identity, name)
    assert found is not None, "the document was taken a moment ago and is gone"
    return found, False


async def person_for(
    db: AsyncSession,
    keyring: Keyring,
    *,
    name: str,
    kind: IdentityKind | str,
    number: str,
    ground: str,
    org_id: UUID,
    source_id: UUID | None = None,
) -> Person:
    """The person of an identity document, entered when unknown, with the ground on which the organisation sees them.

    Raises the refusals of `check_identity` and `person_name`, and NameDiffers when the document is on record under
    another name.
    """
    identity = check_identity(IdentityKind(kind), number, clock.today())
    given = person_name(name, field="name")
    found, _new = await known_or_entered(db, keyring, identity, given)
    if not found.same_name:
        raise NameDiffers(field="name", masked=mask_identity(identity.number))
    await grant_access(db, found.person_id, org_id, ground, source_id)
    return await person(db, found.person_id)
