"""A sitting against a model of it: any order of saving, losing, resuming, more time, handing in and running out."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import asyncpg
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
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import col, select

from service.exams.actions.planning import more_time
from service.exams.actions.saving import save_answer
from service.exams.actions.scoring import score_sitting
from service.exams.actions.sitting import close_expired, start_sitting, submit_sitting
from service.exams.errors import NotStarted, SittingOver
from service.exams.rules import deadline_of, receipt_of
from service.exams.schemas import MoreTime
from service.exams.tables import Answer, AnswerTrail, Sitting
from service.foundation.actor import SYSTEM, Actor, Scope
from service.foundation.database import Sessions, make_sessions, set_scope
from service.foundation.errors import StateConflict
from service.foundation.keyring import digest_of
from tests.database import TestServer
from tests.given import exams as given
from tests.given.accounts import signed_in_token
from tests.given.exams import ExamWorld

T = TypeVar("T")
RESPONSES = st.one_of(st.none(), st.sampled_from(["A", "B", "C"]), st.just(["A", "C"]), st.just({"a": "B"}))
SLOTS = st.integers(min_value=1, max_value=3)


class Database:
    """A database of its own with one exam; every example takes a candidate nobody has used."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str) -> None:
        self.loop = loop
        self.engine: AsyncEngine = create_async_engine(url, poolclass=NullPool)
        self.sessions: Sessions = make_sessions(self.engine)
        self.address = url
        self.made: ExamWorld | None = None
        self.left: list[Any] = []
        self.raw: Any = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end on the loop of this database."""
        return self.loop.run_until_complete(work)

    async def within(self, who: Actor | Scope, act: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        """One transaction of the application, or as the system of the worker, with a real commit."""
        async with self.sessions() as db:
            scope = who.scope if isinstance(who, Actor) else who
            await db.execute(sa.text(f"SET LOCAL ROLE {'tmc_worker' if scope == SYSTEM else 'tmc_app'}"))
            await set_scope(db, scope)
            found = await act(db)
            await db.commit()
            return found

    async def candidate(self) -> Any:
        """A candidate whose sitting is ready."""
        if not self.left:
            self.made = await self.within(SYSTEM, lambda db: given.frozen_exam(db, people=40))
            self.left = list(self.made.candidates)
        one = self.left.pop()
        token, _ = await self.within(SYSTEM, lambda db: signed_in_token(db, one.actor))
        return one, token

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The save pool's statement, on a connection of its own as the application."""
        if self.raw is None:
            url = sa.engine.make_url(self.address)
            self.raw = await asyncpg.connect(
                host=url.query.get("host") or url.host,
                port=url.port or 5432,
                user=url.username,
                password=url.password,
                database=url.database,
            )
            await self.raw.execute("SET ROLE tmc_app")
        return await self.raw.fetchval(query, *arguments)

    async def close(self) -> None:
        """Close everything."""
        if self.raw is not None:
            await self.raw.close()
        await self.engine.dispose()


