"""Pages of venues and rooms, of a room's week and of one's own."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.timetable.actions import change_room, make_room, make_venue
from service.timetable.queries import monday_of, room_for, rooms_of, venues_of, week_of_person, week_of_room
from service.timetable.schemas import RoomChange, RoomCreate, VenueCreate
from service.timetable.tables import Room
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

READS = "timetable.plan|courses.read"


def week_links(path: str, day: date) -> dict[str, str]:
    """Addresses of the week before, this week and the week after."""
    monday = monday_of(day)
    return {
        "before": f"{path}?day={(monday - timedelta(days=7)).isoformat()}",
        "after": f"{path}?day={(monday + timedelta(days=7)).isoformat()}",
        "now": path,
    }


async def _rooms_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    venue_form: Submission[VenueCreate] | None = None,
    room_form: Submission[RoomCreate] | None = None,
) -> Response[str]:
    venues = await venues_of(db, actor.org)
    rooms = await rooms_of(db, actor.org)
    return page(
        request,
        "timetable/rooms.html",
        status=422 if venue_form or room_form else 200,
        places=[(venue, [one for one in rooms if one.venue_id == venue.id]) for venue in venues],
        venue_options=[(str(venue.id), said(venue.name)) for venue in venues],
        venue_form=venue_form or Submission(),
        room_form=room_form or Submission(),
        may_plan=actor.may("timetable.plan"),
    )


@get("/rooms", **access(READS))
async def rooms_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The organisation's venues and rooms."""
    return await _rooms_page(request, db, actor)


@post("/venues", **access("timetable.plan"))
async def new_venue(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """A new venue."""
    form = await read_form(request, VenueCreate)
    data = form.data
    if data is not None and await attempt(db, form, lambda: make_venue(db, actor, data)) is not None:
        return redirect("/rooms", later("The venue is there. Now add its rooms."))
    return await _rooms_page(request, db, actor, venue_form=form)


@post("/rooms", **access("timetable.plan"))
async def new_room(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """A new room."""
    form = await read_form(request, RoomCreate)
    data = form.data
    if data is not None and await attempt(db, form, lambda: make_room(db, actor, data)) is not None:
        return redirect("/rooms", later("The room can be booked now."))
    return await _rooms_page(request, db, actor, room_form=form)


async def _room_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    room: Room,
    day: date | None,
    form: Submission[RoomChange] | None = None,
) -> Response[str]:
    shown = day or clock.today()
    values = {"name": room.name, "seats": str(room.seats), "in_use": "true" if room.in_use else "false"}
    return page(
        request,
        "timetable/room.html",
        status=422 if form else 200,
        room=room,
        week=await week_of_room(db, room.id, shown),
        today=clock.today(),
        links=week_links(f"/rooms/{room.id}", shown),
        form=form or Submission(values),
        may_plan=actor.may("timetable.plan"),
    )


@get("/rooms/{room_id:uuid}", **access(READS))
async def room_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    room_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
) -> Response[str]:
    """A room's week as a list, and its facts."""
    return await _room_page(request, db, actor, await room_for(db, actor, room_id), day)


@post("/rooms/{room_id:uuid}", **access("timetable.plan"))
async def save_room(request: Request[Any, Any, Any], db: Db, actor: Who, room_id: FromPath[UUID]) -> Response[Any]:
    """Change a room's name or seats, close it or open it again."""
    room = await room_for(db, actor, room_id)
    form = await read_form(request, RoomChange)
    data = form.data
    if data is not None and await attempt(db, form, lambda: change_room(db, actor, room.id, data)) is not None:
        return redirect(f"/rooms/{room.id}", later("The room is changed."))
    await db.refresh(room)
    return await _room_page(request, db, actor, room, None, form)


@get("/my/timetable", **access(SIGNED_IN))
async def my_timetable(
    request: Request[Any, Any, Any], db: Db, actor: Who, day: FromQuery[date | None] = None
) -> Response[str]:
    """One's own week over all organisations."""
    shown = day or clock.today()
    return page(
        request,
        "timetable/mine.html",
        week=await week_of_person(db, actor.person_id, shown) if actor.person_id else None,
        today=clock.today(),
        links=week_links("/my/timetable", shown),
    )


handlers = [rooms_page, new_venue, new_room, room_page, save_room, my_timetable]
