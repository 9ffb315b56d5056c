"""Health of the installation: the queue, the held jobs, disk and database."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.settings import Settings


@dataclass(frozen=True)
class HeldJob:
    """A job that failed and waits for a person."""

    id: int
    entrypoint: str
    created: datetime
    failed_at: datetime
    attempts: int
    event: dict[str, Any]
    failure: str | None


async def held_jobs(db: AsyncSession, limit: int = 100) -> list[HeldJob]:
    """The held jobs, newest first, with the ids their event carries."""
    rows = await db.execute(sa.text("SELECT * FROM held_jobs(:limit)"), {"limit": limit})
    return [
        HeldJob(
            id=row["id"],
            entrypoint=row["entrypoint"],
            created=row["created"],
            failed_at=row["failed_at"],
            attempts=row["attempts"],
            event=dict(json.loads(row["payload"] or "{}").get("event", {})),
            failure=row["failure"],
        )
        for row in rows.mappings()
    ]


@dataclass(frozen=True)
class Health:
    """Figures of the installation: jobs, seconds, bytes."""

    waiting: int
    oldest_seconds: int
    held: int
    database_bytes: int
    disk_free_bytes: int
    server: str


async def health(db: AsyncSession, settings: Settings) -> Health:
    """The figures of this moment."""
    row = (
        await db.execute(
            sa.text(
                "SELECT waiting, oldest_seconds, held, pg_database_size(current_database()) AS size,"
                " current_setting('server_version') AS version FROM queue_figures()"
            )
        )
    ).one()
    free = (await asyncio.to_thread(shutil.disk_usage, settings.var_dir)).free
    return Health(row.waiting, int(row.oldest_seconds), row.held, row.size, free, f"PostgreSQL {row.version}")
