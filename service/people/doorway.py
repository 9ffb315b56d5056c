"""What the pages and the interface of the room of people do alike."""

from typing import Any

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.keyring import Keyring, keyring_at
from service.foundation.paging import bounded, cursor_of, key_of
from service.people.actions import change_name, declare_identity
from service.people.queries import own_id, person, seen_people, seen_person
from service.people.schemas import IdentityDeclare
from service.people.tables import Person
from service.settings import get_settings
from service.web.limits import CODE_TRIES


def keyring() -> Keyring:
    """The installation's keyring."""
    return keyring_at(get_settings().keyring_path)


async def declared(request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, data: IdentityDeclare) -> Person:
    """Say who one is by identity document; tries are counted, so that documents cannot be guessed."""
    await request.app.state.limits.take(CODE_TRIES, f"identity|{actor.account_id}")
    return await declare_identity(
        db, keyring(), actor, name=data.name, kind=data.kind, number=data.identity_number, consented=data.consent
    )


async def renamed(db: AsyncSession, actor: Actor, name: str) -> Person:
    """Change one's own name."""
    return await change_name(db, keyring(), actor, await person(db, own_id(actor)), name)


async def people_after(
    db: AsyncSession, actor: Actor, search: str, cursor: str | None, limit: int
) -> tuple[list[Person], str | None]:
    """People the organisation sees, from a cursor on, and the cursor of the following page."""
    key = key_of(cursor)
    last = await seen_person(db, actor, key) if key else None
    rows = await seen_people(db, actor, search[:100], (last.sort_key, last.id) if last else None, limit)
    return rows, cursor_of(rows[-1].id) if len(rows) == bounded(limit) else None
