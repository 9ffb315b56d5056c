"""What goes in and out of the register of bases."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.bases.rules import Tier
from service.foundation.text import Clean

NameText = Annotated[str, Clean(200, min_length=1)]
Source = Annotated[str, Clean(500)]
Evidence = Annotated[str, Clean(2000, lines=True)]


class BaseName(BaseModel):
    """A name in both languages: certificates need both."""

    model_config = ConfigDict(extra="forbid")

    zh: NameText
    en: NameText


class BaseChange(BaseModel):
    """What an administrator may correct; the code never changes. `parent` is the code of a base of a higher tier."""

    model_config = ConfigDict(extra="forbid")

    name: BaseName
    province: str | None = Field(default=None, pattern=r"^[1-8][0-9]$")
    parent: str | None = Field(default=None, max_length=4)


class BaseCreate(BaseChange):
    """A further base of the register, unverified at first."""

    code: str = Field(pattern=r"^[0-9A-Z]{2,4}$")
    tier: Tier


class EvidenceCreate(BaseModel):
    """What shows that a base is, or is no longer, what the register says."""

    model_config = ConfigDict(extra="forbid")

    verified: bool
    source: Source = ""
    evidence: Evidence = ""


class HostCreate(BaseModel):
    """An organisation that hosts the base from-to, by credit code or exact name."""

    model_config = ConfigDict(extra="forbid")

    organisation: NameText
    uscc: Annotated[str, Clean(40)] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    source: Annotated[str, Clean(500, min_length=1)]


class HostEnd(BaseModel):
    """The last day of a hosting."""

    model_config = ConfigDict(extra="forbid")

    ends_on: date


class RegisterFile(BaseModel):
    """A register as YAML text, of the same form as the shipped one."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=200_000)


class BaseRead(BaseModel):
    """A base as the register has it; `org_id` is the organisation that works in it."""

    id: UUID
    code: str
    org_id: UUID
    tier: Tier
    parent_id: UUID | None
    name: dict[str, str]
    province: str | None
    verified: bool
    source: str | None
    evidence_on: date | None


class HostRead(BaseModel):
    """An organisation hosting a base."""

    id: UUID
    org_id: UUID
    organisation_name: dict[str, str]
    starts_on: date | None
    ends_on: date | None
    source: str | None


class ListingRead(BaseModel):
    """One record of evidence."""

    created_at: datetime
    verified: bool
    source: str
    evidence: str


class BaseDetails(BaseRead):
    """A base with its hosts and everything recorded of it, newest first."""

    hosts: list[HostRead]
    listings: list[ListingRead]
