"""One PostgreSQL cluster of our own: made, started, shared, stopped, and brought back after a kill."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from service.foundation.embedded.identity import Identity, identity_of, server_identity
from service.foundation.embedded.processes import end_orphans, live_processes, reap
from service.foundation.embedded.programs import (
    binary_major,
    binary_version,
    copy_programs,
    libraries_beside,
    packaged_bin_dir,
)
from service.foundation.embedded.refusals import EmbeddedServerRefusedError, tell
from service.foundation.embedded.roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    WORKER,
    read_passwords,
    roles_script,
    write_new_passwords,
)

RELOCATED = Path("/var/lib/tmc")
"""Where binaries and data go when the system user cannot enter the checkout."""

START_SECONDS = 300
"""Crash recovery of a large write-ahead log may take minutes; giving up sooner would look like a loss."""

STOP_SECONDS = 60
LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Addresses:
    """SQLAlchemy addresses (``postgresql+asyncpg://``) of the application's database for each role."""

    application: str
    owner: str
    worker: str


@dataclass
class EmbeddedServer:
    """One PostgreSQL cluster that listens on a private Unix socket only; shared by every process that starts it.

    ``home`` holds the passwords (0600), the locks and, unless the system user cannot enter it, the cluster.
    Each process that called ``start`` counts as a user of the server until it calls ``stop`` or ends;
    the last one to call ``stop`` stops the server.
    """

    home: Path
    bin_dir: Path = field(default_factory=packaged_bin_dir)
    fsync: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further server settings, name to value, given on the server's command line."""
    owner_creates_databases: bool = False
    say: Callable[[str], None] = tell

    def __post_init__(self) -> None:
        self.home = Path(self.home).absolute()
        self._users: int | None = None
        digest = hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:12]
        self._name = f"tmc-{digest}"
        self._relocated = RELOCATED / digest

    @classmethod
    def for_tests(cls, data_dir: Path, *, durable: bool = False, bin_dir: Path | None = None) -> Self:
        """Return a server for tests: without fsync unless ``durable``; its owner role may create databases.

        TMC_TEST_POSTGRES_BIN names other programs, such as Debian's; each major version has a cluster of its own.
        """
        chosen = bin_dir or Path(os.environ.get("TMC_TEST_POSTGRES_BIN") or packaged_bin_dir())
        return cls(
            home=data_dir / str(binary_major(chosen)),
            bin_dir=chosen,
            fsync=durable,
            settings={"max_connections": "200"},
            owner_creates_databases=True,
        )

    # -- what callers do -------------------------------------------------------------------------------------------

    def start(self) -> Addresses:
        """Start the server, or attach to it when it is already running, and return the addresses of its roles."""
        self._make_home()
        with self._locked():
            self._identity = self._choose_identity()
            self._cluster = self._choose_cluster()
            self.bin_dir = self._reachable_bin_dir()
            if not self._data.exists():
                self._create_cluster()
            elif not self._passwords_file.exists():
                self._replace_passwords()
            self._check_major()
            self._hold()
            try:
                if not self._attach():
                    self._launch()
                if not self._prepared_file.exists():
                    self._prepare_roles()
            except BaseException:
                self._let_go()
                raise
        return self.addresses()

    def stop(self, *, force: bool = False) -> bool:
        """Stop the server unless another process still uses it; return whether it is stopped.

        ``force`` stops it whoever uses it.
        """
        if not self.home.exists():
            return True
        with self._locked():
            self._let_go()
            if not self._locate() or not self.running():
                return True
            if not force and self._used_by_others():
                return False
            self.bin_dir = self._reachable_bin_dir()
            socket_dir = self.socket_dir
            self._command("pg_ctl", "-D", self._data, "-m", "fast", "-w", "-t", str(STOP_SECONDS), "stop", check=False)
            if self.running():
                self._command("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop", check=False)
            self._reap()
            stopped = not self.running()
            if stopped:
                with contextlib.suppress(OSError):
                    socket_dir.rmdir()
            return stopped

    def destroy(self) -> None:
        """Stop the server and delete its cluster, passwords and socket directory; for tests."""
        self.stop(force=True)
        if self._locate():
            shutil.rmtree(self._cluster)
        if self._relocated.exists():
            shutil.rmtree(self._relocated)
        for leftover in (self._passwords_file, self._prepared_file):
            leftover.unlink(missing_ok=True)

    def made(self) -> bool:
        """Return whether the cluster exists, running or not."""
        return self._locate()

    def running(self) -> bool:
        """Return whether a live postmaster of this very cluster exists (a killed one not yet reaped does not count)."""
        if not self._locate():
            return False
        self._reap()
        pid = self._recorded_pid()
        return pid is not None and pid in self._processes()

    def addresses(self) -> Addresses:
        """Return the addresses of the three roles of the service."""
        return Addresses(application=self.url(APPLICATION), owner=self.url(OWNER), worker=self.url(WORKER))

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy address of a database for a role (``tmc_app``, ``tmc_owner``, ``tmc_worker``, ``postgres``)."""
        return f"postgresql+asyncpg://{role}:{read_passwords(self._passwords_file)[role]}@/{database}?host={self.socket_dir}"

    def environment(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """Return the variables with which PostgreSQL's own tools connect as a role; the password is not on a command line."""
        return {
            "PGHOST": str(self.socket_dir),
            "PGPORT": "5432",
            "PGUSER": role,
            "PGPASSWORD": read_passwords(self._passwords_file)[role],
            "PGDATABASE": database,
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C.UTF-8",
        }

    @property
    def socket_dir(self) -> Path:
        """The 0700 directory of the socket, read from the running server when there is one."""
        lines = self._postmaster_lines()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else self._socket_default

    @property
    def data_dir(self) -> Path:
        """The cluster's data directory; known once the server was started."""
        self._locate()
        return self._data

    @property
    def log_file(self) -> Path:
        """The server's log."""
        self._locate()
        return self._cluster / "server.log"

    def system_identifier(self) -> int:
        """Return the number initdb gave this cluster: the first eight bytes of its control file."""
        self._locate()
        with (self._data / "global" / "pg_control").open("rb") as file:
            return int.from_bytes(file.read(8), sys.byteorder)

    def postmaster_pid(self) -> int | None:
        """Return the process id of the running postmaster, or None."""
        return self._recorded_pid() if self.running() else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- places ------------------------------------------------------------------------------------------------------

    @property
    def _data(self) -> Path:
        return self._cluster / "data"

    @property
    def _passwords_file(self) -> Path:
        return self.home / "passwords.json"

    @property
    def _prepared_file(self) -> Path:
        return self.home / "roles-prepared"

    @property
    def _socket_default(self) -> Path:
        # A Unix socket's path ends at 107 bytes, and a checkout may lie deeper than that.
        return Path("/tmp") / self._name  # noqa: S108 - created 0700, refused when it is somebody else's

    def _make_home(self) -> None:
        for folder in (*reversed(self.home.parents), self.home):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                # Only what we have just made: the system user must be able to pass through it.
                folder.chmod(0o755 if os.geteuid() == 0 else 0o700 if folder == self.home else 0o755)
        if not os.access(self.home, os.W_OK | os.X_OK):
            owner = self.home.stat().st_uid
            raise EmbeddedServerRefusedError(
                f"目录 {self.home} 属于用户 {owner}，当前用户不能写入；请用该用户运行，或更改目录所有者。",
                f"The directory {self.home} belongs to user {owner} and is not writable for us; run as that user, or change its owner.",
            )

    def _locate(self) -> bool:
        """Find an existing cluster without creating anything; return whether there is one."""
        for cluster in (self._relocated / "cluster", self.home / "cluster"):
            if (cluster / "data" / "PG_VERSION").exists():
                self._cluster = cluster
                self._identity = identity_of(cluster.stat().st_uid)
                return True
        return False

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            handle = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as trouble:
            raise EmbeddedServerRefusedError(
                f"内置数据库由另一个用户建立，当前用户不能打开 {self.home / 'lock'}；请用建立它的用户运行。",
                f"The embedded database was made by another user and {self.home / 'lock'} cannot be opened; run as the user who made it.",
            ) from trouble
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _hold(self) -> None:
        """Count this process as a user; the kernel forgets it even when the process is killed."""
        if self._users is None:
            self._users = os.open(self.home / "users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _let_go(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _used_by_others(self) -> bool:
        handle = os.open(self.home / "users", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    # -- which user, which directory, which binaries -------------------------------------------------------------------

    def _choose_identity(self) -> Identity:
        return self._identity if self._locate() else server_identity(self.say)

    def _choose_cluster(self) -> Path:
        if self._locate():
            cluster = self._cluster
        elif self._identity.can("test", "-x", self.home):
            cluster = self.home / "cluster"
        else:
            cluster = self._relocated / "cluster"
            self._make_relocated()
            self.say(
                f"用户 {self._identity.name} 不能进入 {self.home}，数据库放在 {cluster}。 "
                f"User {self._identity.name} cannot enter {self.home}; the database is kept in {cluster}."
            )
        if not cluster.exists():
            cluster.mkdir(mode=0o700)
            self._identity.take(cluster)
        return cluster

    def _make_relocated(self) -> None:
        for folder in (RELOCATED, self._relocated):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(0o755)

    def _reachable_bin_dir(self) -> Path:
        if self._identity.can(self.bin_dir / "postgres", "--version"):
            return self.bin_dir
        install = self.bin_dir.parent
        if not self._identity.changed or not libraries_beside(self.bin_dir).is_dir():
            raise EmbeddedServerRefusedError(
                f"用户 {self._identity.name} 不能运行 {self.bin_dir / 'postgres'}。",
                f"User {self._identity.name} cannot run {self.bin_dir / 'postgres'}.",
            )
        place = self._relocated / f"postgresql-{binary_version(self.bin_dir)}"
        if not place.exists():
            self._make_relocated()
            self.say(
                f"用户 {self._identity.name} 不能读取 {install}，数据库程序复制到 {place}。 "
                f"User {self._identity.name} cannot read {install}; the database's programs are copied to {place}."
            )
        return copy_programs(self.bin_dir, place)

    # -- the cluster -----------------------------------------------------------------------------------------------------

    def _command(self, program: str, *arguments: str | Path, check: bool = True, give: str | None = None) -> str:
        answer = self._identity.run([self.bin_dir / program, *arguments], give=give)
        if check and answer.returncode != 0:
            raise self._failed(program, answer.stderr or answer.stdout)
        return answer.stdout

    def _failed(self, program: str, words: str) -> EmbeddedServerRefusedError:
        log = self._cluster / "server.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:]) if log.exists() else ""
        return EmbeddedServerRefusedError(
            f"内置数据库的 {program} 失败（日志：{log}）。",
            f"The embedded database's {program} failed (log: {log}):\n{words.strip()}\n{tail}",
        )

    def _new_passwords(self) -> dict[str, str]:
        self._prepared_file.unlink(missing_ok=True)
        return write_new_passwords(self._passwords_file)

    def _create_cluster(self) -> None:
        partial = self._cluster / "data.partial"
        if partial.exists():  # an earlier initdb was interrupted
            shutil.rmtree(partial)
        password = self._new_passwords()[SUPERUSER]
        # initdb reads the password from a file which its own user must be able to open.
        handle, password_file = tempfile.mkstemp(dir=self._cluster)
        try:
            os.write(handle, password.encode())
            self._identity.take(Path(password_file))
            locale = ["--locale=C.UTF-8", "--lc-messages=C"]
            if binary_major(self.bin_dir) >= 17:
                locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            self._command(
                "initdb",
                *("-D", partial, "-U", SUPERUSER, "--pwfile", password_file, "-A", "scram-sha-256"),
                *("--encoding=UTF8", "--data-checksums", "--no-instructions", *locale),
                *([] if self.fsync else ["--no-sync"]),
            )
        finally:
            os.close(handle)
            Path(password_file).unlink()
        partial.rename(self._data)

    def _check_major(self) -> None:
        made_by = int((self._data / "PG_VERSION").read_text())
        ours = binary_major(self.bin_dir)
        if made_by != ours:
            raise EmbeddedServerRefusedError(
                f"数据目录 {self._data} 由 PostgreSQL {made_by} 建立，而现在的程序是 {ours} 版；请先用旧版本 tmc backup，再用新版本 tmc restore。",
                f"The data in {self._data} was made by PostgreSQL {made_by} but the programs are version {ours}; back up with the old version and restore with the new one.",
            )

    def _options(self, socket_dir: Path) -> str:
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(socket_dir),
            "unix_socket_permissions": "0700",
            "cluster_name": self._name,
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A statement or a key's value may name a person: neither goes into the log.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "jit": "off",
            "fsync": "on" if self.fsync else "off",
            **({} if self.fsync else {"synchronous_commit": "off", "full_page_writes": "off"}),
            **self.settings,
        }
        return " ".join(f"-c {name}='{value}'" for name, value in settings.items())

    def _launch(self) -> None:
        self._clear_remains()
        log = self._cluster / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        self._command(
            "pg_ctl",
            *("-D", self._data, "-l", log, "-w", "-t", str(START_SECONDS)),
            *("-o", self._options(self._make_socket_dir()), "start"),
        )

    def _make_socket_dir(self) -> Path:
        place = self._socket_default
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
            self._identity.take(place)
        found = place.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == self._identity.uid and not found.st_mode & 0o077:
            return place
        # Somebody else took the name: clients learn the true place from the server's own record.
        other = Path(tempfile.mkdtemp(prefix="tmc-", dir=place.parent))
        self._identity.take(other)
        return other

    def _attach(self) -> bool:
        """Wait for a running server to be ready; return False when there is none."""
        until = time.monotonic() + START_SECONDS
        while self.running():
            lines = self._postmaster_lines()
            if len(lines) > 7 and lines[7].strip() == "ready":
                return True
            if time.monotonic() > until:
                raise self._failed("postgres", "the running server does not become ready")
            time.sleep(0.05)
        return False

    # -- what a killed server leaves ---------------------------------------------------------------------------------------

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines() if self._locate() else []
        except FileNotFoundError:
            return []

    def _recorded_pid(self) -> int | None:
        lines = self._postmaster_lines()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _reap(self) -> None:
        pid = self._recorded_pid()
        if pid is not None:
            reap(pid)

    def _processes(self) -> set[int]:
        return live_processes(self._name, self._identity.uid)

    def _clear_remains(self) -> None:
        """Make way after a kill: let orphaned backends end, then drop the dead postmaster's records.

        PostgreSQL itself trusts a record when any process of the same user has that number, a zombie included,
        and would then never start again.
        """
        if remaining := end_orphans(self._name, self._identity.uid):
            raise self._failed("postgres", f"processes of a killed server do not end: {sorted(remaining)}")
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    # -- roles -------------------------------------------------------------------------------------------------------------

    def _replace_passwords(self) -> None:
        """Give the superuser a new password when the password file was lost; the data's owner may do that."""
        if self.running():
            raise EmbeddedServerRefusedError(
                f"内置数据库正在运行，但口令文件 {self._passwords_file} 已丢失；请先停止使用它的进程，再重新启动。",
                f"The embedded database is running but {self._passwords_file} is lost; stop the processes that use it and start again.",
            )
        self._clear_remains()
        password = self._new_passwords()[SUPERUSER]
        self._command(
            "postgres",
            *("--single", "-D", self._data, "-c", "log_min_error_statement=panic", "postgres"),
            give=f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n",
        )

    def _prepare_roles(self) -> None:
        """Create the three roles and the database, or bring their passwords up to date; harmless when repeated."""
        answer = self._identity.run(
            [self.bin_dir / "psql", "--no-psqlrc", "--quiet", "--file=-"],
            give=roles_script(read_passwords(self._passwords_file), self.owner_creates_databases),
            environment=self.environment(SUPERUSER, "postgres"),
        )
        if answer.returncode != 0:
            raise self._failed("psql", answer.stderr)
        self._prepared_file.touch(mode=0o600)
