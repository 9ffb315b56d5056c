"""Rooms, bookings and weeks, as far as the actor's organisation may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound
from service.foundation.workdays import DayNature, nature_of
from service.timetable.rules import RoomWithSeats, Span
from service.timetable.tables import BookingState, Occurrence, Room, RoomBooking, Venue


@dataclass(frozen=True)
class Entry:
    """One booking as a week or a calendar shows it; `title` None is another organisation's appointment."""

    occurrence_id: UUID | None
    title: dict[str, str] | None
    starts_at: datetime
    ends_at: datetime
    room: str | None = None
    role: str | None = None
    sequence: int = 0
    changed_at: datetime | None = None
    cancelled: bool = False
    person_id: UUID | None = None


@dataclass(frozen=True)
class Day:
    """One day of a week, with what the calendar says of it."""

    day: date
    nature: DayNature
    entries: tuple[Entry, ...]


async def occurrence(db: AsyncSession, occurrence_id: UUID) -> Occurrence:
    """One occurrence of one's own organisation. Raises NotFound."""
    found = await db.get(Occurrence, occurrence_id)
    if found is None:
        raise NotFound(what="occurrence")
    return found


async def room_for(db: AsyncSession, actor: Actor, room_id: UUID) -> Room:
    """A room of the actor's organisation. Raises NotFound."""
    found = (await db.scalars(select(Room).where(col(Room.id) == room_id, col(Room.org_id) == actor.org))).first()
    if found is None:
        raise NotFound(what="room")
    return found


async def venue_for(db: AsyncSession, actor: Actor, venue_id: UUID) -> Venue:
    """A venue of the actor's organisation. Raises NotFound."""
    found = (await db.scalars(select(Venue).where(col(Venue.id) == venue_id, col(Venue.org_id) == actor.org))).first()
    if found is None:
        raise NotFound(what="venue")
    return found


async def venues_of(db: AsyncSession, org_id: UUID) -> list[Venue]:
    """The venues of an organisation, oldest first."""
    return list(
        await db.scalars(
            select(Venue).where(col(Venue.org_id) == org_id).order_by(col(Venue.created_at), col(Venue.id)).limit(200)
        )
    )


async def rooms_of(db: AsyncSession, org_id: UUID, in_use_only: bool = False) -> list[Room]:
    """The rooms of an organisation by venue and name."""
    chosen = select(Room).where(col(Room.org_id) == org_id)
    if in_use_only:
        chosen = chosen.where(col(Room.in_use))
    return list(await db.scalars(chosen.order_by(col(Room.venue_id), col(Room.name)).limit(500)))


async def room_entries(db: AsyncSession, room_ids: Sequence[UUID], span: Span) -> dict[UUID, list[Entry]]:
    """What holds these rooms in a span, by room and time."""
    if not room_ids:
        return {}
    chosen = (
        sa.select(RoomBooking, Occurrence, col(Room.name))
        .join(Occurrence, col(Occurrence.id) == col(RoomBooking.occurrence_id))
        .join(Room, col(Room.id) == col(RoomBooking.room_id))
        .where(
            col(RoomBooking.room_id).in_(room_ids),
            col(RoomBooking.state) == BookingState.HELD,
            col(RoomBooking.during).op("&&")(sa.cast(Range(span.starts_at, span.ends_at), RANGE)),
        )
        .order_by(col(Occurrence.starts_at))
    )
    found: dict[UUID, list[Entry]] = {one: [] for one in room_ids}
    for booking, held, name in await db.execute(chosen):
        found[booking.room_id].append(
            Entry(
                held.id,
                held.title,
                held.starts_at,
                held.ends_at,
                name,
                sequence=held.sequence,
                changed_at=held.changed_at,
            )
        )
    return found


RANGE: Any = RoomBooking.__table__.c.during.type  # type: ignore[attr-defined]

