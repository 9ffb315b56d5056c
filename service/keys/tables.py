"""Rows of signing keys."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class KeyState(StrEnum):
    """The life of a signing key: published a while before use, never used again after retirement."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class SigningKey(Record, table=True):
    """One row is one Ed25519 key pair of an issuing organisation; the private half sealed under the installation's keyring.

    Tenancy: nation (org_id). Personal: none.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        one_of("state", KeyState),
        sa.UniqueConstraint("org_id", "name"),
        sa.Index("uq_signing_key_active", "org_id", unique=True, postgresql_where=sa.text("state = 'active'")),
    )

    org_id: UUID = refers_to("organisation.id")
    name: str = Field(max_length=40)  # k2026-1
    public_multibase: str = Field(max_length=80)
    private_sealed: bytes
    state: KeyState = choice(KeyState, KeyState.ACTIVE)
    state_since: datetime = moment()
