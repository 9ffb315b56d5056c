"""On a database of their own with real commits: a failed commit is a failed answer, limits count, tenants never leak."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar, post
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.foundation.actor import SYSTEM, Reach, Scope
from service.foundation.database import Sessions, make_engine, make_sessions
from service.foundation.errors import TooManyTries
from service.ledger.tables import Book, LedgerAccount, LedgerEntry, LedgerLine, Side
from service.settings import Settings
from service.web.access import PUBLIC, access
from service.web.database import Db
from service.web.limits import Limits, Rule
from tests.database import TestServer
from tests.given import accounts as given

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
async def place(server: TestServer) -> AsyncIterator[dict[str, Any]]:
    """Engines of the application and the worker on a fresh clone."""
    name = f"tmc_web_{uuid4().hex[:8]}"
    await asyncio.to_thread(server.clone, name)
    app, worker = make_engine(server.url("tmc_app", name), 5), make_engine(server.url("tmc_worker", name), 2)
    yield {"app": app, "worker": worker, "app_url": server.url("tmc_app", name)}
    await app.dispose()
    await worker.dispose()
    await asyncio.to_thread(server.drop, name)


async def organisations(worker: AsyncEngine, count: int) -> list[UUID]:
    """Organisations, each with one ledger account of its own."""
    async with make_sessions(worker).begin() as db:
        db.info["scope"] = SYSTEM
        made = [(await given.organisation(db, f"单位{number}")).id for number in range(count)]
        for org_id in made:
            db.add(LedgerAccount(org_id=org_id, book=Book.MONEY, code="own"))
    return made


@post("/api/test/unbalanced", **access(PUBLIC))
async def unbalanced(db: Db) -> dict[str, str]:
    """Writes what only the commit refuses: that entries balance is checked at the end of the transaction."""
    org_id = db.info["planted"]
    await db.execute(
        sa.text("SELECT set_config('app.org', :org, true), set_config('app.reach', 'org', true)"), {"org": str(org_id)}
    )
    entry = LedgerEntry(org_id=org_id, book=Book.MONEY, source_kind="planted", source_id=uuid4(), effective_on=DAY)
    account = LedgerAccount(org_id=org_id, book=Book.MONEY, code=f"planted-{uuid4().hex[:6]}")
    db.add_all([entry, account])
    await db.flush()
    db.add(LedgerLine(org_id=org_id, entry_id=entry.id, line_no=1, account_id=account.id, side=Side.DEBIT, amount=1))
    await db.flush()
    return {"answer": "kept"}


async def test_a_failed_commit_is_a_failed_answer(place: dict[str, Any], settings: Settings) -> None:
    org_id = (await organisations(place["worker"], 1))[0]
    sessions: Sessions = make_sessions(place["app"], info={"planted": org_id})
    app: Litestar = create_app(settings, sessions=sessions, engine=place["app"])
    app.register(unbalanced)
    transport: Any = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        answer = await browser.post("/api/test/unbalanced")
    assert answer.status_code == 500
    assert "kept" not in answer.text
    async with make_sessions(place["worker"])() as db:
        db.info["scope"] = SYSTEM
        assert await db.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) == 0


async def test_a_limit_lets_the_burst_through_and_then_says_how_long_to_wait(place: dict[str, Any]) -> None:
    limits, rule = Limits(place["app"]), Rule(f"test-{uuid4().hex[:6]}", burst=5, seconds=60)
    outcomes = await asyncio.gather(*(limits.take(rule, "someone") for _ in range(12)), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, TooManyTries)]
    assert len(refused) == 7, outcomes
    assert all(0 < int(str(one.facts["seconds"])) <= 61 for one in refused)
    await limits.take(rule, "someone else")


async def test_two_thousand_sessions_of_random_tenants_never_see_each_other(place: dict[str, Any]) -> None:
    """Errors, cancelled requests and pooled connections included: nothing of one tenant is left for the next."""
    tenants = await organisations(place["worker"], 8)
    sessions = make_sessions(place["app"])
    chance = random.Random(20261123)
    leaks: list[str] = []

    async def one(number: int) -> None:
        tenant = chance.choice(tenants)
        async with sessions() as db:
            kind = number % 4
            if kind == 3:  # nobody said who acts: nothing may be seen
                seen = list(await db.scalars(sa.select(LedgerAccount)))
                if seen:
                    leaks.append("anonymous")
                return
            db.info["scope"] = Scope(reach=Reach.ORG, org_id=tenant)
            if kind == 1:
                with pytest.raises(DBAPIError):
                    await db.execute(sa.text("SELECT 1/0"))
                return
            seen = list(await db.scalars(sa.select(LedgerAccount)))
            if {row.org_id for row in seen} != {tenant}:
                leaks.append(str(tenant))
            if kind == 2:
                raise asyncio.CancelledError

    for start in range(0, 2000, 40):
        await asyncio.gather(*(one(number) for number in range(start, start + 40)), return_exceptions=True)
    assert leaks == []


async def test_another_tenants_rows_cannot_be_written_moved_or_referred_to(place: dict[str, Any]) -> None:
    mine, theirs = await organisations(place["worker"], 2)
    sessions = make_sessions(place["app"], info={"scope": Scope(reach=Reach.ORG, org_id=mine)})
    async with make_sessions(place["worker"])() as db:
        db.info["scope"] = SYSTEM
        foreign = (await db.scalars(sa.select(LedgerAccount).where(LedgerAccount.org_id == theirs))).one()
    async with sessions() as db:
        db.add(LedgerAccount(org_id=theirs, book=Book.MONEY, code="planted"))
        with pytest.raises(DBAPIError, match="row-level security"):
            await db.flush()
    async with sessions() as db:
        with pytest.raises(DBAPIError, match="row-level security"):
            await db.execute(sa.text("UPDATE ledger_account SET org_id = :theirs"), {"theirs": theirs})
    async with sessions() as db:
        entry = LedgerEntry(org_id=mine, book=Book.MONEY, source_kind="t", source_id=uuid4(), effective_on=DAY)
        db.add(entry)
        await db.flush()
        db.add(LedgerLine(org_id=mine, entry_id=entry.id, line_no=1, account_id=foreign.id, side=Side.DEBIT, amount=1))
        with pytest.raises(DBAPIError, match="foreign key"):
            await db.flush()


async def test_the_applications_role_cannot_pose_as_the_system(place: dict[str, Any]) -> None:
    await organisations(place["worker"], 1)
    async with make_sessions(place["app"], info={"scope": SYSTEM})() as db:
        assert list(await db.scalars(sa.select(LedgerAccount))) == []
