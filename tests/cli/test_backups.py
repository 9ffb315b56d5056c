"""A backup brings everything back, and nothing short of a whole one is taken."""

import io
import json
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from service.foundation.embedded import APPLICATION
from tests.cli.terminal import Terminal

KEYS = '{"keys": "the only ones"}'
PAPER = "papers/一.pdf"

# PostgreSQL writes the same condition differently after a round through text: conditions are compared by their names.
SHAPE = """
    SELECT 'table', n.nspname || '.' || c.relname, c.relrowsecurity::text || c.relforcerowsecurity::text
        || coalesce(c.relacl::text, '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'S') AND n.nspname !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'policy', polrelid::regclass || '.' || polname, polcmd::text || polpermissive::text || (SELECT array_agg(one::regrole) FROM unnest(polroles) AS one)::text
        FROM pg_policy
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', p.oid::regprocedure::text, p.prosecdef::text || coalesce(p.proacl::text, '')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, contype::text || convalidated::text FROM pg_constraint
        WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'index', indexrelid::regclass::text, indisunique::text || indkey::text FROM pg_index
        WHERE indrelid::regclass::text !~ '^(pg_|information_schema)'
    ORDER BY 1, 2, 3
"""


@pytest.fixture(scope="module")
async def written(migrated: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an installation with rows, keys and a paper."""
    (migrated.var / "keys").mkdir(mode=0o700)
    (migrated.var / "keys" / "keyring.json").write_text(KEYS)
    (migrated.var / "files" / "papers").mkdir(parents=True)
    (migrated.var / "files" / PAPER).write_bytes(b"%PDF paper")
    await migrated.ask("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number, '技术经理人' AS word")
    file = tmp_path_factory.mktemp("backups") / "one.tar"
    done = migrated.tmc("backup", str(file))
    assert done.returncode == 0, done.stderr
    assert "holds the master keys" in done.stdout
    return file


def changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a backup in which `change` did something to the entries."""
    with tarfile.open(source) as tar:
        entries = {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar}
    change(entries)
    with tarfile.open(target, "w") as tar:
        for name, content in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return target


def test_the_file_is_private_and_lists_what_it_holds(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert list(written.parent.iterdir()) == [written]
    with tarfile.open(written) as tar:
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    assert set(manifest["entries"]) == {"database.dump", "keys/keyring.json", f"files/{PAPER}"}
    assert all(len(entry["sha256"]) == 64 and entry["bytes"] > 0 for entry in manifest["entries"].values())


async def test_everything_comes_back_in_a_new_installation(
    written: Path, migrated: Terminal, installed: Callable[[], Terminal]
) -> None:
    other = installed()
    done = other.tmc("restore", str(written))
    assert done.returncode == 0, done.stderr
    assert await other.ask(SHAPE) == await migrated.ask(SHAPE)
    assert await other.ask("SELECT count(*), sum(number), max(word) FROM kept") == [(1000, 500500, "技术经理人")]
    assert (other.var / "keys" / "keyring.json").read_text() == KEYS
    assert stat.S_IMODE((other.var / "keys" / "keyring.json").stat().st_mode) == 0o600
    assert (other.var / "files" / PAPER).read_bytes() == b"%PDF paper"
    assert other.tmc("db", "upgrade").stdout == "The database was at the newest revision already.\n"
    assert other.tmc("doctor").returncode == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other.ask("SELECT * FROM kept", APPLICATION)
    # What was restored can be backed up and restored again.
    again = written.with_name("again.tar")
    assert other.tmc("backup", str(again)).returncode == 0
    assert other.tmc("restore", str(again), "--force").returncode == 0
    assert await other.ask(SHAPE) == await migrated.ask(SHAPE)
    again.unlink()


async def test_a_database_that_is_not_empty_is_replaced_only_by_force(
    written: Path, installed: Callable[[], Terminal]
) -> None:
    other = installed()
    await other.ask("CREATE TABLE mine AS SELECT 1 AS one")
    refused = other.tmc("restore", str(written))
    assert refused.returncode == 1
    assert "holds 1 tables already" in refused.stderr
    assert await other.ask("SELECT one FROM mine") == [(1,)]
    (other.var / "keys").mkdir(mode=0o700)
    (other.var / "keys" / "keyring.json").write_text("{}")
    assert other.tmc("restore", str(written), "--force").returncode == 0
    assert await other.ask("SELECT to_regclass('mine')::text, to_regclass('kept')::text") == [(None, "kept")]
    assert (other.var / "keys" / "keyring.json").read_text() == KEYS
    assert [path.read_text() for path in (other.var / "keys").glob("keyring.json.before-*")] == ["{}"]


async def test_a_restore_that_fails_leaves_what_was_there(written: Path, installed: Callable[[], Terminal]) -> None:
    other = installed()
    await other.ask("CREATE TABLE mine AS SELECT 1 AS one")
    with other.server() as server:
        connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
        # The dump grants to a role this server does not have: the last statements fail after everything was dropped.
        await connection.execute("DROP OWNED BY tmc_worker; ALTER ROLE tmc_worker RENAME TO renamed")
        await connection.close()
    failed = other.tmc("restore", str(written), "--force")
    assert failed.returncode == 1
    assert "as it was before" in failed.stderr
    assert "tmc_worker" in failed.stderr
    assert await other.ask("SELECT one FROM mine") == [(1,)]
    assert await other.ask("SELECT to_regclass('kept')::text") == [(None,)]
    assert not (other.var / "keys").exists()


async def test_a_database_in_use_is_not_replaced(written: Path, installed: Callable[[], Terminal]) -> None:
    other = installed()
    with other.server() as server:
        connection = await asyncpg.connect(server.url(APPLICATION).replace("+asyncpg", ""))
        refused = other.tmc("restore", str(written), "--force")
        await connection.close()
    assert refused.returncode == 1
    assert "1 connections use the database" in refused.stderr


def test_a_damaged_backup_is_refused_by_name(written: Path, somewhere: Terminal, tmp_path: Path) -> None:
    def damage(entries: dict[str, bytes]) -> None:
        entries["database.dump"] = entries["database.dump"][:-1] + b"?"

    def lose(entries: dict[str, bytes]) -> None:
        del entries["keys/keyring.json"]

    def smuggle(entries: dict[str, bytes]) -> None:
        entries["../outside"] = b"x"

    def add(entries: dict[str, bytes]) -> None:
        entries["files/more"] = b"x"

    def forget(entries: dict[str, bytes]) -> None:
        del entries["manifest.json"]

    for change, words in (
        (damage, "database.dump does not agree"),
        (lose, "keys/keyring.json does not agree"),
        (add, "files/more does not agree"),
        (smuggle, "../outside, which does not belong there"),
        (forget, "is not a whole backup"),
    ):
        refused = somewhere.tmc("restore", str(changed(written, tmp_path / "changed.tar", change)))
        assert refused.returncode == 1
        assert words in refused.stderr
    (tmp_path / "half.tar").write_bytes(written.read_bytes()[: written.stat().st_size // 2])
    assert "not a whole backup" in somewhere.tmc("restore", str(tmp_path / "half.tar")).stderr
    assert "There is no file" in somewhere.tmc("restore", str(tmp_path / "none.tar")).stderr
    somewhere.server().destroy()


def test_a_backup_never_overwrites_and_can_leave_the_keys_out(
    written: Path, migrated: Terminal, tmp_path: Path
) -> None:
    refused = migrated.tmc("backup", str(written))
    assert refused.returncode == 1
    assert "never overwritten" in refused.stderr
    assert "There is no folder" in migrated.tmc("backup", str(tmp_path / "none" / "one.tar")).stderr
    done = migrated.tmc("backup", str(tmp_path / "two.tar"), "--without-keys")
    assert done.returncode == 0
    assert "master keys" not in done.stdout
    with tarfile.open(tmp_path / "two.tar") as tar:
        assert "keys/keyring.json" not in tar.getnames()
