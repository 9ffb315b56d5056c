"""Asking for a file, taking it away, and removing it when its days are over."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exchange.errors.exports import (
    ExportColumnUnknown,
    ExportExpired,
    ExportFormatUnknown,
    ExportNotReady,
    ExportOutdated,
    TooManyExports,
)
from service.exchange.events.exports import ExportRequested
from service.exchange.queries.exports import export_for, no_longer_granted, open_exports
from service.exchange.rules.exports import FORMAT_TITLES, KEPT_DAYS, KINDS, OPEN_AT_ONCE
from service.exchange.schemas.exports import ExportCreate
from service.exchange.tables import ExportState, FileExport
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.journal import note
from service.settings import Settings


async def request_export(db: AsyncSession, actor: Actor, new: ExportCreate) -> FileExport:
    """Ask for a file; a job makes it. Columns keep the order in which they were given.

    Raises NotAllowed, ExportColumnUnknown, ExportFormatUnknown, TooManyExports.
    """
    kind = KINDS[new.kind]
    actor.must("exports.make")
    actor.must(kind.needs)
    if new.format not in kind.formats:
        raise ExportFormatUnknown(
            format=FORMAT_TITLES[new.format], formats=[FORMAT_TITLES[one] for one in kind.formats], field="format"
        )
    columns = list(dict.fromkeys(new.columns)) or list(kind.fields)
    for column in columns:
        if column not in kind.fields:
            raise ExportColumnUnknown(column=column, field="columns")
    already = await open_exports(db, actor)
    if already >= OPEN_AT_ONCE:
        raise TooManyExports(open=already)
    assert actor.account_id is not None, "who is signed in has an account"
    row = FileExport(
        org_id=actor.org,
        account_id=actor.account_id,
        kind=new.kind,
        format=new.format,
        columns=columns,
        criteria={"language": new.language, "only_valid": new.only_valid},
    )
    db.add(row)
    await note(db, "export.asked", "export", row.id, kind=new.kind, format=new.format, columns=columns)
    await announce(db, ExportRequested(export_id=row.id, org_id=row.org_id))
    return row


async def take_export(db: AsyncSession, settings: Settings, actor: Actor, export_id: UUID) -> tuple[FileExport, Path]:
    """The made file, to be handed over now: each person whose data leave the house is journaled and sees it.

    Raises NotFound, ExportNotReady, ExportExpired, and ExportOutdated when a ground has ended since it was made.
    """
    row = await export_for(db, actor, export_id)
    actor.must(KINDS[row.kind].needs)
    if row.state is not ExportState.READY:
        raise ExportNotReady
    path = settings.files_dir / (row.file_key or "gone")
    if row.file_key is None or row.expires_at is None or row.expires_at <= clock.now() or not path.is_file():
        raise ExportExpired
    people = [UUID(one) for one in row.criteria.get("people", [])]
    gone = await no_longer_granted(db, actor.org, people)
    if gone:
        raise ExportOutdated(people=gone)
    for person_id in people:
        await note(db, "people.exported", "export", row.id, person_id=person_id, kind=row.kind, columns=row.columns)
    await note(db, "export.taken", "export", row.id, kind=row.kind, people=len(people), sha256=row.sha256)
    return row, path


async def remove_expired(db: AsyncSession, settings: Settings) -> int:
    """Remove the files whose seven days are over; returns how many. The rows stay."""
    chosen = select(FileExport).where(col(FileExport.file_key).is_not(None), col(FileExport.expires_at) <= clock.now())
    rows = list(await db.scalars(chosen.limit(500)))
    for row in rows:
        (settings.files_dir / str(row.file_key)).unlink(missing_ok=True)
        row.file_key = None
        row.criteria = {name: value for name, value in row.criteria.items() if name != "people"}
    return len(rows)


def expires_from_now() -> timedelta:
    """How long a made file is kept."""
    return timedelta(days=KEPT_DAYS)
