"""Writing letters and reading them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound
from service.letters.errors import ChannelUnknown, NobodyToWriteTo
from service.letters.events import LetterWritten
from service.letters.queries import mine
from service.letters.rules import CHANNELS, INBOX
from service.letters.tables import Letter


async def write(
    db: AsyncSession,
    *,
    kind: str,
    facts: dict[str, Any],
    account_id: UUID | None = None,
    person_id: UUID | None = None,
    org_id: UUID | None = None,
    channel: str = INBOX,
) -> UUID:
    """Write a letter of a kind to an account or a person; returns its id. Follows the caller's transaction.

    `facts` hold ids, codes, dates and numbers, never names. `channel` is inbox, or sms, which is sent by a job.
    Raises NobodyToWriteTo, ChannelUnknown.
    """
    if account_id is None and person_id is None:
        raise NobodyToWriteTo
    if channel not in CHANNELS:
        raise ChannelUnknown(channel=channel, field="channel")
    row = Letter(org_id=org_id, account_id=account_id, person_id=person_id, kind=kind, facts=facts, channel=channel)
    letter_id = row.id
    db.add(row)
    if channel != INBOX:
        await announce(db, LetterWritten(letter_id=letter_id, org_id=org_id))
    return letter_id


async def mark_read(db: AsyncSession, actor: Actor, letter_id: UUID) -> Letter:
    """Mark one of the actor's letters as read; the first time counts. Raises NotFound."""
    row = (await db.scalars(select(Letter).where(col(Letter.id) == letter_id, mine(actor)))).first()
    if row is None:
        raise NotFound(what="letter")
    row.read_at = row.read_at or clock.now()
    return row


async def mark_all_read(db: AsyncSession, actor: Actor) -> None:
    """Mark every letter of the actor as read."""
    await db.execute(sa.update(Letter).where(mine(actor), col(Letter.read_at).is_(None)).values(read_at=clock.now()))
