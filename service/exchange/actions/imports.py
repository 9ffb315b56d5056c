"""Files that come in: read and previewed, applied row by row, given back with what was wrong; stored sealed."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exchange.actions.attendance_lists import AttendanceList
from service.exchange.actions.past_certificates import PastCertificates
from service.exchange.actions.planning import Context, ImportKind, Planned, count
from service.exchange.actions.rosters import Roster
from service.exchange.actions.scores import Scores
from service.exchange.actions.technology_contracts import TechnologyContracts
from service.exchange.errors.imports import FileForgotten, ImportKindUnknown, ImportNotOpen
from service.exchange.queries.imports import import_for
from service.exchange.rules.imports import IMPORT_LIMITS, KEPT_DAYS, STATE_TITLES, Finding, Outcome
from service.exchange.tables import FileImport, ImportState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import DomainError
from service.foundation.files import FileGone, get, put
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.language import current_language
from service.foundation.records import uuid7
from service.foundation.sheets.reading import Sheet, read_sheet
from service.foundation.sheets.returned import RowProblem, with_errors
from service.foundation.sheets.writing import write_template
from service.foundation.text import clean

KINDS: Mapping[str, ImportKind] = {
    one.key: one for one in (Roster(), AttendanceList(), Scores(), PastCertificates(), TechnologyContracts())
}
FOLDER = "imports"


def kind_named(key: str) -> ImportKind:
    """The kind of import of this name. Raises ImportKindUnknown."""
    if key not in KINDS:
        raise ImportKindUnknown
    return KINDS[key]


def kinds_of(actor: Actor) -> list[str]:
    """The kinds of import the actor's post may bring in."""
    return [key for key, kind in KINDS.items() if actor.may(kind.permission)]


def bound_to(import_id: UUID) -> str:
    """What a sealed file is bound to, so that it opens as this upload's only."""
    return f"file_import.file:{import_id}"


async def upload(
    db: AsyncSession,
    keyring: Keyring,
    files_dir: Path,
    actor: Actor,
    kind_key: str,
    target_id: UUID | None,
    file_name: str,
    content: bytes,
) -> FileImport:
    """Read a file, say of each row what it is, and keep the file sealed; nothing else is written.

    Raises NotAllowed, NotFound, ImportKindUnknown, what `read_sheet` raises, and what the target refuses.
    """
    kind = kind_named(kind_key)
    actor.must(kind.permission)
    import_id = uuid7()
    context = Context(db, keyring, actor, target_id if kind.with_target else None, import_id)
    await kind.check_target(context)
    sheet = await asyncio.to_thread(read_sheet, content, kind.columns, limits=IMPORT_LIMITS)
    rows = await kind.plan(context, sheet)
    sealed = keyring.encrypt(content, bound_to(import_id))
    file_key, _ = await asyncio.to_thread(put, files_dir, FOLDER, sealed, ".sealed")
    assert actor.account_id is not None, "who uploads is signed in"
    row = FileImport(
        id=import_id,
        org_id=actor.org,
        kind=kind.key,
        target_id=context.target_id,
        file_name=clean(file_name.replace("\\", "/").rsplit("/", 1)[-1][-200:], 200) or kind.key,
        file_key=file_key,
        sha256=hashlib.sha256(content).hexdigest(),
        account_id=actor.account_id,
        counts=count(rows),
        rows=[one.stored() for one in rows],
    )
    db.add(row)
    await db.flush()
    await note(db, "import.previewed", "file_import", row.id, kind=kind.key, rows=len(rows))
    return row


async def opened(keyring: Keyring, files_dir: Path, row: FileImport) -> bytes:
    """The uploaded file in clear, in memory only. Raises FileForgotten."""
    try:
        sealed = await asyncio.to_thread(get, files_dir, row.file_key)
    except FileGone as error:
        raise FileForgotten(days=KEPT_DAYS) from error
    return keyring.decrypt(sealed, bound_to(row.id))


async def read_again(keyring: Keyring, files_dir: Path, row: FileImport) -> tuple[ImportKind, Sheet]:
    """The upload's kind, and its file read again."""
    kind = kind_named(row.kind)
    content = await opened(keyring, files_dir, row)
    return kind, await asyncio.to_thread(read_sheet, content, kind.columns, limits=IMPORT_LIMITS)


