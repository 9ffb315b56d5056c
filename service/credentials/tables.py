"""Rows of issuing lists, credentials and what became of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from service.foundation.records import Record, choice, document, moment, one_of, refers_to, whole


class NumberCounter(SQLModel, table=True):
    """One row is the last serial given for one base and year; taken under lock inside the issuing transaction, so no gaps.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "number_counter"

    base_code: str = Field(primary_key=True, max_length=4)
    year: int = Field(primary_key=True)
    org_id: UUID = Field(index=True)
    last: int = whole(default=0)


class ListState(StrEnum):
    """The way of an issuing list (拟发证名单)."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    ISSUED = "issued"
    REJECTED = "rejected"


class IssuingList(Record, table=True):
    """One row is one issuing list of a course session, with the digest that the decider approves.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "issuing_list"
    __table_args__ = (
        one_of("state", ListState),
        sa.UniqueConstraint("org_id", "id"),
        sa.Index(
            "uq_issuing_list_open",
            "course_session_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state IN ('draft', 'proposed', 'approved')"),
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    course_session_id: UUID = refers_to("course_session.id")
    kind: str = Field(max_length=20)  # completion, level, hours
    digest: str = Field(max_length=64)
    state: ListState = choice(ListState, ListState.DRAFT)


class IssuingEntry(Record, table=True):
    """One row is one person on an issuing list: eligible or why not, from the stored evidence.

    `hindrance` says why an approved entry could not be issued after all: {slug, zh, en}.
    Tenancy: own. Personal: person_id.
    """

    __tablename__ = "issuing_entry"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "enrolment_id"),
        sa.ForeignKeyConstraint(["org_id", "list_id"], ["issuing_list.org_id", "issuing_list.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    list_id: UUID = Field(index=True)
    enrolment_id: UUID = refers_to("enrolment.id")
    person_id: UUID = refers_to("person.id")
    eligible: bool
    reasons: list[dict[str, Any]] = document()
    evidence: dict[str, Any] = document()
    hindrance: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)


class CredentialState(StrEnum):
    """What a credential is worth today; revocation is final."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Credential(Record, table=True):
    """One row is one version of one certificate: facts as they were (sealed under the person's key), signed, with its state.

    `id` is random (strangers see it). Found in public only by number with code or name, through look_up_credential.
    Tenancy: own, person reads. Personal: facts_sealed, signed_sealed, name_lookup, english_lookup, masked_name.
    """

    __tablename__ = "credential"
    __table_args__ = (
        one_of("state", CredentialState),
        sa.UniqueConstraint("number", "version"),
        sa.Index(
            "uq_credential_live",
            "enrolment_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state IN ('valid', 'suspended')"),
        ),
        sa.UniqueConstraint("org_id", "status_index"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    org_id: UUID = refers_to("organisation.id")
    base_id: UUID = refers_to("base.id")
    person_id: UUID = refers_to("person.id")
    enrolment_id: UUID = refers_to("enrolment.id")
    course_session_id: UUID = refers_to("course_session.id")
    issuing_list_id: UUID = refers_to("issuing_list.id")
    kind: str = Field(max_length=20)
    level: str | None = Field(default=None, max_length=40)
    number: str = Field(max_length=40)
    version: int = Field(default=1)
    check_code: str = Field(max_length=20)
    name_lookup: bytes  # keyed digest of the folded name, bound to the number
    english_lookup: bytes | None = Field(default=None)  # the same of the confirmed English name
    masked_name: str = Field(max_length=100)
    facts_sealed: bytes
    facts_digest: str = Field(max_length=64)
    signed_sealed: bytes  # the credential with its proof
    signed_digest: str = Field(max_length=64)
    key_id: UUID = refers_to("signing_key.id")
    status_index: int
    specimen: bool
    public_facts: dict[str, Any] = document()  # what the public page may say: no name, no identity
    awarded_on: date
    valid_from: date
    valid_until: date | None = Field(default=None)
    state: CredentialState = choice(CredentialState, CredentialState.VALID)
    state_since: datetime | None = moment(optional=True)
    state_reason: str | None = Field(default=None, max_length=40)  # a reason class
    document_id: UUID | None = refers_to("issued_document.id", optional=True)
    english_document_id: UUID | None = refers_to("issued_document.id", optional=True)


class ChangeProposal(Record, table=True):
    """One row is one proposed change of a credential's state, with reason class and note, as the decider reads it. Only added.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "change_proposal"

    org_id: UUID = refers_to("organisation.id")
    credential_id: UUID = refers_to("credential.id")
    approval_id: UUID = refers_to("approval.id", unique=True)
    to_state: str = Field(max_length=20)
    reason: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=500)


class CredentialChange(Record, table=True):
    """One row is one change of a credential's state: from, to, reason class, and the two people behind it. Only added.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "credential_change"

    org_id: UUID = refers_to("organisation.id")
    credential_id: UUID = refers_to("credential.id")
    person_id: UUID = refers_to("person.id")
    from_state: str = Field(max_length=20)
    to_state: str = Field(max_length=20)
    reason: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=500)
    approval_id: UUID | None = refers_to("approval.id", optional=True)


class CredentialPrint(Record, table=True):
    """One row is one earlier paper of a certificate, lost or damaged and replaced by a new print on that day. Only added.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "credential_print"
    __table_args__ = (sa.UniqueConstraint("credential_id", "check_code"),)

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    credential_id: UUID = refers_to("credential.id")
    check_code: str = Field(max_length=20)
    document_id: UUID = refers_to("issued_document.id")


class CorrectionKind(StrEnum):
    """What a correction is about."""

    ENGLISH_NAME = "english_name"
    CHANGED_NAME = "changed_name"
    WRONG_FACT = "wrong_fact"
    REPRINT = "reprint"  # a new paper of the same certificate


class CorrectionState(StrEnum):
    """The way of a correction; what is settled stays so."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"  # the certificate was revoked first


class CorrectionRequest(Record, table=True):
    """One row is one request to correct a certificate or print it anew: why, what was proposed, and what became of it.

    `words_sealed` holds {reason, evidence}; `facts_sealed` the facts exactly as they are proposed. All under the person's key.
    Tenancy: own, person acts. Personal: person_id, words_sealed, facts_sealed, answer; kept as long as the certificate.
    """

    __tablename__ = "correction_request"
    __table_args__ = (
        one_of("kind", CorrectionKind),
        one_of("state", CorrectionState),
        sa.Index(
            "uq_correction_request_open",
            "credential_id",
            unique=True,
            postgresql_where=sa.text("state IN ('requested', 'proposed')"),
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    credential_id: UUID = refers_to("credential.id")
    account_id: UUID = refers_to("account.id")  # who asked
    by_holder: bool
    kind: CorrectionKind = choice(CorrectionKind)
    state: CorrectionState = choice(CorrectionState, CorrectionState.REQUESTED)
    words_sealed: bytes
    file_key: str | None = Field(default=None, max_length=200)  # the evidence as a file, sealed
    facts_sealed: bytes | None = Field(default=None)
    facts_digest: str | None = Field(default=None, max_length=64)
    approval_id: UUID | None = refers_to("approval.id", optional=True)
    answer: str | None = Field(default=None, max_length=500)
    settled_at: datetime | None = moment(optional=True)
    outcome_id: UUID | None = refers_to("credential.id", optional=True)  # the certificate as it stands afterwards
