"""Rows of the register of legal entities."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of
from service.organisations.rules import KIND_TITLES, OrganisationKind

__all__ = ["KIND_TITLES", "Organisation", "OrganisationKind"]


class Organisation(Record, table=True):
    """One row is one legal entity, or the neutral holder of a register slot not yet verified (then without `uscc`).

    Tenancy: nation (id). Personal: none.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", OrganisationKind),
        sa.Index("ix_organisation_name_keys", "name_keys", postgresql_using="gin"),
    )

    uscc: str | None = Field(default=None, max_length=18, unique=True)  # 统一社会信用代码, GB 32100
    kind: OrganisationKind = choice(OrganisationKind)
    name: dict[str, str] = document()  # {zh, en}
    name_keys: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    province: str | None = Field(default=None, max_length=2)  # GB/T 2260 two digits
    city: str | None = Field(default=None, max_length=40)
    sandbox: bool = Field(default=False)
    since: date | None = Field(default=None)
