"""Booking rooms and people's time, moving and cancelling: what is scarce is locked first, the database has the last word."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError, NotFound, TemporarilyUnavailable
from service.foundation.journal import note
from service.foundation.language import later
from service.people.tables import Person
from service.timetable.errors import (
    AlreadyCancelled,
    PersonTaken,
    RoomHasBookings,
    RoomNameTaken,
    RoomNotUsed,
    RoomTaken,
    RoomTooSmall,
    TimesReversed,
)
from service.timetable.queries import (
    Entry,
    occurrence,
    person_entries,
    room_entries,
    room_for,
    rooms_of,
    rooms_with_seats,
    span_of_days,
    venue_for,
)
from service.timetable.rules import LONGEST, Span, alternatives
from service.timetable.schemas import RoomChange, RoomCreate, VenueCreate
from service.timetable.tables import BookingState, Occurrence, PersonBooking, Room, RoomBooking, Venue

People = Sequence[tuple[UUID, str]]  # (person, role): lecturer, mentor, invigilator

ANOTHER_APPOINTMENT = later("another appointment")
THIS_PERSON = later("This person")


async def hold(
    db: AsyncSession, org_id: UUID, room_ids: Iterable[UUID], person_ids: Iterable[UUID]
) -> dict[UUID, Room]:
    """Lock rooms and people's time until the end of the transaction: rooms by id, then people by key, so nobody waits in a circle.

    Whoever books several things in one transaction calls this once for all of them first. Returns the rooms by id.
    Raises NotFound for a room of another organisation.
    """
    wanted = sorted(set(room_ids))
    rooms: dict[UUID, Room] = {}
    if wanted:
        chosen = (
            select(Room)
            .where(col(Room.id).in_(wanted), col(Room.org_id) == org_id)
            .order_by(col(Room.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        rooms = {one.id: one for one in await db.scalars(chosen)}
        if len(rooms) != len(wanted):
            raise NotFound(what="room")
    keys = sorted({int.from_bytes(one.bytes[8:], signed=True) for one in person_ids})
    for key in keys:
        await db.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    return rooms


async def book(
    db: AsyncSession,
    *,
    org_id: UUID,
    owner_kind: str,
    owner_id: UUID,
    title: dict[str, str],
    starts_at: datetime,
    ends_at: datetime,
    room_id: UUID | None = None,
    people: People = (),
    seats: int = 1,
    not_during: Sequence[Span] = (),
) -> Occurrence:
    """Hold a room and people's time for something that happens from `starts_at` to before `ends_at`.

    Of two at once one books and the other is refused. Alternatives keep out of `not_during`. Raises RoomTaken, PersonTaken (both with `alternatives`),
    RoomNotUsed, RoomTooSmall (fewer than `seats`), TimesReversed, NotFound for a room of another organisation.
    """
    span = _span(starts_at, ends_at)
    rooms = await hold(db, org_id, [room_id] if room_id else [], [one for one, _ in people])
    await _refuse_clash(db, org_id, span, rooms.get(room_id) if room_id else None, people, seats, None, not_during)
    held = Occurrence(
        org_id=org_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    await _write(db, held, room_id, people)
    return held


async def move(
    db: AsyncSession,
    occurrence_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    room_id: UUID | None,
    people: People,
    title: dict[str, str] | None = None,
    seats: int = 1,
    not_during: Sequence[Span] = (),
) -> Occurrence:
    """Move what happens to another time, room or people; its calendar entry keeps its identity and counts one up.

    Raises what `book` raises, and AlreadyCancelled.
    """
    span = _span(starts_at, ends_at)
    held = await occurrence(db, occurrence_id)
    rooms = await hold(db, held.org_id, [room_id] if room_id else [], [one for one, _ in people])
    held = await _locked(db, occurrence_id)
    if held.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    room = rooms.get(room_id) if room_id else None
    await _refuse_clash(db, held.org_id, span, room, people, seats, occurrence_id, not_during)
    await _release(db, occurrence_id)
    held.starts_at, held.ends_at, held.title = starts_at, ends_at, title or held.title
    held.sequence += 1
    held.changed_at = clock.now()
    await _write(db, held, room_id, people)
    return held


async def cancel(db: AsyncSession, occurrence_id: UUID) -> Occurrence:
    """Give the time back. Cancelling twice changes nothing more. Raises NotFound."""
    held = await _locked(db, occurrence_id)
    if held.state == BookingState.CANCELLED:
        return held
    await _release(db, occurrence_id)
    held.state = BookingState.CANCELLED
    held.sequence += 1
    held.changed_at = clock.now()
    await db.flush()
    return held


async def retitle(db: AsyncSession, occurrence_id: UUID, title: dict[str, str]) -> None:
    """Say a new title in the calendars; what was cancelled keeps its old one. Raises NotFound."""
    held = await _locked(db, occurrence_id)
    if held.state == BookingState.HELD:
        held.title = title
        held.sequence += 1
        held.changed_at = clock.now()
        await db.flush()


def _span(starts_at: datetime, ends_at: datetime) -> Span:
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise TimesReversed(field="ends_at")
    return Span(starts_at, ends_at)


async def _locked(db: AsyncSession, occurrence_id: UUID) -> Occurrence:
    chosen = select(Occurrence).where(col(Occurrence.id) == occurrence_id).with_for_update()
    found = (await db.scalars(chosen.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound(what="occurrence")
    return found


async def _release(db: AsyncSession, occurrence_id: UUID) -> None:
    for table in (RoomBooking, PersonBooking):
        await db.execute(
            sa.update(table)
            .where(col(table.occurrence_id) == occurrence_id, col(table.state) == BookingState.HELD)
            .values(state=BookingState.CANCELLED)
        )


async def _write(db: AsyncSession, held: Occurrence, room_id: UUID | None, people: People) -> None:
    during: Range[datetime] = Range(held.starts_at, held.ends_at, bounds="[)")
    span = Span(held.starts_at, held.ends_at)
    try:
        async with db.begin_nested():
            db.add(held)
            await db.flush()
            if room_id is not None:
                db.add(RoomBooking(org_id=held.org_id, room_id=room_id, occurrence_id=held.id, during=during))
            for person_id, role in people:
                db.add(
                    PersonBooking(
                        org_id=held.org_id, person_id=person_id, occurrence_id=held.id, role=role, during=during
                    )
                )
    except IntegrityError as error:  # someone wrote past the locks: the constraint says no, we say why
        if "_overlap" not in str(error.orig):
            raise
        room = await db.get(Room, room_id) if room_id else None
        await _refuse_clash(db, held.org_id, span, room, people, 1, None)
        raise TemporarilyUnavailable from error


async def _refuse_clash(
    db: AsyncSession,
    org_id: UUID,
    span: Span,
    room: Room | None,
    people: People,
    seats: int,
    moving: UUID | None,
    not_during: Sequence[Span] = (),
) -> None:
    """Refuse when the room or a person is held in the span by anything else than `moving`."""
    if room is not None and not room.in_use:
        raise RoomNotUsed(field="room_id", room=room.name)
    if room is not None and room.seats < seats:
        raise RoomTooSmall(field="room_id", room=room.name, seats=room.seats, needed=seats)
    taken: DomainError | None = None
    if room is not None:
        held = [one for one in (await room_entries(db, [room.id], span))[room.id] if one.occurrence_id != moving]
        if held:
            facts = {**_times(held[0]), "room": room.name, "title": _title(held[0])}
            free = await free_instead(db, org_id, span, room.id, [one for one, _ in people], seats, moving, not_during)
            taken = RoomTaken(field="room_id", alternatives=free, **facts)
    if taken is None and people:
        busy = await person_entries(db, [one for one, _ in people], span)
        clash = next((one for one in busy if one.occurrence_id is None or one.occurrence_id != moving), None)
        if clash is not None:
            name = await db.scalar(sa.select(col(Person.name)).where(col(Person.id) == clash.person_id))
            facts = {**_times(clash), "person": name or THIS_PERSON, "title": _title(clash)}
            room_id = room.id if room else None
            free = await free_instead(db, org_id, span, room_id, [one for one, _ in people], seats, moving, not_during)
            taken = PersonTaken(field="lecturer_id", alternatives=free, **facts)
    if taken is not None:
        raise taken


def _title(entry: Entry) -> object:
    return entry.title if entry.title is not None else ANOTHER_APPOINTMENT


def _times(entry: Entry) -> dict[str, Any]:
    starts, ends = entry.starts_at.astimezone(BEIJING), entry.ends_at.astimezone(BEIJING)
    last = f"{ends:%H:%M}" if starts.date() == ends.date() else f"{ends:%Y-%m-%d %H:%M}"
    return {"starts": f"{starts:%Y-%m-%d %H:%M}", "ends": last}


async def free_instead(
    db: AsyncSession,
    org_id: UUID,
    span: Span,
    room_id: UUID | None,
    person_ids: Sequence[UUID],
    seats: int,
    moving: UUID | None = None,
    not_during: Sequence[Span] = (),
) -> list[dict[str, Any]]:
    """Up to three free alternatives as {room_id, room, starts_at, ends_at} (ISO text, Beijing time)."""
    around = span_of_days(span.starts_at.astimezone(BEIJING).date(), 2)
    rooms = await rooms_with_seats(db, org_id, around, moving)
    names = {one.id: one.name for one in await rooms_of(db, org_id)}
    busy = [
        Span(one.starts_at, one.ends_at)
        for one in await person_entries(db, person_ids, around)
        if one.occurrence_id is None or one.occurrence_id != moving
    ]
    now = clock.now()
    not_before = now if span.starts_at >= now else None  # what is entered afterwards may lie in the past
    return [
        {
            "room_id": str(one.room_id) if one.room_id else None,
            "room": names.get(one.room_id) if one.room_id else None,
            "starts_at": one.span.starts_at.astimezone(BEIJING).isoformat(timespec="minutes"),
            "ends_at": one.span.ends_at.astimezone(BEIJING).isoformat(timespec="minutes"),
        }
        for one in alternatives(span, room_id, rooms, seats, [*busy, *not_during], not_before)
    ]


async def make_venue(db: AsyncSession, actor: Actor, new: VenueCreate) -> Venue:
    """A new venue of the actor's organisation."""
    row = Venue(org_id=actor.org, name=new.name.stored(), address=new.address, city=new.city)
    db.add(row)
    await db.flush()
    await note(db, "venue.made", "venue", row.id)
    return row


