"""What goes in and out of exports."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ExportCreate(BaseModel):
    """A file somebody asks for; no columns means all of them, in their order."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["people", "certificates", "incentives"]
    format: Literal["xlsx", "csv", "csv_gb", "zip"]
    columns: list[str] = Field(default_factory=list, max_length=40)
    language: Literal["zh-CN", "en"] = "zh-CN"
    only_valid: bool = False


class ExportRead(BaseModel):
    """An export and how far it is; `failure` is a sentence."""

    id: UUID
    kind: str
    format: str
    columns: list[str]
    state: str
    done: int
    total: int
    sha256: str | None
    failure: str | None
    created_at: datetime
    expires_at: datetime | None
