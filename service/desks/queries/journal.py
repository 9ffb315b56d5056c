"""The journal: who did what to which thing, when; the database shows an organisation its own entries only."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.desks.errors import SearchRefused
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.journal import JournalEntry
from service.foundation.language import later
from service.foundation.paging import bounded


@dataclass(frozen=True)
class Search:
    """What is searched for; an empty part means anything."""

    action: str = ""
    subject: UUID | None = None
    day: date | None = None


def search_of(action: str, subject: str, day: str) -> Search:
    """Read a search from an address; raises SearchRefused."""
    try:
        wanted = UUID(subject.strip()) if subject.strip() else None
    except ValueError as error:
        reason = later("an id has 32 hexadecimal digits.")
        raise SearchRefused(field="subject", given=subject[:60], reason=reason) from error
    try:
        on = date.fromisoformat(day.strip()) if day.strip() else None
    except ValueError as error:
        raise SearchRefused(field="day", given=day[:60], reason=later("a day is written like 2026-05-15.")) from error
    return Search(action.strip()[:80], wanted, on)


async def entries(
    db: AsyncSession, actor: Actor, search: Search, before: UUID | None = None, limit: int = 50
) -> list[JournalEntry]:
    """Entries the actor may read, newest first.

    `action` is the beginning of an act's name; `subject` finds the thing, the person concerned and the account that acted.
    """
    chosen = select(JournalEntry).order_by(col(JournalEntry.id).desc()).limit(bounded(limit))
    if not actor.may("journal.read"):
        chosen = chosen.where(col(JournalEntry.org_id) == actor.org)
    if search.action:
        chosen = chosen.where(col(JournalEntry.action).startswith(search.action, autoescape=True))
    if search.subject is not None:
        chosen = chosen.where(
            sa.or_(
                col(JournalEntry.subject_id) == search.subject,
                col(JournalEntry.person_id) == search.subject,
                col(JournalEntry.account_id) == search.subject,
            )
        )
    if search.day is not None:
        begins = datetime.combine(search.day, time(), BEIJING)
        chosen = chosen.where(
            col(JournalEntry.created_at) >= begins, col(JournalEntry.created_at) < begins + timedelta(days=1)
        )
    if before is not None:
        chosen = chosen.where(col(JournalEntry.id) < before)
    return list(await db.scalars(chosen))
