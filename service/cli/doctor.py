"""`tmc doctor`: what is wrong with this installation, and how to mend it."""

import asyncio
import ctypes
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
import click

from service.cli.database import current_revision, newest_revision
from service.cli.installation import PROJECT, Databases, connect, embedded_server, open_databases
from service.cli.speaking import Refused
from service.foundation.language import later, sentence
from service.letters.messages import CONSOLE, sends
from service.settings import Settings, get_settings

FREE_BYTES = 2 * 1024**3
"""Below this a day of papers, or one backup, may fill the disk."""

CLOCK_SECONDS = 2.0
"""Deadlines are judged by the database's clock; one-time codes by ours."""

OLDEST_POSTGRESQL, NEWEST_POSTGRESQL = 15, 18
PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libfontconfig.so.1")


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, whether it is well, and what to do; English message ids with facts."""

    subject: str
    well: bool
    words: str
    facts: dict[str, object]

    def line(self) -> str:
        """The finding as one line in the reader's language."""
        mark = sentence(later("ok"), {}) if self.well else sentence(later("BAD"), {})
        facts: dict[str, object] = {
            "mark": mark,
            "subject": sentence(self.subject, {}),
            "words": sentence(self.words, self.facts),
        }
        return sentence(later("[%(mark)s] %(subject)s: %(words)s"), facts)


def well(subject: str, words: str, /, **facts: object) -> Finding:
    """A finding that needs nothing done."""
    return Finding(subject, True, words, facts)


def bad(subject: str, words: str, /, **facts: object) -> Finding:
    """A finding that somebody must mend."""
    return Finding(subject, False, words, facts)


def pango(settings: Settings) -> Iterator[Finding]:
    """The libraries PDF needs."""
    missing = []
    for library in PANGO:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    if missing:
        yield bad(
            later("PDF libraries"),
            later("%(missing)s cannot be loaded: apt-get install -y libpango-1.0-0 libpangoft2-1.0-0"),
            missing=missing,
        )
    else:
        yield well(later("PDF libraries"), later("Pango and its companions load"))


def fonts(settings: Settings) -> Iterator[Finding]:
    """The typefaces certificates are set in; they belong to the checkout."""
    folder = PROJECT / "certificates" / "fonts"
    found = sorted(path.name for path in folder.rglob("*.[to]tf"))
    if found:
        yield well(later("Fonts"), later("%(count)s files in %(folder)s"), count=len(found), folder=folder)
    else:
        yield bad(later("Fonts"), later("none in %(folder)s; check the checkout is complete"), folder=folder)


def disk(settings: Settings) -> Iterator[Finding]:
    """Room and rights under var."""
    place = settings.var_dir.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    facts: dict[str, object] = {"place": place, "free": f"{free / 1024**3:.1f}"}
    if not os.access(place, os.W_OK):
        yield bad(later("Disk"), later("%(place)s cannot be written; change its owner or TMC_VAR_DIR"), **facts)
    elif free < FREE_BYTES:
        yield bad(later("Disk"), later("only %(free)s GiB free at %(place)s; make room"), **facts)
    else:
        yield well(later("Disk"), later("%(free)s GiB free at %(place)s"), **facts)


def keys(settings: Settings, migrated: bool) -> Iterator[Finding]:
    """The master keys: there, and private; before the first start there are none."""
    place = settings.keyring_path
    if not place.exists():
        if migrated:
            yield bad(later("Keys"), later("%(place)s is missing; put it back from a backup"), place=place)
        else:
            yield well(later("Keys"), later("none yet; they are made at the first start"))
    elif stat.S_IMODE(place.stat().st_mode) & 0o077:
        yield bad(later("Keys"), later("others may read %(place)s: chmod 600 %(place)s"), place=place)
    else:
        yield well(later("Keys"), later("%(place)s is there and private"), place=place)


def letters(settings: Settings) -> Iterator[Finding]:
    """The ways out to people."""
    yield well(later("Mail"), later("none is sent; letters are read in the service's inbox"))
    if settings.sms == CONSOLE and settings.database_url is None:
        yield well(later("SMS"), later("only written to the log; set %(name)s to send any"), name="TMC_SMS")
    elif settings.sms == CONSOLE:
        yield bad(later("SMS"), later("only written to the log, so nobody receives it: set %(name)s"), name="TMC_SMS")
    elif not sends(settings.sms):
        yield bad(later("SMS"), later("%(name)s is neither console nor the https address of a gateway"), name="TMC_SMS")
    elif not settings.sms_token:
        yield bad(later("SMS"), later("the gateway's token is missing: set %(name)s"), name="TMC_SMS_TOKEN")
    else:
        yield well(later("SMS"), later("sent through %(value)s"), value=urlsplit(settings.sms).hostname)


