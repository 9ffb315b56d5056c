"""What happened is announced in the same transaction; whoever listens gets one job each, after the commit."""

import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

os.environ.setdefault("PGQUEUER_SCHEMA", "jobs")  # PgQueuer reads its schema from the environment when first used

from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.database import scope_of
from service.foundation.records import uuid7


class Event(BaseModel):
    """Something that happened, named in the past tense; carries ids only, never personal text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID = Field(default_factory=uuid7)
    org_id: UUID | None = None


E = TypeVar("E", bound=Event)
Handler = Callable[..., Awaitable[None]]


class Listener:
    """One subscriber of one event: `name` is the job's entrypoint and the key of `handled`."""

    def __init__(self, name: str, event: type[Event], handler: Handler, own_transactions: bool) -> None:
        self.name = name
        self.event = event
        self.handler = handler
        self.own_transactions = own_transactions


listeners: dict[str, Listener] = {}
resources: dict[str, Any] = {}  # what jobs need and the worker's start puts here: settings, rendering, short_messages
timed: dict[str, tuple[str, Handler]] = {}


def on(event: type[E], own_transactions: bool = False) -> Callable[[Handler], Handler]:
    """Subscribe a room's job to an event.

    The handler is called as `handler(db, event)` inside one transaction whose first statement marks it handled; with
    `own_transactions` as `handler(work, event)`, where `work` opens short transactions around slow things
    (`async with work.transaction() as db`, the last one with `final=True`).
    """

    def subscribe(handler: Handler) -> Handler:
        room = handler.__module__.removeprefix("service.").split(".")[0]
        name = f"{room}.{handler.__name__}"
        listeners[name] = Listener(name, event, handler, own_transactions)
        return handler

    return subscribe


def every(cron: str) -> Callable[[Handler], Handler]:
    """Run a job `handler(db)` on a crontab schedule (five fields, UTC)."""

    def subscribe(handler: Handler) -> Handler:
        room = handler.__module__.removeprefix("service.").split(".")[0]
        timed[f"{room}.{handler.__name__}"] = (cron, handler)
        return handler

    return subscribe


def listening_to(event: type[Event]) -> list[Listener]:
    """Who listens to this event, by name."""
    return sorted((one for one in listeners.values() if one.event is event), key=lambda one: one.name)


async def announce(db: AsyncSession, event: Event, not_before: datetime | None = None) -> None:
    """Enqueue one job per listener on this session's own connection: it follows the transaction, rollback included.

    `not_before` delays the jobs to that moment (UTC).
    """
    chosen = listening_to(type(event))
    if not chosen:
        return
    scope = scope_of(db)
    stamped = event if event.org_id is not None else event.model_copy(update={"org_id": scope.org_id})
    payload = json.dumps({"event": stamped.model_dump(mode="json")}).encode()
    delay: list[timedelta | None] | None = None
    if not_before is not None:
        delay = [max(not_before - datetime.now(UTC), timedelta(0))] * len(chosen)
    await db.flush()  # the rows the event speaks of are written before the job that reads them
    raw: Any = (await (await db.connection()).get_raw_connection()).driver_connection
    await Queries(AsyncpgDriver(raw)).enqueue(
        [one.name for one in chosen], [payload] * len(chosen), [0] * len(chosen), delay
    )
