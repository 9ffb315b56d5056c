"""`tmc run` starts everything, says where, and leaves nothing behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.cli.running import is_loopback
from tests.cli.conftest import free_port
from tests.cli.terminal import PROJECT, Terminal

READY = "The service answers at "


@contextmanager
def running(terminal: Terminal, *words: str, **more: str) -> "Iterator[subprocess.Popen[str]]":
    """`tmc run` up to the line that says it answers; killed with all its children if a test leaves it running."""
    log = terminal.var / "run.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "service", "run", *words],
            cwd=PROJECT,
            env=terminal.environment(**more),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            until = time.monotonic() + 60
            while READY not in log.read_text() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            assert READY in log.read_text(), log.read_text()
            yield process
        finally:
            process.kill()


def family(pid: int) -> set[int]:
    """All descendants of a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    front = [pid]
    while front:
        front = [child for one in front for child in children.get(one, []) if child not in found]
        found.update(front)
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()}


def gone(pids: set[int], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pids)


def live(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5) as answer:
        return int(answer.status)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_all_that_was_started(migrated: Terminal, sign: signal.Signals) -> None:
    with running(migrated) as process:
        assert live(migrated.port) == 200
        server = migrated.server()
        assert server.running()
        children = family(process.pid)
        assert len(children) >= 3  # the web server, its own worker, the worker
        process.send_signal(sign)
        assert process.wait(30) == 0
        assert gone(children, 1)
        assert not server.running()
    assert "Everything that was started has been stopped." in (migrated.var / "run.log").read_text()


def test_a_second_start_serves_again(migrated: Terminal) -> None:
    """How long it takes is a measurement and stands in docs/operations.md; it depends on what else the machine does."""
    with running(migrated) as process:
        assert process.poll() is None
        process.terminate()
        process.wait(30)


async def test_what_was_loaded_is_loaded_again_only_when_something_changed(migrated: Terminal, tmp_path: Path) -> None:
    marker = migrated.var / "postgres" / "loaded"
    with running(migrated) as process:
        process.terminate()
        process.wait(30)
    state = marker.read_text()
    count = await migrated.ask("SELECT count(*) FROM base")
    assert count[0][0]
    marker.write_text("another release")
    with running(migrated) as process:
        process.terminate()
        process.wait(30)
    assert marker.read_text() == state
    assert await migrated.ask("SELECT count(*) FROM base") == count
    # A backup brings other contents: what was loaded before says nothing about them.
    backup = tmp_path / "one.tar"
    assert migrated.tmc("backup", str(backup)).returncode == 0
    assert migrated.tmc("restore", str(backup), "--force").returncode == 0
    assert not marker.exists()


def test_what_is_killed_is_started_again(migrated: Terminal) -> None:
    with running(migrated) as process:
        children = family(process.pid)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if live(migrated.port) == 200:
                    break
            except OSError:
                time.sleep(0.1)
        assert live(migrated.port) == 200
        again = family(process.pid)
        assert not again & children
        process.terminate()
        assert process.wait(30) == 0
        assert gone(again, 1)


def test_children_end_when_tmc_itself_is_killed(migrated: Terminal) -> None:
    with running(migrated) as process:
        children = family(process.pid)
        process.kill()
        process.wait()
        assert gone(children)
    # The database outlives it, and the next command takes it up and stops it.
    assert migrated.server().running()
    assert migrated.tmc("db", "upgrade").returncode == 0
    assert not migrated.server().running()


def test_without_a_worker_only_the_web_server_runs(migrated: Terminal) -> None:
    with running(migrated, "--no-worker") as process:
        titles = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(process.pid)]
        assert any(b"granian" in title for title in titles)
        assert not any(title.endswith(b"worker\0") for title in titles)
        process.terminate()
        process.wait(30)


def test_children_do_not_know_the_owner(migrated: Terminal) -> None:
    with running(migrated) as process:
        for pid in family(process.pid):
            try:
                given = Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            assert b"tmc_owner" not in given
            assert b"OWNER_DATABASE_URL" not in given
        process.terminate()
        process.wait(30)


def test_a_taken_port_is_refused_before_anything_starts(somewhere: Terminal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = somewhere.tmc("run", "--port", str(port))
    assert refused.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in refused.stderr
    assert not somewhere.var.exists()


def test_the_demonstration_stays_on_this_machine_and_its_own_database(somewhere: Terminal) -> None:
    refused = somewhere.tmc("run", "--demo", "--host", "0.0.0.0")
    assert refused.returncode == 1
    assert "listens on this machine only" in refused.stderr
    refused = somewhere.tmc("run", "--demo", DATABASE_URL="postgresql://someone@elsewhere/tmc")
    assert refused.returncode == 1
    assert "unset DATABASE_URL" in refused.stderr
    assert not somewhere.var.exists()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here


async def test_a_server_given_by_address_is_used_and_not_stopped(
    installed: Callable[[], Terminal], migrated: Terminal, tmp_path: Path
) -> None:
    elsewhere = Terminal(tmp_path, free_port())
    with migrated.server() as server:
        addresses = server.addresses()
        plain = {
            "DATABASE_URL": addresses.application.replace("+asyncpg", ""),
            "WORKER_DATABASE_URL": addresses.worker,
        }
        with running(elsewhere, **plain) as process:
            assert live(elsewhere.port) == 200
            process.terminate()
            assert await asyncio.to_thread(process.wait, 30) == 0
        assert server.running()
        assert not (tmp_path / "postgres").exists()
        behind = installed()
        with behind.server() as empty:
            refused = await asyncio.to_thread(elsewhere.tmc, "run", DATABASE_URL=empty.addresses().application)
        assert refused.returncode == 1
        assert "run tmc db upgrade with OWNER_DATABASE_URL" in refused.stderr
