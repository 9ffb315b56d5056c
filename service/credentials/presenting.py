"""Rows of the credentials room in the shapes its doors show."""

from typing import Any

from certificates.serial import verification_address
from service.credentials.queries import EntryShown, ListCounts, facts_of, facts_proposed, words_of
from service.credentials.rules.corrections import differences
from service.credentials.rules.eligibility import reason_sentence
from service.credentials.rules.states import worth_on
from service.credentials.schemas import (
    ChangedLine,
    CorrectionRead,
    CorrectionShown,
    CredentialRead,
    EntryRead,
    ListRead,
)
from service.credentials.tables import CorrectionRequest, Credential, IssuingList
from service.foundation import clock
from service.foundation.language import current_language, gettext, said
from service.settings import Settings

NOBODY = ListCounts(0, 0, 0, 0)


def list_read(row: IssuingList, counts: ListCounts | None) -> ListRead:
    """An issuing list with its figures."""
    figures = counts or NOBODY
    return ListRead(
        id=row.id,
        course_session_id=row.course_session_id,
        kind=row.kind,
        state=row.state.value,
        digest=row.digest,
        created_at=row.created_at,
        people=figures.people,
        eligible=figures.eligible,
        issued=figures.issued,
        hindered=figures.hindered,
    )


def entry_read(one: EntryShown, syllabus: Any) -> EntryRead:
    """An entry with its reasons as sentences."""
    hindrance = one.entry.hindrance
    return EntryRead(
        enrolment_id=one.entry.enrolment_id,
        person_id=one.entry.person_id,
        name=one.person.name if one.person else "",
        eligible=one.entry.eligible,
        reasons=[reason_sentence(reason, syllabus) for reason in one.entry.reasons],
        credential_id=one.credential.id if one.credential else None,
        number=one.credential.number if one.credential else None,
        hindrance=said({"zh": hindrance["zh"], "en": hindrance["en"]}) if hindrance else None,
    )


def credential_read(row: Credential) -> CredentialRead:
    """A credential with what it is worth today."""
    return CredentialRead(
        id=row.id,
        number=row.number,
        version=row.version,
        kind=row.kind,
        level=row.level,
        title=row.public_facts["title"],
        base=row.public_facts["base"],
        awarded_on=row.awarded_on,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=worth_on(row.state.value, row.valid_from, row.valid_until, clock.today()),
        state_since=row.state_since,
        state_reason=row.state_reason,
        specimen=row.specimen,
        person_id=row.person_id,
        course_session_id=row.course_session_id,
        document_id=row.document_id,
    )


def address_of_paper(settings: Settings, row: Credential) -> str:
    """The address printed as the QR code."""
    return verification_address(settings.base_url, row.number, row.check_code)


def correction_read(row: CorrectionRequest) -> CorrectionRead:
    """A correction without its words."""
    return CorrectionRead(
        id=row.id,
        credential_id=row.credential_id,
        kind=row.kind.value,
        state=row.state.value,
        by_holder=row.by_holder,
        created_at=row.created_at,
        settled_at=row.settled_at,
        answer=row.answer,
        digest=row.facts_digest,
        outcome_id=row.outcome_id,
        has_file=row.file_key is not None,
    )


def correction_shown(row: CorrectionRequest, credential: Credential, key: bytes) -> CorrectionShown:
    """A correction with its words and what it changes, opened with the person's own key. Raises CredentialErased."""
    words, proposed = words_of(row, key), facts_proposed(row, key)
    changed = [] if proposed is None else differences(facts_of(credential, key), proposed, current_language())
    return CorrectionShown(
        **correction_read(row).model_dump(),
        number=credential.number,
        version=credential.version,
        reason=words["reason"],
        evidence=words["evidence"],
        changes=[ChangedLine(label=gettext(label), before=before, after=after) for label, before, after in changed],
    )
