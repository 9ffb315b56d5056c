"""Corrections: asked for by the holder or the base, examined by one person of the base, decided by another."""

import json
import secrets
from dataclasses import replace
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateFacts, CertificateKind, refusal_of
from certificates.refusals import CertificateRefusal
from certificates.render.certificate import render_html
from certificates.serial import make_check_code, parse_number, verification_address
from service.approvals.actions import decide, propose, withdraw
from service.approvals.errors import NothingProposed
from service.approvals.queries import open_approval
from service.bases.tables import Base
from service.courses.queries import session_by_id
from service.credentials.actions.grounds import ground_of, named
from service.credentials.actions.listing import PARTS
from service.credentials.actions.reissuing import print_anew, reissue
from service.credentials.errors import (
    CertificateNotMade,
    ChangeWaits,
    CorrectionOpen,
    CredentialReplaced,
    DeciderTookPart,
    EnglishNotConfirmed,
    EvidenceFileRefused,
    IdentityNotSeen,
    NoLongerEligible,
    NotCorrectable,
    NothingToCorrect,
    OwnCertificate,
)
from service.credentials.events import CorrectionSettled
from service.credentials.queries import (
    correction_for,
    credential_for,
    current_version,
    evidence_of,
    facts_of,
    facts_proposed,
    key_of,
    own_correction,
    own_credential,
    part_in_session,
)
from service.credentials.rules.composing import Ground, compose_facts, holder_of
from service.credentials.rules.corrections import as_paper, content_of, with_holder, with_records
from service.credentials.rules.eligibility import judged, reason_sentence
from service.credentials.rules.states import STATE_TITLES
from service.credentials.tables import (
    CorrectionKind,
    CorrectionRequest,
    CorrectionState,
    Credential,
    CredentialState,
)
from service.documents.actions import facts_of as facts_of_paper
from service.documents.queries import document
from service.editions.queries import syllabus_of
from service.enrolments.tables import Enrolment
from service.foundation import clock, files
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring, encrypt_under
from service.foundation.language import current_language
from service.foundation.records import uuid7
from service.people.actions import confirm_english_name
from service.people.queries import identity_of
from service.people.queries import person as person_of
from service.people.tables import IdentityState
from service.settings import Settings

