"""The operating-system user the server runs as, and running programs as that user."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.foundation.embedded.refusals import EmbeddedServerRefusedError

SYSTEM_USER = "tmc"
"""The unprivileged user the server runs as when we are root; PostgreSQL refuses to run as root."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The operating-system user the server runs as."""

    name: str
    uid: int
    gid: int
    changed: bool
    """True when the user differs from ours, so that every server command is run through a change of user."""

    def run(
        self, command: Sequence[str | Path], *, give: str | None = None, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program as this user with a small environment; `give` is what it reads."""
        return subprocess.run(  # noqa: S603 - fixed programs, no shell
            [str(part) for part in command],
            input=give,
            stdin=subprocess.DEVNULL if give is None else None,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            umask=0o077,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", **(environment or {})},
            user=self.uid if self.changed else None,
            group=self.gid if self.changed else None,
            extra_groups=[] if self.changed else None,
        )

    def can(self, *command: str | Path) -> bool:
        """Return whether a command succeeds as this user."""
        try:
            return self.run(command).returncode == 0
        except PermissionError:
            return False

    def take(self, path: Path) -> None:
        """Make what we have just made this user's own."""
        if self.changed:
            os.chown(path, self.uid, self.gid)


def identity_of(uid: int) -> Identity:
    """Return the identity of a user number, which need not have a name."""
    try:
        entry = pwd.getpwuid(uid)
        name, gid = entry.pw_name, entry.pw_gid
    except KeyError:  # a container may run us as a number without a name
        name, gid = str(uid), os.getegid()
    return Identity(name, uid, gid, changed=uid != os.geteuid())


def server_identity(say: Callable[[str], None]) -> Identity:
    """Return ourselves, or the system user when we are root; it is created when missing, and said so."""
    if os.geteuid() != 0:
        return identity_of(os.geteuid())
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
        if useradd is None:
            raise EmbeddedServerRefusedError(
                f"PostgreSQL 不能以 root 运行，而本机没有 useradd；请建立系统用户 {SYSTEM_USER}，或用普通用户运行。",
                f"PostgreSQL refuses to run as root and useradd is missing; create the system user {SYSTEM_USER}, or run as an ordinary user.",
            ) from None
        account = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
        subprocess.run([useradd, *account, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)  # noqa: S603
        say(
            f"已建立系统用户 {SYSTEM_USER}，数据库以它运行。 Created the system user {SYSTEM_USER}; the database runs as it."
        )
        entry = pwd.getpwnam(SYSTEM_USER)
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid, changed=True)