async def change_venue(db: AsyncSession, actor: Actor, venue_id: UUID, new: VenueCreate) -> Venue:
    """Change a venue's name or address. Raises NotFound."""
    row = await venue_for(db, actor, venue_id)
    row.name, row.address, row.city = new.name.stored(), new.address, new.city
    await db.flush()
    await note(db, "venue.changed", "venue", row.id)
    return row


async def make_room(db: AsyncSession, actor: Actor, new: RoomCreate) -> Room:
    """A new room of a venue. Raises NotFound, RoomNameTaken."""
    venue = await venue_for(db, actor, new.venue_id)
    row = Room(org_id=actor.org, venue_id=venue.id, name=new.name.strip(), seats=new.seats)
    await _name_once(db, row)
    await note(db, "room.made", "room", row.id, seats=row.seats)
    return row


async def change_room(db: AsyncSession, actor: Actor, room_id: UUID, new: RoomChange) -> Room:
    """Change a room's name or seats, close it or open it again. Raises NotFound, RoomNameTaken, RoomHasBookings."""
    row = (await hold(db, actor.org, [(await room_for(db, actor, room_id)).id], []))[room_id]
    if row.in_use and not new.in_use:
        coming = await db.scalar(
            sa.select(sa.func.count())
            .select_from(RoomBooking)
            .where(
                col(RoomBooking.room_id) == room_id,
                col(RoomBooking.state) == BookingState.HELD,
                sa.func.upper(col(RoomBooking.during)) > clock.now(),
            )
        )
        if coming:
            raise RoomHasBookings(room=row.name, count=coming)
    row.name, row.seats, row.in_use = new.name.strip(), new.seats, new.in_use
    await _name_once(db, row)
    await note(db, "room.changed", "room", row.id, seats=row.seats, in_use=row.in_use)
    return row


async def _name_once(db: AsyncSession, row: Room) -> None:
    name = row.name
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise RoomNameTaken(field="name", room=name) from error
