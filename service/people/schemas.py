"""What goes in and out of the room of people; identity numbers go in and never come out unmasked."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.foundation.text import Clean, PersonName
from service.people.rules import IdentityKind
from service.people.tables import ErasureState, IdentityState

DocumentNumber = Annotated[str, Field(max_length=60)]


class IdentityDeclare(BaseModel):
    """A person says who they are: kind of document first, its number, the name as it stands there, and consent."""

    model_config = ConfigDict(extra="forbid")

    kind: IdentityKind
    identity_number: DocumentNumber
    name: PersonName
    consent: bool = False


class NameChange(BaseModel):
    """A new name."""

    model_config = ConfigDict(extra="forbid")

    name: PersonName


class EnglishName(BaseModel):
    """The spelling the holder confirms."""

    model_config = ConfigDict(extra="forbid")

    english_name: str = Field(max_length=200)


class ConsentGive(BaseModel):
    """Consent to one purpose, for one organisation where the purpose names one."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=60)
    org_id: UUID | None = None


class ConsentForm(BaseModel):
    """The same from a page: the organisation by credit code or by its exact name."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=60)
    organisation: Annotated[str, Clean(200)] | None = None


class EmployeeCreate(BaseModel):
    """An employer says that a person works for it; the person is asked."""

    model_config = ConfigDict(extra="forbid")

    kind: IdentityKind
    identity_number: DocumentNumber
    name: PersonName
    title: Annotated[str, Clean(100)] | None = None
    starts_on: date | None = None


class EmploymentEnd(BaseModel):
    """The last day of an employment."""

    model_config = ConfigDict(extra="forbid")

    ends_on: date


class Answer(BaseModel):
    """A person's answer to an employer."""

    model_config = ConfigDict(extra="forbid")

    agree: bool


class Reveal(BaseModel):
    """Why a full identity number is looked at: one of the listed reasons."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=40)


class ErasureDecision(BaseModel):
    """What becomes of a request for erasure; a refusal says why, in words that name nobody."""

    model_config = ConfigDict(extra="forbid")

    carry_out: bool
    reason: Annotated[str, Clean(500)] | None = None


class DocumentRead(BaseModel):
    """An identity document, masked."""

    id: UUID
    kind: IdentityKind
    masked: str
    state: IdentityState
    created_at: datetime


class PersonRead(BaseModel):
    """A person as an organisation with a ground sees them in a list."""

    id: UUID
    name: str
    english_name: str | None


class QualificationRead(BaseModel):
    """A credential a person holds or held; with `claimed_by_org_id` that organisation says it issued it, not we."""

    credential_id: UUID
    number: str
    scheme: str
    level: str
    awarded_on: date
    valid_until: date | None
    state: str
    claimed_by_org_id: UUID | None


class PersonDetails(PersonRead):
    """A person opened by an organisation with a ground; the look is journaled."""

    documents: list[DocumentRead]
    qualifications: list[QualificationRead]
    grounds: list[str]


class RevealedNumber(BaseModel):
    """A full identity number, revealed for a recorded reason."""

    number: str


class ConsentRead(BaseModel):
    """A consent that holds."""

    id: UUID
    purpose: str
    text_version: str
    org_id: UUID | None
    organisation_name: dict[str, str]
    created_at: datetime


class PurposeRead(BaseModel):
    """A purpose one may consent to, with the text to be agreed to."""

    purpose: str
    version: str
    sensitive: bool
    per_organisation: bool
    title: dict[str, str]
    text: dict[str, str]


class GroundRead(BaseModel):
    """An organisation that may see the person, and why."""

    org_id: UUID
    organisation_name: dict[str, str]
    ground: str
    since: datetime
    until: datetime | None


class LookRead(BaseModel):
    """One look at, or act upon, the person's data."""

    at: datetime
    action: str
    org_id: UUID | None
    organisation_name: dict[str, str]
    details: dict[str, Any]


class AffiliationRead(BaseModel):
    """An employment as recorded; `asked_as` is masked and goes when the person has answered."""

    id: UUID
    org_id: UUID
    organisation_name: dict[str, str]
    title: str | None
    starts_on: date | None
    ends_on: date | None
    source: str
    asked_as: str | None
    confirmed_at: datetime | None
    refused_at: datetime | None


class Profile(BaseModel):
    """Everything “My profile” shows."""

    person_id: UUID | None
    name: str
    english_name: str | None
    english_confirmed: bool
    english_choices: list[str]
    documents: list[DocumentRead]
    consents: list[ConsentRead]
    affiliations: list[AffiliationRead]
    grounds: list[GroundRead]
    looks: list[LookRead]


class ErasureRead(BaseModel):
    """A request for erasure, without a name."""

    id: UUID
    person_id: UUID
    created_at: datetime
    state: ErasureState
    decided_at: datetime | None
    reason: str | None
