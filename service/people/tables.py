"""Rows of persons: identity documents, names, keys, grounds, consents, affiliations, qualifications."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, now_by_database, one_of, refers_to


class Person(Record, table=True):
    """One row is one human for the whole country: trainee, manager, lecturer, marker alike.

    Tenancy: person (id). Personal: name, english_name, name_keys, sort_key; kept while any record needs them.
    """

    __tablename__ = "person"
    __table_args__ = (sa.Index("ix_person_name_keys", "name_keys", postgresql_using="gin"),)

    name: str = Field(max_length=100)
    english_name: str | None = Field(default=None, max_length=100)
    english_confirmed_at: datetime | None = moment(optional=True)  # by the holder
    name_keys: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    sort_key: str = Field(default="", max_length=300)
    merged_into: UUID | None = refers_to("person.id", optional=True)
    erased_at: datetime | None = moment(optional=True)


class PersonKey(Record, table=True):
    """One row is one person's own key, sealed under the installation's keyring; destroying it erases what it sealed.

    Tenancy: person. Personal: none by itself.
    """

    __tablename__ = "person_key"

    person_id: UUID = refers_to("person.id", unique=True)
    sealed: bytes | None = Field(default=None)
    destroyed_at: datetime | None = moment(optional=True)


class PersonName(Record, table=True):
    """One row is a name a person bore before, sealed under the person's own key. Only added.

    Tenancy: person. Personal: name_sealed.
    """

    __tablename__ = "person_name"

    person_id: UUID = refers_to("person.id")
    name_sealed: bytes
    until: datetime = now_by_database()
    ground: str = Field(max_length=100)


class IdentityState(StrEnum):
    """How far an identity document was checked."""

    DECLARED = "declared"
    SEEN = "seen"  # by a base's clerk, on the original
    WITHDRAWN = "withdrawn"


class IdentityDocument(Record, table=True):
    """One row is one identity document: type first, number sealed, found by keyed digest.

    Tenancy: person. Personal: number_sealed, number_lookup, masked.
    """

    __tablename__ = "identity_document"
    __table_args__ = (
        one_of("state", IdentityState),
        sa.Index(
            "uq_identity_document_number",
            "kind",
            "number_lookup",
            unique=True,
            postgresql_where=sa.text("state <> 'withdrawn'"),
        ),
    )

    person_id: UUID = refers_to("person.id")
    kind: str = Field(max_length=40)
    number_sealed: bytes
    number_lookup: bytes
    masked: str = Field(max_length=40)
    state: IdentityState = choice(IdentityState, IdentityState.DECLARED)


class PersonAccess(Record, table=True):
    """One row is one recorded ground on which an organisation may see a person, until a moment.

    Tenancy: shared, person reads (org_id). Personal: person_id.
    """

    __tablename__ = "person_access"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "org_id", "ground", "source_id", postgresql_nulls_not_distinct=True),
        sa.Index("ix_person_access_org_person", "org_id", "person_id"),
    )

    person_id: UUID = refers_to("person.id")
    org_id: UUID = refers_to("organisation.id", index=False)
    ground: str = Field(max_length=40)  # enrolment, employment, consent, contract, teaching
    source_id: UUID | None = Field(default=None)
    until: datetime | None = moment(optional=True)


class Consent(Record, table=True):
    """One row is one consent for one purpose, as shown then (digest of the text), and its withdrawal.

    Tenancy: person. Personal: person_id.
    """

    __tablename__ = "consent"
    __table_args__ = (
        sa.Index(
            "uq_consent_open",
            "person_id",
            "purpose",
            "org_id",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    person_id: UUID = refers_to("person.id")
    purpose: str = Field(max_length=60)
    text_version: str = Field(max_length=20)
    text_digest: str = Field(max_length=64)
    org_id: UUID | None = refers_to("organisation.id", optional=True)
    withdrawn_at: datetime | None = moment(optional=True)


class Affiliation(Record, table=True):
    """One row is one person's working at an organisation from-to, with who says so; an employer's word waits for theirs.

    `asked_as` is the masked name and number by which the employer knows an open request.
    Tenancy: shared, person reads (org_id). Personal: person_id, title, asked_as.
    """

    __tablename__ = "affiliation"

    person_id: UUID = refers_to("person.id")
    org_id: UUID = refers_to("organisation.id")
    title: str | None = Field(default=None, max_length=100)
    starts_on: date | None = Field(default=None)
    ends_on: date | None = Field(default=None)
    source: str = Field(max_length=40)  # self, roster, employer
    asked_as: str | None = Field(default=None, max_length=200)
    confirmed_at: datetime | None = moment(optional=True)  # by the person
    refused_at: datetime | None = moment(optional=True)  # by the person


class Qualification(Record, table=True):
    """One row is one credential a person holds or held, as enrolment rules read it; written with issue and revoke.

    With `claimed_by_org_id` it was not issued here: that organisation says it issued it before. Its `credential_id` is then
    no credential of ours, so that nobody can verify it as one.

    Tenancy: person. Personal: person_id.
    """

    __tablename__ = "qualification"

    person_id: UUID = refers_to("person.id")
    credential_id: UUID = Field(unique=True)
    number: str = Field(max_length=40)
    scheme: str = Field(max_length=60)
    level: str = Field(max_length=40)
    awarded_on: date
    valid_until: date | None = Field(default=None)
    state: str = Field(max_length=20)
    claimed_by_org_id: UUID | None = refers_to("organisation.id", optional=True)


class ErasureState(StrEnum):
    """Where a request for erasure stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class ErasureRequest(Record, table=True):
    """One row is one person's request to be erased, and what became of it.

    Tenancy: gate (account_id). Personal: person_id.
    """

    __tablename__ = "erasure_request"
    __table_args__ = (
        one_of("state", ErasureState),
        sa.Index("uq_erasure_request_open", "person_id", unique=True, postgresql_where=sa.text("state = 'open'")),
    )

    person_id: UUID = refers_to("person.id", index=False)
    account_id: UUID
    state: ErasureState = choice(ErasureState, ErasureState.OPEN)
    decided_by: UUID | None = Field(default=None)
    decided_at: datetime | None = moment(optional=True)
    reason: str | None = Field(default=None, max_length=500)
