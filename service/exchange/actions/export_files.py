"""Making the file of an export: read in batches, written row by row, so that memory stays flat however many people there are."""

import asyncio
import hashlib
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlmodel import col, select

from service.exchange.actions.exports import expires_from_now
from service.exchange.queries.exports import (
    GrantedCredential,
    SeenOn,
    accrual_lines,
    count_accruals,
    count_granted,
    granted_credentials,
    granted_names,
    granted_people,
    grounds_of,
    identities,
)
from service.exchange.rules.exports import (
    ACCRUAL_TITLES,
    EVENT_TITLES,
    GROUND_TITLES,
    KINDS,
    STATE_TITLES,
    SUFFIXES,
    ExportColumn,
    FileNames,
)
from service.exchange.tables import ExportState, FileExport
from service.foundation import clock, files
from service.foundation.clock import BEIJING
from service.foundation.language import ENGLISH, current_language, gettext, later, said, speaking
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.writing import CellIn, CsvExport, Export, XlsxExport
from service.foundation.working import Work
from service.letters.actions import write
from service.people.rules import IDENTITY_NAMES, IdentityKind
from service.people.tables import IdentityDocument, Person
from service.settings import Settings

BATCH = 200
STANDING = ("valid", "expired", "suspended")

LIST_COLUMNS = (
    ExportColumn("name", later("Name")),
    ExportColumn("number", later("Certificate number"), "identity"),
    ExportColumn("state", later("State")),
    ExportColumn("file", later("File")),
)


@dataclass
class Order:
    """What is to be made, as its row said when the job began."""

    export_id: UUID
    org_id: UUID
    kind: str
    format: str
    columns: list[str]
    language: str
    only_valid: bool
    people: set[UUID] = field(default_factory=set)


Batch = list[dict[str, CellIn]]


async def make_file(work: Work, settings: Settings, export_id: UUID) -> None:
    """Make the file an export asks for and say so on its row; a file that is ready stays as it is.

    Everything is read under the organisation's own grounds, batch by batch; a draft becomes the file only when whole.
    """
    order = await _begin(work, export_id)
    if order is None:
        return
    folder = settings.files_dir / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{uuid4().hex}"
    try:
        if order.format == "zip":
            await _make_archive(work, settings, order, draft)
        else:
            await _make_table(work, order, draft)
        key = f"exports/{order.export_id}{SUFFIXES[order.format]}"
        digest = await asyncio.to_thread(_digest, draft)
        draft.chmod(0o600)
        draft.rename(settings.files_dir / key)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        async with work.transaction() as db:
            row = await db.get_one(FileExport, export_id)
            row.state, row.failure = ExportState.FAILED, type(error).__name__
        raise
    async with work.transaction(final=True) as db:
        row = await db.get_one(FileExport, export_id)
        row.state, row.file_key, row.sha256, row.failure = ExportState.READY, key, digest, None
        row.done = row.total
        row.expires_at = clock.now() + expires_from_now()
        row.criteria = {**row.criteria, "people": sorted(str(one) for one in order.people)}
        await write(
            db, kind="export.ready", facts={"export_id": str(row.id)}, account_id=row.account_id, org_id=row.org_id
        )


