"""The page of one course session: what it is, its programme, what it lacks, and the form that adds a meeting."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.tables import Base
from service.courses.actions import add_meeting, cancel_meeting, change_meeting
from service.courses.pages.public import by_days
from service.courses.queries import (
    ProgrammeEntry,
    coverage_of,
    lecturers,
    meeting_for,
    programme,
    session_for,
)
from service.courses.rules import FORM_TITLES, LEVEL_TITLES, STATE_TITLES, Coverage
from service.courses.schemas import MeetingForm
from service.courses.tables import CourseSession, Meeting
from service.editions.queries import edition, syllabus_of
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError
from service.foundation.language import gettext, later, said
from service.foundation.templates import show_periods
from service.organisations.queries import names_of
from service.timetable.errors import PersonTaken, RoomTaken
from service.timetable.queries import rooms_of, venues_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, read_form
from service.web.templating import page, redirect

FIELDS = {"starts_at": "day", "ends_at": "ends"}  # the action's fields as this page names them


async def form_choices(db: AsyncSession, session: CourseSession, covered: Coverage) -> dict[str, Any]:
    """What the meeting form offers: courses with what they lack, forms, rooms with seats, lecturers."""
    syllabus = await syllabus_of(db, session.syllabus_id)
    missing = {one.code: max(one.length - one.planned, 0) for module in covered.modules for one in module.courses}
    venues = {one.id: said(one.name) for one in await venues_of(db, session.org_id)}
    rooms = await rooms_of(db, session.org_id, in_use_only=True)
    courses = [
        (course.id, _course_label(course.id, said(course.title.to_json()), missing[course.id], covered))
        for _, course in syllabus.courses()
    ]
    seats = gettext(later("%(seats)s seats"))
    return {
        "courses": courses,
        "forms": [(name, gettext(title)) for name, title in FORM_TITLES.items()],
        "rooms": [
            (str(one.id), f"{venues[one.venue_id]} {one.name} ({seats % {'seats': one.seats}})") for one in rooms
        ],
        "lecturers": [(str(one.person_id), one.name) for one in await lecturers(db, session.org_id)],
    }


def _course_label(code: str, title: str, missing: int, covered: Coverage) -> str:
    if not missing:
        return f"{code} {title} ✓"
    text = gettext(later("%(periods)s periods to plan")) % {
        "periods": show_periods(missing, covered.minutes_per_period)
    }
    return f"{code} {title} · {text}"


def next_times(session: CourseSession, entries: list[ProgrammeEntry], covered: Coverage) -> dict[str, str]:
    """What the form begins with: the first course that lacks hours, after the last meeting."""
    held = [one for one in entries if not one.cancelled]
    course = next((one.code for module in covered.modules for one in module.courses if one.missing), "")
    values = {"course_code": course, "day": session.starts_on.isoformat(), "form": "classroom", "break_minutes": "0"}
    if held:
        last = held[-1]
        values["day"] = last.starts_at.astimezone(BEIJING).date().isoformat()
        values["begins"] = last.ends_at.astimezone(BEIJING).strftime("%H:%M")
        values["room_id"] = str(last.room_id or "")
        values["lecturer_id"] = str(last.lecturer_id or "")
    return values


async def session_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    session_id: UUID,
    form: Submission[MeetingForm] | None = None,
    clash: DomainError | None = None,
    page_form: Submission[Any] | None = None,
) -> Response[str]:
    """Render a session; `form` is a refused meeting, `clash` what it clashes with, `page_form` another refused act."""
    row = await session_for(db, actor, session_id)
    await db.refresh(row)
    entries = await programme(db, row.id)
    covered = await coverage_of(db, row)
    syllabus = await edition(db, row.syllabus_id)
    base = await db.get(Base, row.base_id)
    value = await syllabus_of(db, row.syllabus_id)
    return page(
        request,
        "courses/session.html",
        status=422 if form or page_form else 200,
        session=row,
        base=base,
        syllabus=syllabus,
        names=await names_of(db, {one for one in (row.co_host_org_id, row.contractor_org_id) if one}),
        days=by_days(entries),
        titles={course.id: course.title.to_json() for _, course in value.courses()},
        covered=covered,
        form=form or Submission(dict(next_times(row, entries, covered))),
        page_form=page_form or Submission(),
        alternatives=alternatives_of(form, clash),
        choices=await form_choices(db, row, covered),
        level_titles=LEVEL_TITLES,
        form_titles=FORM_TITLES,
        state_titles=STATE_TITLES,
        may_plan=actor.may("courses.plan") and row.state.value in ("planned", "published"),
        may_copy=actor.may("courses.plan"),
        may_publish=(actor.may("courses.publish") or actor.may("courses.approve")) and row.state.value == "planned",
        may_cancel=(actor.may("courses.publish") or actor.may("courses.approve"))
        and row.state.value in ("planned", "published"),
    )


def alternatives_of(form: Submission[MeetingForm] | None, clash: DomainError | None) -> list[dict[str, Any]]:
    """What is free instead, each as a button's label and the whole form it sends."""
    found: list[dict[str, Any]] = []
    offered: Any = clash.facts.get("alternatives", []) if clash is not None else []
    for one in offered:
        day, begins, ends = one["starts_at"][:10], one["starts_at"][11:16], one["ends_at"][11:16]
        fields = {**(form.values if form else {}), "day": day, "begins": begins, "ends": ends}
        fields["room_id"] = one["room_id"] or fields.get("room_id", "")
        found.append(
            {"label": " ".join(part for part in (day, f"{begins}–{ends}", one["room"]) if part), "fields": fields}
        )
    return found


