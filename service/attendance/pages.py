"""Pages of attendance: the meetings of a session, a meeting's list for the phone, the sheet to sign."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.attendance.actions import record_list
from service.attendance.queries import list_of, recorded
from service.attendance.rules import PRESENCE_TITLES
from service.attendance.schemas import ListForm
from service.editions.queries import syllabus_of
from service.enrolments.queries import enrolled
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


async def course_titles(db: AsyncSession, syllabus_id: UUID) -> dict[str, str]:
    """Titles of a syllabus's courses by code, in the reader's language."""
    return {course.id: said(course.title.to_json()) for _, course in (await syllabus_of(db, syllabus_id)).courses()}


@get("/sessions/{session_id:uuid}/attendance", **access("attendance.record"))
async def session_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[str]:
    """The meetings of a session, and how far their attendance is recorded."""
    session, meetings = await recorded(db, actor, session_id)
    return page(
        request,
        "attendance/session.html",
        session=session,
        meetings=meetings,
        seats=len(await enrolled(db, session.id)),
        titles=await course_titles(db, session.syllabus_id),
        presences=PRESENCE_TITLES,
        may_import=actor.may("exchange.import"),
    )


async def shown_list(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    meeting_id: UUID,
    form: Submission[Any],
    template: str = "attendance/meeting.html",
) -> Response[str]:
    """A meeting's list."""
    listed = await list_of(db, actor, meeting_id)
    return page(
        request,
        template,
        status=422 if form.errors else 200,
        listed=listed,
        session=listed.session,
        title=(await course_titles(db, listed.session.syllabus_id)).get(
            listed.meeting.course_code, listed.meeting.course_code
        ),
        presences=PRESENCE_TITLES,
        form=form,
    )


@get("/meetings/{meeting_id:uuid}/attendance", **access("attendance.record"))
async def list_page(request: Request[Any, Any, Any], db: Db, actor: Who, meeting_id: FromPath[UUID]) -> Response[str]:
    """The list of a meeting, to be marked on a phone."""
    return await shown_list(request, db, actor, meeting_id, Submission())


@post("/meetings/{meeting_id:uuid}/attendance", **access("attendance.record"))
async def save_list(request: Request[Any, Any, Any], db: Db, actor: Who, meeting_id: FromPath[UUID]) -> Response[Any]:
    """Record the list: all lines or, when one is refused, none."""
    form = await read_form(request, ListForm)
    if form.data is not None:
        given = form.data
        read = await attempt(db, form, lambda: record_list(db, actor, meeting_id, given))
        if read is not None:
            return redirect(f"/meetings/{meeting_id}/attendance", later("Recorded for %(count)s people."), count=read)
    return await shown_list(request, db, actor, meeting_id, form)


@get("/meetings/{meeting_id:uuid}/sign-in-sheet", **access("attendance.record"))
async def sheet_page(request: Request[Any, Any, Any], db: Db, actor: Who, meeting_id: FromPath[UUID]) -> Response[str]:
    """The sheet to print and sign."""
    return await shown_list(request, db, actor, meeting_id, Submission(), "attendance/sheet.html")


handlers = [session_page, list_page, save_list, sheet_page]
