"""The worker: jobs run at least once, effects happen once; the second of the two places that commit."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job, Schedule
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from service.foundation import announcing
from service.foundation.actor import Reach, Scope
from service.foundation.announcing import Event, Listener
from service.foundation.database import Sessions, set_scope
from service.foundation.records import now_by_database

log = structlog.get_logger("worker")


class Handled(SQLModel, table=True):
    """One row is one event whose effect one listener has completed.

    Tenancy: system. Personal: none.
    """

    __tablename__ = "handled"

    listener: str = Field(primary_key=True, max_length=100)
    event_id: UUID = Field(primary_key=True)
    handled_at: datetime = now_by_database()


class Work:
    """Short transactions for a job that does slow things between them."""

    def __init__(self, sessions: Sessions, listener: str, event: Event, scope: Scope) -> None:
        self.sessions = sessions
        self.listener = listener
        self.event = event
        self.scope = scope

    @contextlib.asynccontextmanager
    async def transaction(self, final: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction under the event's scope; the final one marks the event handled together with its effect.

        Raises AlreadyHandled in the final transaction when another worker was first.
        """
        async with self.sessions() as db:
            db.info["scope"] = self.scope
            if final and not await mark_handled(db, self.listener, self.event.event_id):
                raise AlreadyHandled
            yield db
            await db.commit()


class AlreadyHandled(Exception):
    """Another worker has completed this event for this listener."""


async def mark_handled(db: AsyncSession, listener: str, event_id: UUID) -> bool:
    """Insert (listener, event): False when it was there, that is when the effect has happened already."""
    statement = insert(Handled).values(listener=listener, event_id=event_id).on_conflict_do_nothing()
    result = await db.execute(statement.returning(col(Handled.event_id)))
    return result.first() is not None


async def handle(sessions: Sessions, listener: Listener, payload: bytes) -> None:
    """Run one listener for one event, once."""
    event = listener.event.model_validate(json.loads(payload)["event"])
    scope = Scope(reach=Reach.SYSTEM, org_id=event.org_id)
    if listener.own_transactions:
        async with sessions() as db:
            await set_scope(db, scope)
            seen = await db.scalar(
                sa.select(col(Handled.event_id)).where(
                    col(Handled.listener) == listener.name, col(Handled.event_id) == event.event_id
                )
            )
        if seen is None:
            with contextlib.suppress(AlreadyHandled):
                await listener.handler(Work(sessions, listener.name, event, scope), event)
        return
    async with sessions() as db:
        db.info["scope"] = scope
        if not await mark_handled(db, listener.name, event.event_id):
            return
        await listener.handler(db, event)
        await db.commit()


async def run_timed(sessions: Sessions, name: str) -> None:
    """Run one timed job in one transaction under the system's scope."""
    handler = announcing.timed[name][1]
    async with sessions() as db:
        db.info["scope"] = Scope(reach=Reach.SYSTEM)
        await handler(db)
        await db.commit()


async def work(sessions: Sessions, stop: asyncio.Event, connection_arguments: dict[str, Any]) -> None:
    """Take jobs until `stop` is set: PgQueuer over one connection of its own, failures held for a person to look at."""
    connection = await asyncpg.connect(**connection_arguments)
    try:
        queue = PgQueuer(AsyncpgDriver(connection))
        for listener in announcing.listeners.values():
            _register(queue, sessions, listener)
        for name, (cron, _) in announcing.timed.items():
            _schedule(queue, sessions, name, cron)
        running = asyncio.create_task(
            queue.run(
                batch_size=2,
                dequeue_timeout=timedelta(seconds=5),
                heartbeat_timeout=timedelta(seconds=30),
                max_concurrent_tasks=4,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        stopping.cancel()
        await running
    finally:
        await connection.close()


def _register(queue: PgQueuer, sessions: Sessions, listener: Listener) -> None:
    async def run(job: Job) -> None:
        with structlog.contextvars.bound_contextvars(listener=listener.name, job_id=str(job.id)):
            try:
                await handle(sessions, listener, job.payload or b"{}")
            except Exception:
                log.exception("job.failed")
                raise
            log.info("job.done")

    queue.entrypoint(listener.name, on_failure="hold")(run)


def _schedule(queue: PgQueuer, sessions: Sessions, name: str, cron: str) -> None:
    async def run(schedule: Schedule) -> None:
        try:
            await run_timed(sessions, name)
        except Exception:
            log.exception("timed.failed", timed=name)

    queue.schedule(name, cron)(run)


async def drain(sessions: Sessions, raw: Any, most: int = 1000) -> int:
    """Run the queued jobs one after another in this process and take them off the queue: for tests and the demo loader.

    `raw` is an asyncpg connection. Returns how many ran. A failing job raises.
    """
    for done in range(most):
        row = await raw.fetchrow(
            "DELETE FROM jobs.pgqueuer WHERE id = (SELECT id FROM jobs.pgqueuer WHERE status = 'queued'"
            " AND execute_after <= now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING entrypoint, payload"
        )
        if row is None:
            return done
        await handle(sessions, announcing.listeners[row["entrypoint"]], row["payload"])
    raise RuntimeError(f"more than {most} jobs: a circle of events?")
