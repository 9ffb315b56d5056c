"""Seats under concurrency, with real commits on a database of its own: nobody is seated twice, nobody is skipped."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.courses.tables import CourseSession
from service.enrolments.actions import apply, withdraw
from service.enrolments.queries import INVARIANTS
from service.foundation.actor import SYSTEM, Actor
from service.foundation.database import Sessions, make_engine, make_sessions
from tests.database import TestServer
from tests.given import accounts as given
from tests.given.courses import published_session
from tests.given.people import person

pytestmark = pytest.mark.race


@pytest.fixture(scope="module")
def racing(server: TestServer) -> Iterator[str]:
    """A database of this module's own, since what races commits."""
    name = f"tmc_race_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    server.clone(name)
    yield name
    server.drop(name)


@pytest.fixture
async def engines(server: TestServer, racing: str) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    """Engines of the application and of the worker."""
    app, worker = (make_engine(server.url(role, racing), 16) for role in ("tmc_app", "tmc_worker"))
    yield app, worker
    await app.dispose()
    await worker.dispose()


async def build(worker: Sessions, capacity: int, people: int) -> tuple[CourseSession, list[Actor]]:
    """A session and its applicants, committed."""
    async with worker() as db:
        db.info["scope"] = SYSTEM
        session = await published_session(db, capacity=capacity, with_meetings=False)
        applicants = [await given.holder(db, (await person(db)).id) for _ in range(people)]
        await db.commit()
        return session, applicants


async def in_own_transaction(sessions: Sessions, actor: Actor, session_id: UUID) -> UUID:
    """One applicant's request; returns the enrolment."""
    async with sessions() as db:
        db.info["scope"] = actor.scope
        row = await apply(db, actor, session_id, consent=True)
        await db.commit()
        return row.id


async def states(worker: Sessions, session_id: UUID) -> tuple[int, int, int, int]:
    """(taken, enrolled, waiting, rows that break an invariant)."""
    async with worker() as db:
        db.info["scope"] = SYSTEM
        taken = await db.scalar(sa.text("SELECT taken FROM course_session WHERE id = :s"), {"s": session_id})
        found = await db.execute(
            sa.text("SELECT state, count(*) AS people FROM enrolment WHERE course_session_id = :s GROUP BY 1"),
            {"s": session_id},
        )
        counts: dict[str, int] = {row.state: row.people for row in found}
        broken = [row for statement in INVARIANTS.values() for row in await db.execute(sa.text(statement))]
    return int(taken or 0), counts.get("enrolled", 0), counts.get("waiting", 0), len(broken)


async def last_seat(engines: tuple[AsyncEngine, AsyncEngine], rounds: int) -> None:
    """Two apply at once for one seat, so many times."""
    app, worker = make_sessions(engines[0]), make_sessions(engines[1])
    for _ in range(rounds):
        session, applicants = await build(worker, capacity=1, people=2)
        await asyncio.gather(*(in_own_transaction(app, one, session.id) for one in applicants))
        assert await states(worker, session.id) == (1, 1, 1, 0)


async def test_the_last_seat_goes_to_one_of_two(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    await last_seat(engines, 5)


@pytest.mark.fault
@pytest.mark.race(1)
async def test_the_last_seat_goes_to_one_of_two_a_hundred_times(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    await last_seat(engines, 100)


async def test_a_seat_given_back_while_others_apply_goes_to_the_first_in_line(
    engines: tuple[AsyncEngine, AsyncEngine],
) -> None:
    app, worker = make_sessions(engines[0]), make_sessions(engines[1])
    session, applicants = await build(worker, capacity=1, people=8)
    held = await in_own_transaction(app, applicants[0], session.id)
    first = await in_own_transaction(app, applicants[1], session.id)

    async def leave() -> None:
        async with app() as db:
            db.info["scope"] = applicants[0].scope
            await withdraw(db, applicants[0], held)
            await db.commit()

    await asyncio.gather(leave(), *(in_own_transaction(app, one, session.id) for one in applicants[2:]))
    assert await states(worker, session.id) == (1, 1, 6, 0)
    async with worker() as db:
        db.info["scope"] = SYSTEM
        assert await db.scalar(sa.text("SELECT state FROM enrolment WHERE id = :i"), {"i": first}) == "enrolled"


@pytest.mark.fault
@pytest.mark.race(1)
async def test_five_hundred_apply_at_once_for_sixty_seats(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    app, worker = make_sessions(engines[0]), make_sessions(engines[1])
    session, applicants = await build(worker, capacity=60, people=500)
    gate = asyncio.Semaphore(16)

    async def one(actor: Actor) -> None:
        async with gate:
            await in_own_transaction(app, actor, session.id)

    await asyncio.gather(*(one(actor) for actor in applicants))
    assert await states(worker, session.id) == (60, 60, 440, 0)