async def _begin(work: Work, export_id: UUID) -> Order | None:
    async with work.transaction() as db:
        row = (await db.scalars(select(FileExport).where(col(FileExport.id) == export_id))).first()
        if row is None or row.state is ExportState.READY:
            return None
        count = count_accruals if row.kind == "incentives" else count_granted
        row.state, row.done, row.total = ExportState.RUNNING, 0, await count(db, row.org_id)
        return Order(
            export_id=row.id,
            org_id=row.org_id,
            kind=row.kind,
            format=row.format,
            columns=list(row.columns),
            language=str(row.criteria.get("language", "zh-CN")),
            only_valid=bool(row.criteria.get("only_valid")),
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _columns(chosen: Iterable[ExportColumn]) -> list[Column]:
    """Columns with their headers in the language spoken now; identity and certificate numbers are text."""
    return [Column(one.field, gettext(one.title), kind=CellKind(one.kind), width=one.width) for one in chosen]


@contextmanager
def _opened(target: BinaryIO, order: Order) -> Iterator[Export]:
    kind = KINDS[order.kind]
    by_field = {one.field: one for one in kind.columns}
    columns = _columns(by_field[one] for one in order.columns)
    made: Export
    if order.format == "xlsx":
        made = XlsxExport(target, columns, gettext(kind.title))
    else:
        made = CsvExport(target, columns, "gb18030" if order.format == "csv_gb" else "utf-8-sig")
    yield made
    made.close()


async def _make_table(work: Work, order: Order, draft: Path) -> None:
    batches = _accruals(work, order) if order.kind == "incentives" else _people(work, order)
    with draft.open("wb") as target, speaking(order.language), _opened(target, order) as table:
        async for batch in batches:
            for line in batch:
                table.append(line)


async def _people_batches(work: Work, order: Order) -> AsyncIterator[tuple[list[Person], list[Any]]]:
    """Batches of people with identities, grounds and granted certificates, each read in one short transaction."""
    after: tuple[str, UUID] | None = None
    while True:
        async with work.transaction() as db:
            people = await granted_people(db, order.org_id, after, BATCH)
            ids = [one.id for one in people]
            known: list[Any] = [
                await identities(db, ids),
                await grounds_of(db, order.org_id, ids),
                await granted_credentials(db, ids),
            ]
            row = await db.get_one(FileExport, order.export_id)
            row.done = min(row.total, row.done + len(people))
        if not people:
            return
        yield people, known
        after = (people[-1].sort_key, people[-1].id)


async def _people(work: Work, order: Order) -> AsyncIterator[Batch]:
    today = clock.today()
    async for people, (documents, grounds, credentials) in _people_batches(work, order):
        held: dict[UUID, list[GrantedCredential]] = {}
        for one in credentials:
            if not order.only_valid or one.state_on(today) == "valid":
                held.setdefault(one.person_id, []).append(one)
        lines: Batch = []
        for person in people:
            mine = held.get(person.id, [])
            if mine or not order.only_valid:
                order.people.add(person.id)
            shown: list[GrantedCredential | None] = [*mine] if mine or order.only_valid else [None]
            for credential in shown:
                lines.append(_person_line(person, documents.get(person.id), grounds[person.id], credential))
        yield lines


def _person_line(
    person: Person, document: IdentityDocument | None, seen: SeenOn, credential: GrantedCredential | None
) -> dict[str, CellIn]:
    line: dict[str, CellIn] = {
        "name": person.name,
        "english_name": person.english_name,
        "identity_kind": None if document is None else said(IDENTITY_NAMES[IdentityKind(document.kind)]),
        "identity": None if document is None else document.masked,
        "grounds": _joined(gettext(GROUND_TITLES.get(one, one)) for one in seen.grounds),
        "seen_until": None if seen.until is None else seen.until.astimezone(BEIJING).date(),
    }
    if credential is not None:
        facts = credential.public_facts
        line |= {
            "number": credential.number,
            "title": said(facts.get("title")),
            "level": said(facts.get("level")),
            "state": gettext(STATE_TITLES[credential.state_on(clock.today())]),
            "awarded_on": credential.awarded_on,
            "valid_until": credential.valid_until,
            "issuer": said(facts.get("issuer")),
            "periods": str(facts.get("periods") or ""),
            "specimen": gettext(later("Specimen")) if credential.specimen else None,
        }
    return line


def _joined(words: Iterable[str]) -> str:
    return (", " if current_language() == ENGLISH else "、").join(words)


async def _accruals(work: Work, order: Order) -> AsyncIterator[Batch]:
    after: UUID | None = None
    while True:
        async with work.transaction() as db:
            rows = await accrual_lines(db, order.org_id, after, BATCH)
            named = await granted_names(db, order.org_id, {one["person_id"] for one in rows if one["person_id"]})
            row = await db.get_one(FileExport, order.export_id)
            row.done = min(row.total, row.done + len(rows))
        if not rows:
            return
        order.people.update(named)
        yield [_accrual_line(one, named) for one in rows]
        after = rows[-1]["line_id"]


def _accrual_line(row: dict[str, Any], named: dict[UUID, str]) -> dict[str, CellIn]:
    """One part; the unit's own part and people without a ground stand without a name of a person."""
    if row["person_id"] is None:
        name = gettext(later("The unit itself"))
    else:
        name = named.get(row["person_id"]) or gettext(later("(no ground to see the person)"))
    return {
        "name": name,
        "contract_no": row["contract_no"],
        "contract_title": said(row["contract_title"]),
        "plan": said(row["plan_title"]),
        "event": gettext(EVENT_TITLES.get(str(row["event_kind"].value), str(row["event_kind"].value))),
        "reference": row["reference"],
        "effective_on": row["effective_on"],
        "event_amount": row["event_fen"],
        "accrual": gettext(ACCRUAL_TITLES[str(row["accrual_kind"].value)]),
        "earned": row["earned_fen"],
        "booked": row["booked_fen"],
    }


async def _make_archive(work: Work, settings: Settings, order: Order, draft: Path) -> None:
    """A zip of PDFs written one after another, with a list of what is inside and what is not yet made."""
    names = FileNames()
    today = clock.today()
    with (
        speaking(order.language),
        tempfile.TemporaryFile() as listed,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive,
    ):
        contents = CsvExport(listed, _columns(LIST_COLUMNS))
        async for people, (_, _, credentials) in _people_batches(work, order):
            known = {one.id: one for one in people}
            for credential in sorted(credentials, key=lambda one: known[one.person_id].sort_key):
                state = credential.state_on(today)
                if state not in STANDING or (order.only_valid and state != "valid"):
                    continue
                person = known[credential.person_id]
                order.people.add(person.id)
                name = gettext(later("(the PDF is not made yet)"))
                if credential.file_key is not None:
                    name = names.take(person.name, credential.number)
                    pdf = await asyncio.to_thread(files.get, settings.files_dir, credential.file_key)
                    archive.writestr(_member(name), pdf)
                contents.append(
                    {
                        "name": person.name,
                        "number": credential.number,
                        "state": gettext(STATE_TITLES[state]),
                        "file": name,
                    }
                )
        contents.close()
        listed.seek(0)
        archive.writestr(_member("清单.csv" if order.language != ENGLISH else "list.csv"), listed.read())


def _member(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, datetime.now(UTC).astimezone(BEIJING).timetuple()[:6])
    made.external_attr = 0o600 << 16
    return made