async def confirm(db: AsyncSession, keyring: Keyring, files_dir: Path, actor: Actor, import_id: UUID) -> FileImport:
    """Keep what can be kept, each row for itself; a second confirmation changes nothing.

    Rows are held against what is on record now, which may have changed since the preview. Raises NotFound,
    ImportNotOpen for a dropped upload, FileForgotten, and what the target refuses.
    """
    row = await import_for(db, actor, import_id, kinds_of(actor), lock=True)
    if row.state is ImportState.APPLIED:
        return row
    if row.state is not ImportState.PREVIEWED:
        raise ImportNotOpen(state=STATE_TITLES[row.state.value])
    kind, sheet = await read_again(keyring, files_dir, row)
    context = Context(db, keyring, actor, row.target_id, row.id)
    await kind.check_target(context)
    rows = await kind.plan(context, sheet)
    for planned in rows:
        if planned.keep is not None and planned.outcome in (Outcome.NEW, Outcome.CHANGED):
            await keep_row(db, planned)
    row.rows = [one.stored() for one in rows]
    row.counts = count(rows)
    row.state = ImportState.APPLIED
    row.applied_at = clock.now()
    await db.flush()
    await note(db, "import.applied", "file_import", row.id, kind=row.kind, kept=kept(rows))
    return row


async def keep_row(db: AsyncSession, planned: Planned) -> None:
    """Keep one row in a savepoint of its own: a refused one leaves nothing and says why."""
    assert planned.keep is not None, "only rows to be kept come here"
    try:
        async with db.begin_nested():
            planned.result, planned.ref = await planned.keep()
            await db.flush()
    except DomainError as refusal:
        planned.outcome = Outcome.WRONG
        planned.findings = [Finding(planned.number, refusal)]
        planned.result = None


def kept(rows: list[Planned]) -> int:
    """How many rows were kept."""
    return sum(one.result is not None for one in rows)


async def drop(db: AsyncSession, actor: Actor, import_id: UUID) -> FileImport:
    """Give an upload up before it is applied. Raises NotFound, ImportNotOpen."""
    row = await import_for(db, actor, import_id, kinds_of(actor), lock=True)
    if row.state is ImportState.DROPPED:
        return row
    if row.state is not ImportState.PREVIEWED:
        raise ImportNotOpen(state=STATE_TITLES[row.state.value])
    row.state = ImportState.DROPPED
    await note(db, "import.dropped", "file_import", row.id, kind=row.kind)
    return row


async def with_reasons(
    db: AsyncSession, keyring: Keyring, files_dir: Path, actor: Actor, import_id: UUID
) -> tuple[bytes, str]:
    """Their own file with a column that says what is wrong with each row now; the second value is its ending.

    Raises NotFound, FileForgotten.
    """
    row = await import_for(db, actor, import_id, kinds_of(actor))
    kind, sheet = await read_again(keyring, files_dir, row)
    rows = await kind.plan(Context(db, keyring, actor, row.target_id, row.id), sheet)
    problems = [RowProblem(one.row, one.field, one.said()) for planned in rows for one in planned.findings]
    await note(db, "import.file_returned", "file_import", row.id, kind=row.kind)
    return await asyncio.to_thread(with_errors, sheet, problems)


def template_of(kind: ImportKind, name: str) -> bytes:
    """A workbook to fill in for this kind, with drop-downs and the sheet 填写说明."""
    target = BytesIO()
    write_template(target, kind.columns, name, language=current_language())
    return target.getvalue()


async def forget_files(db: AsyncSession, files_dir: Path) -> int:
    """Delete the sealed files of uploads whose keeping time is over; rows and counts stay. Returns how many."""
    old = await db.scalars(
        select(FileImport.file_key).where(col(FileImport.created_at) < sa.func.now() - timedelta(days=KEPT_DAYS))
    )
    forgotten = 0
    for key in old:
        path = files_dir / key
        if path.is_file():
            await asyncio.to_thread(path.unlink)
            forgotten += 1
    return forgotten
