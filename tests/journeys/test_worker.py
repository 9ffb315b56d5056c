"""The worker with real commits: jobs follow the transaction, effects happen once, failures are held for a person."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.app import dsn_of
from service.foundation import announcing
from service.foundation.actor import SYSTEM, Reach, Scope
from service.foundation.announcing import Event, announce, on
from service.foundation.database import make_engine, make_sessions, scope_of
from service.foundation.working import Handled, Work, handle, work
from service.organisations.tables import Organisation, OrganisationKind
from tests.database import TestServer
from tests.given import accounts as given


class SeatSold(Event):
    """An event for these tests."""

    number: int
    broken: bool = False


async def keep_seat(db: AsyncSession, event: SeatSold) -> None:
    """Writes one organisation per event; fails when told to."""
    if event.broken:
        raise ValueError("planted")
    db.add(
        Organisation(kind=OrganisationKind.FIRM, name={"zh": f"座位{event.number}", "scope": str(scope_of(db).org_id)})
    )


async def print_seat(steps: Work, event: SeatSold) -> None:
    """A slow job of two short transactions."""
    async with steps.transaction() as db:
        await db.execute(sa.text("SELECT 1"))
    async with steps.transaction(final=True) as db:
        db.add(Organisation(kind=OrganisationKind.PARK, name={"zh": f"票{event.number}"}))


@pytest.fixture
def listening() -> Iterator[None]:
    """Subscribe for the test and unsubscribe after it."""
    on(SeatSold)(keep_seat)
    on(SeatSold, own_transactions=True)(print_seat)
    yield
    for name in [name for name, one in announcing.listeners.items() if one.event is SeatSold]:
        del announcing.listeners[name]


@pytest.fixture
async def place(server: TestServer) -> AsyncIterator[dict[str, Any]]:
    """Sessions of application and worker on a fresh clone."""
    name = f"tmc_worker_{uuid4().hex[:8]}"
    await asyncio.to_thread(server.clone, name)
    app, worker = make_engine(server.url("tmc_app", name), 5), make_engine(server.url("tmc_worker", name), 6)
    yield {"app": make_sessions(app), "worker": make_sessions(worker), "dsn": dsn_of(server.url("tmc_worker", name))}
    await app.dispose()
    await worker.dispose()
    await asyncio.to_thread(server.drop, name)


async def named(place: dict[str, Any], beginning: str) -> list[dict[str, str]]:
    """The organisations whose Chinese name begins so."""
    async with place["worker"]() as db:
        db.info["scope"] = SYSTEM
        rows = await db.scalars(
            sa.select(Organisation).where(sa.text("name->>'zh' LIKE :part")), {"part": f"{beginning}%"}
        )
        return [row.name for row in rows]


async def until(condition: Any, seconds: float = 20) -> None:
    """Wait for a condition, at most so long."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_jobs_follow_the_transaction_and_effects_happen_once(place: dict[str, Any], listening: None) -> None:
    async with place["worker"].begin() as db:
        db.info["scope"] = SYSTEM
        org_id = (await given.organisation(db)).id
    scope = Scope(reach=Reach.ORG, org_id=org_id)
    async with place["app"]() as db:
        db.info["scope"] = scope
        for number in range(20):
            await announce(db, SeatSold(number=number))
        await db.commit()
        await announce(db, SeatSold(number=99))
        await db.rollback()
    stop = asyncio.Event()
    working = asyncio.create_task(work(place["worker"], stop, place["dsn"]))

    async def all_done() -> bool:
        return len(await named(place, "座位")) >= 20 and len(await named(place, "票")) >= 20

    await until(all_done)
    stop.set()
    await working
    kept = await named(place, "座位")
    assert sorted(one["zh"] for one in kept) == sorted(f"座位{number}" for number in range(20))
    assert {one["scope"] for one in kept} == {str(org_id)}, "a job acts for its event's organisation"


async def test_the_same_event_twice_has_one_effect(place: dict[str, Any], listening: None) -> None:
    payload = b'{"event": %s}' % SeatSold(number=1).model_dump_json().encode()
    chosen = [one for one in announcing.listeners.values() if one.event is SeatSold]
    await asyncio.gather(*(handle(place["worker"], one, payload) for one in chosen for _ in range(5)))
    assert len(await named(place, "座位")) == 1
    assert len(await named(place, "票")) == 1


async def test_a_failing_job_is_held_and_leaves_nothing_half_done(place: dict[str, Any], listening: None) -> None:
    async with place["app"]() as db:
        await announce(db, SeatSold(number=5, broken=True))
        await db.commit()
    stop = asyncio.Event()
    working = asyncio.create_task(work(place["worker"], stop, place["dsn"]))

    async def held() -> bool:
        async with place["worker"]() as db:
            db.info["scope"] = SYSTEM
            return bool(await db.scalar(sa.text("SELECT held FROM queue_figures()")))

    await until(held)
    stop.set()
    await working
    async with place["worker"]() as db:
        db.info["scope"] = SYSTEM
        names = set(await db.scalars(sa.select(Handled.listener)))
    assert not any(name.endswith("keep_seat") for name in names)
    assert await named(place, "座位") == []
