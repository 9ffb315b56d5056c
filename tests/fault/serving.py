"""A web server process of our own to be killed, on a database server that keeps its promises (fsync on)."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 40


def free_port() -> int:
    """A port nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebProcess:
    """Granian serving the application, as `tmc run` starts it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, **environment, "TMC_BASE_URL": self.url, "PYTHONUNBUFFERED": "1"}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process in a session of its own."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(
                        sys.executable,
                        "-m",
                        "granian",
                        "--interface",
                        "asgi",
                        "--factory",
                        "service.cli.serving:create_app",
                    ),
                    *("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1", "--no-access-log"),
                ],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9 of the process and everything it started."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    async def ready(self) -> float:
        """Wait until it answers ready; returns the seconds it took."""
        began = time.monotonic()
        async with httpx.AsyncClient() as client:
            while time.monotonic() - began < READY_SECONDS:
                try:
                    if (await client.get(f"{self.url}/health/ready", timeout=2)).status_code == 200:
                        return time.monotonic() - began
                except httpx.TransportError:
                    if self.process is None or self.process.poll() is not None:
                        break
                await asyncio.sleep(0.02)
        raise AssertionError(f"not ready after {READY_SECONDS} s: {self.log.read_text()[-3000:]}")


def seed() -> int:
    """The seed of this run's chances; SEED repeats it."""
    chosen = int(os.environ.get("SEED") or secrets.randbits(32))
    print(f"SEED={chosen}")  # noqa: T201 - shown with a failing test, so that it can be repeated
    return chosen


def rounds() -> int:
    """How many times to kill: one in every run of the tests, TMC_ROUNDS under `make fault`."""
    return int(os.environ.get("TMC_ROUNDS", "1"))
