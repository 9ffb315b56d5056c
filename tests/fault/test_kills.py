"""kill -9 of the web process and of PostgreSQL while candidates save: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.foundation.actor import SYSTEM
from service.foundation.database import make_engine, make_sessions
from tests.database import HOME, TestServer
from tests.fault.serving import WebProcess, rounds, seed
from tests.given.accounts import signed_in_token
from tests.given.exams import frozen_exam

pytestmark = [pytest.mark.fault]

CANDIDATES = int(os.environ.get("TMC_CANDIDATES", "20"))
SLOTS = 8
BETWEEN_SECONDS = 1.5


@dataclass
class Seat:
    """One candidate saving: what was acknowledged is kept here and never taken from the server's word."""

    sitting_id: UUID
    token: str
    csrf: str
    revision: int = 0
    acknowledged: dict[int, tuple[int, str]] = field(default_factory=dict)
    all_acknowledged: set[tuple[int, int]] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    async def save(self, client: httpx.AsyncClient, chance: random.Random) -> bool:
        """One save, repeated by the client's queue until it is acknowledged; returns whether it was at once."""
        slot, self.revision = chance.randrange(1, SLOTS + 1), self.revision + 1
        response = f"{self.revision}-{uuid4().hex[:6]}"
        for tries in range(400):
            try:
                answer = await client.put(
                    f"/api/sittings/{self.sitting_id}/answers/{slot}",
                    json={"revision": self.revision, "response": response},
                    headers={"cookie": f"tmc={self.token}", "x-csrf-token": self.csrf},
                    timeout=5,
                )
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 200:
                self.acknowledged[slot] = (self.revision, response)
                self.all_acknowledged.add((slot, self.revision))
                return tries == 0
            if answer.status_code not in (500, 502, 503):
                self.refused.append(f"{answer.status_code} {answer.text[:200]}")
                return False
            await asyncio.sleep(0.05)
        raise AssertionError("never acknowledged")


@dataclass
class Hall:
    """An exam hall: web process, database, seats."""

    server: TestServer
    database: str
    web: WebProcess
    seats: list[Seat]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    last_acknowledged: float = 0.0

    async def saving(self, chance: random.Random) -> None:
        """All candidates save until told to stop."""
        async with httpx.AsyncClient(base_url=self.web.url, limits=httpx.Limits(max_connections=CANDIDATES)) as client:

            async def one(seat: Seat) -> None:
                own = random.Random(chance.random())
                while not self.stop.is_set():
                    await seat.save(client, own)
                    self.last_acknowledged = asyncio.get_running_loop().time()
                    await asyncio.sleep(own.uniform(0, 0.02))

            await asyncio.gather(*(one(seat) for seat in self.seats))

    async def back_in(self) -> float:
        """Seconds from now until the next acknowledged save."""
        began = asyncio.get_running_loop().time()
        while self.last_acknowledged <= began:
            assert asyncio.get_running_loop().time() - began < 30, self.web.log.read_text()[-3000:]
            await asyncio.sleep(0.01)
        return self.last_acknowledged - began

    async def compare(self) -> None:
        """The database against the candidates' own record."""
        raw = await self.server.connect("tmc_owner", self.database)
        try:
            kept = {
                (row["sitting_id"], row["slot"]): (row["revision"], row["response"])
                for row in await raw.fetch(
                    "SELECT sitting_id, slot, revision, response #>> '{}' AS response FROM answer"
                )
            }
            trail = await raw.fetch(
                "SELECT sitting_id, slot, revision, count(*) AS times FROM answer_trail GROUP BY 1, 2, 3"
            )
        finally:
            await raw.close()
        trailed = {(row["sitting_id"], row["slot"], row["revision"]): row["times"] for row in trail}
        lost, stale = [], []
        for seat in self.seats:
            assert seat.refused == []
            for slot, (revision, response) in seat.acknowledged.items():
                found = kept.get((seat.sitting_id, slot))
                if found is None or found[0] < revision:
                    lost.append((slot, revision, found))
                elif found[0] == revision and found[1] != response:
                    stale.append((slot, revision, found))
            lost += [one for one in seat.all_acknowledged if (seat.sitting_id, *one) not in trailed]
        assert lost == []
        assert stale == []
        assert [key for key, times in trailed.items() if times > 1] == [], "a save was counted twice"
        assert sum(len(seat.all_acknowledged) for seat in self.seats) > CANDIDATES * 5, (
            "too little was saved to mean anything"
        )


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    """A hall of candidates with open sittings, on a durable server of its own."""
    server = TestServer("fault", durable=True)
    await asyncio.to_thread(server.start)
    name = f"tmc_fault_{uuid4().hex[:8]}"
    await asyncio.to_thread(server.clone, name)
    worker = make_engine(server.url("tmc_worker", name), 2)
    seats: list[Seat] = []
    async with make_sessions(worker).begin() as db:
        db.info["scope"] = SYSTEM
        made = await frozen_exam(db, people=CANDIDATES)
        for one in made.candidates:
            seats.append(Seat(one.sitting_id, *await signed_in_token(db, one.actor)))
    await worker.dispose()
    environment = {"DATABASE_URL": server.url("tmc_app", name), "TMC_LOG_JSON": "true"}
    web = WebProcess(environment, tmp_path / "web.log")
    web.start()
    try:
        await web.ready()
        await start_all(web, seats)
        yield Hall(server, name, web, seats)
    finally:
        web.kill()
        await asyncio.to_thread(server.embedded.start)
        await asyncio.to_thread(server.drop, name)
        await asyncio.to_thread(server.embedded.stop)


