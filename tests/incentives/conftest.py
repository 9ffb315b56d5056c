"""A database of its own with real commits, for what only two transactions at once can show."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import SYSTEM, Actor
from service.foundation.database import Sessions, make_engine, make_sessions
from tests.database import TestServer


@dataclass
class Committed:
    """Sessions of the application and of the worker on a database in which commits are commits."""

    app: Sessions
    worker: Sessions

    @asynccontextmanager
    async def world(self) -> AsyncIterator[AsyncSession]:
        """Build the world as the system, committed at the end."""
        async with self.worker() as db:
            db.info["scope"] = SYSTEM
            yield db
            await db.commit()

    @asynccontextmanager
    async def acting(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """One request's transaction, committed at the end."""
        async with self.app() as db:
            db.info["scope"] = actor.scope
            yield db
            await db.commit()


@pytest.fixture
async def committed(server: TestServer) -> AsyncIterator[Committed]:
    """A clone of the template with an engine as the application's role and one as the worker's; dropped at the end."""
    name = f"tmc_races_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    await asyncio.to_thread(server.clone, name)
    engines = [make_engine(server.url(role, name), 8) for role in ("tmc_app", "tmc_worker")]
    yield Committed(make_sessions(engines[0]), make_sessions(engines[1]))
    for engine in engines:
        await engine.dispose()
    await asyncio.to_thread(server.drop, name)
