"""The service as it runs: uvicorn on the loopback over a cloned database with real commits, and a worker on demand."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from service.app import create_app, doors, dsn_of
from service.foundation import working
from service.foundation.actor import SYSTEM, Actor
from service.foundation.database import Sessions, make_engine, make_sessions
from service.settings import get_settings
from tests.database import TestServer
from tests.given.accounts import signed_in_token

START_SECONDS = 30


@dataclass
class Live:
    """A running service: `base_url` for browsers, `url` for the application's role, `worker_url` for the worker's."""

    base_url: str
    url: str
    owner_url: str
    worker_url: str
    engine: AsyncEngine
    sessions: Sessions

    @asynccontextmanager
    async def world(self) -> AsyncIterator[AsyncSession]:
        """`async with live.world() as db:` builds the world as the system, and commits."""
        async with self.sessions() as db:
            db.info["scope"] = SYSTEM
            yield db
            await db.commit()

    async def drain(self) -> int:
        """Run all queued jobs as the worker would; returns how many ran."""
        raw = await asyncpg.connect(**dsn_of(self.worker_url))
        try:
            return await working.drain(self.sessions, raw)
        finally:
            await raw.close()

    async def run_timed(self, name: str) -> None:
        """Run one timed job now, by its name (`exams.look_for_expired`)."""
        await working.run_timed(self.sessions, name)

    async def sign_in(self, actor: Actor) -> tuple[str, str]:
        """A sign-in of an actor: (value of the cookie `tmc`, form token)."""
        async with self.world() as db:
            return await signed_in_token(db, actor)

    @asynccontextmanager
    async def client(self, actor: Actor | None) -> AsyncIterator[httpx.AsyncClient]:
        """A client of this actor over real HTTP, with cookie and form token set."""
        language = {"accept-language": "zh-CN"}
        # A duration is a benchmark, not a test: busy cores must not turn a race red.
        async with httpx.AsyncClient(base_url=self.base_url, headers=language, timeout=60) as client:
            if actor is not None:
                token, csrf = await self.sign_in(actor)
                client.cookies.set("tmc", token)
                client.headers["x-csrf-token"] = csrf
            yield client


@pytest.fixture(scope="session")
def live(server: TestServer) -> Iterator[Live]:
    """The service on a database of its own, for the whole session; tests keep apart by the rows they make."""
    with serving(server, f"tmc_live_{_process()}") as running:
        yield running


@contextmanager
def serving(server: TestServer, name: str, limits: Any = None) -> Iterator[Live]:
    """The service on a fresh clone called `name`, dropped at the end; `limits` stand in for the counted ones."""
    server.clone(name)
    url, worker_url = server.url("tmc_app", name), server.url("tmc_worker", name)
    settings = get_settings().model_copy(update={"database_url": url, "worker_database_url": worker_url})
    running = _Running(settings, limits)
    running.start()
    engine = create_async_engine(worker_url, poolclass=NullPool)
    doors("jobs")
    try:
        yield Live(
            f"http://127.0.0.1:{running.port}",
            url,
            server.url("tmc_owner", name),
            worker_url,
            engine,
            make_sessions(engine),
        )
    finally:
        running.stop()
        server.drop(name)


def _process() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


class _Running:
    """uvicorn in a thread with an event loop of its own."""

    def __init__(self, settings: Any, limits: Any = None) -> None:
        assert settings.database_url is not None
        engine = make_engine(settings.database_url, 4)
        self.app = create_app(settings, engine=engine)
        if limits is not None:
            self.app.state.limits = limits
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="warning", ws="none", lifespan="on")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._run, name="live-service", daemon=True)
        self.ready = threading.Event()

    def _run(self) -> None:
        async def serve() -> None:
            task = asyncio.create_task(self.server.serve())
            while not self.server.started and not task.done():
                await asyncio.sleep(0.02)
            self.ready.set()
            await task

        asyncio.run(serve())

    def start(self) -> None:
        """Start and wait until it answers."""
        self.thread.start()
        assert self.ready.wait(START_SECONDS), "the service did not start"
        assert self.server.started, "the service stopped at once"

    @property
    def port(self) -> int:
        """The port the system gave."""
        return int(self.server.servers[0].sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self.server.should_exit = True
        self.thread.join(START_SECONDS)
