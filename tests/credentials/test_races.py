"""With real commits: numbers without gaps, one certificate for one approval, and a revocation nobody reads past."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from certificates.serial import parse_number
from service.approvals.errors import NothingProposed
from service.credentials.actions import (
    decide_change,
    decide_correction,
    issue_entry,
    propose_change,
    propose_correction,
    request_correction,
)
from service.credentials.errors import ChangeWaits, CredentialReplaced, NotCorrectable
from service.credentials.queries import entries_of
from service.credentials.tables import CorrectionKind, CorrectionRequest, Credential, IssuingEntry
from service.foundation.actor import ANONYMOUS, SYSTEM
from service.foundation.database import Sessions, make_engine, make_sessions
from service.foundation.keyring import Keyring
from service.settings import Settings
from service.verification.queries import look_up
from tests.database import TestServer
from tests.given import credentials as given
from tests.given.credentials import IssuingWorld

ROUNDS = 5


@pytest.fixture(scope="module")
def committed(server: TestServer) -> Iterator[str]:
    """A database of this module's own, in which things are truly committed."""
    name = f"tmc_issue_races_{os.getpid()}"
    server.clone(name)
    yield name
    server.drop(name)


@pytest.fixture
async def worker(server: TestServer, committed: str) -> AsyncIterator[Sessions]:
    """Sessions of several workers over real connections."""
    engine = make_engine(server.url("tmc_worker", committed), 10)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def browser(server: TestServer, committed: str) -> AsyncIterator[Sessions]:
    """Sessions of the application over real connections."""
    engine = make_engine(server.url("tmc_app", committed), 10)
    yield make_sessions(engine)
    await engine.dispose()


async def approved(worker: Sessions, people: int, code: str) -> tuple[IssuingWorld, list[IssuingEntry]]:
    """A base with an approved list, committed, nothing issued yet."""
    async with worker() as db:
        db.info["scope"] = SYSTEM
        house = await given.issuing_world(db, people=people, code=code)
        row = await given.approved_list(db, house)
        entries = await entries_of(db, row.id)
        await db.commit()
    return house, entries


class Crash(Exception):
    """A worker that dies before its commit."""


async def issue(worker: Sessions, keyring: Keyring, settings: Settings, entry: IssuingEntry, crash: bool) -> None:
    """One worker issues one entry in a transaction of its own, or dies just before the commit."""
    async with worker() as db:
        db.info["scope"] = SYSTEM
        await issue_entry(db, keyring, settings, entry.id)
        if crash:
            raise Crash
        await db.commit()


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_numbers_have_no_gap_and_no_double_whatever_crashes(
    worker: Sessions, keyring: Keyring, settings: Settings, number: int
) -> None:
    code = f"{number + 1:02d}"
    _, entries = await approved(worker, 6, code)
    chance = random.Random(number)
    work = [(entry, False) for entry in entries] + [(chance.choice(entries), True) for _ in range(6)]
    work += [(chance.choice(entries), False) for _ in range(4)]
    chance.shuffle(work)
    done = await asyncio.gather(
        *(issue(worker, keyring, settings, entry, crash) for entry, crash in work), return_exceptions=True
    )
    assert all(one is None or isinstance(one, Crash) for one in done), done
    async with worker() as db:
        db.info["scope"] = SYSTEM
        rows = list(await db.scalars(select(Credential).where(col(Credential.issuing_list_id) == entries[0].list_id)))
        last = await db.scalar(sa.text("SELECT last FROM number_counter WHERE base_code = :code"), {"code": code})
    assert sorted(parse_number(one.number).serial for one in rows) == [1, 2, 3, 4, 5, 6]
    assert len({one.enrolment_id for one in rows}) == 6
    assert len({one.status_index for one in rows}) == 6
    assert last == 6


async def test_eight_workers_at_one_entry_issue_one_certificate(
    worker: Sessions, keyring: Keyring, settings: Settings
) -> None:
    _, [entry] = await approved(worker, 1, "20")
    await asyncio.gather(*(issue(worker, keyring, settings, entry, False) for _ in range(8)))
    async with worker() as db:
        db.info["scope"] = SYSTEM
        counts = (
            await db.execute(
                sa.text(
                    "SELECT (SELECT count(*) FROM credential WHERE enrolment_id = :id),"
                    " (SELECT count(*) FROM issued_document d JOIN credential c ON c.id = d.subject_id"
                    " WHERE c.enrolment_id = :id), (SELECT last FROM number_counter WHERE base_code = '20')"
                ),
                {"id": entry.enrolment_id},
            )
        ).one()
    assert tuple(counts) == (1, 1, 1)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_after_the_revocation_is_answered_nobody_reads_valid(
    worker: Sessions, browser: Sessions, keyring: Keyring, settings: Settings, number: int
) -> None:
    house, [entry] = await approved(worker, 1, f"{number + 25:02d}")
    await issue(worker, keyring, settings, entry, False)
    async with worker() as db:
        db.info["scope"] = SYSTEM
        made = (await db.scalars(select(Credential).where(col(Credential.enrolment_id) == entry.enrolment_id))).one()
    async with browser() as db:
        db.info["scope"] = house.director.scope
        await propose_change(db, house.director, made.id, to_state="revoked", reason="fraud")
        await db.commit()
    answered = asyncio.Event()
    wrong: list[str] = []
    seen: list[str] = []

    async def revoke() -> None:
        await asyncio.sleep(0.02)
        async with browser() as db:
            db.info["scope"] = house.decider.scope
            await decide_change(db, house.decider, made.id, approve=True)
            await db.commit()
        answered.set()

    async def verify() -> None:
        for _ in range(40):
            after = answered.is_set()  # asked after the answer was given
            async with browser() as db:
                db.info["scope"] = ANONYMOUS
                answer = await look_up(db, keyring, number=made.number, code=made.check_code, way="qr")
                await db.commit()
            seen.append(answer.state)
            if after and answer.state != "revoked":
                wrong.append(answer.state)

    await asyncio.gather(revoke(), *(verify() for _ in range(4)))
    assert wrong == []
    assert "valid" in seen
    assert seen[-1] == "revoked"


