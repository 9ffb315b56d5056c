"""`tmc backup` and `tmc restore`: one file holding the database, the keys and the kept papers."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from service.cli.database import current_revision, newest_revision, server_major
from service.cli.first_start import forget
from service.cli.installation import Databases, connect, open_databases, tool, tool_environment
from service.cli.speaking import Refused, say
from service.foundation.language import later
from service.settings import Settings, get_settings

MANIFEST = "manifest.json"
DUMP = "database.dump"
KEYRING = "keys/keyring.json"
FILES = "files/"
FORMAT = 1
CHUNK = 1024 * 1024


def digest_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of what is left to read, in hexadecimal."""
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a 0600 file beside the target that takes the target's name only when it was written to the end."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def parts_of(settings: Settings, dump: Path, with_keys: bool) -> Iterator[tuple[str, Path]]:
    """Name and place of everything that goes into a backup besides its manifest."""
    yield DUMP, dump
    if with_keys and settings.keyring_path.exists():
        yield KEYRING, settings.keyring_path
    if settings.files_dir.exists():
        for path in sorted(settings.files_dir.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield FILES + path.relative_to(settings.files_dir).as_posix(), path


def write_backup(settings: Settings, databases: Databases, target: Path, with_keys: bool = True) -> dict[str, Any]:
    """Write a backup and return its manifest; the target appears only when the backup is whole.

    The database is one consistent snapshot; papers are added after it, so each paper a row speaks of is in the file.
    """
    address = databases.owner_needed
    major = asyncio.run(server_major(address))
    program = tool("pg_dump", major, databases)
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".tmc-backup-") as folder,
        written_whole(target) as partial,
    ):
        dump = Path(folder) / DUMP
        dumped = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [program, "--format=custom", "--no-owner", f"--file={dump}"],
            env=tool_environment(address),
            capture_output=True,
            text=True,
            check=False,
        )
        if dumped.returncode != 0:
            raise Refused(later("The backup failed and no file was written:\n%(words)s"), words=dumped.stderr[-2000:])
        entries: dict[str, dict[str, Any]] = {}
        with tarfile.open(partial, "w") as tar:
            for name, path in parts_of(settings, dump, with_keys):
                with path.open("rb") as file:
                    entries[name] = {"bytes": path.stat().st_size, "sha256": digest_of(file)}
                tar.add(path, arcname=name, recursive=False)
            manifest = {
                "format": FORMAT,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "postgresql": major,
                "revision": asyncio.run(current_revision(address)),
                "entries": entries,
            }
            last = Path(folder) / MANIFEST
            last.write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
            tar.add(last, arcname=MANIFEST)
    return manifest


def read_manifest(source: Path) -> dict[str, Any]:
    """Check every entry of a backup against its manifest and return the manifest; refuse what is damaged or foreign."""
    seen: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                if not member.isfile() or member.name.startswith("/") or ".." in Path(member.name).parts:
                    raise Refused(later("The backup holds %(name)s, which does not belong there."), name=member.name)
                file = tar.extractfile(member)
                if file is None:
                    continue
                if member.name == MANIFEST:
                    manifest = json.loads(file.read())
                else:
                    seen[member.name] = digest_of(file)
    except FileNotFoundError as trouble:
        raise Refused(later("There is no file %(file)s."), file=source) from trouble
    except (tarfile.TarError, json.JSONDecodeError, UnicodeDecodeError, EOFError) as trouble:
        raise Refused(later("%(file)s is not a whole backup: %(reason)s"), file=source, reason=trouble) from trouble
    if manifest is None or manifest.get("format") != FORMAT:
        raise Refused(later("%(file)s is not a whole backup: %(reason)s"), file=source, reason=MANIFEST)
    stated = {name: entry["sha256"] for name, entry in manifest["entries"].items()}
    for name in sorted(stated.keys() | seen.keys()):
        if stated.get(name) != seen.get(name):
            raise Refused(later("The backup is damaged: %(name)s does not agree with its SHA-256."), name=name)
    return manifest


def unpack(source: Path, folder: Path) -> None:
    """Unpack a backup whose names `read_manifest` has checked; owners and modes in it are not taken over."""
    with tarfile.open(source, "r:") as tar:
        for member in tar:
            place = folder / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            file = tar.extractfile(member)
            if file is not None:
                with place.open("wb") as copy:
                    shutil.copyfileobj(file, copy)


async def what_is_there(address: str) -> tuple[int, int]:
    """Return how many tables of ours the database has, and how many other connections it has."""
    connection = await connect(address)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
            " AND n.nspname NOT IN ('information_schema') AND n.nspname !~ '^pg_'"
        )
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            # Another role's backend type is hidden from the owner; autovacuum has no user.
            " AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
        return int(tables), int(others)
    finally:
        await connection.close()


