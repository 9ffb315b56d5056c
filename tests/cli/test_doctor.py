"""The doctor finds what is wrong, and says how to mend it."""

import pytest

from service.cli.doctor import bad, well
from service.foundation.embedded import SUPERUSER
from service.foundation.language import CHINESE, speaking
from tests.cli.terminal import Terminal


def line_about(subject: str, output: str) -> str:
    """The one line about a subject."""
    lines = [line for line in output.splitlines() if line.split("] ")[1].startswith(f"{subject}:")]
    assert len(lines) == 1, output
    return lines[0]


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(somewhere: Terminal) -> None:
    done = somewhere.tmc("doctor")
    assert done.returncode == 0, done.stdout
    assert "none yet" in line_about("Database", done.stdout)
    assert "none yet" in line_about("Keys", done.stdout)
    assert not somewhere.var.exists()


def test_keys_missing_and_keys_open_to_others_are_found(migrated: Terminal) -> None:
    place = migrated.var / "keys" / "keyring.json"
    done = migrated.tmc("doctor")
    assert done.returncode == 1
    assert line_about("Keys", done.stdout).startswith("[BAD]")
    assert "put it back from a backup" in line_about("Keys", done.stdout)
    place.parent.mkdir(mode=0o700)
    place.write_text("{}")
    place.chmod(0o644)
    assert f"chmod 600 {place}" in line_about("Keys", migrated.tmc("doctor").stdout)
    place.chmod(0o600)
    done = migrated.tmc("doctor")
    assert done.returncode == 0, done.stdout
    assert "[BAD]" not in done.stdout


async def test_migrations_behind_the_code_are_found(migrated: Terminal) -> None:
    found = await migrated.ask("SELECT version_num FROM alembic_version")
    await migrated.ask("UPDATE alembic_version SET version_num = '0000'")
    done = migrated.tmc("doctor")
    await migrated.ask(f"UPDATE alembic_version SET version_num = '{found[0][0]}'")
    assert done.returncode == 1
    assert "at 0000" in line_about("Migrations", done.stdout)
    assert "tmc db upgrade" in line_about("Migrations", done.stdout)


@pytest.mark.parametrize(
    ("break_it", "mend_it", "words"),
    [
        ("ALTER ROLE tmc_app BYPASSRLS", "ALTER ROLE tmc_app NOBYPASSRLS", "passes by row-level security"),
        ("ALTER TABLE account OWNER TO tmc_app", "ALTER TABLE account OWNER TO tmc_owner", "owns tables"),
    ],
)
async def test_an_application_role_that_may_too_much_is_found(
    migrated: Terminal, break_it: str, mend_it: str, words: str
) -> None:
    with migrated.server():
        await migrated.ask(break_it, SUPERUSER)
        done = migrated.tmc("doctor")
        await migrated.ask(mend_it, SUPERUSER)
    assert done.returncode == 1
    assert words in line_about("Application's role", done.stdout)


async def test_an_owner_who_does_not_see_every_row_is_found(migrated: Terminal) -> None:
    await migrated.ask("ALTER ROLE tmc_owner NOBYPASSRLS", SUPERUSER)
    done = migrated.tmc("doctor")
    await migrated.ask("ALTER ROLE tmc_owner BYPASSRLS", SUPERUSER)
    assert done.returncode == 1
    assert "ALTER ROLE tmc_owner BYPASSRLS" in line_about("Owner's role", done.stdout)


def test_a_server_that_cannot_be_reached_is_said_without_its_password(somewhere: Terminal) -> None:
    done = somewhere.tmc("doctor", DATABASE_URL="postgresql://tmc_app:secret@127.0.0.1:1/tmc")
    assert done.returncode == 1
    assert "cannot be reached" in line_about("Database", done.stdout)
    assert "secret" not in done.stdout + done.stderr
    # A server is meant for people: letters that only reach the log and an address without https are wrong there.
    for subject in ("SMS", "Public address"):
        assert line_about(subject, done.stdout).startswith("[BAD]")


def test_findings_are_chinese_in_chinese() -> None:
    with speaking(CHINESE):
        assert (
            well("Keys", "%(place)s is there and private", place="var/k").line()
            == "[正常] 密钥：var/k 存在且仅所有者可读"
        )
        assert bad("Clock", "agrees with the database's").line().startswith("[有误] 时钟：")
