"""The installation's own PostgreSQL: private, shared, and back after any kill."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.foundation.embedded import (
    APPLICATION,
    OWNER,
    RELOCATED,
    SUPERUSER,
    WORKER,
    EmbeddedServer,
    EmbeddedServerRefusedError,
    packaged_bin_dir,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")


async def ask(server: EmbeddedServer, sql: str, role: str = APPLICATION, database: str = "tmc") -> object:
    """One value, asked over a connection of its own."""
    connection = await asyncpg.connect(server.url(role, database).replace("+asyncpg", ""), timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A running server for the tests that only look."""
    server = EmbeddedServer.for_tests(tmp_path_factory.mktemp("shared"))
    server.start()
    yield server
    server.destroy()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server not yet started, with fsync, for the tests that break it."""
    server = EmbeddedServer.for_tests(tmp_path, durable=True)
    yield server
    server.destroy()


# -- private -----------------------------------------------------------------------------------------------------------


def test_socket_and_passwords_are_ours_alone(shared: EmbeddedServer) -> None:
    assert mode(shared.socket_dir) == 0o700
    assert mode(shared.socket_dir / ".s.PGSQL.5432") == 0o700
    assert mode(shared.home / "passwords.json") == 0o600
    assert mode(shared.data_dir) == 0o700


async def test_nothing_listens_on_the_network(shared: EmbeddedServer) -> None:
    assert await ask(shared, "SHOW listen_addresses") == ""
    assert await ask(shared, "SELECT inet_server_addr()") is None
    pid = shared.postmaster_pid()
    ours = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()} if os.geteuid() == 0 else set()
    for table in ("tcp", "tcp6"):
        listening = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
        assert not {f"socket:[{line[9]}]" for line in listening if line[3] == "0A"} & ours


@pytest.mark.parametrize("role", [APPLICATION, WORKER, OWNER, SUPERUSER])
async def test_every_role_must_know_its_password(shared: EmbeddedServer, role: str) -> None:
    assert await ask(shared, "SELECT current_user", role) == role
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=str(shared.socket_dir), user=role, password="wrong", database="tmc")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=str(shared.socket_dir), user=role, password="", database="tmc")


async def test_no_rule_of_access_trusts(shared: EmbeddedServer) -> None:
    methods = await ask(shared, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules", SUPERUSER)
    assert methods == ["scram-sha-256"]


async def test_application_and_worker_own_nothing_and_bypass_nothing(shared: EmbeddedServer) -> None:
    for role in (APPLICATION, WORKER):
        flags = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"
        assert await ask(shared, f"SELECT {flags} FROM pg_roles WHERE rolname = current_user", role) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(shared, "CREATE TABLE planted (one int)", role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(shared, "CREATE TEMPORARY TABLE planted (one int)", role)
    assert await ask(shared, "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user", OWNER) is True
    assert await ask(shared, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", OWNER) is False


async def test_text_is_utf8_and_pages_have_checksums(shared: EmbeddedServer) -> None:
    assert await ask(shared, "SHOW server_encoding") == "UTF8"
    assert await ask(shared, "SHOW data_checksums") == "on"
    assert await ask(shared, "SELECT '鄂' < '陕' AND upper('é') = 'É'") is True


async def test_only_tests_do_without_fsync(shared: EmbeddedServer, tmp_path: Path) -> None:
    assert await ask(shared, "SHOW fsync") == "off"
    assert EmbeddedServer(tmp_path).fsync is True
    assert EmbeddedServer.for_tests(tmp_path, durable=True).fsync is True


def test_the_server_does_not_run_as_root(shared: EmbeddedServer) -> None:
    pid = shared.postmaster_pid()
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid != 0


# -- shared ------------------------------------------------------------------------------------------------------------

ATTACH = """
import sys
from pathlib import Path
from service.foundation.embedded import EmbeddedServer
server = EmbeddedServer.for_tests(Path(sys.argv[1]), durable=True)
server.start()
print(server.postmaster_pid(), flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""


def another_process(home: Path) -> "subprocess.Popen[str]":
    """Another process that starts the same server, says its process id, and stops it when spoken to."""
    return subprocess.Popen(
        [sys.executable, "-c", ATTACH, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_second_caller_attaches_and_the_last_one_out_stops_it(server: EmbeddedServer, tmp_path: Path) -> None:
    server.start()
    with another_process(tmp_path) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == server.postmaster_pid()
        assert server.stop() is False
        assert server.running()
        said, _ = other.communicate("stop\n")
    assert said.strip() == "True"
    assert not server.running()


def test_a_killed_caller_does_not_keep_the_server(server: EmbeddedServer, tmp_path: Path) -> None:
    with another_process(tmp_path) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
    assert server.running()
    server.start()
    assert server.stop() is True
    assert not server.running()
    assert not server.socket_dir.exists()


def test_stopping_what_never_started_is_harmless(server: EmbeddedServer) -> None:
    assert server.stop() is True
    server.start()
    assert server.stop() is True
    assert server.stop() is True


# -- back after a kill -----------------------------------------------------------------------------------------------------


async def test_what_was_committed_is_there_after_kill_9(server: EmbeddedServer) -> None:
    server.start()
    await ask(server, "CREATE TABLE kept AS SELECT 1 AS one", OWNER)
    pid = server.postmaster_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert not server.running()
    server.start()
    assert server.postmaster_pid() != pid
    assert await ask(server, "SELECT count(*) FROM kept", OWNER) == 1


async def test_another_process_with_the_dead_number_does_not_stop_a_start(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    owner = server.data_dir.stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=[]) as stranger:
        try:
            record = server.data_dir / "postmaster.pid"
            record.write_text(f"{stranger.pid}\n{server.data_dir}\n1\n5432\n{server.socket_dir}\n\n0 0\nready\n")
            assert not server.running()
            server.start()
            assert await ask(server, "SELECT 1") == 1
        finally:
            stranger.kill()


async def test_an_interrupted_first_start_begins_again(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    server.data_dir.rename(server.data_dir.with_name("data.partial"))
    (server.data_dir.with_name("data.partial") / "PG_VERSION").unlink()
    server.start()
    assert await ask(server, "SELECT 1") == 1
    assert not server.data_dir.with_name("data.partial").exists()


async def test_roles_are_made_again_when_the_first_start_ended_before_them(server: EmbeddedServer) -> None:
    server.start()
    await ask(server, "DROP OWNED BY tmc_worker; ", SUPERUSER)
    await ask(server, "DROP ROLE tmc_worker", SUPERUSER)
    server.stop()
    (server.home / "roles-prepared").unlink()
    server.start()
    assert await ask(server, "SELECT current_user", WORKER) == WORKER


async def test_lost_passwords_are_replaced_and_data_stays(server: EmbeddedServer) -> None:
    server.start()
    await ask(server, "CREATE TABLE kept AS SELECT 1 AS one", OWNER)
    old = server.url(APPLICATION)
    (server.home / "passwords.json").rename(server.home / "elsewhere")
    with pytest.raises(EmbeddedServerRefusedError, match="is lost"):
        server.start()
    server.stop(force=True)
    server.start()
    assert server.url(APPLICATION) != old
    assert await ask(server, "SELECT count(*) FROM kept", OWNER) == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(old.replace("+asyncpg", ""))


# -- refusals and odd places -----------------------------------------------------------------------------------------------


def test_data_of_another_major_version_is_refused(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServerRefusedError, match="made by PostgreSQL 9") as refusal:
        server.start()
    assert "tmc backup" in refusal.value.chinese


async def test_a_socket_directory_of_somebody_else_is_not_used(server: EmbeddedServer) -> None:
    planted = server.socket_dir
    planted.mkdir(mode=0o755)
    planted.chmod(0o755)
    try:
        server.start()
        assert server.socket_dir != planted
        assert mode(server.socket_dir) == 0o700
        assert mode(planted) == 0o755
        assert await ask(server, "SELECT 1") == 1
        server.stop()
        assert planted.exists()
    finally:
        planted.rmdir()


async def test_a_deep_checkout_still_has_a_socket(tmp_path: Path) -> None:
    deep = EmbeddedServer.for_tests(tmp_path / ("深" * 30) / ("d" * 100))
    try:
        deep.start()
        assert len(os.fsencode(deep.socket_dir / ".s.PGSQL.5432")) <= 107
        assert await ask(deep, "SELECT 1") == 1
    finally:
        deep.destroy()


@as_root
async def test_where_the_system_user_cannot_enter_the_data_lies_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    said: list[str] = []
    server = EmbeddedServer(closed / "postgres", fsync=False, say=said.append)
    try:
        server.start()
        assert server.data_dir.is_relative_to(RELOCATED)
        assert any(str(RELOCATED) in sentence for sentence in said)
        assert mode(closed) == 0o700
        assert mode(closed / "postgres" / "passwords.json") == 0o600
        assert await ask(server, "SELECT 1") == 1
        again = EmbeddedServer(closed / "postgres", fsync=False, say=said.append)
        assert again.data_dir == server.data_dir
    finally:
        server.destroy()


@as_root
async def test_programs_the_system_user_cannot_read_are_copied_with_their_libraries(tmp_path: Path) -> None:
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    install = packaged_bin_dir().parent
    package = install.parent
    shutil.copytree(install, closed / package.name / install.name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    said: list[str] = []
    server = EmbeddedServer(
        tmp_path / "postgres", bin_dir=closed / package.name / install.name / "bin", fsync=False, say=said.append
    )
    try:
        server.start()
        assert server.bin_dir.is_relative_to(RELOCATED)
        assert any("copied" in sentence for sentence in said)
        assert mode(closed) == 0o700
        assert await ask(server, "SELECT 1") == 1
    finally:
        server.destroy()
