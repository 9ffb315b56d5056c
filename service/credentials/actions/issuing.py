"""Issue: each approved entry once and for ever, its number taken under lock inside the transaction, so that none is lost."""

import secrets
from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.canonical import canonical
from certificates.credential import compose, content_digest
from certificates.facts import CertificateFacts, CertificateKind, refusal_of
from certificates.keys import did_of_base
from certificates.proofs import secured
from certificates.render.certificate import render_html
from certificates.serial import BASE_SLOTS, LARGEST_SERIAL, CertificateNumber, make_check_code
from certificates.status import ENTRIES, StatusEntry
from service.approvals.queries import approvals_of
from service.approvals.tables import ApprovalState
from service.bases.tables import Base
from service.courses.actions import close_session
from service.courses.queries import session_by_id
from service.courses.tables import CourseSession, SessionState
from service.credentials.actions.listing import SUBJECT
from service.credentials.errors import ListChanged, NoNumberSlot, NumbersExhausted
from service.credentials.events import CredentialIssued
from service.credentials.queries import entries_of, evidence_of, live_credential
from service.credentials.rules.composing import (
    BaseNamed,
    Ground,
    PersonNamed,
    SessionNamed,
    compose_facts,
    public_facts,
)
from service.credentials.rules.names import folded
from service.credentials.tables import Credential, IssuingEntry, IssuingList, ListState, NumberCounter
from service.documents.actions import register
from service.editions.queries import edition, find, standard_of, syllabus_of
from service.editions.tables import EditionKind
from service.enrolments.actions import settle
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.foundation.announcing import announce
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring, encrypt_under
from service.foundation.text import mask_name
from service.keys.actions import active_key, signer_of
from service.organisations.queries import organisation
from service.people.actions import personal_key, record_qualification
from service.people.queries import person as person_of
from service.people.rules import IDENTITY_NAMES, IdentityKind
from service.people.tables import IdentityDocument
from service.settings import Settings

PROBE_SERIAL = LARGEST_SERIAL
NEVER_COMPLETED = {"minutes-missing", "total-minutes-missing", "required-course-missed"}