SUBJECT = "credential_correction"
CHANGE = ("credential", "change")  # a proposed suspension or revocation
LARGEST_EVIDENCE = 4 * 1024 * 1024
KNOWN_FILES = {b"%PDF-": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


async def locked(db: AsyncSession, credential_id: UUID) -> Credential:
    """The credential under lock: whatever changes its state or takes its place waits here, one after the other."""
    chosen = select(Credential).where(col(Credential.id) == credential_id).with_for_update()
    return (await db.scalars(chosen.execution_options(populate_existing=True))).one()


async def refuse_uncorrectable(db: AsyncSession, row: Credential) -> None:
    """Raise CredentialReplaced, NotCorrectable or ChangeWaits unless the certificate stands and nothing goes before."""
    newer = await current_version(db, row)
    if newer is not None:
        raise CredentialReplaced(version=newer.version)
    if row.state != CredentialState.VALID:
        raise NotCorrectable(state=STATE_TITLES[row.state.value])
    if await open_approval(db, CHANGE[0], row.id, CHANGE[1]) is not None:
        raise ChangeWaits


async def request_correction(
    db: AsyncSession,
    keyring: Keyring,
    settings: Settings,
    actor: Actor,
    credential_id: UUID,
    *,
    kind: CorrectionKind,
    reason: str,
    evidence: str = "",
    english_name: str | None = None,
    file: bytes | None = None,
    by_holder: bool = True,
) -> CorrectionRequest:
    """Ask for a correction or a new print, as the holder or for the base; nothing is changed by asking.

    A holder who corrects the English spelling confirms the right one with the request. Raises NotFound,
    CredentialReplaced, NotCorrectable, ChangeWaits, CorrectionOpen, NothingToCorrect, EvidenceFileRefused,
    WrongEnglishName, CredentialErased, PersonErased.
    """
    if by_holder:
        row = await own_credential(db, actor, credential_id)
    else:
        actor.must("credentials.propose")
        row = await credential_for(db, actor, credential_id)
    await refuse_uncorrectable(db, row)
    key = await key_of(db, keyring, row)
    if kind is CorrectionKind.ENGLISH_NAME and by_holder:
        holder = await person_of(db, row.person_id)
        if english_name or holder.english_confirmed_at is None:
            holder = await confirm_english_name(db, actor, english_name or "")
        if holder.english_name == facts_of(row, key).holder.name_en:
            raise NothingToCorrect(field="english_name")
    request_id = uuid7()
    words = json.dumps({"reason": reason.strip(), "evidence": evidence.strip()}).encode()
    correction = CorrectionRequest(
        id=request_id,
        org_id=row.org_id,
        person_id=row.person_id,
        credential_id=row.id,
        account_id=actor.account_id,  # type: ignore[arg-type]  # who acts here is signed in
        by_holder=by_holder,
        kind=kind,
        words_sealed=encrypt_under(key, words, f"correction_request.words:{request_id}"),
        file_key=None if file is None else kept_file(settings, key, request_id, file),
    )
    try:
        async with db.begin_nested():
            db.add(correction)
            await db.flush()
    except IntegrityError as error:
        raise CorrectionOpen from error
    await note(
        db,
        "correction.requested",
        "credential",
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        correction_id=correction.id,
        kind=kind.value,
        by_holder=by_holder,
    )
    return correction


def kept_file(settings: Settings, key: bytes, request_id: UUID, content: bytes) -> str:
    """Keep evidence sealed under the person's key; returns its file key. Raises EvidenceFileRefused."""
    if len(content) > LARGEST_EVIDENCE or not any(content.startswith(mark) for mark in KNOWN_FILES):
        raise EvidenceFileRefused(field="file", megabytes=LARGEST_EVIDENCE // 1024 // 1024)
    sealed = encrypt_under(key, content, f"correction_request.file:{request_id}")
    return files.put(settings.files_dir, "correction-evidence", sealed, ".sealed")[0]


async def withdraw_correction(db: AsyncSession, actor: Actor, correction_id: UUID) -> CorrectionRequest:
    """The holder takes a request back while the base has not proposed it. Raises NotFound, StateConflict."""
    row = await own_correction(db, actor, correction_id, lock=True)
    if row.state != CorrectionState.REQUESTED or not row.by_holder:
        raise StateConflict(state=row.state.value)
    row.state, row.settled_at = CorrectionState.WITHDRAWN, clock.now()
    await note(db, "correction.withdrawn", "credential", row.credential_id, person_id=row.person_id, org_id=row.org_id)
    return row


async def propose_correction(
    db: AsyncSession, keyring: Keyring, settings: Settings, actor: Actor, correction_id: UUID
) -> CorrectionRequest:
    """Examine a request and propose the certificate as it would be; proposed again when the records have moved since.

    Raises NotFound, OwnCertificate, StateConflict, CredentialReplaced, NotCorrectable, ChangeWaits, NothingToCorrect,
    EnglishNotConfirmed, IdentityNotSeen, NoLongerEligible, CertificateNotMade.
    """
    actor.must("credentials.propose")
    credential = await locked(db, (await correction_for(db, actor, correction_id)).credential_id)
    row = await correction_for(db, actor, correction_id, lock=True)
    if actor.person_id == row.person_id:
        raise OwnCertificate
    if row.state not in (CorrectionState.REQUESTED, CorrectionState.PROPOSED):
        raise StateConflict(state=row.state.value)
    await refuse_uncorrectable(db, credential)
    key = await key_of(db, keyring, row)
    address = credential.id if row.kind is CorrectionKind.REPRINT else uuid4()
    facts = await corrected_facts(
        db, settings, credential, row.kind, key, code=make_check_code(secrets.token_bytes(8)), credential_id=address
    )
    try:
        render_html(facts)
    except CertificateRefusal as refusal:
        raise CertificateNotMade(sentence=refusal.sentence(current_language())) from refusal
    before = await open_approval(db, SUBJECT, row.id)
    if before is not None:
        await withdraw(db, actor, before)
        await db.flush()
    approval = await propose(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=facts.digest)
    row.state, row.approval_id = CorrectionState.PROPOSED, approval.id
    row.facts_sealed = encrypt_under(key, facts.to_json(), f"correction_request.facts:{row.id}")
    row.facts_digest = facts.digest
    await db.flush()
    return row


async def refuse_correction(db: AsyncSession, actor: Actor, correction_id: UUID, reason: str) -> CorrectionRequest:
    """The base answers a request that it does not propose. Raises NotFound, OwnCertificate, StateConflict."""
    actor.must("credentials.propose")
    row = await correction_for(db, actor, correction_id, lock=True)
    if actor.person_id == row.person_id:
        raise OwnCertificate
    if row.state != CorrectionState.REQUESTED:
        raise StateConflict(state=row.state.value)
    return await _settled(db, row, CorrectionState.REFUSED, answer=reason)


async def decide_correction(
    db: AsyncSession,
    keyring: Keyring,
    settings: Settings,
    actor: Actor,
    correction_id: UUID,
    *,
    approve: bool,
    reason: str | None = None,
) -> CorrectionRequest:
    """Decide a proposed correction; approval takes effect with this transaction, the paper follows.

    The certificate is locked first, so that of two approvals at once, or of an approval and a revocation, one is
    second and finds what the first has made. Raises NotFound, OwnCertificate, DeciderTookPart, CredentialReplaced,
    NotCorrectable, ChangeWaits, and of `approvals` NothingProposed, AlreadyDecided, SamePerson, SubjectChanged.
    """
    actor.must("credentials.decide")
    credential = await locked(db, (await correction_for(db, actor, correction_id)).credential_id)
    row = await correction_for(db, actor, correction_id, lock=True)
    if row.person_id == actor.person_id or row.account_id == actor.account_id:
        raise OwnCertificate
    part = await part_in_session(db, credential.course_session_id, actor)
    if part:
        raise DeciderTookPart(part=[PARTS[one] for one in part])
    approval = await open_approval(db, SUBJECT, row.id)
    if approval is None or row.state != CorrectionState.PROPOSED:
        raise NothingProposed
    if not approve:
        await decide(db, actor, approval, digest=approval.subject_digest, approve=False, reason=reason)
        return await _settled(db, row, CorrectionState.REFUSED, answer=reason)
    await refuse_uncorrectable(db, credential)
    key = await key_of(db, keyring, row)
    proposed = facts_proposed(row, key)
    if proposed is None:
        raise NothingProposed
    now = await corrected_facts(
        db,
        settings,
        credential,
        row.kind,
        key,
        code=proposed.check_code,
        credential_id=UUID(proposed.credential_id.rpartition("/")[2]),
    )
    await decide(db, actor, approval, digest=now.digest, approve=True, reason=reason)
    if row.kind is CorrectionKind.REPRINT:
        outcome = await print_anew(db, credential, proposed, key)
    else:
        outcome = await reissue(db, keyring, settings, credential, row, proposed, key)
    row.outcome_id = outcome.id
    return await _settled(db, row, CorrectionState.DONE, answer=None)


async def _settled(
    db: AsyncSession, row: CorrectionRequest, state: CorrectionState, *, answer: str | None
) -> CorrectionRequest:
    row.state, row.answer, row.settled_at = state, answer, clock.now()
    await db.flush()
    await note(
        db,
        f"correction.{state.value}",
        "credential",
        row.credential_id,
        person_id=row.person_id,
        org_id=row.org_id,
        correction_id=row.id,
        kind=row.kind.value,
        outcome_id=row.outcome_id,
    )
    await announce(db, CorrectionSettled(correction_id=row.id, org_id=row.org_id))
    return row


async def corrected_facts(
    db: AsyncSession,
    settings: Settings,
    row: Credential,
    kind: CorrectionKind,
    key: bytes,
    *,
    code: str,
    credential_id: UUID,
) -> CertificateFacts:
    """The facts of the next paper of a certificate, from the earlier ones and the records as they are now.

    Raises NothingToCorrect, EnglishNotConfirmed, IdentityNotSeen, NoLongerEligible, CertificateNotMade.
    """
    before = facts_of(row, key)
    if kind is CorrectionKind.REPRINT:
        data = before.to_data()
    elif kind is CorrectionKind.WRONG_FACT:
        data = with_records(before, await _recorded_facts(db, settings, row, before, code))
    else:
        holder, identity = await person_of(db, row.person_id), await identity_of(db, row.person_id)
        if not holder.english_name or holder.english_confirmed_at is None:
            raise EnglishNotConfirmed
        if identity is None or identity.state != IdentityState.SEEN:
            raise IdentityNotSeen
        said = holder_of(named(holder, identity))
        if kind is CorrectionKind.ENGLISH_NAME:  # nothing but the spelling
            spelling = {"name_en": said.name_en, "name_en_confirmed": True}
            said = before.holder.model_copy(update=spelling)
        data = with_holder(before, said)
    try:
        facts = as_paper(
            data,
            issue=await last_issue(db, row, key) + 1,
            check_code=code,
            address=verification_address(settings.base_url, row.number, code),
            credential_id=f"https://{settings.public_host}/credentials/{credential_id}",
        )
    except CertificateRefusal as refusal:
        raise CertificateNotMade(sentence=refusal.sentence(current_language())) from refusal
    if kind is not CorrectionKind.REPRINT and content_of(facts) == content_of(before):
        raise NothingToCorrect
    return facts


async def last_issue(db: AsyncSession, row: Credential, key: bytes) -> int:
    """How many papers there have been under this number: the count on the paper that is current."""
    if row.document_id is None:
        return facts_of(row, key).issue
    return int(facts_of_paper(await document(db, row.document_id), key).get("issue", 1))


async def _recorded_facts(
    db: AsyncSession, settings: Settings, row: Credential, before: CertificateFacts, code: str
) -> CertificateFacts:
    """What the certificate would say if it were composed from the records of today for the day of the award."""
    session = await session_by_id(db, row.course_session_id)
    enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == row.enrolment_id))).one()
    base = (await db.scalars(select(Base).where(col(Base.id) == row.base_id))).one()
    kind = CertificateKind(row.kind)
    evidence = replace(
        await evidence_of(db, session, enrolment, kind, await person_of(db, row.person_id)), already_issued=None
    )
    syllabus = await syllabus_of(db, enrolment.syllabus_id)
    judgement = judged(syllabus, kind, evidence)
    if not judgement.eligible:
        raise NoLongerEligible(reasons=" ".join(reason_sentence(one, syllabus) for one in judgement.reasons))
    ground: Ground = await ground_of(
        db,
        settings,
        kind=kind,
        enrolment=enrolment,
        evidence=evidence.to_json(),
        session=session,
        base=base,
        awarded_on=row.awarded_on,
    )
    try:
        # A specimen at a base verified since stays one; here it must only hang together.
        return compose_facts(
            replace(ground, specimen=before.specimen),
            number=parse_number(row.number),
            check_code=code,
            credential_id=before.credential_id,
            origin=settings.base_url,
            host=settings.public_host,
        )
    except ValidationError as error:
        refusal = refusal_of(error)
        raise CertificateNotMade(sentence=refusal.sentence(current_language())) from error
