"""API keys are made and revoked."""

import secrets
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.errors import (
    KeyAlreadyExpired,
    ScopeUnknown,
)
from service.accounts.rules import API_SCOPES
from service.accounts.schemas import ApiKeyCreate, ApiKeyMade
from service.accounts.tables import ApiKey
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import digest_of
from service.organisations.actions import open_sandbox

KEY_PREFIX = "tmc_"


async def make_api_key(db: AsyncSession, actor: Actor, new: ApiKeyCreate) -> ApiKeyMade:
    """An API key of the actor's organisation, shown this once; its first sandbox key opens the organisation's sandbox.

    Raises ScopeUnknown, KeyAlreadyExpired.
    """
    for scope in new.scopes:
        if scope not in API_SCOPES:
            raise ScopeUnknown(scope=scope, field="scopes")
    if new.expires_at is not None and new.expires_at <= clock.now():
        raise KeyAlreadyExpired(field="expires_at")
    if new.sandbox:
        await open_sandbox(db, actor)
    secret = KEY_PREFIX + ("test_" if new.sandbox else "") + secrets.token_urlsafe(32)
    row = ApiKey(
        org_id=actor.org,
        account_id=actor.account_id,  # type: ignore[arg-type]  # who acts here is signed in
        name=new.name,
        prefix=secret[:12],
        key_hash=digest_of(secret),
        scopes=new.scopes,
        sandbox=new.sandbox,
        expires_at=new.expires_at,
    )
    db.add(row)
    await note(db, "api_key.made", "api_key", row.id, scopes=new.scopes, sandbox=new.sandbox)
    return ApiKeyMade(id=row.id, key=secret, prefix=row.prefix)


async def revoke_api_key(db: AsyncSession, actor: Actor, key_id: UUID) -> None:
    """Revoke a key of the actor's organisation: refused from the next request on."""
    row = await db.get(ApiKey, key_id)
    if row is None or row.org_id != actor.org:
        raise NotFound(what="api_key")
    row.revoked_at = clock.now()
    await note(db, "api_key.revoked", "api_key", row.id)
