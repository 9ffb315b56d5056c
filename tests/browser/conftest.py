"""A browser and a running demonstration, both for the whole session."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from service.cli.walking.certificate import revoke
from service.cli.walking.walker import Walk
from service.cli.walking.walking import PARTS
from tests.browser.driving import chromium, chromium_path
from tests.fault.serving import free_port

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 150
STOP_SECONDS = 40


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; without one the tests fail and say what to install."""
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demonstration with a database of its own, started as a new user starts it."""
    chromium_path()  # said before the wait
    home = tmp_path_factory.mktemp("demonstration")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment |= {"TMC_VAR_DIR": str(home / "var")}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "run", "--demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _ready(f"http://127.0.0.1:{port}", process, home / "log")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return url
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the demonstration did not start\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def walked(demonstration: str) -> Iterator[Walk]:
    """The demonstration after the whole walk, its certificates still standing; what was made is in `made`."""
    walk = Walk(demonstration)
    try:
        for part in PARTS:
            if part is not revoke:
                part(walk)
        yield walk
    finally:
        for one in [walk.anyone, *walk.browsers.values()]:
            one.client.close()
