"""The roles of the service in its own cluster, and the file of their passwords."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from service.foundation.embedded.refusals import EmbeddedServerRefusedError

SUPERUSER = "postgres"
OWNER = "tmc_owner"
APPLICATION = "tmc_app"
WORKER = "tmc_worker"
DATABASE = "tmc"


def read_passwords(path: Path) -> dict[str, str]:
    """Return password by role, or refuse when the server was never started."""
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError as trouble:
        raise EmbeddedServerRefusedError(
            f"内置数据库尚未启动过：缺少 {path}。",
            f"The embedded database was never started: {path} is missing.",
        ) from trouble


def write_new_passwords(path: Path) -> dict[str, str]:
    """Make a password for every role, write them to a 0600 file that appears whole, and return them."""
    passwords = {role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, APPLICATION, WORKER)}
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(passwords, file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    return passwords


def roles_script(passwords: Mapping[str, str], owner_creates_databases: bool) -> str:
    """Return psql input that makes the three roles and the database, or brings passwords up to date; repeatable."""
    attributes = {
        OWNER: "LOGIN BYPASSRLS" + (" CREATEDB" if owner_creates_databases else " NOCREATEDB"),
        APPLICATION: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
        WORKER: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
    }
    lines = ["\\set ON_ERROR_STOP on"]
    for role, words in attributes.items():
        lines += [
            f"SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec",  # noqa: S608 - constants
            f"ALTER ROLE {role} {words} PASSWORD '{passwords[role]}';",
        ]
    lines += [
        f"SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}' "  # noqa: S608 - constants
        f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec",
        # A temporary table could take a table's name before a function of the owner reads it.
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {APPLICATION}, {WORKER};",
    ]
    return "\n".join(lines) + "\n"
