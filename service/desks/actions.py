"""Reading the journal leaves its own trace; held jobs are queued again by a named person."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.desks.errors import JobNotHeld, JournalTooLong
from service.desks.queries.journal import Search, entries
from service.foundation.actor import Actor
from service.foundation.journal import JournalEntry, note

MOST_EXPORTED = 20_000


async def read_journal(
    db: AsyncSession, actor: Actor, search: Search, before: UUID | None = None, limit: int = 50
) -> list[JournalEntry]:
    """Entries of the journal; the reading itself is written down with what was searched for."""
    rows = await entries(db, actor, search, before, limit)
    await _written_down(db, actor, "journal.read", search, len(rows))
    return rows


async def export_journal(db: AsyncSession, actor: Actor, search: Search) -> list[JournalEntry]:
    """Entries for a file, newest first; taking it is written down. Raises JournalTooLong."""
    rows = await entries(db, actor, search, limit=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise JournalTooLong(limit=MOST_EXPORTED)
    await _written_down(db, actor, "journal.exported", search, len(rows))
    return rows


async def _written_down(db: AsyncSession, actor: Actor, act: str, search: Search, found: int) -> None:
    assert actor.account_id is not None, "who is signed in has an account"
    await note(
        db,
        act,
        "account",
        actor.account_id,
        since=search.since,
        until=search.until,
        act=search.act,
        thing=search.thing,
        by_name=bool(search.who),  # never the name itself
        found=found,
    )


async def requeue(db: AsyncSession, actor: Actor, job_id: int) -> None:
    """Queue a held job again; it runs from its beginning. Raises JobNotHeld."""
    if not await db.scalar(sa.text("SELECT requeue_job(:id)"), {"id": job_id}):
        raise JobNotHeld
    assert actor.account_id is not None, "who is signed in has an account"
    await note(db, "job.requeued", "account", actor.account_id, job=job_id)
