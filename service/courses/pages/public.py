"""Pages anyone may read: the published course sessions and each one's programme."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.queries import ProgrammeEntry, course_titles, programme, public_session, published
from service.courses.rules import FORM_TITLES, LEVEL_TITLES
from service.courses.shapes import calendar_of
from service.courses.tables import CourseSession
from service.editions.queries import syllabus_of
from service.foundation.clock import BEIJING
from service.foundation.language import gettext
from service.foundation.workdays import DayNature, nature_of
from service.organisations.queries import names_of
from service.web.access import PUBLIC, access
from service.web.database import Db
from service.web.templating import page


class ProgrammeDay:
    """One day of a programme, with what the calendar says of it."""

    def __init__(self, entries: list[ProgrammeEntry]) -> None:
        self.entries = entries
        self.day = entries[0].starts_at.astimezone(BEIJING).date()
        self.nature: DayNature = nature_of(self.day)


def by_days(entries: list[ProgrammeEntry]) -> list[ProgrammeDay]:
    """A programme under its days."""
    days: dict[Any, list[ProgrammeEntry]] = {}
    for one in entries:
        days.setdefault(one.starts_at.astimezone(BEIJING).date(), []).append(one)
    return [ProgrammeDay(found) for _, found in sorted(days.items())]


async def calendar_answer(db: AsyncSession, session: CourseSession) -> Response[bytes]:
    """The programme of a session as a calendar file."""
    content = calendar_of(session, await programme(db, session.id), await course_titles(db, session))
    headers = {"Content-Disposition": f'attachment; filename="{session.code}.ics"'}
    return Response(content, media_type="text/calendar", headers=headers)


@get("/courses", **access(PUBLIC))
async def courses_page(
    request: Request[Any, Any, Any],
    db: Db,
    level: FromQuery[str] = "",
    q: FromQuery[str] = "",
    open: FromQuery[str] = "",
) -> Response[str]:
    """The published course sessions, narrowed by level, words and open sign-up."""
    chosen = level if level in LEVEL_TITLES else ""
    return page(
        request,
        "courses/list.html",
        found=await published(db, chosen or None, q[:100], open == "yes"),
        level=chosen,
        levels=[(name, gettext(title)) for name, title in LEVEL_TITLES.items()],
        q=q[:100],
        open=open == "yes",
    )


@get("/courses/{code:str}", **access(PUBLIC))
async def course_page(request: Request[Any, Any, Any], db: Db, code: FromPath[str]) -> Response[str]:
    """One published course session with its programme; no sign-in needed."""
    one = await public_session(db, code)
    session = one.session
    hosts = {found for found in (session.co_host_org_id, session.contractor_org_id) if found}
    syllabus = await syllabus_of(db, session.syllabus_id)
    return page(
        request,
        "courses/public.html",
        one=one,
        session=session,
        names=await names_of(db, hosts),
        days=by_days(await programme(db, session.id)),
        syllabus=syllabus,
        titles={course.id: course.title.to_json() for _, course in syllabus.courses()},
        level_titles=LEVEL_TITLES,
        form_titles=FORM_TITLES,
    )


@get("/courses/{code:str}/calendar.ics", **access(PUBLIC))
async def course_calendar(db: Db, code: FromPath[str]) -> Response[bytes]:
    """The programme as a calendar file."""
    return await calendar_answer(db, (await public_session(db, code)).session)


handlers = [courses_page, course_page, course_calendar]
