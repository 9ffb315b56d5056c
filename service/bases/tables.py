"""Rows of the register of training bases."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.bases.rules import Tier
from service.foundation.records import Record, choice, document, one_of, refers_to

__all__ = ["Base", "BaseHost", "BaseListing", "Tier"]


class Base(Record, table=True):
    """One row is one slot of the register; its code never changes. `org_id` is the tenant that works in it.

    An unverified slot bears a neutral name and issues only SPECIMEN certificates.
    Tenancy: nation, sandbox apart (org_id). Personal: none.
    """

    __tablename__ = "base"
    __table_args__ = (
        one_of("tier", Tier),
        sa.CheckConstraint(
            "NOT verified OR (source IS NOT NULL AND evidence_on IS NOT NULL)", name="verified_by_evidence"
        ),
    )

    code: str = Field(max_length=4, unique=True)  # 01-36 national
    org_id: UUID = refers_to("organisation.id", unique=True)
    tier: Tier = choice(Tier)
    parent_id: UUID | None = refers_to("base.id", optional=True)
    name: dict[str, str] = document()
    province: str | None = Field(default=None, max_length=2)
    verified: bool = Field(default=False)
    source: str | None = Field(default=None, max_length=500)
    evidence_on: date | None = Field(default=None)


class BaseHost(Record, table=True):
    """One row is one organisation hosting a base from-to.

    Tenancy: nation. Personal: none.
    """

    __tablename__ = "base_host"
    __table_args__ = (sa.UniqueConstraint("base_id", "org_id", "starts_on", postgresql_nulls_not_distinct=True),)

    base_id: UUID = refers_to("base.id")
    org_id: UUID = refers_to("organisation.id")
    starts_on: date | None = Field(default=None)
    ends_on: date | None = Field(default=None)
    source: str | None = Field(default=None, max_length=500)


class BaseListing(Record, table=True):
    """One row is one change of what the register says of a base, with evidence and who recorded it. Only added.

    Tenancy: nation. Personal: none.
    """

    __tablename__ = "base_listing"

    base_id: UUID = refers_to("base.id")
    verified: bool
    source: str = Field(max_length=500)
    evidence: str = Field(max_length=2000)
    account_id: UUID | None = Field(default=None)