def address(settings: Settings) -> Iterator[Finding]:
    """The public address that is printed into certificates."""
    if settings.secure_cookies:
        yield well(later("Public address"), "%(url)s", url=settings.base_url)
    elif settings.database_url is None:
        yield well(later("Public address"), later("%(url)s, good for this machine only"), url=settings.base_url)
    else:
        yield bad(later("Public address"), later("%(url)s is not https; set TMC_BASE_URL"), url=settings.base_url)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (pango, fonts, disk, letters, address)


async def database_findings(databases: Databases) -> list[Finding]:
    """Reachability, version, clock, roles and revision of the database."""
    connection = await connect(databases.application)
    try:
        major = connection.get_server_version().major
        findings = [
            well(later("Database"), later("reached, PostgreSQL %(major)s"), major=major)
            if OLDEST_POSTGRESQL <= major <= NEWEST_POSTGRESQL
            else bad(later("Database"), later("PostgreSQL %(major)s; 15 to 18 are supported"), major=major),
            await clock_finding(connection),
            *await role_findings(connection, later("Application's role")),
        ]
    finally:
        await connection.close()
    if databases.worker != databases.application:
        connection = await connect(databases.worker)
        try:
            findings += await role_findings(connection, later("Worker's role"))
        finally:
            await connection.close()
    findings.append(await owner_finding(databases))
    found, wanted = await current_revision(databases.owner or databases.application), newest_revision()
    findings.append(
        well(later("Migrations"), later("at the newest revision"))
        if found == wanted
        else bad(
            later("Migrations"),
            later("the database is at %(found)s, the code at %(wanted)s: run tmc db upgrade"),
            found=found or "–",
            wanted=wanted or "–",
        )
    )
    return findings


async def clock_finding(connection: asyncpg.Connection) -> Finding:
    """Compare our clock with the database's."""
    before = time.time()
    theirs = float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
    apart = theirs - (before + time.time()) / 2
    if abs(apart) > CLOCK_SECONDS:
        return bad(
            later("Clock"),
            later("%(apart)s s apart from the database's: let both machines follow a time server"),
            apart=f"{apart:.1f}",
        )
    return well(later("Clock"), later("agrees with the database's"))


async def role_findings(connection: asyncpg.Connection, subject: str) -> list[Finding]:
    """A role the service runs as must be bound by row-level security and own nothing."""
    role = await connection.fetchrow(
        "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_') AS owns"
        " FROM pg_roles r WHERE rolname = current_user"
    )
    name = role["rolname"]
    if role["rolsuper"] or role["rolbypassrls"]:
        return [
            bad(
                subject,
                later("%(name)s passes by row-level security: ALTER ROLE %(name)s NOSUPERUSER NOBYPASSRLS"),
                name=name,
            )
        ]
    if role["owns"]:
        return [bad(subject, later("%(name)s owns tables; give the application a role of its own"), name=name)]
    return [well(subject, later("%(name)s is bound by row-level security and owns nothing"), name=name)]


async def owner_finding(databases: Databases) -> Finding:
    """The owner, who migrates and backs up, must see every row."""
    subject = later("Owner's role")
    if databases.owner is None:
        return well(subject, later("OWNER_DATABASE_URL is not set here; migrations and backups run elsewhere"))
    connection = await connect(databases.owner)
    try:
        name, sees_all = await connection.fetchrow(
            "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
    finally:
        await connection.close()
    if not sees_all:
        return bad(subject, later("%(name)s does not see every row: ALTER ROLE %(name)s BYPASSRLS"), name=name)
    return well(subject, later("%(name)s sees every row, for migrations and backups"), name=name)


def findings_of(settings: Settings) -> Iterator[Finding]:
    """Look at everything; one thing that cannot be looked at does not hide the others."""
    for check in CHECKS:
        yield from check(settings)
    migrated = False
    try:
        if settings.database_url is None and not embedded_server(settings).made():
            yield well(later("Database"), later("none yet; tmc run makes one"))
        else:
            with open_databases(settings) as databases:
                found = asyncio.run(database_findings(databases))
                migrated = asyncio.run(current_revision(databases.owner or databases.application)) is not None
            yield from found
    except Refused as refusal:
        migrated = True
        yield bad(later("Database"), "%(words)s", words=str(refusal))
    yield from keys(settings, migrated)


@click.command()
def doctor() -> int:
    """Say what is wrong with this installation and how to mend it; exit 1 when something is."""
    sound = True
    for finding in findings_of(get_settings()):
        click.echo(finding.line())
        sound = sound and finding.well
    return 0 if sound else 1
