"""Venues, rooms, weeks and calendars over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from service.foundation import clock
from service.timetable.actions import change_room, change_venue, make_room, make_venue
from service.timetable.calendars import CalendarEvent, calendar_file
from service.timetable.queries import (
    Day,
    Entry,
    calendar_of_room,
    monday_of,
    person_entries,
    room_for,
    rooms_of,
    span_of_days,
    venues_of,
    week_of_person,
    week_of_room,
)
from service.timetable.schemas import DayRead, EntryRead, RoomChange, RoomCreate, RoomRead, VenueCreate, VenueRead
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

CALENDAR = "text/calendar"
READS = "timetable.plan|courses.read"
CALENDAR_DAYS = 400  # a feed reaches from a month ago to a year ahead


def shown_day(day: Day) -> DayRead:
    """A day of a week as the API says it."""
    return DayRead(
        day=day.day.isoformat(),
        working=day.nature.working,
        certain=day.nature.certain,
        holiday=dict(day.nature.holiday) if day.nature.holiday else None,
        make_up=day.nature.make_up,
        entries=[EntryRead.model_validate(one, from_attributes=True) for one in day.entries],
    )


def calendar_answer(name: str, file_name: str, entries: list[Entry]) -> Response[bytes]:
    """A calendar as a file."""
    events = [
        CalendarEvent(
            one.occurrence_id,
            one.title,
            one.starts_at,
            one.ends_at,
            one.room,
            one.sequence,
            one.changed_at,
            one.cancelled,
        )
        for one in entries
    ]
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.ics"'}
    return Response(calendar_file(name, events), media_type=CALENDAR, headers=headers)


def feed_span() -> Any:
    """From a month ago to a year ahead."""
    return span_of_days(clock.today() - timedelta(days=30), CALENDAR_DAYS)


@get("/api/venues", **access(READS))
async def list_venues(db: Db, actor: Who) -> list[VenueRead]:
    """The organisation's venues."""
    return [VenueRead.model_validate(one, from_attributes=True) for one in await venues_of(db, actor.org)]


@post("/api/venues", responses=problem_responses(422), **access("timetable.plan"))
async def new_venue(db: Db, actor: Who, data: JSONBody[VenueCreate]) -> VenueRead:
    """A new venue."""
    return VenueRead.model_validate(await make_venue(db, actor, data), from_attributes=True)


@put("/api/venues/{venue_id:uuid}", responses=problem_responses(404, 422), **access("timetable.plan"))
async def put_venue(db: Db, actor: Who, venue_id: FromPath[UUID], data: JSONBody[VenueCreate]) -> VenueRead:
    """Change a venue."""
    return VenueRead.model_validate(await change_venue(db, actor, venue_id, data), from_attributes=True)


@get("/api/rooms", **access(READS))
async def list_rooms(db: Db, actor: Who) -> list[RoomRead]:
    """The organisation's rooms."""
    return [RoomRead.model_validate(one, from_attributes=True) for one in await rooms_of(db, actor.org)]


@post("/api/rooms", responses=problem_responses(404, 409, 422), **access("timetable.plan"))
async def new_room(db: Db, actor: Who, data: JSONBody[RoomCreate]) -> RoomRead:
    """A new room of a venue."""
    return RoomRead.model_validate(await make_room(db, actor, data), from_attributes=True)


@put("/api/rooms/{room_id:uuid}", responses=problem_responses(404, 409, 422), **access("timetable.plan"))
async def put_room(db: Db, actor: Who, room_id: FromPath[UUID], data: JSONBody[RoomChange]) -> RoomRead:
    """Change a room, close it or open it again."""
    return RoomRead.model_validate(await change_room(db, actor, room_id, data), from_attributes=True)


@get("/api/rooms/{room_id:uuid}/week", responses=problem_responses(404), **access(READS))
async def room_week(db: Db, actor: Who, room_id: FromPath[UUID], day: FromQuery[date | None] = None) -> list[DayRead]:
    """The week of a room that holds a day (today unless given), Monday first."""
    room = await room_for(db, actor, room_id)
    return [shown_day(one) for one in await week_of_room(db, room.id, monday_of(day or clock.today()))]


@get("/api/rooms/{room_id:uuid}/calendar.ics", media_type=CALENDAR, responses=problem_responses(404), **access(READS))
async def room_calendar(db: Db, actor: Who, room_id: FromPath[UUID]) -> Response[bytes]:
    """The room's calendar, from a month ago to a year ahead."""
    room = await room_for(db, actor, room_id)
    return calendar_answer(room.name, f"room-{room.id}", await calendar_of_room(db, room.id, feed_span()))


@get("/api/my/timetable", responses=problem_responses(404), **access(SIGNED_IN))
async def my_week(db: Db, actor: Who, day: FromQuery[date | None] = None) -> list[DayRead]:
    """One's own week over all organisations, Monday first."""
    return [shown_day(one) for one in await week_of_person(db, actor.person, day or clock.today())]


@get("/api/my/timetable/calendar.ics", media_type=CALENDAR, responses=problem_responses(404), **access(SIGNED_IN))
async def my_calendar(db: Db, actor: Who) -> Response[bytes]:
    """One's own calendar, from a month ago to a year ahead."""
    return calendar_answer(actor.name, "timetable", await person_entries(db, [actor.person], feed_span()))


handlers = [
    list_venues,
    new_venue,
    put_venue,
    list_rooms,
    new_room,
    put_room,
    room_week,
    room_calendar,
    my_week,
    my_calendar,
]
