"""Each person's own key: made on first use, sealed under the installation's keyring, destroyed by erasure."""

import secrets
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring, decrypt_under, encrypt_under
from service.foundation.records import uuid7
from service.people.errors import PersonErased
from service.people.tables import PersonKey


def _bound_to(person_id: UUID) -> str:
    return f"person_key.sealed:{person_id}"


async def personal_key(db: AsyncSession, keyring: Keyring, person_id: UUID) -> bytes:
    """The person's own key of 32 bytes, for `encrypt_under` and `decrypt_under`; made on first use.

    Two first uses at once agree on one key. Raises PersonErased when it was destroyed and NotFound when the caller
    may not see the person.
    """
    held = select(PersonKey).where(col(PersonKey.person_id) == person_id)
    row = (await db.scalars(held)).first()
    if row is None:
        fresh = keyring.encrypt(secrets.token_bytes(32), _bound_to(person_id))
        made = insert(PersonKey).values(id=uuid7(), person_id=person_id, sealed=fresh)
        await db.execute(made.on_conflict_do_nothing(index_elements=["person_id"]))
        row = (await db.scalars(held)).first()
    if row is None:
        raise NotFound(what="person")
    if row.sealed is None:
        raise PersonErased
    return keyring.decrypt(row.sealed, _bound_to(person_id))


async def seal_for(db: AsyncSession, keyring: Keyring, person_id: UUID, text: str, bound_to: str) -> bytes:
    """A text sealed under the person's own key; `bound_to` names table, column and row."""
    return encrypt_under(await personal_key(db, keyring, person_id), text.encode(), bound_to)


async def open_for(db: AsyncSession, keyring: Keyring, person_id: UUID, sealed: bytes, bound_to: str) -> str:
    """Undo `seal_for`; raises PersonErased when the key is gone."""
    return decrypt_under(await personal_key(db, keyring, person_id), sealed, bound_to).decode()
