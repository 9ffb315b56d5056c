"""Venues, rooms and held times, for tests of other rooms."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.clock import BEIJING
from service.foundation.records import uuid7
from service.timetable.tables import Occurrence, PersonBooking, Room, RoomBooking, Venue


def at(text: str) -> datetime:
    """`2030-03-04 09:00`, in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


async def room(db: AsyncSession, org_id: UUID, name: str = "101", seats: int = 60, venue: Venue | None = None) -> Room:
    """A room of an organisation, in a venue of its own unless one is given. Needs `world()`."""
    if venue is None:
        venue = Venue(org_id=org_id, name={"zh": "教学楼", "en": "Teaching building"}, address="某路1号", city="上海")
        db.add(venue)
        await db.flush()
    row = Room(org_id=org_id, venue_id=venue.id, name=name, seats=seats)
    db.add(row)
    await db.flush()
    return row


async def occurrence(
    db: AsyncSession,
    org_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    room_id: UUID | None = None,
    people: Sequence[tuple[UUID, str]] = (),
    owner_kind: str = "meeting",
    owner_id: UUID | None = None,
    title: dict[str, str] | None = None,
) -> Occurrence:
    """Time held for something, with its room and people. Needs `world()`."""
    row = Occurrence(
        org_id=org_id,
        owner_kind=owner_kind,
        owner_id=owner_id or uuid7(),
        title=title or {"zh": "某课", "en": "A lesson"},
        starts_at=starts_at,
        ends_at=ends_at,
    )
    db.add(row)
    await db.flush()
    during: Range[datetime] = Range(starts_at, ends_at, bounds="[)")
    if room_id is not None:
        db.add(RoomBooking(org_id=org_id, room_id=room_id, occurrence_id=row.id, during=during))
    for person_id, role in people:
        db.add(PersonBooking(org_id=org_id, person_id=person_id, occurrence_id=row.id, role=role, during=during))
    await db.flush()
    return row
