"""What goes in and out of the timetable."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class BilingualName(BaseModel):
    """A name people typed; Chinese is needed, English is wished."""

    model_config = ConfigDict(extra="forbid")

    zh: str = Field(min_length=1, max_length=100)
    en: str | None = Field(default=None, max_length=100)

    def stored(self) -> dict[str, str]:
        """{zh, en?} without what was left out."""
        return {"zh": self.zh.strip(), **({"en": self.en.strip()} if self.en and self.en.strip() else {})}


class VenueCreate(BaseModel):
    """A place where an organisation teaches or examines."""

    model_config = ConfigDict(extra="forbid")

    name: BilingualName
    address: str | None = Field(default=None, max_length=200)
    city: str | None = Field(default=None, max_length=40)


class VenueRead(BaseModel):
    """A venue."""

    id: UUID
    name: dict[str, str]
    address: str | None
    city: str | None


class RoomCreate(BaseModel):
    """A room of a venue."""

    model_config = ConfigDict(extra="forbid")

    venue_id: UUID
    name: str = Field(min_length=1, max_length=100)
    seats: int = Field(ge=1, le=10_000)


class RoomChange(BaseModel):
    """What may change of a room."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    seats: int = Field(ge=1, le=10_000)
    in_use: bool = True


class RoomRead(BaseModel):
    """A room with its seats."""

    id: UUID
    venue_id: UUID
    name: str
    seats: int
    in_use: bool


class EntryRead(BaseModel):
    """One line of a week: a booking of a room or a person. `title` is null for another organisation's appointment."""

    occurrence_id: UUID | None
    title: dict[str, str] | None
    starts_at: datetime
    ends_at: datetime
    room: str | None = None
    role: str | None = None


class DayRead(BaseModel):
    """One day of a week with what the calendar says of it and what is booked."""

    day: str
    working: bool
    certain: bool
    holiday: dict[str, str] | None
    make_up: bool
    entries: list[EntryRead]
