"""Organisations, accounts and actors for tests, in one line each."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.rules import HOLDER, permissions_of, reach_of
from service.accounts.tables import Account, Post, SignIn
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.keyring import digest_of
from service.organisations.tables import Organisation, OrganisationKind
from service.web.csrf import form_token

LONG_AGO = date(2020, 1, 1)


async def organisation(
    db: AsyncSession, name: str = "某大学", kind: OrganisationKind = OrganisationKind.UNIVERSITY
) -> Organisation:
    """An organisation."""
    row = Organisation(kind=kind, name={"zh": name, "en": "An organisation"}, name_keys=[name])
    db.add(row)
    await db.flush()
    return row


async def account(db: AsyncSession, name: str = "王一", person_id: UUID | None = None) -> Account:
    """An account without password."""
    row = Account(display_name=name, login_name=f"u{secrets.token_hex(6)}", person_id=person_id)
    db.add(row)
    await db.flush()
    return row


async def staff(db: AsyncSession, role: str, org_id: UUID, name: str = "李二", person_id: UUID | None = None) -> Actor:
    """An actor at a post of an organisation."""
    made = await account(db, name, person_id)
    post = Post(account_id=made.id, org_id=org_id, role=role, starts_on=LONG_AGO)
    db.add(post)
    await db.flush()
    return Actor(
        account_id=made.id,
        person_id=person_id,
        org_id=org_id,
        role=role,
        permissions=permissions_of(role),
        reach=reach_of(role),
        name=name,
        post_id=post.id,
        strong=True,
    )


async def holder(db: AsyncSession, person_id: UUID | None = None, name: str = "赵三") -> Actor:
    """A signed-in person without a post."""
    made = await account(db, name, person_id)
    return Actor(
        account_id=made.id,
        person_id=person_id,
        org_id=None,
        role=HOLDER,
        permissions=permissions_of(HOLDER),
        reach=reach_of(HOLDER),
        name=name,
    )


async def signed_in_token(db: AsyncSession, actor: Actor) -> tuple[str, str]:
    """A sign-in of an existing actor: (cookie token, form token)."""
    token = secrets.token_urlsafe(32)
    assert actor.account_id is not None
    db.add(
        SignIn(
            account_id=actor.account_id,
            token_hash=digest_of(token),
            post_id=actor.post_id,
            strong=actor.strong,
            expires_at=clock.now() + timedelta(hours=1),
        )
    )
    await db.flush()
    return token, form_token(("session", token))
