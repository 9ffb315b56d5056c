"""Invariants are found in the database and what breaks them is named; the API describes itself."""

import importlib
import json

from service.cli.inspecting import queries_of_rooms, spoken_name
from service.foundation.language import CHINESE, chinese, speaking
from tests.cli.terminal import Terminal

HELD = ("INVARIANTS", "FAULTS")


async def test_a_broken_invariant_is_named_with_its_rows(migrated: Terminal) -> None:
    assert migrated.tmc("invariants").returncode == 0
    await migrated.ask(
        "CREATE FUNCTION invariant_planted() RETURNS TABLE (account int, fen bigint) LANGUAGE sql"
        " AS 'SELECT 7, 13::bigint UNION ALL SELECT 8, 14'"
    )
    done = migrated.tmc("invariants")
    await migrated.ask("DROP FUNCTION invariant_planted")
    assert done.returncode == 1
    assert "BROKEN public.invariant_planted: 2 rows" in done.stdout
    assert "account=7, fen=13" in done.stdout
    assert "1 broken" in done.stdout


async def test_database_commands_work_on_the_own_server(migrated: Terminal) -> None:
    assert migrated.tmc("db", "check").returncode == 0
    shell = migrated.tmc("db", "shell", give="SELECT current_user;\n")
    assert "tmc_app" in shell.stdout
    assert "tmc_owner" in migrated.tmc("db", "shell", "--as-owner", give="SELECT current_user;\n").stdout
    await migrated.ask("ALTER TABLE account ADD COLUMN planted int")
    assert migrated.tmc("db", "check").returncode != 0
    await migrated.ask("ALTER TABLE account DROP COLUMN planted")


def test_openapi_is_printed_without_a_database(somewhere: Terminal) -> None:
    done = somewhere.tmc("openapi")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["openapi"].startswith("3.1")


def test_every_invariant_is_said_in_chinese() -> None:
    importlib.import_module("service.app")  # as the command does: it brings the tables of every room
    names = {one for _, module in queries_of_rooms() for held in HELD for one in getattr(module, held, {})}
    assert len(names) > 30
    for name in names:
        assert name in chinese(), name
    with speaking(CHINESE):
        assert spoken_name("ledger: every ledger entry balances") == "ledger: 每笔分录借贷平衡"
        assert spoken_name("public.invariant_planted") == "public.invariant_planted"
