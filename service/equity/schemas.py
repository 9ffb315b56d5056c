"""What goes in and out of the equity room."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from service.equity.tables import EndingGround, GrantState, Instrument


class GrantCreate(BaseModel):
    """A grant of whole shares under an equity plan; `terms` as `VestingTerms` (start, total, step and cliff in months)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    plan_version_id: UUID
    person_id: UUID
    reference: str = Field(min_length=1, max_length=80)
    instrument: Instrument
    quantity: StrictInt = Field(ge=1, le=10**15)
    granted_on: date
    terms: dict[str, Any]
    contract_id: UUID | None = None


class EndingCreate(BaseModel):
    """The proposal that a grant vests no further after a day, and why."""

    model_config = ConfigDict(extra="forbid")

    ending_on: date
    ending_ground: EndingGround


class GrantDecision(BaseModel):
    """The decision of a second person on a grant, or on its ending."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    approve: bool
    reason: str | None = Field(default=None, max_length=500)


class StepRead(BaseModel):
    """A day of vesting and what it adds, in whole shares."""

    day: date
    shares: int


class GrantRead(BaseModel):
    """A grant, what of it is vested by the books, what went back to the pool, and what is still to come.

    While `state` is `granted`, `ending_on` is a proposal that waits for its decision.
    """

    id: UUID
    plan_version_id: UUID
    person_id: UUID
    reference: str
    company: str
    instrument: Instrument
    quantity: int
    granted_on: date
    terms: dict[str, Any]
    contract_id: UUID | None
    state: GrantState
    ending_on: date | None
    ending_ground: EndingGround | None
    forfeited: int
    vested: int
    to_come: list[StepRead]


class VestingBooked(BaseModel):
    """How many grants vested further up to a day."""

    as_of: date
    grants: int
