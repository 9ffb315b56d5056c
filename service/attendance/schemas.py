"""What goes in and out of the attendance room."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.attendance.tables import Presence


class MarkCreate(BaseModel):
    """One person at one meeting. `minutes` are those missed, for the late only."""

    model_config = ConfigDict(extra="forbid")

    presence: Presence
    minutes: int | None = Field(default=None, ge=0, le=1440)


class MarkForm(BaseModel):
    """One line of the page's list; without a presence the line is left as it is."""

    model_config = ConfigDict(extra="forbid")

    presence: Presence | None = None
    minutes: int | None = Field(default=None, ge=0, le=1440)


class ListForm(BaseModel):
    """The page's list: a mark for each enrolment; `rest` is the presence of those left open."""

    model_config = ConfigDict(extra="forbid")

    marks: dict[UUID, MarkForm] = {}
    rest: Presence | None = None


class AttendanceRead(BaseModel):
    """What is known of one person at one meeting; `minutes` are those that count."""

    id: UUID
    meeting_id: UUID
    enrolment_id: UUID
    presence: Presence
    minutes: int
    source: str
    revision: int
    evidence: dict[str, Any]


class ListLineRead(BaseModel):
    """One line of a meeting's list; nulls where nothing is recorded yet."""

    enrolment_id: UUID
    name: str | None
    presence: Presence | None
    minutes: int | None
