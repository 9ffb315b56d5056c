"""What an installation starts with: loaded once, and again when the shipped data changed."""

import asyncio
import hashlib
import importlib
from pathlib import Path

import click

from service.cli.database import newest_revision
from service.cli.installation import PROJECT, Databases
from service.settings import Settings

SHIPPED = (
    "service/*/data",
    "service/samples",
    "curricula/standards",
    "curricula/courses",
    "curricula/laws",
    "curricula/samples",
)
"""Where the data that `service.samples.load` reads lies in the checkout."""


def shipped_digest() -> str:
    """Return a digest of names, sizes and times of all shipped data: cheap to take, and changed by every release."""
    digest = hashlib.sha256()
    for pattern in SHIPPED:
        for folder in sorted(PROJECT.glob(pattern)):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    found = path.stat()
                    digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def marker_of(settings: Settings) -> Path:
    """Return the file that says what was loaded into our own database."""
    return settings.var_dir / "postgres" / "loaded"


def forget(settings: Settings) -> None:
    """Let the next start load again, because the database was replaced."""
    marker_of(settings).unlink(missing_ok=True)


def first_start(settings: Settings, databases: Databases, demo: bool) -> None:
    """Load what an installation starts with (`service.samples.load`), and the demonstration's data when asked.

    Loading is harmless when repeated. Our own database remembers what was loaded, so that a second start is quick.
    """
    state = None
    if databases.embedded is not None:
        state = f"{databases.embedded.system_identifier()} {newest_revision()} {demo} {shipped_digest()}"
        marker = marker_of(settings)
        if marker.exists() and marker.read_text() == state:
            return
    # Opened by name: the samples reach every room, and the other commands must work when a room cannot be imported.
    # The app comes first: it imports the tables of every room, without which foreign keys find no table.
    importlib.import_module("service.app")
    load = getattr(importlib.import_module("service.samples"), "load", None)
    if load is not None:
        asyncio.run(load(settings, owner_url=databases.owner_needed, worker_url=databases.worker, demo=demo))
        if state is not None:
            marker_of(settings).write_text(state)


def tell_sign_ins(url: str) -> None:
    """Print one demonstration sign-in per role (`service.samples.sign_ins`)."""
    sign_ins = getattr(importlib.import_module("service.samples"), "sign_ins", None)
    if sign_ins is not None:
        for line in sign_ins(url):
            click.echo(line)
