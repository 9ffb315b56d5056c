"""Contracts of the actor's organisation, and the managers' parts in them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.contracts.tables import ContractState, ManagerPart, TechnologyContract
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import bounded, cursor_of, key_of
from service.people.tables import Person

INVARIANTS: dict[str, str] = {
    "a registered contract carries its registration": """
        SELECT id FROM technology_contract WHERE state = 'registered' AND registration_no IS NULL
    """,
    "every manager of a contract is seen on a recorded ground": """
        SELECT p.id FROM manager_part p WHERE NOT EXISTS (
            SELECT 1 FROM person_access a WHERE a.person_id = p.person_id AND a.org_id = p.org_id)
    """,
}


async def contract_for(db: AsyncSession, actor: Actor, contract_id: UUID, lock: bool = False) -> TechnologyContract:
    """One contract of the actor's organisation, locked when it is to be changed. Raises NotFound.

    The lock is FOR NO KEY UPDATE: two that have just added rows referring to the contract must not wait for each other.
    """
    chosen = select(TechnologyContract).where(
        col(TechnologyContract.id) == contract_id, col(TechnologyContract.org_id) == actor.org
    )
    if lock:
        chosen = chosen.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="technology_contract")
    return row


async def contracts_of(
    db: AsyncSession,
    actor: Actor,
    *,
    search: str = "",
    state: ContractState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[TechnologyContract], str | None]:
    """Contracts of the actor's organisation, newest first; (rows, cursor of the next page)."""
    size = bounded(limit)
    chosen = select(TechnologyContract).where(col(TechnologyContract.org_id) == actor.org)
    if search.strip():
        text = search.strip()[:80]
        chosen = chosen.where(
            sa.or_(
                col(TechnologyContract.contract_no).icontains(text, autoescape=True),
                col(TechnologyContract.registration_no).icontains(text, autoescape=True),
                sa.cast(col(TechnologyContract.title)["zh"].astext, sa.Text).icontains(text, autoescape=True),
            )
        )
    if state is not None:
        chosen = chosen.where(col(TechnologyContract.state) == state)
    key = key_of(after)
    if key is not None:
        chosen = chosen.where(col(TechnologyContract.id) < key)
    rows = list(await db.scalars(chosen.order_by(col(TechnologyContract.id).desc()).limit(size + 1)))
    return rows[:size], cursor_of(rows[size - 1].id) if len(rows) > size else None


async def managers_of(db: AsyncSession, contract_id: UUID) -> list[tuple[ManagerPart, Person]]:
    """The managers of a contract with the persons, in the order they were named."""
    rows = await db.execute(
        sa.select(ManagerPart, Person)
        .join(Person, col(Person.id) == col(ManagerPart.person_id))
        .where(col(ManagerPart.contract_id) == contract_id)
        .order_by(col(ManagerPart.id))
    )
    return [(part, person) for part, person in rows]


async def contracts_by_id(db: AsyncSession, ids: set[UUID]) -> dict[UUID, TechnologyContract]:
    """Several contracts at once, for lists that name them."""
    if not ids:
        return {}
    rows = await db.scalars(select(TechnologyContract).where(col(TechnologyContract.id).in_(ids)))
    return {row.id: row for row in rows}


async def people_named(db: AsyncSession, actor: Actor) -> list[Person]:
    """Everybody with a part in a contract of the actor's organisation, by name."""
    named = sa.select(col(ManagerPart.person_id)).where(col(ManagerPart.org_id) == actor.org)
    chosen = select(Person).where(col(Person.id).in_(named)).order_by(col(Person.sort_key)).limit(500)
    return list(await db.scalars(chosen))
