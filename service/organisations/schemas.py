"""What goes in and out of the room of organisations."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.foundation.text import Clean
from service.organisations.rules import OrganisationKind

NameText = Annotated[str, Clean(200, min_length=1)]


class BilingualName(BaseModel):
    """A name in Chinese, and in English where there is one."""

    model_config = ConfigDict(extra="forbid")

    zh: NameText
    en: Annotated[str, Clean(200)] | None = None


class OrganisationCreate(BaseModel):
    """A new legal entity; `uscc` is the unified social credit code, `province` two digits of GB/T 2260."""

    model_config = ConfigDict(extra="forbid")

    name: BilingualName
    kind: OrganisationKind
    uscc: Annotated[str, Clean(40)] | None = None
    province: str | None = Field(default=None, pattern=r"^[1-8][0-9]$")
    city: Annotated[str, Clean(40)] | None = None


class OrganisationChange(OrganisationCreate):
    """Everything that may be corrected, whole."""


class OrganisationRead(BaseModel):
    """A legal entity."""

    id: UUID
    uscc: str | None
    kind: OrganisationKind
    name: dict[str, str]
    province: str | None
    city: str | None
