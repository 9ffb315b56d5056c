"""`tmc invariants` and `tmc openapi`: what the service says about itself."""

import asyncio
import importlib
import importlib.util
import json
import pkgutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import asyncpg
import click
from litestar.serialization import encode_json, get_serializer

import service
from service.cli.installation import connect, open_databases
from service.cli.speaking import say
from service.foundation.actor import SYSTEM
from service.foundation.database import make_engine, make_sessions, set_scope
from service.foundation.language import gettext, later
from service.settings import get_settings

SHOWN = 20
"""How many rows of one broken invariant are printed."""

FUNCTIONS = """
    SELECT n.nspname || '.' || p.proname AS name, coalesce(obj_description(p.oid), '') AS meaning
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname LIKE 'invariant\\_%' AND p.pronargs = 0 AND n.nspname !~ '^pg_'
    ORDER BY 1
"""


def queries_of_rooms() -> Iterator[tuple[str, ModuleType]]:
    """Each room that has queries, by name."""
    for room in sorted(pkgutil.iter_modules(service.__path__), key=lambda one: one.name):
        name = f"service.{room.name}.queries"
        if room.ispkg and importlib.util.find_spec(name):
            yield room.name, importlib.import_module(name)


def invariants_of_rooms() -> dict[str, str]:
    """What must hold -> SQL that returns the rows for which it does not: `INVARIANTS` of each room's queries, as `room: name`."""
    return {
        f"{room}: {one}": sql
        for room, module in queries_of_rooms()
        for one, sql in getattr(module, "INVARIANTS", {}).items()
    }


async def broken_invariants(address: str, said: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Run the rooms' invariants (`said`) and every database function named `invariant_*` without arguments.

    Each returned row is one thing that is not as it must be. Returns the rows as text by name, an empty list where the
    invariant holds; all are read from one snapshot.
    """
    connection: asyncpg.Connection = await connect(address)
    try:
        found: dict[str, list[str]] = {}
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            questions = dict(said or {})
            for function in await connection.fetch(FUNCTIONS):
                questions[function["name"]] = f"SELECT * FROM {function['name']}()"  # noqa: S608 - from the catalogue
            for name, question in questions.items():
                rows = await connection.fetch(question)
                found[name] = [", ".join(f"{key}={value}" for key, value in row.items()) for row in rows]
        return found
    finally:
        await connection.close()


async def faults_of_rooms(address: str) -> dict[str, list[str]]:
    """The laws that SQL cannot say: each room's `queries.FAULTS`, name -> async function of a session giving the keys of
    the rows that break it, asked with the reach of the system."""
    engine = make_engine(address, 1)
    found: dict[str, list[str]] = {}
    try:
        async with make_sessions(engine)() as db:
            await set_scope(db, SYSTEM)
            for room, module in queries_of_rooms():
                for name, faults in getattr(module, "FAULTS", {}).items():
                    found[f"{room}: {name}"] = [f"id={key}" for key in await faults(db)]
    finally:
        await engine.dispose()
    return found


def spoken_name(name: str) -> str:
    """`room: what must hold`, the sentence in the reader's language; a database function keeps its name."""
    room, colon, sentence = name.partition(": ")
    return f"{room}{colon}{gettext(sentence)}" if colon else name


@click.command()
def invariants() -> int:
    """Check what must always hold over the whole database; exit 1 when something does not."""
    # The app comes first: it imports the tables of every room.
    importlib.import_module("service.app")
    said = invariants_of_rooms()
    with open_databases(get_settings()) as databases:
        found = asyncio.run(broken_invariants(databases.owner_needed, said))
        found |= asyncio.run(faults_of_rooms(databases.owner_needed))
    for name, rows in found.items():
        if rows:
            say(later("BROKEN %(name)s: %(count)s rows"), name=spoken_name(name), count=len(rows))
            for row in rows[:SHOWN]:
                click.echo(f"    {row}")
        else:
            say(later("holds  %(name)s"), name=spoken_name(name))
    broken = sum(1 for rows in found.values() if rows)
    say(later("%(count)s invariants, %(broken)s broken."), count=len(found), broken=broken)
    return 1 if broken else 0


@click.command()
def openapi() -> None:
    """Print the OpenAPI document of the API."""
    with tempfile.TemporaryDirectory() as folder:
        # Nothing is connected to or kept: the address leads nowhere, and keys are made for this moment only.
        nowhere = {"database_url": "postgresql+asyncpg://nobody@/nowhere", "var_dir": Path(folder), "key_file": None}
        # Opened by name: the other commands must work when a room cannot be imported.
        app = importlib.import_module("service.app").create_app(get_settings().model_copy(update=nowhere))
        document = json.loads(encode_json(app.openapi_schema.to_schema(), get_serializer(app.type_encoders)))
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
