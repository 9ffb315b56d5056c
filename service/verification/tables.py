"""Rows of look-ups and share links."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import WRITE_ONLY, Record, document, moment, refers_to


class LookUp(Record, table=True):
    """One row is one public look-up of a certificate: when, how, what was answered; never who by address. Only added.

    Tenancy: look-up. Personal: none.
    """

    __tablename__ = "look_up"
    __mapper_args__ = WRITE_ONLY
    __table_args__ = (sa.Index("ix_look_up_verifier_created", "verifier_org_id", "created_at"),)

    org_id: UUID | None = Field(default=None, index=True)
    person_id: UUID | None = Field(default=None, index=True)
    credential_id: UUID | None = refers_to("credential.id", optional=True)
    way: str = Field(max_length=20)  # qr, number, link, api
    outcome: str = Field(max_length=20)
    verifier_org_id: UUID | None = Field(default=None)


class BatchCheck(Record, table=True):
    """One row is one check of many certificates by an organisation: who, how many, what came out; the answers for some days.

    Tenancy: own. Personal: answers_sealed (names as they were asked; blanked after seven days).
    """

    __tablename__ = "batch_check"

    org_id: UUID = refers_to("organisation.id")
    account_id: UUID = refers_to("account.id")
    rows: int
    counts: dict[str, int] = document()  # by state; `problem` for rows that could not be asked
    digest: str = Field(max_length=64)  # of the answers
    answers_sealed: bytes | None = Field(default=None)
    expires_at: datetime = moment()


class ShareLink(Record, table=True):
    """One row is a holder's time-limited link to more than the public page shows; the token's digest only.

    Tenancy: person. Personal: person_id.
    """

    __tablename__ = "share_link"

    person_id: UUID = refers_to("person.id")
    credential_id: UUID = refers_to("credential.id")
    token_hash: bytes = Field(unique=True)
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(optional=True)
