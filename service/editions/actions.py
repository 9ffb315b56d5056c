"""Loading what ships, checking what is uploaded, freezing by two people, ending by a last day."""

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.content import Library, shipped
from service.approvals.actions import decide as decide_proposal
from service.approvals.actions import propose as make_proposal
from service.approvals.actions import withdraw as withdraw_proposal
from service.approvals.queries import open_approval
from service.editions.errors import EditionHasFaults, EditionNameTaken, EditionNotDraft, EditionNotFrozen, EndTooEarly
from service.editions.events import EditionEnded, EditionFrozen
from service.editions.queries import find, own_edition, shelf
from service.editions.rules import Named, examined, sha256_of, shipped_editions, text_of
from service.editions.tables import Edition, EditionKind, EditionState, EditionUpload
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.journal import note

log = structlog.get_logger("editions")
SUBJECT = "edition"
REGISTER_SINCE = date(2020, 1, 1)  # articles have days of their own; the first register must hold for every paper


async def load_shipped(db: AsyncSession, owner_org_id: UUID | None = None, library: Library | None = None) -> int:
    """Freeze what ships with the service: standard, syllabi, blueprints and the citation register; returns how many were new.

    Idempotent by digest. A frozen edition of the same name with other content stays as it is, and the log says so: a
    changed text needs a new version. `owner_org_id` is the standard owner who may later end these editions.
    """
    loaded = 0
    for one in shipped_editions(library or shipped()):
        kind = EditionKind(one.kind)
        kept = await find(db, kind, one.code, one.version)
        if kept is not None:
            if kept.digest != one.digest:
                log.warning("edition.shipped_differs", code=one.code, version=one.version)
            continue
        today = clock.today()
        row = _row(one, EditionState.FROZEN)
        row.shipped = True
        row.owner_org_id = owner_org_id
        row.effective_from = one.valid_from or today
        if kind is EditionKind.LAWS:
            row.effective_from = await _follow_earlier_registers(db, one.code, today)
        row.effective_to = one.valid_to
        row.frozen_at = clock.now()
        db.add(row)
        await db.flush()
        await note(db, "edition.loaded", SUBJECT, row.id, digest=one.digest)
        loaded += 1
    return loaded


async def _follow_earlier_registers(db: AsyncSession, code: str, today: date) -> date:
    """The first day of a new register: today when one is in force, which then ends the day before; else long ago."""
    known = sa.and_(
        col(Edition.kind) == EditionKind.LAWS,
        col(Edition.code) == code,
        col(Edition.state) == EditionState.FROZEN,
        col(Edition.effective_to).is_(None),
    )
    if await db.scalar(sa.select(sa.exists().where(known))) is not True:
        return REGISTER_SINCE
    last = sa.func.greatest(col(Edition.effective_from), today - timedelta(days=1))
    await db.execute(sa.update(Edition).where(known).values(effective_to=last))
    return today


def _row(one: Named, state: EditionState) -> Edition:
    return Edition(
        kind=EditionKind(one.kind),
        code=one.code,
        version=one.version,
        scheme=one.scheme,
        level=one.level,
        title=one.title,
        content=one.content,
        digest=one.digest,
        state=state,
        findings=[],
    )


async def upload(db: AsyncSession, actor: Actor, file_name: str, raw: bytes) -> EditionUpload:
    """Check an uploaded edition and keep the report; without errors it becomes (or replaces) the organisation's draft.

    Raises EditionNameTaken when the code and version are frozen or another organisation's. A draft that changes loses
    its open proposal, because a decision is bound to the digest.
    """
    findings, one = examined(raw, file_name, await shelf(db, actor.org, clock.today()))
    row = EditionUpload(
        org_id=actor.org,
        account_id=actor.account_id,
        file_name=file_name,
        text=text_of(raw),
        sha256=sha256_of(raw),
        findings=findings,
    )
    if one is not None:
        row.edition_id = (await _draft(db, actor, one, row)).id
    db.add(row)
    await db.flush()
    errors = sum(finding["severity"] == "error" for finding in findings)
    await note(db, "edition.checked", "edition_upload", row.id, errors=errors, edition_id=row.edition_id)
    return row


