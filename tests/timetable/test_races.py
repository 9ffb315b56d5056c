"""Two at once, with real commits: one booking, one clear refusal, never a deadlock."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.foundation.actor import SYSTEM, Actor
from service.foundation.database import Sessions, make_engine, make_sessions
from service.foundation.records import uuid7
from service.timetable.actions import book
from service.timetable.errors import PersonTaken, RoomTaken
from tests.database import TestServer
from tests.given.accounts import organisation, staff
from tests.given.people import person
from tests.given.timetable import at, room

pytestmark = pytest.mark.race

TITLE = {"zh": "某课", "en": "A lesson"}
NINE = at("2030-03-04 09:00")


@pytest.fixture(scope="module")
def committed(server: TestServer) -> Iterator[str]:
    """A database of this module's own, in which things are truly committed."""
    name = f"tmc_races_{os.getpid()}"
    server.clone(name)
    yield name
    server.drop(name)


@pytest.fixture
async def app_sessions(server: TestServer, committed: str) -> AsyncIterator[Sessions]:
    """Sessions of the application over a pool of real connections."""
    engine = make_engine(server.url("tmc_app", committed), 12)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def worker_sessions(server: TestServer, committed: str) -> AsyncIterator[Sessions]:
    """Sessions that build the world."""
    engine = make_engine(server.url("tmc_worker", committed), 2)
    yield make_sessions(engine)
    await engine.dispose()


class Stage:
    """An organisation with rooms and lecturers, committed."""

    def __init__(self, scheduler: Actor, rooms: list[UUID], people: list[UUID]) -> None:
        self.scheduler = scheduler
        self.rooms = rooms
        self.people = people


async def set_stage(sessions: Sessions) -> Stage:
    async with sessions() as db:
        db.info["scope"] = SYSTEM
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        rooms = [(await room(db, org.id, f"10{number}", 60)).id for number in range(3)]
        people = [(await person(db, "李明华")).id for _ in range(3)]
        await db.commit()
    return Stage(scheduler, rooms, people)


async def attempt_booking(
    sessions: Sessions, stage: Stage, room_id: UUID | None, people: list[UUID], begins: int = 0, minutes: int = 60
) -> str:
    """One request: `booked`, or the slug of the refusal; any other error is raised."""
    starts_at = NINE + timedelta(minutes=begins)
    async with sessions() as db:
        db.info["scope"] = stage.scheduler.scope
        try:
            await book(
                db,
                org_id=stage.scheduler.org,
                owner_kind="meeting",
                owner_id=uuid7(),
                title=TITLE,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                room_id=room_id,
                people=[(one, "lecturer") for one in people],
            )
        except (RoomTaken, PersonTaken) as refusal:
            await db.rollback()
            return refusal.slug
        await db.commit()
        return "booked"


async def race_for_one_room(app: Sessions, worker: Sessions, rounds: int) -> None:
    stage = await set_stage(worker)
    for turn in range(rounds):
        outcomes = await asyncio.gather(
            attempt_booking(app, stage, stage.rooms[0], [], turn * 60),
            attempt_booking(app, stage, stage.rooms[0], [], turn * 60 + 30, 30),
        )
        assert sorted(outcomes) == ["booked", "room-taken"]


async def race_for_one_lecturer(app: Sessions, worker: Sessions, rounds: int) -> None:
    """Different rooms, the same two lecturers in the opposite order: the old way to a deadlock."""
    stage = await set_stage(worker)
    first, second, _ = stage.people
    for turn in range(rounds):
        outcomes = await asyncio.gather(
            attempt_booking(app, stage, stage.rooms[0], [first, second], turn * 60),
            attempt_booking(app, stage, stage.rooms[1], [second, first], turn * 60),
        )
        assert sorted(outcomes) == ["booked", "person-taken"]


async def crowd(app: Sessions, worker: Sessions, requests: int) -> None:
    stage = await set_stage(worker)
    dice = random.Random(requests)
    outcomes = []
    for start in range(0, requests, 12):
        batch = [
            attempt_booking(
                app, stage, dice.choice(stage.rooms), dice.sample(stage.people, 2), dice.randrange(0, 400, 20), 50
            )
            for _ in range(min(12, requests - start))
        ]
        outcomes += await asyncio.gather(*batch)
    assert set(outcomes) <= {"booked", "room-taken", "person-taken"}
    async with worker() as db:
        db.info["scope"] = SYSTEM
        for table, thing in (("room_booking", "room_id"), ("person_booking", "person_id")):
            overlaps = await db.scalar(
                sa.text(
                    f"SELECT count(*) FROM {table} AS a JOIN {table} AS b"
                    f" ON a.{thing} = b.{thing} AND a.id < b.id AND a.during && b.during"
                    " WHERE a.state = 'held' AND b.state = 'held' AND a.org_id = :org"
                ),
                {"org": stage.scheduler.org},
            )
            assert overlaps == 0
        booked = await db.scalar(
            sa.text("SELECT count(*) FROM occurrence WHERE org_id = :org"), {"org": stage.scheduler.org}
        )
        assert booked == outcomes.count("booked") > 0


async def test_of_two_requests_for_one_room_one_books(app_sessions: Sessions, worker_sessions: Sessions) -> None:
    await race_for_one_room(app_sessions, worker_sessions, 5)


async def test_of_two_requests_for_one_lecturer_one_books(app_sessions: Sessions, worker_sessions: Sessions) -> None:
    await race_for_one_lecturer(app_sessions, worker_sessions, 5)


async def test_crowd_of_requests_leaves_no_overlap(app_sessions: Sessions, worker_sessions: Sessions) -> None:
    await crowd(app_sessions, worker_sessions, 48)


@pytest.mark.fault
@pytest.mark.race(1)
async def test_of_two_requests_for_one_room_one_books_a_hundred_times(
    app_sessions: Sessions, worker_sessions: Sessions
) -> None:
    await race_for_one_room(app_sessions, worker_sessions, 100)


@pytest.mark.fault
@pytest.mark.race(1)
async def test_of_two_requests_for_one_lecturer_one_books_a_hundred_times(
    app_sessions: Sessions, worker_sessions: Sessions
) -> None:
    await race_for_one_lecturer(app_sessions, worker_sessions, 100)


@pytest.mark.fault
@pytest.mark.race(1)
async def test_five_hundred_requests_for_three_rooms_leave_no_overlap(
    app_sessions: Sessions, worker_sessions: Sessions
) -> None:
    await crowd(app_sessions, worker_sessions, 500)
