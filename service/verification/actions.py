"""What a holder may do about look-ups: share for a time, and take back."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.credentials.queries import own_credential
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import digest_of
from service.verification.tables import ShareLink


async def share(db: AsyncSession, actor: Actor, credential_id: UUID, days: int) -> tuple[ShareLink, str]:
    """A link to one's own certificate for so many days; returns the row and the token, which is kept nowhere. Raises NotFound."""
    row = await own_credential(db, actor, credential_id)
    token = secrets.token_urlsafe(24)
    link = ShareLink(
        person_id=actor.person,
        credential_id=row.id,
        token_hash=digest_of(token),
        expires_at=clock.now() + timedelta(days=days),
    )
    db.add(link)
    await db.flush()
    await note(db, "share_link.made", "credential", row.id, person_id=actor.person, days=days)
    return link, token


async def take_back(db: AsyncSession, actor: Actor, link_id: UUID) -> ShareLink:
    """End one's own share link now; ending it again changes nothing. Raises NotFound."""
    chosen = select(ShareLink).where(col(ShareLink.id) == link_id, col(ShareLink.person_id) == actor.person)
    link = (await db.scalars(chosen.with_for_update())).first()
    if link is None:
        raise NotFound(what="share link")
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        await note(db, "share_link.revoked", "credential", link.credential_id, person_id=actor.person)
    return link
