"""What every test stands on: a database from migrations, one rolled-back connection a test, the app over HTTP."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

os.environ.setdefault("TMC_VAR_DIR", tempfile.mkdtemp(prefix="tmc-test-"))
os.environ.setdefault("TMC_LOG_JSON", "true")
os.environ.pop("DATABASE_URL", None)

from service.app import create_app
from service.foundation import working
from service.foundation.actor import ANONYMOUS, SYSTEM, Actor, Scope
from service.foundation.database import Sessions, make_sessions
from service.foundation.keyring import Keyring, keyring_at
from service.letters.messages import ConsoleMessages
from service.settings import Settings, get_settings
from service.web.limits import Rule
from tests.database import TestServer
from tests.given.accounts import signed_in_token
from tests.given.exams import OneConnection

# A duration is a benchmark, not a test: two busy cores must not turn a law red.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

RACES = 5 if "TMC_ROUNDS" not in os.environ else 100
"""How many times a race is run: 5 in every run of the tests, 100 under `make fault`."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `race` is run for many rounds; `race(1)` once, because it runs its rounds itself."""
    race = metafunc.definition.get_closest_marker("race")
    if race is not None:
        metafunc.fixturenames.append("race_round")
        metafunc.parametrize("race_round", range(*race.args or (RACES,)))


World = Callable[[], AbstractAsyncContextManager[AsyncSession]]
As = Callable[[Actor | Scope], AbstractAsyncContextManager[AsyncSession]]
ClientAs = Callable[[Actor | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def server() -> TestServer:
    """The database server, shared by all test processes; it stays up for the next run."""
    server = TestServer()
    server.start()
    return server


@pytest.fixture(scope="session")
def database(server: TestServer) -> Iterator[str]:
    """This process's database, cloned from the template."""
    name = f"tmc_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    server.clone(name)
    yield name
    server.drop(name)


@pytest.fixture
async def connection(server: TestServer, database: str) -> AsyncIterator[AsyncConnection]:
    """One connection a test, rolled back at its end. Logs in as a role that may become tmc_app or tmc_worker."""
    engine = create_async_engine(server.url("tmc_test", database), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.begin()
        await connection.execute(sa.text("SET LOCAL ROLE tmc_app"))
        yield connection
        await connection.rollback()
    await engine.dispose()


@pytest.fixture
def sessions(connection: AsyncConnection) -> Sessions:
    """Sessions of the application on the test's connection; a commit is a released savepoint."""
    return make_sessions(connection, join_transaction_mode="create_savepoint", info={"scope": ANONYMOUS})


@pytest.fixture
def world(connection: AsyncConnection, sessions: Sessions) -> World:
    """`async with world() as db:` builds the world as the system; kept at the end as if committed."""

    @asynccontextmanager
    async def build() -> AsyncIterator[AsyncSession]:
        await connection.execute(sa.text("SET LOCAL ROLE tmc_worker"))
        try:
            async with sessions() as db:
                db.info["scope"] = SYSTEM
                yield db
                await db.commit()
        finally:
            await connection.execute(sa.text("SET LOCAL ROLE tmc_app"))

    return build


@pytest.fixture
def acting(sessions: Sessions) -> As:
    """`async with acting(actor) as db:` is one request's transaction of the application, deferred constraints included."""

    @asynccontextmanager
    async def act(who: Actor | Scope) -> AsyncIterator[AsyncSession]:
        async with sessions() as db:
            db.info["scope"] = who.scope if isinstance(who, Actor) else who
            yield db
            await db.flush()
            await db.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            await db.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
            await db.commit()

    return act


class NoLimits:
    """Counts nothing, so that tests do not wait for each other; the limits have tests of their own."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    async def take(self, rule: Rule, subject: str) -> None:
        """Remember the try."""
        self.taken.append((rule.name, subject))


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of the tests."""
    return get_settings()


@pytest.fixture(scope="session")
def keyring(settings: Settings) -> Keyring:
    """The keyring of the tests."""
    return keyring_at(settings.keyring_path)


def made_app(settings: Settings, server: TestServer, database: str) -> Litestar:
    """The whole application on this process's database."""
    return create_app(settings, engine=create_async_engine(server.url("tmc_test", database), poolclass=NullPool))


@pytest.fixture(scope="session")
def whole_app(settings: Settings, server: TestServer, database: str) -> Iterator[Litestar]:
    """The whole application, made once a test process: setting up its routes takes longer than most tests."""
    app = made_app(settings, server, database)
    yield app
    app.state.rendering.close()


def placed(app: Litestar, sessions: Sessions, connection: AsyncConnection) -> Litestar:
    """The application as if new, on this test's connection: nothing of an earlier test is left in its state."""
    app.state.sessions = sessions
    app.state.engine = connection.engine
    app.state.limits = NoLimits()
    app.state.short_messages = ConsoleMessages()
    app.state.save_pool = OneConnection(connection)
    return app


@pytest.fixture
def app(whole_app: Litestar, sessions: Sessions, connection: AsyncConnection) -> Litestar:
    """The whole application on the test's connection."""
    return placed(whole_app, sessions, connection)


@pytest.fixture
async def client_as(app: Litestar, world: World) -> AsyncIterator[ClientAs]:
    """`await client_as(actor)`: a browser of this actor (None: of nobody), over ASGI, with cookie and form token set."""
    opened: list[httpx.AsyncClient] = []

    async def open_client(actor: Actor | None) -> httpx.AsyncClient:
        transport: Any = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers={"accept-language": "zh-CN"}
        )
        if actor is not None:
            async with world() as db:
                token, csrf = await signed_in_token(db, actor)
            client.cookies.set("tmc", token)
            client.headers["x-csrf-token"] = csrf
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        await client.aclose()


@pytest.fixture
async def drain(connection: AsyncConnection, sessions: Sessions) -> Callable[[], Awaitable[int]]:
    """Run all queued jobs as the worker would, in this test's transaction; returns how many ran."""

    async def run() -> int:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.execute(sa.text("SET LOCAL ROLE tmc_worker"))
        try:
            return await working.drain(sessions, raw)
        finally:
            await connection.execute(sa.text("SET LOCAL ROLE tmc_app"))

    return run


@pytest.fixture
def var_dir(settings: Settings) -> Path:
    """Where this test process keeps files and keys."""
    return settings.var_dir
