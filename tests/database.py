"""The test database: one server for all test processes, one template built by the migrations, one clone a process."""

import asyncio
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from alembic.config import Config
from sqlalchemy.engine import make_url

from alembic import command
from service.foundation.embedded import EmbeddedServer

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "test"


def migrations_digest() -> str:
    """What the template depends on: every migration and the SQL they take from the rooms."""
    digest = hashlib.sha256()
    taken = [ROOT / "service/foundation/tenancy.py", ROOT / "service/web/limits.py", *ROOT.glob("service/*/queries.py")]
    taken += [
        *ROOT.glob("service/*/queries/*.py"),
        *ROOT.glob("service/*/actions/saving.py"),
        *ROOT.glob("service/*/sql.py"),
    ]
    for path in sorted([*ROOT.glob("alembic/versions/*.py"), *taken]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """A lock among the test processes of this checkout."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class TestServer:
    """The server the tests run on: the packaged PostgreSQL, or the programs TMC_TEST_POSTGRES_BIN names."""

    __test__ = False

    def __init__(self, label: str = "pg", durable: bool = False) -> None:
        self.label = label
        self.embedded = EmbeddedServer.for_tests(HOME / label, durable=durable)

    def start(self) -> None:
        """Start the server, or attach to the one another process started."""
        with one_at_a_time(self.label):
            self.embedded.start()
            asyncio.run(self._prepare())

    async def _prepare(self) -> None:
        admin = await self.connect("tmc_owner", "tmc")
        try:
            if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = 'tmc_test'"):
                superuser = await self.connect("postgres", "postgres")
                password = make_url(self.embedded.url("tmc_app")).password
                await superuser.execute(
                    f"CREATE ROLE tmc_test LOGIN NOINHERIT PASSWORD '{password}' IN ROLE tmc_app, tmc_worker"
                )
                await superuser.execute("ALTER ROLE tmc_owner CREATEDB")
                await superuser.close()
        finally:
            await admin.close()

    def url(self, role: str, database: str) -> str:
        """A SQLAlchemy address for a role and database; `tmc_test` has the application's password."""
        if role == "tmc_test":
            return (
                make_url(self.embedded.url("tmc_app", database))
                .set(username="tmc_test")
                .render_as_string(hide_password=False)
            )
        return self.embedded.url(role, database)

    async def connect(self, role: str, database: str) -> asyncpg.Connection:
        """A raw connection."""
        address = make_url(self.url(role, database))
        return await asyncpg.connect(
            host=address.query.get("host") or address.host,
            port=address.port or 5432,
            user=address.username,
            password=address.password,
            database=database,
        )

    def template(self) -> str:
        """The name of the template database, built by `alembic upgrade head` when it is not there yet."""
        name = f"tmc_template_{migrations_digest()}"  # the same name on each server; a server knows its own
        with one_at_a_time(self.label):
            if not asyncio.run(self._exists(name)):
                draft = f"{name}_draft"
                asyncio.run(self._make(draft, None))
                migrate(self.url("tmc_owner", draft))
                asyncio.run(self._rename(draft, name))
        return name

    def clone(self, name: str) -> str:
        """A fresh database cloned from the template; an older one of the name is dropped."""
        template = self.template()
        with one_at_a_time(self.label):
            asyncio.run(self._make(name, template))
        return name

    def drop(self, name: str) -> None:
        """Drop a database."""
        asyncio.run(self._drop(name))

    async def _exists(self, name: str) -> bool:
        admin = await self.connect("tmc_owner", "tmc")
        found = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        await admin.close()
        return found is not None

    async def _make(self, name: str, template: str | None) -> None:
        await self._drop(name)
        admin = await self.connect("tmc_owner", "tmc")
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        await admin.close()

    async def _rename(self, old: str, new: str) -> None:
        admin = await self.connect("tmc_owner", "tmc")
        await admin.execute(f"ALTER DATABASE {old} RENAME TO {new}")
        await admin.close()

    async def _drop(self, name: str) -> None:
        # The owner of the database may not end a vacuum that PostgreSQL itself has started in it.
        admin = await self.connect("postgres", "postgres")
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


def migrate(url: str, revision: str = "head") -> None:
    """`alembic upgrade` on a database as its owner."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    command.upgrade(config, revision)
