"""Row-level security is what each table's docstring says, on every table, with composite keys inside a tenant."""

import inspect
import pkgutil

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import service
from service.app import doors
from service.foundation.tenancy import declared, policies

doors("tables")


def every_table() -> list[type[SQLModel]]:
    """All table classes of the service."""
    found: list[type[SQLModel]] = []

    def walk(base: type[SQLModel]) -> None:
        for child in base.__subclasses__():
            if hasattr(child, "__table__") and child.__module__.startswith("service."):
                found.append(child)
            walk(child)

    walk(SQLModel)
    return sorted(set(found), key=lambda one: str(one.__tablename__))


TABLES = every_table()


def test_there_are_tables_and_every_room_is_walked() -> None:
    assert len(TABLES) > 60
    rooms = {one.name for one in pkgutil.iter_modules(service.__path__) if one.ispkg}
    assert {one.__module__.split(".")[1] for one in TABLES} <= rooms


@pytest.mark.parametrize("table", TABLES, ids=lambda one: str(one.__tablename__))
def test_docstring_says_row_tenancy_and_personal_columns(table: type[SQLModel]) -> None:
    text = inspect.getdoc(table) or ""
    assert "One row is" in text or "One row says" in text or "One row binds" in text, text
    declared(text)
    assert "Personal:" in text


async def test_policies_are_what_the_docstrings_say(connection: AsyncConnection) -> None:
    rows = await connection.execute(
        sa.text("SELECT tablename, policyname, cmd FROM pg_policies WHERE schemaname = 'public'")
    )
    actual: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        actual.setdefault(row.tablename, set()).add((row.policyname, row.cmd))
    for table in TABLES:
        kind, columns, _ = declared(inspect.getdoc(table) or "")
        said = {(one.name, one.command) for one in policies(kind, columns)}
        assert actual.get(str(table.__tablename__), set()) == said, table.__tablename__


async def test_every_table_forces_row_level_security(connection: AsyncConnection) -> None:
    rows = await connection.execute(
        sa.text(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = 'public'"
            " AND relkind IN ('r', 'p') AND relname <> 'alembic_version' AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
    )
    assert [row.relname for row in rows] == []


async def test_no_view_shows_more_than_its_reader_may_see(connection: AsyncConnection) -> None:
    rows = await connection.execute(
        sa.text(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = 'public' AND"
            " (relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)))"
        )
    )
    assert [row.relname for row in rows] == []


async def test_append_only_tables_refuse_change_by_anyone(connection: AsyncConnection) -> None:
    marked = {str(one.__tablename__) for one in TABLES if declared(inspect.getdoc(one) or "")[2]}
    assert len(marked) > 10
    rows = await connection.execute(
        sa.text(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname IN ('only_added', 'never_emptied') AND t.tgenabled = 'O'"
            " GROUP BY c.relname HAVING count(*) = 2"
        )
    )
    assert {row.relname for row in rows} == marked
    for table in sorted(marked):
        for statement in (f"UPDATE {table} SET org_id = org_id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            point = await connection.begin_nested()
            with pytest.raises(DBAPIError):
                await connection.execute(sa.text(statement))
            await point.rollback()


async def test_foreign_keys_inside_a_tenant_carry_the_tenant(connection: AsyncConnection) -> None:
    """A plain foreign key would accept another organisation's row: where a table offers (org_id, id) it must be used."""
    rows = await connection.execute(
        sa.text(
            "SELECT conrelid::regclass::text AS source, confrelid::regclass::text AS target, conname,"
            " array_length(conkey, 1) AS width FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
    )
    keys = rows.all()
    composite = {row.target for row in keys if row.width == 2}
    own = {str(one.__tablename__) for one in TABLES if "org_id" in one.model_fields}
    allowed = {
        ("meeting", "room"),
        ("meeting", "occurrence"),
        ("exam_session", "course_session"),
        ("exam_session", "occurrence"),
    }
    plain = {
        (row.source, row.target)
        for row in keys
        if row.width == 1 and row.target in composite and row.source in own and row.source != row.target
    }
    unexplained = {pair for pair in plain if pair not in allowed}
    assert unexplained <= set(PLAIN_KEYS), unexplained - set(PLAIN_KEYS)


# Plain keys to a tenant's table, each because the referring row may stand in another organisation or the target is unique.
PLAIN_KEYS: dict[tuple[str, str], str] = {
    ("credential", "enrolment"): "both are written by one job under one organisation's scope",
    ("credential", "course_session"): "as above",
    ("credential", "issuing_list"): "as above",
    ("issuing_entry", "enrolment"): "drawn up from the organisation's own enrolments",
    ("issuing_list", "course_session"): "as above",
    ("result_release", "exam_session"): "written with the release of the organisation's own results",
    ("result_release", "enrolment"): "as above",
    ("equity_grant", "technology_contract"): "optional reference",
    ("attendance", "ledger_entry"): "written with the posting",
    ("accrual", "ledger_entry"): "written with the posting",
    ("share_event", "ledger_entry"): "written with the posting",
}
