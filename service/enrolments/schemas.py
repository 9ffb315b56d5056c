"""What goes in and out of the enrolments room."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.enrolments.tables import EnrolmentState
from service.foundation.text import FilledStr, PersonName
from service.people.rules import IdentityKind

CreditCode = Annotated[str, Field(max_length=40)]


class ApplicationCreate(BaseModel):
    """An application: the person of the sign-in, and their consent to the text they were shown."""

    model_config = ConfigDict(extra="forbid")

    consent: bool = False


class PersonByHand(BaseModel):
    """A person enrolled by the base: by identity document, with the unit that sent them if one did."""

    model_config = ConfigDict(extra="forbid")

    name: PersonName
    identity_kind: IdentityKind
    identity_number: str = Field(min_length=1, max_length=40)
    employer: FilledStr | None = None
    employer_code: CreditCode | None = None


class RefusalCreate(BaseModel):
    """Why an application is refused or a seat taken back, as the person will read it."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=2, max_length=200)]


class TransferCreate(BaseModel):
    """The session of the same base and syllabus to which an enrolment moves."""

    model_config = ConfigDict(extra="forbid")

    session_id: UUID


class EnrolmentRead(BaseModel):
    """One enrolment. `waiting_position` counts from 1 and is null unless it waits; `admitted_by` is the qualification by
    which the edition's rule of entry was met."""

    id: UUID
    course_session_id: UUID
    person_id: UUID
    syllabus_id: UUID
    employer_org_id: UUID | None
    state: EnrolmentState
    source: str
    waiting_since: datetime | None
    enrolled_at: datetime | None
    ended_at: datetime | None
    admitted_by: UUID | None
    reason: str | None
    waiting_position: int | None


class StaffEnrolmentRead(EnrolmentRead):
    """One enrolment as the base sees it: with the name, the employer and the minutes earned.

    `admitted_by_number` is the certificate that met the rule of entry; `admitted_by_claim` says that a base stated it and
    that it was not issued here.
    """

    name: str | None
    admitted_by_number: str | None
    admitted_by_claim: bool | None
    employer: dict[str, str] | None
    minutes: int


class ModuleProgressRead(BaseModel):
    """Minutes earned, needed and missing in one module."""

    module: str
    title: dict[str, str]
    earned: int
    needed: int
    missing: int


class OwnEnrolmentRead(EnrolmentRead):
    """One's own enrolment with the session, its next meeting and the hours so far (minutes)."""

    code: str
    title: dict[str, str]
    next_meeting: dict[str, Any] | None
    minutes_per_period: int
    earned: int
    needed: int
    missing: int
    modules: list[ModuleProgressRead]
