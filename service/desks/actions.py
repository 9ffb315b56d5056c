"""Reading the journal leaves its own trace; held jobs are queued again by a named person."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.desks.errors import JobNotHeld
from service.desks.queries.journal import Search, entries
from service.foundation.actor import Actor
from service.foundation.journal import JournalEntry, note


async def read_journal(
    db: AsyncSession, actor: Actor, search: Search, before: UUID | None = None, limit: int = 50
) -> list[JournalEntry]:
    """Entries of the journal; the reading itself is written down with what was searched for."""
    rows = await entries(db, actor, search, before, limit)
    assert actor.account_id is not None, "who is signed in has an account"
    await note(
        db,
        "journal.read",
        "account",
        actor.account_id,
        searched_action=search.action,
        searched_subject=search.subject,
        day=search.day,
        found=len(rows),
    )
    return rows


async def requeue(db: AsyncSession, actor: Actor, job_id: int) -> None:
    """Queue a held job again; it runs from its beginning. Raises JobNotHeld."""
    if not await db.scalar(sa.text("SELECT requeue_job(:id)"), {"id": job_id}):
        raise JobNotHeld
    assert actor.account_id is not None, "who is signed in has an account"
    await note(db, "job.requeued", "account", actor.account_id, job=job_id)
