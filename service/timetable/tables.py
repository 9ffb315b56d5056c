"""Rows of rooms, occurrences and the bookings that cannot overlap."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, now_by_database, one_of, refers_to


class BookingState(StrEnum):
    """Whether a booking holds its time."""

    HELD = "held"
    CANCELLED = "cancelled"


class Venue(Record, table=True):
    """One row is one place where an organisation teaches or examines.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "venue"
    __table_args__ = (sa.UniqueConstraint("org_id", "id"),)

    org_id: UUID = refers_to("organisation.id")
    name: dict[str, str] = document()
    address: str | None = Field(default=None, max_length=200)
    city: str | None = Field(default=None, max_length=40)


class Room(Record, table=True):
    """One row is one room with its seats.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "room"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "id"),
        sa.UniqueConstraint("venue_id", "name"),
        sa.ForeignKeyConstraint(["org_id", "venue_id"], ["venue.org_id", "venue.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("seats > 0", name="seats_positive"),
    )

    org_id: UUID = refers_to("organisation.id")
    venue_id: UUID
    name: str = Field(max_length=100)
    seats: int
    in_use: bool = Field(default=True)  # a room with a past is closed, not deleted


class Occurrence(Record, table=True):
    """One row is one thing that happens at one time: a course meeting or an exam session, by owner kind and id.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        one_of("state", BookingState),
        sa.UniqueConstraint("org_id", "id"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.Index("ix_occurrence_owner", "owner_kind", "owner_id"),
    )

    org_id: UUID = refers_to("organisation.id")
    owner_kind: str = Field(max_length=40)
    owner_id: UUID
    title: dict[str, str] = document()
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    state: BookingState = choice(BookingState, BookingState.HELD)
    sequence: int = Field(default=0)  # revision of the calendar entry (RFC 5545)
    changed_at: datetime = now_by_database()


class RoomBooking(Record, table=True):
    """One row is one room held for one occurrence; overlaps are refused by the database (EXCLUDE, half-open ranges).

    Tenancy: own. Personal: none.
    """

    __tablename__ = "room_booking"
    __table_args__ = (
        one_of("state", BookingState),
        sa.ForeignKeyConstraint(["org_id", "room_id"], ["room.org_id", "room.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["org_id", "occurrence_id"], ["occurrence.org_id", "occurrence.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    room_id: UUID = Field(index=True)
    occurrence_id: UUID = Field(index=True)
    during: Any = Field(sa_type=TSTZRANGE, nullable=False)
    state: BookingState = choice(BookingState, BookingState.HELD)


class PersonBooking(Record, table=True):
    """One row is one person's time held for one occurrence, as lecturer, invigilator or mentor; never twice at once.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "person_booking"
    __table_args__ = (
        one_of("state", BookingState),
        sa.ForeignKeyConstraint(
            ["org_id", "occurrence_id"], ["occurrence.org_id", "occurrence.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = refers_to("organisation.id")
    person_id: UUID = refers_to("person.id")
    occurrence_id: UUID = Field(index=True)
    role: str = Field(max_length=40)  # lecturer, mentor, invigilator
    during: Any = Field(sa_type=TSTZRANGE, nullable=False)
    state: BookingState = choice(BookingState, BookingState.HELD)
