"""Rows of the register of legal entities."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, one_of, refers_to
from service.organisations.rules import KIND_TITLES, OrganisationKind

__all__ = ["KIND_TITLES", "Organisation", "OrganisationKind"]


class Organisation(Record, table=True):
    """One row is one legal entity, or the neutral holder of a register slot not yet verified (then without `uscc`).

    A sandbox is the twin of a real organisation, filled with synthetic data; a reset ends it and opens another.
    Tenancy: organisation (id). Personal: none.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", OrganisationKind),
        sa.Index("ix_organisation_name_keys", "name_keys", postgresql_using="gin"),
        sa.Index(
            "uq_organisation_sandbox_of",
            "sandbox_of",
            unique=True,
            postgresql_where=sa.text("sandbox_ended_at IS NULL"),
        ),
        sa.CheckConstraint("sandbox = (sandbox_of IS NOT NULL)", name="sandbox_of_another"),
        sa.CheckConstraint("sandbox OR sandbox_ended_at IS NULL", name="only_sandboxes_end"),
    )

    uscc: str | None = Field(default=None, max_length=18, unique=True)  # 统一社会信用代码, GB 32100
    kind: OrganisationKind = choice(OrganisationKind)
    name: dict[str, str] = document()  # {zh, en}
    name_keys: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    province: str | None = Field(default=None, max_length=2)  # GB/T 2260 two digits
    city: str | None = Field(default=None, max_length=40)
    sandbox: bool = Field(default=False)
    sandbox_of: UUID | None = refers_to("organisation.id", optional=True, index=False)
    sandbox_ended_at: datetime | None = moment(optional=True)  # by a reset; its rows stay and nobody acts for it
    since: date | None = Field(default=None)
