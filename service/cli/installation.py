"""Which databases this installation uses, and PostgreSQL's own tools that fit them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from service.cli.speaking import Refused
from service.foundation.embedded import EmbeddedServer, EmbeddedServerRefusedError
from service.foundation.language import ENGLISH, current_language, later
from service.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout: where alembic.ini and the locks lie."""


@dataclass(frozen=True)
class Databases:
    """Addresses (SQLAlchemy, `postgresql+asyncpg://`) of one database for the three roles; absent ones are None."""

    application: str
    owner: str | None
    worker: str
    embedded: EmbeddedServer | None

    @property
    def owner_needed(self) -> str:
        """The owner's address, or a refusal saying how to give it."""
        if self.owner is None:
            raise Refused(
                later("This needs the database's owner: set OWNER_DATABASE_URL (see docs/operations.md, “Roles”).")
            )
        return self.owner


def asyncpg_address(address: str) -> str:
    """Return an address in the form SQLAlchemy wants, accepting `postgres://` and `postgresql://` as people type them."""
    scheme, mark, rest = address.partition("://")
    return f"postgresql+asyncpg://{rest}" if mark and scheme in ("postgres", "postgresql") else address


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return the installation's own server, not yet started."""
    try:
        return EmbeddedServer(settings.var_dir / "postgres")
    except EmbeddedServerRefusedError as refusal:
        raise as_refused(refusal) from refusal


def as_refused(refusal: EmbeddedServerRefusedError) -> Refused:
    """The embedded server's refusal in the reader's language."""
    return Refused("%(words)s", words=refusal.english if current_language() == ENGLISH else str(refusal))


@contextmanager
def open_databases(settings: Settings) -> Iterator[Databases]:
    """Give the databases of this installation, starting its own server when no address is set; stop it afterwards."""
    if settings.database_url:
        application = asyncpg_address(settings.database_url)
        yield Databases(
            application=application,
            owner=asyncpg_address(settings.owner_database_url) if settings.owner_database_url else None,
            worker=asyncpg_address(settings.worker_database_url) if settings.worker_database_url else application,
            embedded=None,
        )
        return
    server = embedded_server(settings)
    try:
        addresses = server.start()
        yield Databases(addresses.application, addresses.owner, addresses.worker, server)
    except EmbeddedServerRefusedError as refusal:
        raise as_refused(refusal) from refusal
    finally:
        server.stop()


def plain(address: str) -> str:
    """Return an address as asyncpg itself reads it."""
    return address.replace("postgresql+asyncpg://", "postgresql://", 1)


async def connect(address: str) -> asyncpg.Connection:
    """Open one connection, or refuse with a sentence that names the address without its password."""
    url = make_url(asyncpg_address(address))
    try:
        return await asyncpg.connect(plain(asyncpg_address(address)), timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as trouble:
        raise Refused(
            later("The database %(address)s cannot be reached: %(reason)s"),
            address=url.render_as_string(hide_password=True),
            reason=str(trouble) or type(trouble).__name__,
        ) from trouble


def tool_environment(address: str) -> dict[str, str]:
    """Return the variables with which psql, pg_dump and pg_restore reach an address; no password on a command line."""
    url: URL = make_url(asyncpg_address(address))
    host = url.host or str(url.query.get("host", ""))
    wanted = {
        "PGHOST": host,
        "PGPORT": str(url.port or url.query.get("port", "5432")),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": str(url.query["ssl"]) if "ssl" in url.query else None,
        "PGAPPNAME": "tmc",
    }
    return {**os.environ, "LC_ALL": "C.UTF-8", **{name: value for name, value in wanted.items() if value}}


def tool(name: str, major: int, databases: Databases) -> Path:
    """Return the path of a PostgreSQL program of exactly the server's major version, or refuse."""
    places = [databases.embedded.bin_dir] if databases.embedded else []
    places.append(Path(f"/usr/lib/postgresql/{major}/bin"))
    if found := shutil.which(name):
        places.append(Path(found).parent)
    places += [directory for _, directory in packaged_programs()]
    for place in places:
        if (place / name).exists() and tool_major(place / name) == major:
            return place / name
    raise Refused(
        later("%(name)s of PostgreSQL %(major)s was not found; install postgresql-client-%(major)s."),
        name=name,
        major=major,
    )


def packaged_programs() -> list[tuple[int, Path]]:
    """Major version and directory of the programs that came with the embedded server, none when it is not installed."""
    try:
        directory = EmbeddedServer(Path("/nonexistent")).bin_dir
    except EmbeddedServerRefusedError:
        return []
    return [(tool_major(directory / "postgres"), directory)]


def tool_major(program: Path) -> int:
    """Return the major version a PostgreSQL program says it has."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - a fixed command
    return int(answer.stdout.split()[2].split(".")[0])
