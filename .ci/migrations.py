"""Migrations on a server of our own: `check` compares the newest revision with the tables, `revision "..."` writes one."""
# ruff: noqa: T201, S603 - a script that prints, and runs fixed programs

import os
import subprocess
import sys
from pathlib import Path

from service.foundation.embedded import OWNER, EmbeddedServer

PROJECT = Path(__file__).resolve().parents[1]


def alembic(address: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Alembic as the owner of a database."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=PROJECT,
        env={**os.environ, "OWNER_DATABASE_URL": address, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )


def main(*wish: str) -> int:
    """Make an empty database, bring it to the newest revision, and check it or write the next revision."""
    server = EmbeddedServer.for_tests(PROJECT / "var" / "check")
    with server:
        name = f"check_{os.getpid()}"
        psql = [str(server.bin_dir / "psql"), "--no-psqlrc", "--quiet", "--command"]
        environment = server.environment(OWNER, "postgres")
        subprocess.run([*psql, f"CREATE DATABASE {name}"], env=environment, check=True)
        try:
            address = server.url(OWNER, name)
            done = alembic(address, "upgrade", "head")
            if done.returncode == 0:
                done = alembic(address, *wish)
            if done.returncode != 0:
                print(done.stdout + done.stderr, file=sys.stderr)
            elif wish[0] == "revision":
                print(done.stdout)
            return done.returncode
        finally:
            subprocess.run([*psql, f"DROP DATABASE {name} WITH (FORCE)"], env=environment, check=True)


if __name__ == "__main__":
    if sys.argv[1] == "check":
        sys.exit(main("check"))
    sys.exit(main("revision", "--autogenerate", "-m", sys.argv[2]))
