"""Who is asking: one statement that finds the sign-in or key and what it may do."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.rules import HOLDER, holds_on, permissions_of, reach_of
from service.accounts.tables import AccessReset, Account, ApiKey, Post, ResetState, SignIn
from service.foundation import clock
from service.foundation.actor import Actor, PostHeld, Reach
from service.foundation.errors import NotFound
from service.foundation.keyring import digest_of
from service.organisations.tables import Organisation

SIGN_IN_ACTOR = """
CREATE FUNCTION sign_in_actor(in_token bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object(
        'sign_in_id', s.id, 'account_id', a.id, 'person_id', a.person_id, 'name', a.display_name,
        'language', a.language, 'strong', s.strong, 'post_id', s.post_id,
        'posts', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', p.id, 'role', p.role, 'org_id', p.org_id, 'name', o.name,
                'starts_on', p.starts_on, 'ends_on', p.ends_on) ORDER BY p.created_at, p.id)
            FROM post p JOIN organisation o ON o.id = p.org_id WHERE p.account_id = a.id), '[]'::jsonb))
    FROM sign_in s JOIN account a ON a.id = s.account_id
    WHERE s.token_hash = in_token AND s.ended_at IS NULL AND s.expires_at > now() AND a.state = 'active'
$$
"""

# A sandbox key acts for the sandbox of its organisation and for nothing else.
API_KEY_ACTOR = """
CREATE FUNCTION api_key_actor(in_key bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('key_id', k.id, 'account_id', k.account_id, 'org_id', o.id, 'name', k.name,
        'scopes', to_jsonb(k.scopes), 'sandbox', k.sandbox, 'organisation', o.name)
    FROM api_key k JOIN account a ON a.id = k.account_id JOIN organisation o
        ON CASE WHEN k.sandbox THEN o.sandbox_of = k.org_id AND o.sandbox_ended_at IS NULL ELSE o.id = k.org_id END
    WHERE k.key_hash = in_key AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
        AND a.state = 'active' AND o.sandbox = k.sandbox
$$
"""


HAS_DEMO_ACCOUNTS = """
CREATE FUNCTION has_demo_accounts() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM account WHERE demo)
$$
"""


async def actor_of(db: AsyncSession, kind: str, secret: str) -> Actor | None:
    """Who shows this session token or API key; None when it is unknown, ended, expired or its account is locked."""
    if kind == "key":
        found = await db.scalar(sa.text("SELECT api_key_actor(:key)"), {"key": digest_of(secret)})
        return None if found is None else _by_key(_mapping(found))
    found = await db.scalar(sa.text("SELECT sign_in_actor(:token)"), {"token": digest_of(secret)})
    return None if found is None else _by_sign_in(_mapping(found))


def _mapping(found: Any) -> dict[str, Any]:
    return dict(json.loads(found)) if isinstance(found, str) else dict(found)


def _by_key(found: dict[str, Any]) -> Actor:
    return Actor(
        account_id=UUID(found["account_id"]),
        person_id=None,
        org_id=UUID(found["org_id"]),
        role="api_key",
        permissions=frozenset(found["scopes"]),
        reach=Reach.ORG,
        name=found["name"],
        organisation_name=found["organisation"],
        by_key=True,
        sandbox=found["sandbox"],
        strong=True,
    )


def _by_sign_in(found: dict[str, Any]) -> Actor:
    """Staff posts are believed only for a sign-in that showed two factors; otherwise the person stands alone."""
    today = clock.today()
    held = [
        one
        for one in found["posts"]
        if holds_on(
            date.fromisoformat(one["starts_on"]),
            date.fromisoformat(one["ends_on"]) if one["ends_on"] else None,
            today,
        )
    ]
    chosen = next((one for one in held if one["id"] == found["post_id"]), None)
    if chosen is None and found["person_id"] is None and held:
        chosen = held[0]
    if not found["strong"]:
        chosen = None
    role = chosen["role"] if chosen else HOLDER
    posts = tuple(
        PostHeld(
            UUID(one["id"]),
            one["role"],
            UUID(one["org_id"]),
            one["name"],
            chosen is not None and one["id"] == chosen["id"],
        )
        for one in held
    )
    return Actor(
        account_id=UUID(found["account_id"]),
        person_id=UUID(found["person_id"]) if found["person_id"] else None,
        org_id=UUID(chosen["org_id"]) if chosen else None,
        role=role,
        permissions=permissions_of(role),
        reach=reach_of(role),
        name=found["name"],
        language=found["language"],
        sign_in_id=UUID(found["sign_in_id"]),
        post_id=UUID(chosen["id"]) if chosen else None,
        organisation_name=chosen["name"] if chosen else {},
        posts=posts if found["strong"] else (),
        strong=found["strong"],
    )


async def account_by_login(db: AsyncSession, login_name: str) -> Account | None:
    """The account of a sign-in name, any case."""
    return (await db.scalars(select(Account).where(col(Account.login_name) == login_name.strip().lower()))).first()


async def account_by_phone(db: AsyncSession, phone_lookup: bytes) -> Account | None:
    """The account of a mobile number, by keyed digest."""
    return (await db.scalars(select(Account).where(col(Account.phone_lookup) == phone_lookup))).first()


async def posts_of(db: AsyncSession, account_id: UUID) -> list[Post]:
    """All posts of an account, oldest first."""
    return list(await db.scalars(select(Post).where(col(Post.account_id) == account_id).order_by(col(Post.created_at))))


async def keys_of(db: AsyncSession, org_id: UUID) -> list[ApiKey]:
    """The API keys of an organisation, newest first."""
    chosen = select(ApiKey).where(col(ApiKey.org_id) == org_id).order_by(col(ApiKey.created_at).desc()).limit(200)
    return list(await db.scalars(chosen))


async def resets_to_decide(db: AsyncSession, actor: Actor) -> list[UUID]:
    """Accounts for which another administrator asked for new access, oldest first; not the actor's own."""
    chosen = (
        sa.select(col(AccessReset.account_id))
        .where(
            col(AccessReset.state) == ResetState.ASKED,
            col(AccessReset.asked_by) != actor.account_id,
            col(AccessReset.account_id) != actor.account_id,
        )
        .order_by(col(AccessReset.created_at))
    )
    return list(await db.scalars(chosen))


