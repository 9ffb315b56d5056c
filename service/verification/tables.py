"""Rows of look-ups and share links."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from service.foundation.records import WRITE_ONLY, Record, moment, refers_to


class LookUp(Record, table=True):
    """One row is one public look-up of a certificate: when, how, what was answered; never who by address. Only added.

    Tenancy: look-up. Personal: none.
    """

    __tablename__ = "look_up"
    __mapper_args__ = WRITE_ONLY

    org_id: UUID | None = Field(default=None, index=True)
    person_id: UUID | None = Field(default=None, index=True)
    credential_id: UUID | None = refers_to("credential.id", optional=True)
    way: str = Field(max_length=20)  # qr, number, link, api
    outcome: str = Field(max_length=20)
    verifier_org_id: UUID | None = Field(default=None)


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
