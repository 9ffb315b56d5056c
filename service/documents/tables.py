"""Rows of issued papers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class DocumentState(StrEnum):
    """Where the paper of a document stands."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    ERASED = "erased"  # at its person's request: digests and code stay, the file is gone


class IssuedDocument(Record, table=True):
    """One row is one issued paper: facts as they were (sealed under the person's key), the file and its SHA-256.

    Tenancy: own, person reads. Personal: facts_sealed (erased by destroying the person's key).
    """

    __tablename__ = "issued_document"
    __table_args__ = (one_of("state", DocumentState),)

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID | None = refers_to("person.id", optional=True)
    kind: str = Field(max_length=40)  # certificate, incentive_statement, hours_statement
    subject_kind: str = Field(max_length=40)
    subject_id: UUID = Field(index=True)
    facts_sealed: bytes
    facts_digest: str = Field(max_length=64)
    check_code: str = Field(max_length=20)
    state: DocumentState = choice(DocumentState, DocumentState.WAITING)
    file_key: str | None = Field(default=None, max_length=200)
    sha256: str | None = Field(default=None, max_length=64, index=True)
    specimen: bool = Field(default=False)
    ready_at: datetime | None = moment(optional=True)
    failure: str | None = Field(default=None, max_length=300)
