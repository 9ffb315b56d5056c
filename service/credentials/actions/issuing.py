"""Issue: each approved entry once and for ever, its number taken under lock inside the transaction, so that none is lost."""

import secrets
from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateFacts, CertificateKind, refusal_of
from certificates.render.certificate import render_html
from certificates.serial import BASE_SLOTS, LARGEST_SERIAL, CertificateNumber, make_check_code
from service.approvals.queries import approvals_of
from service.approvals.tables import ApprovalState
from service.bases.tables import Base
from service.courses.actions import close_session
from service.courses.queries import session_by_id
from service.courses.tables import CourseSession, SessionState
from service.credentials.actions.grounds import ground_of
from service.credentials.actions.listing import SUBJECT
from service.credentials.actions.signing import sign_and_keep
from service.credentials.errors import ListChanged, NoNumberSlot, NumbersExhausted
from service.credentials.events import CredentialIssued
from service.credentials.queries import entries_of, evidence_of, live_credential
from service.credentials.rules.composing import (
    compose_facts,
)
from service.credentials.tables import Credential, IssuingEntry, IssuingList, ListState, NumberCounter
from service.enrolments.actions import settle
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.foundation.announcing import announce
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.keys.actions import active_key
from service.people.actions import personal_key
from service.people.queries import person as person_of
from service.settings import Settings

PROBE_SERIAL = LARGEST_SERIAL
NEVER_COMPLETED = {"minutes-missing", "total-minutes-missing", "required-course-missed"}


async def issue_entry(db: AsyncSession, keyring: Keyring, settings: Settings, entry_id: UUID) -> Credential | None:
    """Issue the credential of one approved entry; again, or at once by two workers, gives the one that stands.

    Returns None for an entry that is not eligible or was hindered. Raises StateConflict (list not approved), ListChanged
    (the evidence moved after the approval), NoNumberSlot, NumbersExhausted, PersonErased, and the refusals of
    `certificates` (GlyphMissing, NameTooLong, FactsUnreadable) before a number is taken.
    """
    entry = (
        await db.scalars(
            select(IssuingEntry)
            .where(col(IssuingEntry.id) == entry_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).first()
    if entry is None:
        raise NotFound(what="issuing entry")
    issuing = (await db.scalars(select(IssuingList).where(col(IssuingList.id) == entry.list_id))).one()
    standing = await live_credential(db, entry.enrolment_id, issuing.kind)
    if standing is not None and standing.issuing_list_id == issuing.id:
        return standing
    if issuing.state not in (ListState.APPROVED, ListState.ISSUED):
        raise StateConflict(state=issuing.state.value)
    if issuing.state == ListState.ISSUED or not entry.eligible or entry.hindrance is not None:
        return None
    session = await session_by_id(db, issuing.course_session_id)
    await _refuse_moved_evidence(db, session, entry, CertificateKind(issuing.kind))
    base = (await db.scalars(select(Base).where(col(Base.id) == session.base_id))).one()
    enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == entry.enrolment_id))).one()
    awarded_on = await _decided_on(db, issuing)
    ground = await ground_of(
        db,
        settings,
        kind=CertificateKind(issuing.kind),
        enrolment=enrolment,
        evidence=entry.evidence,
        session=session,
        base=base,
        awarded_on=awarded_on,
    )
    key = await personal_key(db, keyring, entry.person_id)
    await active_key(db, keyring, session.org_id)
    credential_id, code = uuid4(), make_check_code(secrets.token_bytes(8))

    def facts_with(number: CertificateNumber) -> CertificateFacts:
        return compose_facts(
            ground,
            number=number,
            check_code=code,
            credential_id=f"https://{settings.public_host}/credentials/{credential_id}",
            origin=settings.base_url,
            host=settings.public_host,
        )

    year = awarded_on.year
    try:  # whatever refuses does so before a number is taken
        probe = facts_with(CertificateNumber(settings.certificate_prefix, base.code, year, PROBE_SERIAL))
    except ValidationError as error:
        raise refusal_of(error) from None
    render_html(probe)

    serial = await take_serial(db, base, year)
    facts = facts_with(CertificateNumber(settings.certificate_prefix, base.code, year, serial))
    row = await sign_and_keep(
        db,
        keyring,
        settings,
        facts=facts,
        key=key,
        enrolment=enrolment,
        base_id=base.id,
        issuing_list_id=issuing.id,
    )
    await note(
        db,
        "credential.issued",
        "credential",
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        number=row.number,
        facts_digest=row.facts_digest,
        key_id=row.key_id,
    )
    await announce(db, CredentialIssued(credential_id=row.id, org_id=row.org_id))
    return row