async def _draft(db: AsyncSession, actor: Actor, one: Named, report: EditionUpload) -> Edition:
    kept = await find(db, EditionKind(one.kind), one.code, one.version)
    if kept is not None and (kept.state != EditionState.DRAFT or kept.owner_org_id != actor.org):
        raise EditionNameTaken(field="text", code=one.code, version=one.version)
    if kept is not None:
        draft = await own_edition(db, actor, kept.id)
        if draft.digest != one.digest:
            proposal = await open_approval(db, SUBJECT, draft.id)
            if proposal is not None:
                await withdraw_proposal(db, actor, proposal)
        draft.title, draft.content, draft.digest = one.title, one.content, one.digest
    else:
        draft = _row(one, EditionState.DRAFT)
        draft.owner_org_id = actor.org
    draft.findings = report.findings
    draft.effective_from, draft.effective_to = one.valid_from, one.valid_to
    try:
        async with db.begin_nested():
            db.add(draft)
    except IntegrityError as error:
        raise EditionNameTaken(field="text", code=one.code, version=one.version) from error
    return draft


async def propose(db: AsyncSession, actor: Actor, edition_id: UUID) -> Edition:
    """Propose a draft for freezing. Raises NotFound, EditionNotDraft, AlreadyProposed."""
    row = _draft_only(await own_edition(db, actor, edition_id))
    await make_proposal(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=row.digest)
    return row


async def decide(db: AsyncSession, actor: Actor, edition_id: UUID, approve: bool, reason: str | None = None) -> Edition:
    """Decide on a proposed draft as a second person; an approved one is checked once more and frozen.

    It takes effect on its own first day, or today when that is past. Raises NotFound, EditionNotDraft, SamePerson,
    SubjectChanged, NothingProposed, EditionHasFaults when what it points at is gone by now.
    """
    row = _draft_only(await own_edition(db, actor, edition_id))
    proposal = await open_approval(db, SUBJECT, row.id)
    await decide_proposal(db, actor, proposal, digest=row.digest, approve=approve, reason=reason)
    if not approve:
        return row
    await _check_again(db, actor, row)
    today = clock.today()
    row.effective_from = max(row.effective_from or today, today)
    if row.effective_to is not None and row.effective_to < row.effective_from:
        raise EndTooEarly(earliest=row.effective_from.isoformat())
    row.state = EditionState.FROZEN
    row.frozen_at = clock.now()
    await db.flush()
    await note(db, "edition.frozen", SUBJECT, row.id, digest=row.digest)
    await announce(db, EditionFrozen(edition_id=row.id))
    return row


async def _check_again(db: AsyncSession, actor: Actor, row: Edition) -> None:
    """The text that was uploaded, against what is frozen today."""
    chosen = (
        select(EditionUpload)
        .where(col(EditionUpload.edition_id) == row.id)
        .order_by(col(EditionUpload.created_at).desc(), col(EditionUpload.id).desc())
        .limit(1)
    )
    latest = (await db.scalars(chosen)).one()
    findings, one = examined(latest.text.encode(), latest.file_name, await shelf(db, actor.org, clock.today()))
    if one is None or one.digest != row.digest:
        wrong = [finding for finding in findings if finding["severity"] == "error"]
        raise EditionHasFaults(file=latest.file_name, count=max(len(wrong), 1), findings=wrong)


def _draft_only(row: Edition) -> Edition:
    if row.state != EditionState.DRAFT:
        raise EditionNotDraft(code=row.code, version=row.version)
    return row


async def give_up(db: AsyncSession, actor: Actor, edition_id: UUID) -> None:
    """Give a draft up; its name is free again. Raises NotFound, EditionNotDraft."""
    row = _draft_only(await own_edition(db, actor, edition_id))
    proposal = await open_approval(db, SUBJECT, row.id)
    if proposal is not None:
        await withdraw_proposal(db, actor, proposal)
    row.state = EditionState.WITHDRAWN
    await db.flush()
    await note(db, "edition.given_up", SUBJECT, row.id)


async def end(db: AsyncSession, actor: Actor, edition_id: UUID, last_day: date) -> Edition:
    """Set the last day on which an edition may be begun with; who began with it keeps it.

    Raises NotFound, EditionNotFrozen, EndTooEarly before today or its first day.
    """
    row = await own_edition(db, actor, edition_id)
    if row.state != EditionState.FROZEN or row.effective_from is None:
        raise EditionNotFrozen(code=row.code, version=row.version)
    earliest = max(row.effective_from, clock.today())
    if last_day < earliest:
        raise EndTooEarly(field="last_day", earliest=earliest.isoformat())
    row.effective_to = last_day
    await db.flush()
    await note(db, "edition.ended", SUBJECT, row.id, last_day=last_day.isoformat())
    await announce(db, EditionEnded(edition_id=row.id))
    return row