async def proposed_correction(
    worker: Sessions, browser: Sessions, keyring: Keyring, settings: Settings, code: str
) -> tuple[IssuingWorld, Credential, CorrectionRequest]:
    """A certificate with a proposed correction, all committed."""
    house, [entry] = await approved(worker, 1, code)
    await issue(worker, keyring, settings, entry, False)
    async with worker() as db:
        db.info["scope"] = SYSTEM
        made = (await db.scalars(select(Credential).where(col(Credential.enrolment_id) == entry.enrolment_id))).one()
    holder = house.trainees[0].actor
    async with browser() as db:
        db.info["scope"] = holder.scope
        asked = await request_correction(
            db,
            keyring,
            settings,
            holder,
            made.id,
            kind=CorrectionKind.ENGLISH_NAME,
            reason="拼写有误",
            english_name="LIN Zhi-yuan",
        )
        await db.commit()
    async with browser() as db:
        db.info["scope"] = house.director.scope
        await propose_correction(db, keyring, settings, house.director, asked.id)
        await db.commit()
    return house, made, asked


async def versions(worker: Sessions, number: str) -> list[tuple[int, str]]:
    """(version, state) of all under a number, as committed."""
    async with worker() as db:
        db.info["scope"] = SYSTEM
        rows = await db.scalars(select(Credential).where(col(Credential.number) == number))
        return sorted((one.version, one.state.value) for one in rows)


async def test_two_approvals_at_once_make_one_later_version_and_one_stands_at_every_moment(
    worker: Sessions, browser: Sessions, keyring: Keyring, settings: Settings
) -> None:
    house, made, asked = await proposed_correction(worker, browser, keyring, settings, "31")
    done = asyncio.Event()
    seen: set[int] = set()

    async def approve() -> None:
        async with browser() as db:
            db.info["scope"] = house.decider.scope
            await decide_correction(db, keyring, settings, house.decider, asked.id, approve=True)
            await db.commit()

    async def watch() -> None:
        while not done.is_set():
            seen.add(sum(1 for _, state in await versions(worker, made.number) if state == "valid"))

    watching = asyncio.create_task(watch())
    told = await asyncio.gather(*(approve() for _ in range(4)), return_exceptions=True)
    done.set()
    await watching
    assert sorted(type(one).__name__ for one in told) == ["NoneType", *["NothingProposed"] * 3]
    assert await versions(worker, made.number) == [(1, "superseded"), (2, "valid")]
    assert seen == {1}


@pytest.mark.parametrize("number", range(4))
async def test_a_revocation_and_a_reissue_at_once_end_revoked_or_wait_for_it(
    worker: Sessions, browser: Sessions, keyring: Keyring, settings: Settings, number: int
) -> None:
    house, made, asked = await proposed_correction(worker, browser, keyring, settings, f"{number + 32:02d}")

    async def revoke() -> None:
        async with browser() as db:
            db.info["scope"] = house.director.scope
            await propose_change(db, house.director, made.id, to_state="revoked", reason="fraud")
            await db.commit()
        async with browser() as db:
            db.info["scope"] = house.decider.scope
            await decide_change(db, house.decider, made.id, approve=True)
            await db.commit()

    async def approve() -> None:
        await asyncio.sleep(0.01 * number)
        async with browser() as db:
            db.info["scope"] = house.decider.scope
            await decide_correction(db, keyring, settings, house.decider, asked.id, approve=True)
            await db.commit()

    revoked, reissued = await asyncio.gather(revoke(), approve(), return_exceptions=True)
    now = await versions(worker, made.number)
    if reissued is None:  # it was first: the revocation is told to go to the version that stands
        assert isinstance(revoked, CredentialReplaced)
        assert now == [(1, "superseded"), (2, "valid")]
    else:
        assert revoked is None
        assert isinstance(reissued, ChangeWaits | NotCorrectable | NothingProposed), reissued
        assert now == [(1, "revoked")]
