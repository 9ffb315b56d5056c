"""Rows of equity grants."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of, refers_to, whole


class Instrument(StrEnum):
    """What is granted."""

    AWARD = "award"
    RESTRICTED = "restricted"
    OPTION = "option"
    VIRTUAL = "virtual"


class GrantState(StrEnum):
    """The way of a grant: proposed, then granted or refused by a second person; ended when its condition is gone."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"


class EndingGround(StrEnum):
    """Why a grant vests no further."""

    LEFT = "left"
    MISCONDUCT = "misconduct"
    TARGETS_MISSED = "targets_missed"
    AGREED = "agreed"
    COMPANY_ENDED = "company_ended"


class EquityGrant(Record, table=True):
    """One row is one grant of shares to one person: whole units and terms of vesting, frozen when proposed.

    A trigger lets nothing change but the way of the grant and its ending. `ending_on` is the last day on which the
    condition was met, proposed while the grant is still `granted`; `forfeited` shares went back to the pool.
    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "equity_grant"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("forfeited BETWEEN 0 AND quantity", name="forfeited_within_grant"),
        sa.CheckConstraint("state = 'ended' OR forfeited = 0", name="forfeited_when_ended"),
        sa.CheckConstraint("state <> 'ended' OR ending_on IS NOT NULL", name="ended_is_dated"),
        sa.CheckConstraint("(ending_on IS NULL) = (ending_ground IS NULL)", name="ending_has_its_ground"),
        sa.UniqueConstraint("org_id", "id"),
        sa.Index(
            "uq_equity_grant_reference",
            "org_id",
            "reference",
            unique=True,
            postgresql_where=sa.text("state <> 'refused'"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_version_id"], ["plan_version.org_id", "plan_version.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"], ["technology_contract.org_id", "technology_contract.id"], ondelete="RESTRICT"
        ),
        one_of("instrument", Instrument),
        one_of("state", GrantState),
        one_of("ending_ground", EndingGround),
    )

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    plan_version_id: UUID = Field(index=True)
    reference: str = Field(max_length=80)
    company: str = Field(max_length=200)
    instrument: Instrument = choice(Instrument)
    quantity: int = whole()
    granted_on: date
    terms: dict[str, Any] = document()
    contract_id: UUID | None = Field(default=None, index=True)
    state: GrantState = choice(GrantState, GrantState.PROPOSED)
    ending_on: date | None = Field(default=None)
    ending_ground: EndingGround | None = choice(EndingGround, None, nullable=True)
    forfeited: int = whole(default=0)


class ShareEvent(Record, table=True):
    """One row is one vesting step booked for a grant: vested in all before and after, and its ledger entry. Only added.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "share_event"
    __table_args__ = (
        sa.UniqueConstraint("grant_id", "as_of"),
        sa.UniqueConstraint("grant_id", "vested_before"),  # each step begins where one step ended
        sa.CheckConstraint("vested_after > vested_before AND vested_before >= 0", name="vesting_only_grows"),
        sa.ForeignKeyConstraint(
            ["org_id", "grant_id"], ["equity_grant.org_id", "equity_grant.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    grant_id: UUID = Field(index=True)
    as_of: date
    vested_before: int = whole()
    vested_after: int = whole()
    ledger_entry_id: UUID | None = refers_to("ledger_entry.id", optional=True)