@dataclass(frozen=True)
class HeldPost:
    """A post with the organisation's name and whether it is held today."""

    post: Post
    organisation: dict[str, str]
    held: bool


@dataclass(frozen=True)
class AccountShown:
    """An account with its posts, newest first, and how many devices are signed in."""

    account: Account
    posts: list[HeldPost]
    devices: int


async def accounts(
    db: AsyncSession, search: str = "", before: UUID | None = None, limit: int = 50, staff_only: bool = True
) -> list[AccountShown]:
    """Accounts by name or sign-in name, newest first; without `staff_only` those of persons too."""
    chosen = select(Account).order_by(col(Account.id).desc()).limit(limit)
    folded = search.strip()
    if folded:
        chosen = chosen.where(
            sa.or_(
                col(Account.display_name).contains(folded, autoescape=True),
                col(Account.login_name).contains(folded.lower(), autoescape=True),
            )
        )
    if staff_only:
        chosen = chosen.where(col(Account.login_name).is_not(None))
    if before is not None:
        chosen = chosen.where(col(Account.id) < before)
    return await _with_posts(db, list(await db.scalars(chosen)))


async def account_shown(db: AsyncSession, account_id: UUID) -> AccountShown:
    """One account with its posts; raises NotFound."""
    row = await db.get(Account, account_id)
    if row is None:
        raise NotFound(what="account")
    return (await _with_posts(db, [row]))[0]


async def _with_posts(db: AsyncSession, rows: list[Account]) -> list[AccountShown]:
    ids = [row.id for row in rows]
    today = clock.today()
    posts = await db.execute(
        sa.select(Post, col(Organisation.name))
        .join(Organisation, col(Organisation.id) == col(Post.org_id))
        .where(col(Post.account_id).in_(ids))
        .order_by(col(Post.created_at).desc(), col(Post.id).desc())
    )
    held: dict[UUID, list[HeldPost]] = {}
    for post, name in posts:
        held.setdefault(post.account_id, []).append(HeldPost(post, name, holds_on(post.starts_on, post.ends_on, today)))
    devices = await db.execute(
        sa.select(col(SignIn.account_id), sa.func.count())
        .where(col(SignIn.account_id).in_(ids), col(SignIn.ended_at).is_(None), col(SignIn.expires_at) > sa.func.now())
        .group_by(col(SignIn.account_id))
    )
    counted = {row[0]: int(row[1]) for row in devices}
    return [AccountShown(row, held.get(row.id, []), counted.get(row.id, 0)) for row in rows]
