"""How migrations run: async engine as the owner, lock timeouts, one advisory lock; tables from every room."""

import asyncio
import importlib
import pkgutil

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import service
from alembic import context
from service.settings import get_settings

config = context.config

for room in pkgutil.iter_modules(service.__path__):
    if room.ispkg and importlib.util.find_spec(f"service.{room.name}.tables"):
        importlib.import_module(f"service.{room.name}.tables")
for module in ("foundation.journal", "foundation.working", "web.idempotency", "web.limits"):
    importlib.import_module(f"service.{module}")

MIGRATION_LOCK = 7032145  # any number; two starts at once take turns


def included(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """The `jobs` schema is PgQueuer's own; a single room's tables when autogenerating with `-x tables=a,b`."""
    only = context.get_x_argument(as_dictionary=True).get("tables")
    return not (kind == "table" and only and name not in only.split(","))


def run_on(connection: Connection) -> None:
    """Run migrations on an open connection."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        include_object=included,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.execute(sa.text("SET LOCAL lock_timeout = '4s'"))
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        context.run_migrations()


async def run_online() -> None:
    """Connect as the owner and migrate."""
    url = config.attributes.get("url") or get_settings().owner_database_url
    if not url:
        raise SystemExit("OWNER_DATABASE_URL is not set")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
        await connection.commit()
    await engine.dispose()


given = config.attributes.get("connection")
if given is not None:
    run_on(given)
else:
    asyncio.run(run_online())