async def take_serial(db: AsyncSession, base: Base, year: int) -> int:
    """The next serial of a base and year; the counter row stays locked until the commit, a rollback gives it back.

    Raises NoNumberSlot, NumbersExhausted.
    """
    if not (base.code.isdigit() and 1 <= int(base.code) <= BASE_SLOTS):
        raise NoNumberSlot(code=base.code)
    made = insert(NumberCounter).values(base_code=base.code, year=year, org_id=base.org_id, last=0)
    await db.execute(made.on_conflict_do_nothing())
    taken = await db.scalar(
        sa.update(NumberCounter)
        .where(col(NumberCounter.base_code) == base.code, col(NumberCounter.year) == year)
        .values(last=col(NumberCounter.last) + 1)
        .returning(col(NumberCounter.last))
        .execution_options(synchronize_session=False)
    )
    serial = int(taken or 0)
    if not 1 <= serial <= LARGEST_SERIAL:
        raise NumbersExhausted(year=year)
    return serial


async def hinder(db: AsyncSession, entry_id: UUID, slug: str, zh: str, en: str) -> None:
    """Keep on an approved entry why it could not be issued; nothing of it was issued, its number was never taken."""
    entry = (await db.scalars(select(IssuingEntry).where(col(IssuingEntry.id) == entry_id).with_for_update())).one()
    entry.hindrance = {"slug": slug, "zh": zh, "en": en}
    await note(db, "issuing_entry.hindered", "issuing_entry", entry.id, person_id=entry.person_id, reason=slug)


async def finish_list(db: AsyncSession, list_id: UUID) -> IssuingList:
    """Say that an approved list is issued; enrolments are settled and the session closed, unless it stated hours only.

    Who may still sit or be seen stays enrolled; who missed hours or a required course is not completed.
    """
    row = (
        await db.scalars(
            select(IssuingList)
            .where(col(IssuingList.id) == list_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    if row.state != ListState.APPROVED:
        return row
    row.state = ListState.ISSUED
    await db.flush()
    await note(db, "issuing_list.issued", SUBJECT, row.id, org_id=row.org_id)
    if row.kind == CertificateKind.HOURS.value:
        return row
    for entry in await entries_of(db, row.id):
        enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == entry.enrolment_id))).one()
        if enrolment.state != EnrolmentState.ENROLLED:
            continue
        issued = await live_credential(db, entry.enrolment_id, row.kind)
        if issued is not None:
            await settle(db, enrolment.id, completed=True)
        elif any(one["slug"] in NEVER_COMPLETED for one in entry.reasons):
            await settle(db, enrolment.id, completed=False)
    session = await session_by_id(db, row.course_session_id)
    if session.state == SessionState.PUBLISHED:
        await close_session(db, session.id)
    return row


async def _refuse_moved_evidence(
    db: AsyncSession, session: CourseSession, entry: IssuingEntry, kind: CertificateKind
) -> None:
    enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == entry.enrolment_id))).one()
    evidence = await evidence_of(db, session, enrolment, kind, await person_of(db, entry.person_id))
    if evidence.to_json() != entry.evidence:
        raise ListChanged


async def _decided_on(db: AsyncSession, issuing: IssuingList) -> date:
    """The day in China on which the list was approved: the day of the award."""
    for approval in await approvals_of(db, SUBJECT, issuing.id):
        if approval.state == ApprovalState.APPROVED and approval.decided_at is not None:
            return approval.decided_at.astimezone(clock.BEIJING).date()
    return clock.today()