def status_address(host: str, base_code: str, purpose: str) -> str:
    """Where a base's status list of a purpose is published."""
    return f"https://{host}/credentials/status/{base_code}/{purpose}"


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
    ground = await _ground(db, settings, issuing, entry, session, base)
    key = await personal_key(db, keyring, entry.person_id)
    signing = await active_key(db, keyring, session.org_id)
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

    try:  # whatever refuses does so before a number is taken
        probe = facts_with(
            CertificateNumber(settings.certificate_prefix, base.code, ground.awarded_on.year, PROBE_SERIAL)
        )
    except ValidationError as error:
        raise refusal_of(error) from None
    render_html(probe)

    year = ground.awarded_on.year
    serial = await take_serial(db, base, year)
    number = CertificateNumber(settings.certificate_prefix, base.code, year, serial)
    facts = facts_with(number)
    index = await free_status_index(db, session.org_id)
    unsigned = compose(facts, [StatusEntry(status_address(settings.public_host, base.code, "revocation"), index)])
    signer = signer_of(keyring, signing, did_of_base(settings.public_host, base.code))
    signed = secured(unsigned, signer, clock.now())
    english = ground.person.english_name if ground.person.english_confirmed else None
    row = Credential(
        id=credential_id,
        org_id=session.org_id,
        base_id=base.id,
        person_id=entry.person_id,
        enrolment_id=entry.enrolment_id,
        course_session_id=session.id,
        issuing_list_id=issuing.id,
        kind=issuing.kind,
        level=None if facts.edition.level is None else facts.edition.level.code,
        number=facts.number,
        check_code=code,
        name_lookup=name_digest(keyring, facts.number, ground.person.name),
        english_lookup=None if english is None else name_digest(keyring, facts.number, english),
        masked_name=mask_name(ground.person.name),
        facts_sealed=encrypt_under(key, facts.to_json(), f"credential.facts:{credential_id}"),
        facts_digest=facts.digest,
        signed_sealed=encrypt_under(key, canonical(signed), f"credential.signed:{credential_id}"),
        signed_digest=content_digest(unsigned),
        key_id=signing.id,
        status_index=index,
        specimen=facts.specimen,
        public_facts=public_facts(facts),
        awarded_on=facts.awarded_on,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
    )
    db.add(row)
    await db.flush()
    paper = await register(
        db,
        key=key,
        org_id=session.org_id,
        person_id=entry.person_id,
        kind="certificate",
        subject_kind="credential",
        subject_id=row.id,
        facts=facts.to_data(),
        check_code=code,
        specimen=facts.specimen,
    )
    await db.flush()
    row.document_id = paper.id
    if facts.kind is CertificateKind.LEVEL and row.level is not None:
        await record_qualification(
            db,
            person_id=row.person_id,
            credential_id=row.id,
            number=row.number,
            scheme=ground.syllabus.syllabus,
            level=row.level,
            awarded_on=row.awarded_on,
            valid_until=row.valid_until,
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


def name_digest(keyring: Keyring, number: str, name: str) -> bytes:
    """The keyed digest by which a typed name is compared, bound to the number: equal names cannot be told from it."""
    return keyring.lookup(f"credential.name:{number}", folded(name))


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


async def free_status_index(db: AsyncSession, org_id: UUID) -> int:
    """A random place of the issuer's status list that no credential has; random, so that places tell no order of issue."""
    for _ in range(200):
        index = secrets.randbelow(ENTRIES)
        used = await db.scalar(
            sa.select(sa.literal(1)).where(col(Credential.org_id) == org_id, col(Credential.status_index) == index)
        )
        if used is None:
            return index
    raise NumbersExhausted(year=clock.today().year)


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


async def _ground(
    db: AsyncSession,
    settings: Settings,
    issuing: IssuingList,
    entry: IssuingEntry,
    session: CourseSession,
    base: Base,
) -> Ground:
    enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == entry.enrolment_id))).one()
    holder = await person_of(db, entry.person_id)
    document = (
        await db.scalars(
            select(IdentityDocument).where(
                col(IdentityDocument.id) == UUID(str(entry.evidence["identity_document_id"]))
            )
        )
    ).one()
    entity = await organisation(db, session.org_id)
    syllabus = await syllabus_of(db, enrolment.syllabus_id)
    standard_row = await find(db, EditionKind.STANDARD, *syllabus.standard)
    return Ground(
        kind=CertificateKind(issuing.kind),
        person=PersonNamed(
            name=holder.name,
            english_name=holder.english_name,
            english_confirmed=holder.english_confirmed_at is not None,
            identity_kind=document.kind,
            identity_title=IDENTITY_NAMES[IdentityKind(document.kind)],
            masked=document.masked,
        ),
        base=BaseNamed(
            code=base.code,
            name=base.name,
            verified=base.verified,
            source=base.source,
            listed_on=base.evidence_on or clock.today(),
            entity=entity.name,
            uscc=entity.uscc,
        ),
        session=SessionNamed(session.code, session.title, session.starts_on, session.ends_on),
        syllabus=syllabus,
        syllabus_digest=(await edition(db, enrolment.syllabus_id)).digest,
        standard=None if standard_row is None else await standard_of(db, standard_row.id),
        standard_digest=None if standard_row is None else standard_row.digest,
        evidence=entry.evidence,
        awarded_on=await _decided_on(db, issuing),
        specimen=settings.demo or entity.sandbox,
    )


async def _decided_on(db: AsyncSession, issuing: IssuingList) -> date:
    """The day in China on which the list was approved: the day of the award."""
    for approval in await approvals_of(db, SUBJECT, issuing.id):
        if approval.state == ApprovalState.APPROVED and approval.decided_at is not None:
            return approval.decided_at.astimezone(clock.BEIJING).date()
    return clock.today()
