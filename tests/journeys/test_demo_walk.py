"""The whole main job, as a new user meets it: `tmc run --demo`, and `tmc demo` against it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fault.serving import free_port

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 120


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running demonstration with a database of its own; its address."""
    home = tmp_path_factory.mktemp("demo")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment |= {"TMC_VAR_DIR": str(home / "var"), "TMC_LANGUAGE": "en"}
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
        wait_until_ready(url, process, home / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the demonstration answers and has printed its sign-ins."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-4000:])


def walk(url: str) -> "subprocess.CompletedProcess[str]":
    """`tmc demo` against an address."""
    environment = {**os.environ, "TMC_LANGUAGE": "en"}
    command = [sys.executable, "-m", "service", "demo", "--base-url", url]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)


def test_the_whole_main_job_is_walked_over_http(demonstration: str) -> None:
    done = walk(demonstration)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "The whole walk is as it should be" in done.stdout


def test_the_walk_ends_with_a_failure_where_nothing_answers() -> None:
    done = walk(f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "cannot go on" in done.stdout + done.stderr