class SittingMachine(RuleBasedStateMachine):
    """The model: state, answers in time by slot, the trail, minutes given; `over` says that the clock has run out."""

    database: Database

    @initialize()
    def begin(self) -> None:
        self.one, self.token = self.database.run(self.database.candidate())
        self.state, self.over = "ready", False
        self.answers: dict[int, tuple[int, Any]] = {}
        self.trail: list[tuple[int, int, Any, bool]] = []
        self.extra = 0
        self.receipt: str | None = None

    @property
    def made(self) -> ExamWorld:
        assert self.database.made is not None
        return self.database.made

    def act(self, who: Actor | Scope, act: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        return self.database.run(self.database.within(who, act))

    def save(self, slot: int, revision: int, response: Any) -> Any:
        work = save_answer(
            self.database,
            digest_of(self.token),
            self.one.sitting_id,
            slot,
            revision,
            response,  # type: ignore[arg-type]
        )
        return self.database.run(work)

    def close_in_model(self, state: str) -> None:
        self.state = state
        self.receipt = receipt_of(self.one.sitting_id, {slot: response for slot, (_, response) in self.answers.items()})

    @rule()
    def start(self) -> None:
        def act(db: AsyncSession) -> Coroutine[Any, Any, Sitting]:
            return start_sitting(db, self.one.actor, self.one.sitting_id)

        if self.state in ("ready", "open"):
            found = self.act(self.one.actor, act)
            assert found.state.value == "open"
            self.state = "open"
        else:
            with pytest.raises(StateConflict):
                self.act(self.one.actor, act)

    @rule(slot=SLOTS, response=RESPONSES, step=st.integers(min_value=1, max_value=3))
    def save_newer(self, slot: int, response: Any, step: int) -> None:
        revision = max([self.answers.get(slot, (0, None))[0], *(r for s, r, _, _ in self.trail if s == slot)]) + step
        self.expect(slot, revision, response, self.save(slot, revision, response))

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), response=RESPONSES, back=st.integers(min_value=0, max_value=2))
    def save_older_or_again(self, data: st.DataObject, response: Any, back: int) -> None:
        slot = data.draw(st.sampled_from(sorted(self.answers)))
        revision = max(1, self.answers[slot][0] - back)
        self.expect(slot, revision, response, self.save(slot, revision, response))

    @precondition(lambda self: self.trail)
    @rule(data=st.data())
    def repeat_a_save_whose_answer_got_lost(self, data: st.DataObject) -> None:
        slot, revision, response, _ = data.draw(st.sampled_from(self.trail))
        self.expect(slot, revision, response, self.save(slot, revision, response))

    def expect(self, slot: int, revision: int, response: Any, found: Any) -> None:
        """What the model says of a save, and that the database says the same."""
        present, content = self.answers.get(slot, (0, None))
        if self.state == "ready":
            assert found.outcome == "unknown"
            return
        if self.state == "open" and not self.over:
            if revision > present:
                self.answers[slot] = (revision, response)
                self.trail.append((slot, revision, response, False))
                assert found.outcome == "saved"
            elif (revision, response) == (present, content):
                assert found.outcome == "saved"
            else:
                assert found.outcome == "stale"
        else:
            assert found.outcome == ("closed" if self.state == "submitted" else "late")
            if not any((slot, revision, response) == entry[:3] for entry in self.trail):
                self.trail.append((slot, revision, response, True))
        stands = self.answers.get(slot, (0, None))
        assert (found.revision, found.response) == stands

    @rule(minutes=st.integers(min_value=1, max_value=30))
    def adjust(self, minutes: int) -> None:
        def act(db: AsyncSession) -> Coroutine[Any, Any, Sitting]:
            given_time = MoreTime(minutes=minutes, reason="停电")
            return more_time(db, self.made.invigilator, self.one.sitting_id, given_time)

        if self.state in ("ready", "open") and not self.over:
            self.act(self.made.invigilator, act)
            self.extra += minutes
        else:
            with pytest.raises(SittingOver):
                self.act(self.made.invigilator, act)

    @precondition(lambda self: self.state == "open" and not self.over)
    @rule()
    def run_out(self) -> None:
        statement = "UPDATE sitting SET deadline_at = clock_timestamp() - interval '1 second' WHERE id = :id"

        async def act(db: AsyncSession) -> None:
            await db.execute(sa.text(statement), {"id": self.one.sitting_id})

        self.act(SYSTEM, act)
        self.over = True

    @rule()
    def submit(self) -> None:
        def act(db: AsyncSession) -> Coroutine[Any, Any, Any]:
            return submit_sitting(db, self.one.actor, self.one.sitting_id)

        if self.state == "ready":
            with pytest.raises(NotStarted):
                self.act(self.one.actor, act)
            return
        found = self.act(self.one.actor, act)
        if self.state == "open":
            self.close_in_model("expired" if self.over else "submitted")
        assert (found.state, found.receipt) == (self.state, self.receipt)

    @rule()
    def job_closes_what_is_over(self) -> None:
        closed = self.act(SYSTEM, close_expired)
        if self.state == "open" and self.over:
            assert closed == 1
            self.close_in_model("expired")
        else:
            assert closed == 0

    @rule()
    def job_scores(self) -> None:
        first = self.act(SYSTEM, lambda db: score_sitting(db, self.one.sitting_id))
        again = self.act(SYSTEM, lambda db: score_sitting(db, self.one.sitting_id))
        if self.state in ("submitted", "expired"):
            assert first is not None
            assert again is not None
            assert (first.id, first.digest) == (again.id, again.digest)
        else:
            assert first is None

    def teardown(self) -> None:
        """What this example leaves open and over is closed, so that the next example's job finds its own sitting only."""
        self.act(SYSTEM, close_expired)

    @invariant()
    def database_agrees(self) -> None:
        if not hasattr(self, "one"):
            return

        async def act(db: AsyncSession) -> tuple[Sitting, list[Answer], list[AnswerTrail]]:
            sitting = await db.get(Sitting, self.one.sitting_id)
            assert sitting is not None
            answers = await db.scalars(select(Answer).where(col(Answer.sitting_id) == sitting.id))
            trail = select(AnswerTrail).where(col(AnswerTrail.sitting_id) == sitting.id).order_by(col(AnswerTrail.id))
            return sitting, list(answers), list(await db.scalars(trail))

        sitting, answers, trail = self.act(SYSTEM, act)
        assert sitting.state.value == self.state
        assert sitting.receipt == self.receipt
        assert sitting.extra_minutes == self.extra
        assert {one.slot: (one.revision, one.response) for one in answers} == self.answers
        assert [(one.slot, one.revision, one.response, one.late) for one in trail] == self.trail
        if sitting.opened_at is not None and not self.over:
            exam = self.made.exam
            full = deadline_of(sitting.opened_at, exam.closes_at, exam.duration_minutes, self.extra, 0)
            assert sitting.deadline_at is not None
            assert abs(sitting.deadline_at - full) < timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def machine(server: TestServer) -> Any:
    """The machine over a database of its own, on a loop of its own."""
    name = server.clone("tmc_machine_exams")
    loop = asyncio.new_event_loop()
    database = Database(loop, server.url("tmc_test", name))
    yield type("Machine", (SittingMachine,), {"database": database})
    loop.run_until_complete(database.close())
    loop.close()
    server.drop(name)


def run(machine: Any, examples: int, steps: int) -> None:
    """Run so many examples of so many steps."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_any_order_of_events_ends_as_the_model_says(machine: Any) -> None:
    run(machine, examples=6, steps=12)


@pytest.mark.slow
def test_many_orders_of_events_end_as_the_model_says(machine: Any) -> None:
    run(machine, examples=12, steps=25)
