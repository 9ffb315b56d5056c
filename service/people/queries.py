"""Selects over persons, already narrowed to what the actor may see; the database narrows once more."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.people.tables import (
    IdentityDocument,
    IdentityState,
    Person,
)


async def persons(db: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The persons of these ids that the caller may see; others are simply not among the answer."""
    chosen = list(set(ids))
    if not chosen:
        return {}
    rows = await db.scalars(select(Person).where(col(Person.id).in_(chosen)))
    return {row.id: row for row in rows}


async def person(db: AsyncSession, person_id: UUID) -> Person:
    """One person the caller may see; raises NotFound."""
    row = (await db.scalars(select(Person).where(col(Person.id) == person_id))).first()
    if row is None:
        raise NotFound(what="person")
    return row


async def identities_of(db: AsyncSession, person_id: UUID) -> list[IdentityDocument]:
    """A person's documents that hold, newest first."""
    chosen = (
        select(IdentityDocument)
        .where(col(IdentityDocument.person_id) == person_id, col(IdentityDocument.state) != IdentityState.WITHDRAWN)
        .order_by(col(IdentityDocument.created_at).desc(), col(IdentityDocument.id).desc())
    )
    return list(await db.scalars(chosen))


async def identity_of(db: AsyncSession, person_id: UUID) -> IdentityDocument | None:
    """A person's newest document that holds, or None."""
    return next(iter(await identities_of(db, person_id)), None)
