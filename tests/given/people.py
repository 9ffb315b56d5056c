"""Persons with identity documents, for tests of other rooms."""

import itertools
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from certificates.check_characters import resident_check_character
from service.foundation.keyring import Keyring, keyring_at
from service.foundation.names import name_keys, sort_key
from service.foundation.records import uuid7
from service.foundation.text import mask_identity
from service.people.actions.identity import lookup_of, sealed_number
from service.people.rules import Identity, IdentityKind
from service.people.tables import IdentityDocument, Person, PersonAccess
from service.settings import get_settings

_next = itertools.count(1)


def resident_number(order: int | None = None, born: str = "19900307", region: str = "110101") -> str:
    """A well-formed resident number; each call without `order` gives another one."""
    places = next(_next) if order is None else order
    day = born if places < 1000 else f"{int(born[:4]) - places // 1000:04d}{born[4:]}"
    seventeen = f"{region}{day}{places % 1000:03d}"
    return seventeen + resident_check_character(seventeen)


async def person(
    db: AsyncSession,
    name: str = "张三",
    number: str | None = None,
    *,
    seen_by: UUID | None = None,
    ground: str = "enrolment",
    keyring: Keyring | None = None,
) -> Person:
    """A person with a resident card; `seen_by` is an organisation that gets a ground. Needs `world()`."""
    keyring = keyring or keyring_at(get_settings().keyring_path)
    row = Person(name=name, name_keys=name_keys(name), sort_key=sort_key(name))
    db.add(row)
    await db.flush()
    identity = Identity(IdentityKind.RESIDENT, number or resident_number())
    document_id = uuid7()
    db.add(
        IdentityDocument(
            id=document_id,
            person_id=row.id,
            kind=identity.kind.value,
            number_sealed=sealed_number(keyring, identity, document_id),
            number_lookup=lookup_of(keyring, identity),
            masked=mask_identity(identity.number),
        )
    )
    if seen_by is not None:
        db.add(PersonAccess(person_id=row.id, org_id=seen_by, ground=ground))
    await db.flush()
    return row
