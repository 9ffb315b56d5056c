"""The life of enrolments against a model: whatever people and the base do, seats and the line come out the same."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from service.enrolments.actions import apply, fill_seats, refuse, withdraw
from service.enrolments.errors import AlreadyEnrolled
from service.enrolments.queries import INVARIANTS, waiting_position
from service.foundation.actor import SYSTEM, Actor
from service.foundation.database import Sessions, make_engine, make_sessions
from tests.database import TestServer
from tests.given import accounts as given
from tests.given.courses import published_session
from tests.given.people import person

T = TypeVar("T")
PEOPLE = 5


class World:
    """A database of its own, with people and a base's clerk, kept over all examples."""

    def __init__(self, loop: asyncio.AbstractEventLoop, app: AsyncEngine, worker: AsyncEngine) -> None:
        self.loop = loop
        self.app: Sessions = make_sessions(app)
        self.worker: Sessions = make_sessions(worker)
        self.people: list[Actor] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.loop.run_until_complete(work)

    async def new_session(self, capacity: int) -> tuple[UUID, UUID, Actor]:
        """A fresh session: (id, organisation, clerk)."""
        async with self.worker() as db:
            db.info["scope"] = SYSTEM
            session = await published_session(db, capacity=capacity, with_meetings=False)
            clerk = await given.staff(db, "scheduler", session.org_id)
            while len(self.people) < PEOPLE:
                self.people.append(await given.holder(db, (await person(db)).id))
            await db.commit()
            return session.id, session.org_id, clerk


@pytest.fixture(scope="module")
def kept(server: TestServer) -> Iterator[World]:
    name = f"tmc_life_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    server.clone(name)
    loop = asyncio.new_event_loop()
    app, worker = (make_engine(server.url(role, name), 2) for role in ("tmc_app", "tmc_worker"))
    yield World(loop, app, worker)
    loop.run_until_complete(app.dispose())
    loop.run_until_complete(worker.dispose())
    loop.close()
    server.drop(name)


def machine(world: World) -> type[RuleBasedStateMachine]:
    """The machine over this world. The model: who sits, and who waits in which order."""

    class Life(RuleBasedStateMachine):
        @initialize(capacity=st.integers(1, 3))
        def open(self, capacity: int) -> None:
            self.capacity = capacity
            self.session, self.org, self.clerk = world.run(world.new_session(capacity))
            self.seated: list[int] = []
            self.line: list[int] = []
            self.rows: dict[int, UUID] = {}

        def move_up(self) -> None:
            while self.line and len(self.seated) < self.capacity:
                self.seated.append(self.line.pop(0))

        @rule(who=st.integers(0, PEOPLE - 1))
        def apply(self, who: int) -> None:
            actor = world.people[who]

            async def work() -> UUID | None:
                async with world.app() as db:
                    db.info["scope"] = actor.scope
                    try:
                        row = await apply(db, actor, self.session, consent=True)
                    except AlreadyEnrolled:
                        return None
                    await db.commit()
                    return row.id

            made = world.run(work())
            inside = who in self.seated or who in self.line
            assert (made is None) == inside
            if made is not None:
                self.rows[who] = made
                self.line.append(who)
                self.move_up()

        @precondition(lambda self: self.seated or self.line)
        @rule(data=st.data(), by_base=st.booleans())
        def leave(self, data: st.DataObject, by_base: bool) -> None:
            who = data.draw(st.sampled_from(sorted([*self.seated, *self.line])))
            actor = self.clerk if by_base else world.people[who]

            async def work() -> None:
                async with world.app() as db:
                    db.info["scope"] = actor.scope
                    if by_base:
                        await refuse(db, actor, self.rows[who], "材料不全")
                    else:
                        await withdraw(db, actor, self.rows[who])
                    await db.commit()

            world.run(work())
            (self.seated if who in self.seated else self.line).remove(who)
            self.move_up()

        @rule()
        def add_a_seat(self) -> None:
            async def work() -> None:
                async with world.app() as db:
                    db.info["scope"] = self.clerk.scope
                    await db.execute(
                        sa.text("UPDATE course_session SET capacity = capacity + 1 WHERE id = :s"), {"s": self.session}
                    )
                    await fill_seats(db, self.org, self.session)
                    await db.commit()

            world.run(work())
            self.capacity += 1
            self.move_up()

        @invariant()
        def agrees(self) -> None:
            async def work() -> tuple[set[UUID], list[UUID], int, list[Any], list[int | None]]:
                async with world.worker() as db:
                    db.info["scope"] = SYSTEM
                    rows = (
                        await db.execute(
                            sa.text(
                                "SELECT id, state FROM enrolment WHERE course_session_id = :s"
                                " AND state IN ('enrolled', 'waiting') ORDER BY waiting_since, id"
                            ),
                            {"s": self.session},
                        )
                    ).all()
                    taken = await db.scalar(
                        sa.text("SELECT taken FROM course_session WHERE id = :s"), {"s": self.session}
                    )
                    waiting = [row.id for row in rows if row.state == "waiting"]
                    places = [await waiting_position(db, one) for one in waiting]
                    broken = [one for text in INVARIANTS.values() for one in await db.execute(sa.text(text))]
                    seated = {row.id for row in rows if row.state == "enrolled"}
                    return seated, waiting, int(taken or 0), broken, places

            seated, waiting, taken, broken, places = world.run(work())
            assert seated == {self.rows[one] for one in self.seated}
            assert waiting == [self.rows[one] for one in self.line]
            assert places == list(range(1, len(waiting) + 1))
            assert taken == len(self.seated) <= self.capacity
            assert broken == []

    return Life


def play(world: World, examples: int, steps: int) -> None:
    """Run the machine."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    run_state_machine_as_test(machine(world), settings=chosen)


def test_enrolments_live_as_the_model_says(kept: World) -> None:
    play(kept, 40, 15)


@pytest.mark.slow
def test_enrolments_live_as_the_model_says_for_long(kept: World) -> None:
    play(kept, 50, 30)
