"""Pages of the lecturers of a base and their weeks."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.queries import Lecturer, lecturers
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.timetable.calendars import CalendarEvent, calendar_file
from service.timetable.queries import monday_of, person_entries, span_of_days, week_of_person
from service.web.access import Who, access
from service.web.database import Db
from service.web.templating import page


async def _lecturer(db: AsyncSession, actor: Actor, person_id: UUID) -> Lecturer:
    for one in await lecturers(db, actor.org):
        if one.person_id == person_id:
            return one
    raise NotFound(what="lecturer")


@get("/lecturers", **access("courses.read"))
async def lecturers_page(request: Request[Any, Any, Any], db: Db, actor: Who, q: FromQuery[str] = "") -> Response[str]:
    """Who teaches for the organisation."""
    return page(request, "courses/lecturers.html", found=await lecturers(db, actor.org, q[:100]), q=q[:100])


@get("/lecturers/{person_id:uuid}", **access("courses.read"))
async def lecturer_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    person_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
) -> Response[str]:
    """A lecturer's week; what belongs to another organisation shows its time only."""
    one = await _lecturer(db, actor, person_id)
    monday = monday_of(day or clock.today())
    return page(
        request,
        "courses/lecturer.html",
        lecturer=one,
        week=await week_of_person(db, person_id, monday),
        today=clock.today(),
        links={
            "before": f"/lecturers/{person_id}?day={(monday - timedelta(days=7)).isoformat()}",
            "after": f"/lecturers/{person_id}?day={(monday + timedelta(days=7)).isoformat()}",
            "now": f"/lecturers/{person_id}",
        },
    )


@get("/lecturers/{person_id:uuid}/calendar.ics", **access("courses.read"))
async def lecturer_calendar(db: Db, actor: Who, person_id: FromPath[UUID]) -> Response[bytes]:
    """A lecturer's calendar, from a month ago to a year ahead."""
    one = await _lecturer(db, actor, person_id)
    entries = await person_entries(db, [person_id], span_of_days(clock.today() - timedelta(days=30), 400))
    events = [
        CalendarEvent(
            each.occurrence_id, each.title, each.starts_at, each.ends_at, each.room, each.sequence, each.changed_at
        )
        for each in entries
    ]
    headers = {"Content-Disposition": 'attachment; filename="lecturer.ics"'}
    return Response(calendar_file(one.name, events), media_type="text/calendar", headers=headers)


handlers = [lecturers_page, lecturer_page, lecturer_calendar]