async def _tried(
    db: AsyncSession, form: Submission[MeetingForm], action: Any
) -> tuple[Meeting | None, DomainError | None]:
    """Run an action in a savepoint; a clash comes back with its alternatives."""
    try:
        async with db.begin_nested():
            made: Meeting = await action()
            return made, None
    except (RoomTaken, PersonTaken) as clash:
        form.refuse(clash)
        return None, clash
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        form.refuse(refusal)
        for one in form.errors:
            one["field"] = FIELDS.get(one["field"], one["field"])
        return None, None


@get("/sessions/{session_id:uuid}", **access("courses.read"))
async def read_session(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[str]:
    """One course session of the organisation."""
    return await session_page(request, db, actor, session_id)


@post("/sessions/{session_id:uuid}/meetings", **access("courses.plan"))
async def new_meeting(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[Any]:
    """Add a meeting; a clash is explained, with what is free instead as buttons."""
    form = await read_form(request, MeetingForm)
    given = form.data
    clash: DomainError | None = None
    if given is not None:
        made, clash = await _tried(db, form, lambda: add_meeting(db, actor, session_id, given.meeting()))
        if made is not None:
            return redirect(
                f"/sessions/{session_id}#programme", later("The meeting is added; room and lecturer are held.")
            )
    return await session_page(request, db, actor, session_id, form, clash)


async def _meeting_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    session: CourseSession,
    meeting_id: UUID,
    form: Submission[MeetingForm] | None = None,
    clash: DomainError | None = None,
) -> Response[str]:
    entry = next(one for one in await programme(db, session.id) if one.meeting_id == meeting_id)
    starts, ends = entry.starts_at.astimezone(BEIJING), entry.ends_at.astimezone(BEIJING)
    covered = await coverage_of(db, session)
    values = {
        "course_code": entry.course_code,
        "day": starts.date().isoformat(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "break_minutes": str(max(int((ends - starts).total_seconds()) // 60 - entry.minutes, 0)),
        "form": entry.form,
        "room_id": str(entry.room_id or ""),
        "lecturer_id": str(entry.lecturer_id or ""),
    }
    return page(
        request,
        "courses/meeting.html",
        status=422 if form else 200,
        session=session,
        entry=entry,
        form=form or Submission(dict(values)),
        alternatives=alternatives_of(form, clash),
        choices=await form_choices(db, session, covered),
    )


@get("/sessions/{session_id:uuid}/meetings/{meeting_id:uuid}", **access("courses.plan"))
async def meeting_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], meeting_id: FromPath[UUID]
) -> Response[str]:
    """The form of one meeting."""
    session = await session_for(db, actor, session_id)
    found = await meeting_for(db, actor, meeting_id, session.id)
    return await _meeting_page(request, db, actor, session, found.id)


@post("/sessions/{session_id:uuid}/meetings/{meeting_id:uuid}", **access("courses.plan"))
async def save_meeting(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], meeting_id: FromPath[UUID]
) -> Response[Any]:
    """Change a meeting; a clash is explained, with what is free instead as buttons."""
    session = await session_for(db, actor, session_id)
    found = await meeting_for(db, actor, meeting_id, session.id)
    form = await read_form(request, MeetingForm)
    given = form.data
    clash: DomainError | None = None
    if given is not None:
        made, clash = await _tried(db, form, lambda: change_meeting(db, actor, meeting_id, given.meeting(), session_id))
        if made is not None:
            return redirect(f"/sessions/{session_id}#programme", later("The meeting is changed."))
    await db.refresh(found)
    await db.refresh(session)
    return await _meeting_page(request, db, actor, session, meeting_id, form, clash)


@post("/sessions/{session_id:uuid}/meetings/{meeting_id:uuid}/cancel", **access("courses.plan"))
async def drop_meeting(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], meeting_id: FromPath[UUID]
) -> Response[Any]:
    """Cancel a meeting; its room and lecturer are free again."""
    await cancel_meeting(db, actor, meeting_id, session_id)
    return redirect(
        f"/sessions/{session_id}#programme", later("The meeting is cancelled; room and lecturer are free again.")
    )


handlers = [read_session, new_meeting, meeting_page, save_meeting, drop_meeting]