def restore_backup(settings: Settings, databases: Databases, source: Path, force: bool = False) -> dict[str, Any]:
    """Put a backup in place of the database, keys and papers, and return its manifest.

    The database is replaced in one transaction: when anything fails, what was there before is still there.
    """
    manifest = read_manifest(source)
    address = databases.owner_needed
    major = asyncio.run(server_major(address))
    if major < manifest["postgresql"]:
        raise Refused(
            later("The backup was made by PostgreSQL %(made_by)s and cannot go into the older version %(major)s."),
            made_by=manifest["postgresql"],
            major=major,
        )
    tables, others = asyncio.run(what_is_there(address))
    if others:
        raise Refused(
            later("%(others)s connections use the database; stop the service and its workers first."), others=others
        )
    if tables and not force:
        raise Refused(
            later("The database holds %(tables)s tables already; --force replaces everything in it."), tables=tables
        )
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.var_dir, prefix=".restore-") as folder:
        unpack(source, Path(folder))
        keyring = Path(folder) / KEYRING
        refuse_other_keys(settings, keyring, force)
        replace_database(databases, major, Path(folder) / DUMP)
        forget(settings)
        if keyring.exists():
            put_keys(settings, keyring)
        put_files(settings, Path(folder) / FILES)
    return manifest


def refuse_other_keys(settings: Settings, keyring: Path, force: bool) -> None:
    """Refuse to replace keys that differ: data encrypted under them would be lost."""
    place = settings.keyring_path
    if keyring.exists() and place.exists() and place.read_bytes() != keyring.read_bytes() and not force:
        raise Refused(
            later(
                "The keys in %(place)s differ from the backup's; --force keeps a copy of them and takes the backup's."
            ),
            place=place,
        )


def replace_database(databases: Databases, major: int, dump: Path) -> None:
    """Drop what the owner owns and load the dump, all in one transaction."""
    environment = tool_environment(databases.owner_needed)
    script = dump.with_suffix(".sql")
    with script.open("wb") as file:
        file.write(b"SET client_min_messages = warning;\nDROP OWNED BY CURRENT_USER CASCADE;\n")
        file.flush()
        unpacked = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [tool("pg_restore", major, databases), "--no-owner", "--file=-", dump],
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    words = unpacked.stderr.decode(errors="replace")
    if unpacked.returncode == 0:
        loaded = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [
                *(tool("psql", major, databases), "--no-psqlrc", "--quiet", "--single-transaction"),
                *("--output=/dev/null", "--set=ON_ERROR_STOP=1", f"--file={script}"),
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if loaded.returncode == 0:
            return
        words = loaded.stderr
    raise Refused(later("The restore failed; the database is as it was before:\n%(words)s"), words=words[-2000:])


def put_keys(settings: Settings, keyring: Path) -> None:
    """Put the backup's keys in place (0600); other keys that were there are kept beside them."""
    place = settings.keyring_path
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        if place.read_bytes() == keyring.read_bytes():
            return
        place.rename(place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    with written_whole(place) as partial:
        partial.write_bytes(keyring.read_bytes())


def put_files(settings: Settings, files: Path) -> None:
    """Put the backup's papers in place; a paper that is there already and is the same stays."""
    for path in files.rglob("*"):
        if path.is_file():
            place = settings.files_dir / path.relative_to(files)
            place.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(place) as partial:
                shutil.copyfile(path, partial)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the master keys out; then keep them safe elsewhere.")
def backup(file: Path, without_keys: bool) -> None:
    """Write database, keys and papers into one file. The service may go on running."""
    if file.exists():
        raise Refused(later("%(file)s exists already; a backup is never overwritten."), file=file)
    if not file.absolute().parent.is_dir():
        raise Refused(later("There is no folder %(folder)s."), folder=file.absolute().parent)
    settings = get_settings()
    with open_databases(settings) as databases:
        manifest = write_backup(settings, databases, file.absolute(), with_keys=not without_keys)
    say(
        later("Wrote %(file)s: %(entries)s entries, revision %(revision)s."),
        file=file,
        entries=len(manifest["entries"]),
        revision=manifest["revision"],
    )
    if KEYRING in manifest["entries"]:
        say(later("It holds the master keys: whoever has this file can read every identity number in it."))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that is not empty, and keys that differ.")
def restore(file: Path, force: bool) -> None:
    """Put a backup in place of database, keys and papers. The service must be stopped."""
    settings = get_settings()
    with open_databases(settings) as databases:
        manifest = restore_backup(settings, databases, file, force=force)
    say(later("Restored %(file)s, made at %(made_at)s."), file=file, made_at=manifest["made_at"])
    if manifest["revision"] != newest_revision():
        say(later("It is at an older revision than the code: run tmc db upgrade."))
