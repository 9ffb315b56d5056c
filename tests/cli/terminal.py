"""A terminal for the tests: `tmc` as a process of its own, on an installation of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from service.foundation.embedded import OWNER, EmbeddedServer

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Terminal:
    """Runs `tmc` with `var` as its place; `port` is where its web server would listen."""

    var: Path
    port: int = 8000

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TMC_") and not name.endswith("DATABASE_URL")
        }
        return {**kept, "TMC_VAR_DIR": str(self.var), "TMC_PORT": str(self.port), "TMC_LANGUAGE": "en", **more}

    def tmc(self, *words: str, give: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "service", *words],
            cwd=PROJECT,
            env=self.environment(**more),
            input=give,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def server(self) -> EmbeddedServer:
        return EmbeddedServer(self.var / "postgres", say=lambda _: None)

    async def ask(self, sql: str, role: str = OWNER) -> list[tuple[object, ...]]:
        """Rows of one statement, on the installation's own server, which is stopped again."""
        with self.server() as server:
            connection = await asyncpg.connect(server.url(role).replace("+asyncpg", ""))
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()
