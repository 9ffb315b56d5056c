"""`tmc db`: migrations and a shell on the installation's database."""

import asyncio
import os
import subprocess
import sys

import asyncpg
import click

from service.cli.installation import PROJECT, Databases, connect, open_databases, tool, tool_environment
from service.cli.speaking import Refused, say
from service.foundation.embedded import APPLICATION, WORKER
from service.foundation.language import later
from service.settings import get_settings


def alembic(databases: Databases, *arguments: str, quiet: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run Alembic as the owner in a process of its own, so that its settings and event loop stay there."""
    return subprocess.run(  # noqa: S603 - a fixed program, no shell
        [sys.executable, "-m", "alembic", *arguments],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": databases.application, "OWNER_DATABASE_URL": databases.owner_needed},
        capture_output=quiet,
        text=True,
        check=False,
    )


def newest_revision() -> str | None:
    """Return the newest revision among the migration files, read without importing them; None when there are none."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for path in (PROJECT / "alembic" / "versions").glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, mark, value = line.partition("=")
            word = value.strip().strip("\"'")
            if mark and name.split(":")[0].strip() == "revision":
                revisions.add(word)
            elif mark and name.split(":")[0].strip() == "down_revision" and word != "None":
                followed.add(word)
    heads = revisions - followed
    if len(heads) > 1:
        raise Refused(later("The migrations have several heads: %(heads)s."), heads=sorted(heads))
    return heads.pop() if heads else None


async def current_revision(address: str) -> str | None:
    """Return the revision the database is at, None when it was never migrated."""
    connection = await connect(address)
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
            return None
        revision = await connection.fetchval("SELECT version_num FROM public.alembic_version")
        return None if revision is None else str(revision)
    except asyncpg.InsufficientPrivilegeError as trouble:
        raise Refused(
            later("The application's role may not read the revision: run tmc db upgrade with OWNER_DATABASE_URL.")
        ) from trouble
    finally:
        await connection.close()


async def show_revision(address: str) -> None:
    """Let the application's roles read the revision, so that a service without the owner's address can check it."""
    connection = await connect(address)
    try:
        for role in (APPLICATION, WORKER):
            if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"GRANT SELECT ON public.alembic_version TO {role}")
    finally:
        await connection.close()


def upgrade(databases: Databases) -> bool:
    """Bring the database to the newest revision; return whether there was anything to do."""
    newest = newest_revision()
    if newest is None or asyncio.run(current_revision(databases.owner or databases.application)) == newest:
        return False
    done = alembic(databases, "upgrade", "head", quiet=True)
    if done.returncode != 0:
        raise Refused(later("The migrations failed:\n%(words)s"), words=done.stderr[-4000:])
    asyncio.run(show_revision(databases.owner_needed))
    return True


@click.group("db")
def db() -> None:
    """Migrations, and a shell on the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest revision, as its owner."""
    with open_databases(get_settings()) as databases:
        if upgrade(databases):
            say(later("The database is now at revision %(revision)s."), revision=newest_revision())
        else:
            say(later("The database was at the newest revision already."))


@db.command("check")
def db_check() -> int:
    """Compare the database with the tables in the code; exit 1 when they differ."""
    with open_databases(get_settings()) as databases:
        return alembic(databases, "check").returncode


@db.command("shell")
@click.option(
    "--as-owner", is_flag=True, help="Connect as the owner, who sees every row; the default is the application's role."
)
def db_shell(as_owner: bool) -> int:
    """Open psql on the database."""
    with open_databases(get_settings()) as databases:
        address = databases.owner_needed if as_owner else databases.application
        program = tool("psql", asyncio.run(server_major(address)), databases)
        return subprocess.run([program], env=tool_environment(address), check=False).returncode  # noqa: S603


async def server_major(address: str) -> int:
    """Return the server's major version, such as 18."""
    connection = await connect(address)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()
