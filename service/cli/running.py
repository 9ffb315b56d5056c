"""`tmc run` and `tmc worker`: everything the service consists of, started together and stopped together."""

import asyncio
import contextlib
import ctypes
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

import click

from service.cli.database import current_revision, newest_revision, upgrade
from service.cli.first_start import first_start, tell_sign_ins
from service.cli.installation import PROJECT, Databases, open_databases
from service.cli.speaking import Refused, say
from service.foundation.language import later
from service.settings import Settings, get_settings

READY_SECONDS = 60
"""How long the web server may take until it answers."""

STOP_SECONDS = 20
"""How long a part may take to finish its work before it is killed."""

RESTARTS_A_MINUTE = 5
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent is killed (Linux); runs in the child before the program."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """One program of the service, kept running until it is told to stop."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the program in a session of its own: a Ctrl-C reaches us alone, and we stop it in order."""
        self.started = [moment for moment in self.started if moment > time.monotonic() - 60] + [time.monotonic()]
        self.process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            self.command,
            cwd=PROJECT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def running(self) -> bool:
        """Return whether the program runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Tell the program to finish."""
        if self.process is not None and self.running():
            self.process.terminate()

    def stop(self, seconds: float) -> None:
        """Wait until it has finished; kill what is left of it and of its own children after that."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(seconds, 0.1))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse before anything is started when another program listens at the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            raise Refused(
                later("The address %(host)s:%(port)s cannot be used (%(reason)s); choose another with --port."),
                host=host,
                port=port,
                reason=trouble.strerror or str(trouble),
            ) from trouble


def child_environment(settings: Settings, databases: Databases, host: str, port: int, demo: bool) -> dict[str, str]:
    """Return the variables of the web server; the addresses of the owner and the worker are not among them."""
    given = dict(os.environ)
    for name in ("OWNER_DATABASE_URL", "WORKER_DATABASE_URL"):
        given.pop(name, None)
        given.pop(f"TMC_{name}", None)
    base_url = settings.base_url
    if "base_url" not in settings.model_fields_set:
        base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return {
        **given,
        "DATABASE_URL": databases.application,
        "TMC_VAR_DIR": str(settings.var_dir.absolute()),
        "TMC_BASE_URL": base_url,
        "TMC_HOST": host,
        "TMC_PORT": str(port),
        "TMC_DEMO": "true" if demo else "false",
        "PYTHONUNBUFFERED": "1",
    }


def granian(host: str, port: int, workers: int) -> list[str]:
    """Return the command of the web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "service.cli.serving:create_app"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "15", "--no-access-log", "--log-level", "warning"),
    ]


def answers(url: str) -> bool:
    """Return whether the web server at an address says that it lives."""
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def make_current(databases: Databases) -> None:
    """Bring the database to the newest revision; without the owner's address refuse when it is not there."""
    if databases.owner is not None:
        if upgrade(databases):
            say(later("The database was brought to revision %(revision)s."), revision=newest_revision())
        return
    found = asyncio.run(current_revision(databases.application))
    if found != newest_revision():
        raise Refused(
            later(
                "The database is at revision %(found)s, the code at %(wanted)s: run tmc db upgrade with OWNER_DATABASE_URL."
            ),
            found=found or "–",
            wanted=newest_revision(),
        )


class Supervisor:
    """Keeps the parts running until it is asked to stop."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.asked = threading.Event()

    def listen(self) -> None:
        """Take SIGINT, SIGTERM and SIGHUP as the wish to stop; a second one stops at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ask())

    def ask(self) -> None:
        """Ask all parts to stop, or kill them when they were asked before."""
        if self.asked.is_set():
            for part in self.parts:
                if part.process is not None and part.running():
                    part.process.kill()
        self.asked.set()

    def start(self, url: str) -> None:
        """Start all parts and wait until the web server answers."""
        self.parts[0].start()  # the worker waits: two programs importing at once make each other slow
        until = time.monotonic() + READY_SECONDS
        while not self.asked.is_set() and not answers(url):
            if not self.parts[0].running():
                raise Refused(later("The web server ended while starting; its message is above."))
            if time.monotonic() > until:
                raise Refused(later("The web server did not answer within %(seconds)s seconds."), seconds=READY_SECONDS)
            self.asked.wait(0.05)
        for part in self.parts[1:]:
            part.start()

    def watch(self) -> None:
        """Start again what ends by itself, until asked to stop; refuse to go on when it keeps ending."""
        while not self.asked.wait(0.5):
            for part in self.parts:
                if not part.running() and not self.asked.is_set():
                    part.stop(0)  # what it left behind would hold its port
                    if len(part.started) > RESTARTS_A_MINUTE:
                        raise Refused(later("The %(part)s keeps ending; see its messages above."), part=part.name)
                    say(later("The %(part)s ended and is started again."), part=part.name)
                    part.start()

    def stop(self) -> None:
        """Stop all parts together, and kill what does not finish in time."""
        for part in self.parts:
            part.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            part.stop(until - time.monotonic())


@click.command()
@click.option(
    "--demo", is_flag=True, help="Load demonstration data and sign-ins; only on this machine, with its own database."
)
@click.option("--host", help="Address to listen at (setting TMC_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen at (setting TMC_PORT).")
@click.option("--no-worker", is_flag=True, help="Start the web server only; a worker runs elsewhere.")
def run(demo: bool, host: str | None, port: int | None, no_worker: bool) -> None:
    """Start the whole service. Without DATABASE_URL it starts a database of its own. Ctrl-C stops all that was started."""
    settings = get_settings()
    host, port, demo = host or settings.host, port or settings.port, demo or settings.demo
    if demo and settings.database_url:
        raise Refused(later("The demonstration uses a database of its own: unset DATABASE_URL, or leave out --demo."))
    if demo and not is_loopback(host):
        raise Refused(later("The demonstration listens on this machine only, not at %(host)s."), host=host)
    refuse_taken_port(host, port)
    with open_databases(settings) as databases:
        make_current(databases)
        if databases.owner is not None:
            first_start(settings, databases, demo)
        environment = child_environment(settings, databases, host, port, demo)
        parts = [Part(later("web server"), granian(host, port, settings.workers), environment)]
        if not no_worker:
            for_worker = {**environment, "WORKER_DATABASE_URL": databases.worker}
            parts.append(Part(later("worker"), [sys.executable, "-m", "service", "worker"], for_worker))
        supervisor = Supervisor(parts)
        supervisor.listen()
        reachable = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104 - compared only
        try:
            supervisor.start(reachable)
            if not supervisor.asked.is_set():
                say(later("The service answers at %(url)s. Ctrl-C stops it."), url=environment["TMC_BASE_URL"])
                if demo:
                    tell_sign_ins(environment["TMC_BASE_URL"])
            supervisor.watch()
        finally:
            supervisor.stop()
    say(later("Everything that was started has been stopped."))


@click.command()
def worker() -> None:
    """Run the jobs: letters, papers, exports and whatever else must not keep a reader waiting."""
    settings = get_settings()
    with open_databases(settings) as databases:
        given = {"database_url": databases.application, "worker_database_url": databases.worker}
        asyncio.run(work_until_told(settings.model_copy(update=given)))


async def work_until_told(settings: Settings) -> None:
    """Run jobs until SIGINT or SIGTERM; the job in hand is finished first."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Opened by name, like the samples above.
    await importlib.import_module("service.app").run_worker(settings, stop)
