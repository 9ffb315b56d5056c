"""Two at once, with real commits on a database of their own: one document is one person, one account one link."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from service.accounts.rules import HOLDER, permissions_of
from service.foundation.actor import SYSTEM, Actor, Reach, Scope
from service.foundation.database import make_engine, make_sessions
from service.foundation.keyring import Keyring
from service.organisations.actions import organisation_for
from service.people.actions import declare_identity, person_for, personal_key
from service.people.errors import DocumentKnown, IdentityTaken
from tests.database import TestServer
from tests.given import accounts as given
from tests.given.people import resident_number

pytestmark = pytest.mark.race

AT_ONCE = 6


class Committed:
    """A database of its own whose transactions commit for real."""

    def __init__(self, app: AsyncEngine, worker: AsyncEngine) -> None:
        self.app, self.worker = make_sessions(app), make_sessions(worker)

    @asynccontextmanager
    async def acting(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """One transaction of the application, or of the worker for the system."""
        async with (self.worker if scope is SYSTEM else self.app)() as db:
            db.info["scope"] = scope
            yield db
            await db.commit()


@pytest.fixture
async def committed(server: TestServer) -> AsyncIterator[Committed]:
    """A clone of the template, dropped at the end."""
    name = "tmc_races_people"
    await asyncio.to_thread(server.clone, name)
    app = make_engine(server.url("tmc_app", name), AT_ONCE)
    worker = make_engine(server.url("tmc_worker", name), 1)
    yield Committed(app, worker)
    await app.dispose()
    await worker.dispose()
    await asyncio.to_thread(server.drop, name)


def holder(account_id: object) -> Actor:
    """A signed-in account without a person."""
    return Actor(
        account_id=account_id,  # type: ignore[arg-type]
        person_id=None,
        org_id=None,
        role=HOLDER,
        permissions=permissions_of(HOLDER),
        reach=Reach.PERSON,
        name="",
    )


@pytest.mark.fault
async def test_one_document_is_one_person_however_many_enter_it_at_once(committed: Committed, keyring: Keyring) -> None:
    async with committed.acting(SYSTEM) as db:
        homes = [(await given.organisation(db, f"基地{number}")).id for number in range(AT_ONCE)]
    for _round in range(5):
        number = resident_number()

        async def enter(org_id: object, number: str = number) -> object:
            async with committed.acting(Scope(Reach.ORG, None, None, org_id)) as db:  # type: ignore[arg-type]
                row = await person_for(
                    db,
                    keyring,
                    name="张三",
                    kind="resident",
                    number=number,
                    ground="enrolment",
                    org_id=org_id,  # type: ignore[arg-type]
                )
                await personal_key(db, keyring, row.id)
                return row.id

        ids = await asyncio.gather(*(enter(org_id) for org_id in homes))
        assert len(set(ids)) == 1
    async with committed.acting(SYSTEM) as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM person")) == 5
        assert await db.scalar(sa.text("SELECT count(*) FROM identity_document")) == 5
        assert await db.scalar(sa.text("SELECT count(*) FROM person_key")) == 5
        assert await db.scalar(sa.text("SELECT count(*) FROM person_access")) == 5 * AT_ONCE


@pytest.mark.fault
async def test_one_document_goes_to_one_of_many_accounts(committed: Committed, keyring: Keyring) -> None:
    async with committed.acting(SYSTEM) as db:
        accounts = [(await given.account(db, f"账号{number}")).id for number in range(AT_ONCE)]
    for _round in range(3):
        number = resident_number()

        async def declare(account_id: object, number: str = number) -> bool:
            actor = holder(account_id)
            async with committed.acting(actor.scope) as db:
                try:
                    await declare_identity(
                        db, keyring, actor, name="张三", kind="resident", number=number, consented=True
                    )
                except IdentityTaken:
                    await db.rollback()
                    return False
                return True

        won = await asyncio.gather(*(declare(account_id) for account_id in accounts))
        assert sum(won) == 1
        accounts = [one for one, has in zip(accounts, won, strict=True) if not has]
    async with committed.acting(SYSTEM) as db:
        linked = await db.scalar(sa.text("SELECT count(*) FROM person"))
        assert linked == 3


@pytest.mark.fault
async def test_one_account_that_declares_twice_at_once_has_one_person(committed: Committed, keyring: Keyring) -> None:
    async with committed.acting(SYSTEM) as db:
        actor = holder((await given.account(db)).id)
    numbers = [resident_number()] * 2

    async def declare(number: str) -> str:
        async with committed.acting(replace(actor).scope) as db:
            try:
                row = await declare_identity(
                    db, keyring, actor, name="张三", kind="resident", number=number, consented=True
                )
            except DocumentKnown:
                await db.rollback()
                return "known"
            return str(row.id)

    outcomes = await asyncio.gather(*(declare(number) for number in numbers))
    assert sorted(outcome == "known" for outcome in outcomes) == [False, True]


@pytest.mark.fault
async def test_one_organisation_is_entered_once(committed: Committed) -> None:
    async with committed.acting(SYSTEM) as db:
        home = (await given.organisation(db)).id

    async def enter(name: str, uscc: str | None) -> object:
        async with committed.acting(Scope(Reach.ORG, None, None, home)) as db:
            return (await organisation_for(db, name, uscc)).id

    same_name = await asyncio.gather(*(enter("星海科技有限公司", None) for _ in range(AT_ONCE)))
    assert len(set(same_name)) == 1
    same_code = await asyncio.gather(
        *(enter(name, "91110000600037341L") for name in ("北洋科技", "北洋科技公司", "北洋科技有限公司"))
    )
    assert len(set(same_code)) == 1