async def start_all(web: WebProcess, seats: list[Seat]) -> None:
    """Every candidate starts the sitting."""
    async with httpx.AsyncClient(base_url=web.url) as client:
        for seat in seats:
            headers = {"cookie": f"tmc={seat.token}", "x-csrf-token": seat.csrf}
            started = await client.post(f"/api/sittings/{seat.sitting_id}/start", headers=headers, timeout=20)
            assert started.status_code in (200, 201), started.text


async def test_killing_the_web_process_loses_and_doubles_nothing(hall: Hall) -> None:
    """F1: answers again within 2 s of the restart (process start included in what is waited for, measured apart)."""
    chance = random.Random(seed())
    saving = asyncio.create_task(hall.saving(chance))
    for _ in range(rounds() + 1):
        await asyncio.sleep(chance.uniform(0.3, BETWEEN_SECONDS))
        hall.web.kill()
        hall.web.start()
        await hall.web.ready()
        assert await hall.back_in() <= 2.0
    hall.stop.set()
    await saving
    await hall.compare()


async def test_killing_postgresql_loses_and_doubles_nothing(hall: Hall) -> None:
    """F2: not ready meanwhile, answers again within 5 s of the database's return, the web process lives on."""
    chance = random.Random(seed())
    assert hall.web.process is not None
    same = hall.web.process.pid
    saving = asyncio.create_task(hall.saving(chance))
    async with httpx.AsyncClient(base_url=hall.web.url) as client:
        for _ in range(rounds() + 1):
            await asyncio.sleep(chance.uniform(0.3, BETWEEN_SECONDS))
            kill_database(hall.server)
            meanwhile = await client.get("/health/ready", timeout=10)
            assert meanwhile.status_code == 503
            await asyncio.to_thread(hall.server.embedded.start)
            assert await hall.back_in() <= 5.0
            assert (await client.get("/health/ready", timeout=10)).status_code == 200
    hall.stop.set()
    await saving
    assert hall.web.process.poll() is None
    assert hall.web.process.pid == same
    await hall.compare()


def kill_database(server: TestServer) -> None:
    """kill -9 of the postmaster and every process of the server."""
    postmaster = server.embedded.postmaster_pid()
    assert postmaster is not None
    children = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and parent_of(int(entry)) == postmaster]
    for pid in (postmaster, *children):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def parent_of(pid: int) -> int | None:
    """The parent of a process, by /proc."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None


def test_the_durable_server_keeps_its_promises() -> None:
    """What is acknowledged must be on disk: fsync and synchronous_commit are on where processes are killed."""
    server = TestServer("fault", durable=True)
    server.start()
    try:
        said: Any = asyncio.run(_settings(server))
        assert said == ("on", "on")
    finally:
        server.embedded.stop()
    assert (HOME / "fault").exists()


async def _settings(server: TestServer) -> tuple[str, str]:
    raw = await server.connect("tmc_owner", "tmc")
    found = (await raw.fetchval("SHOW fsync"), await raw.fetchval("SHOW synchronous_commit"))
    await raw.close()
    return found
