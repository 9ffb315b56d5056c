"""What goes in and out of the editions room."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.editions.tables import EditionKind, EditionState


class EditionUploadCreate(BaseModel):
    """An edition as text, YAML or JSON, to be checked."""

    model_config = ConfigDict(extra="forbid")

    file_name: str = Field(default="edition.yaml", min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=200_000)


class UploadRead(BaseModel):
    """What the checker said; `edition_id` is the draft when there was no error."""

    id: UUID
    file_name: str
    sha256: str
    findings: list[dict[str, Any]]
    edition_id: UUID | None
    created_at: datetime


class EditionRead(BaseModel):
    """An edition without its content."""

    id: UUID
    kind: EditionKind
    code: str
    version: str
    scheme: str | None
    level: str | None
    title: dict[str, str]
    digest: str
    state: EditionState
    shipped: bool
    owner_org_id: UUID | None
    effective_from: date | None
    effective_to: date | None
    frozen_at: datetime | None


class EditionContent(EditionRead):
    """An edition with its content and the checker's findings."""

    content: dict[str, Any]
    findings: list[dict[str, Any]]


class Decision(BaseModel):
    """The second person's word on a draft."""

    model_config = ConfigDict(extra="forbid")

    approve: bool
    reason: str | None = Field(default=None, max_length=500)


class EditionEnd(BaseModel):
    """The last day on which an edition may still be begun with."""

    model_config = ConfigDict(extra="forbid")

    last_day: date
