"""Letters of the reader's own inbox; the database shows nobody another's."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.actor import Actor
from service.foundation.language import gettext, sentence
from service.foundation.paging import bounded
from service.letters.rules import INBOX, kind_of, link_of
from service.letters.schemas import LetterRead
from service.letters.tables import Letter


def mine(actor: Actor) -> sa.ColumnElement[bool]:
    """Letters to the actor's account or person."""
    chosen: sa.ColumnElement[bool] = col(Letter.account_id) == actor.account_id
    if actor.person_id is not None:
        chosen = sa.or_(chosen, col(Letter.person_id) == actor.person_id)
    return sa.and_(chosen, col(Letter.channel) == INBOX)


async def letters_to(db: AsyncSession, actor: Actor, before: UUID | None = None, limit: int = 50) -> list[Letter]:
    """The actor's letters, newest first; `before` is the last one of the page before."""
    chosen = select(Letter).where(mine(actor)).order_by(col(Letter.id).desc()).limit(bounded(limit))
    if before is not None:
        chosen = chosen.where(col(Letter.id) < before)
    return list(await db.scalars(chosen))


async def unread(db: AsyncSession, actor: Actor) -> int:
    """How many letters the actor has not read."""
    chosen = sa.select(sa.func.count()).select_from(Letter).where(mine(actor), col(Letter.read_at).is_(None))
    return int(await db.scalar(chosen) or 0)


def shown(row: Letter) -> LetterRead:
    """A letter in the language spoken now."""
    kind = kind_of(row.kind)
    facts: dict[str, Any] = row.facts
    return LetterRead(
        id=row.id,
        kind=row.kind,
        title=gettext(kind.title),
        text=sentence(kind.text, facts),
        href=link_of(kind, facts),
        link=gettext(kind.link),
        created_at=row.created_at,
        read_at=row.read_at,
    )
