"""The migrations of editions, timetable and courses go up, down and up again, and leave nothing behind."""

import asyncio
import os

from alembic.config import Config

from alembic import command
from tests.database import ROOT, TestServer, migrate


def test_migrations_go_down_and_up_again_without_a_trace(server: TestServer) -> None:
    name = f"tmc_down_{os.getpid()}"
    asyncio.run(server._make(name, None))
    try:
        address = server.url("tmc_owner", name)
        migrate(address, "0011")
        before = asyncio.run(contents(server, name))
        migrate(address, "0015")
        assert asyncio.run(contents(server, name)) > before
        config = Config(toml_file=str(ROOT / "pyproject.toml"))
        config.attributes["url"] = address
        command.downgrade(config, "0011")
        assert asyncio.run(contents(server, name)) == before
        migrate(address, "0015")
    finally:
        server.drop(name)


async def contents(server: TestServer, name: str) -> set[tuple[str, str]]:
    """Tables, functions and types of the public schema."""
    connection = await server.connect("tmc_owner", name)
    try:
        rows = await connection.fetch(
            "SELECT 'table' AS kind, relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " UNION ALL SELECT 'type', typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    return {(row["kind"], row["name"]) for row in rows}