PERSON_BOOKINGS_OF = sa.text("SELECT * FROM person_bookings(:people, :starts, :ends)").bindparams(
    sa.bindparam("people", type_=sa.ARRAY(sa.Uuid())),
    sa.bindparam("starts", type_=sa.DateTime(timezone=True)),
    sa.bindparam("ends", type_=sa.DateTime(timezone=True)),
)


async def person_entries(db: AsyncSession, person_ids: Sequence[UUID], span: Span) -> list[Entry]:
    """What holds these persons in a span, over all organisations; another organisation's is a time without a title."""
    if not person_ids:
        return []
    rows = await db.execute(
        PERSON_BOOKINGS_OF, {"people": list(person_ids), "starts": span.starts_at, "ends": span.ends_at}
    )
    return [
        Entry(
            row.occurrence_id,
            row.title,
            row.starts_at,
            row.ends_at,
            row.room,
            row.role,
            row.sequence or 0,
            row.changed_at,
            person_id=row.person_id,
        )
        for row in rows
    ]


async def rooms_with_seats(db: AsyncSession, org_id: UUID, span: Span, but: UUID | None = None) -> list[RoomWithSeats]:
    """The organisation's rooms in use with what holds them in a span; `but` is an occurrence that does not count."""
    rooms = await rooms_of(db, org_id, in_use_only=True)
    held = await room_entries(db, [one.id for one in rooms], span)
    return [
        RoomWithSeats(
            one.id,
            one.seats,
            tuple(Span(e.starts_at, e.ends_at) for e in held.get(one.id, []) if e.occurrence_id != but),
        )
        for one in rooms
    ]


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def span_of_days(first: date, days: int) -> Span:
    """So many Beijing days as a span of moments."""
    begin = datetime.combine(first, datetime.min.time(), BEIJING)
    return Span(begin, begin + timedelta(days=days))


def by_day(entries: Sequence[Entry], first: date, days: int = 7) -> list[Day]:
    """Entries under the Beijing day they begin on, with the published holidays and make-up working days."""
    return [
        Day(
            day,
            nature_of(day),
            tuple(one for one in entries if one.starts_at.astimezone(BEIJING).date() == day),
        )
        for day in (first + timedelta(days=step) for step in range(days))
    ]


async def week_of_room(db: AsyncSession, room_id: UUID, day: date) -> list[Day]:
    """The week of a room, Monday first."""
    first = monday_of(day)
    entries = await room_entries(db, [room_id], span_of_days(first, 7))
    return by_day(entries[room_id], first)


async def week_of_person(db: AsyncSession, person_id: UUID, day: date) -> list[Day]:
    """The week of a lecturer, Monday first."""
    first = monday_of(day)
    return by_day(await person_entries(db, [person_id], span_of_days(first, 7)), first)


async def calendar_of_room(db: AsyncSession, room_id: UUID, span: Span) -> list[Entry]:
    """What a room's calendar feed holds: also what was cancelled, so that calendars take it out."""
    chosen = (
        sa.select(Occurrence, col(Room.name))
        .join(RoomBooking, col(RoomBooking.occurrence_id) == col(Occurrence.id))
        .join(Room, col(Room.id) == col(RoomBooking.room_id))
        .where(
            col(RoomBooking.room_id) == room_id,
            col(Occurrence.ends_at) > span.starts_at,
            col(Occurrence.starts_at) < span.ends_at,
            sa.or_(col(RoomBooking.state) == BookingState.HELD, col(Occurrence.state) == BookingState.CANCELLED),
        )
        .order_by(col(Occurrence.starts_at))
        .limit(2000)
    )
    found: dict[UUID, Entry] = {}
    for held, name in await db.execute(chosen):
        found[held.id] = Entry(
            held.id,
            held.title,
            held.starts_at,
            held.ends_at,
            name,
            sequence=held.sequence,
            changed_at=held.changed_at,
            cancelled=held.state == BookingState.CANCELLED,
        )
    return list(found.values())
