"""Pages on which a base plans, publishes, copies and cancels its course sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.queries import base_of
from service.courses.actions import (
    cancel_session,
    change_session,
    copy_session,
    organisation_named,
    plan_session,
    publish,
)
from service.courses.errors import FeeOutOfRange
from service.courses.pages.meetings import session_page
from service.courses.pages.public import calendar_answer
from service.courses.queries import next_code, session_for, sessions_of
from service.courses.rules import STATE_TITLES
from service.courses.schemas import MOST_FEE, CancelReason, SessionChange, SessionCopy, SessionCreate, SessionForm
from service.courses.tables import CourseSession, SessionState
from service.editions.queries import in_force
from service.editions.tables import EditionKind
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError, InvalidInput
from service.foundation.language import gettext, later, said
from service.foundation.money import parse_yuan, yuan_text
from service.organisations.queries import names_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

PUBLISHES = "courses.publish|courses.approve"


@get("/sessions", **access("courses.read"))
async def sessions_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, show: FromQuery[str] = ""
) -> Response[str]:
    """The organisation's course sessions, the latest first."""
    chosen = SessionState(show) if show in STATE_TITLES else None
    rows = await sessions_of(db, actor.org, chosen)
    return page(
        request,
        "courses/sessions.html",
        rows=rows,
        state=chosen.value if chosen else "",
        states=[("", gettext(later("All")))] + [(name, gettext(title)) for name, title in STATE_TITLES.items()],
        may_plan=actor.may("courses.plan"),
        may_see_rooms=actor.may("timetable.plan") or actor.may("courses.read"),
    )


async def _form_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    form: Submission[SessionForm],
    session: CourseSession | None = None,
    status: int = 200,
) -> Response[str]:
    base = await base_of(db, actor.org)
    syllabi = await in_force(db, EditionKind.SYLLABUS, clock.today())
    return page(
        request,
        "courses/session_form.html",
        status=status,
        form=form,
        session=session,
        base=base,
        suggested=await next_code(db, base, clock.today().year) if base and session is None else "",
        syllabi=[(str(one.id), f"{said(one.title)} · {one.version}") for one in syllabi],
    )


@get("/sessions/new", **access("courses.plan"))
async def new_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The form of a new session."""
    return await _form_page(request, db, actor, Submission({"fee": "0"}))


async def _common(db: AsyncSession, given: SessionForm) -> dict[str, Any]:
    """What the page's form says, as the actions take it. Raises InvalidInput, OrganisationUnknown, AmountUnreadable."""
    try:
        fee = parse_yuan(given.fee)
    except DomainError as refusal:
        refusal.facts["field"] = "fee"
        raise
    if not 0 <= fee <= MOST_FEE:
        raise FeeOutOfRange(field="fee")
    shared = given.model_dump(exclude={"fee", "co_host", "contractor", "syllabus_id", "code"})
    return {
        **shared,
        "fee_fen": fee,
        "co_host_org_id": await organisation_named(db, given.co_host, "co_host"),
        "contractor_org_id": await organisation_named(db, given.contractor, "contractor"),
    }


@post("/sessions", **access("courses.plan"))
async def new_session(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Plan a new session."""
    form = await read_form(request, SessionForm)
    given = form.data

    async def plan() -> CourseSession:
        assert given is not None
        if given.syllabus_id is None:
            raise InvalidInput(field="syllabus_id", reason=later("Please fill this in."))
        new = SessionCreate(**await _common(db, given), syllabus_id=given.syllabus_id, code=given.code)
        return await plan_session(db, actor, new)

    made = await attempt(db, form, plan) if given is not None else None
    if made is not None:
        return redirect(f"/sessions/{made.id}", later("The session is planned. Now add its meetings."))
    return await _form_page(request, db, actor, form, status=422)


def _local(moment: datetime | None) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M") if moment else ""


async def _typed(db: AsyncSession, row: CourseSession) -> dict[str, Any]:
    """A session as its form shows it."""
    names = await names_of(db, {one for one in (row.co_host_org_id, row.contractor_org_id) if one})
    notice = row.notice or {}
    return {
        "title.zh": row.title.get("zh", ""),
        "title.en": row.title.get("en", ""),
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "sign_up_opens_at": _local(row.sign_up_opens_at),
        "sign_up_closes_at": _local(row.sign_up_closes_at),
        "capacity": str(row.capacity),
        "fee": yuan_text(row.fee_fen),
        "place": row.place or "",
        "co_host": names.get(row.co_host_org_id, {}).get("zh", "") if row.co_host_org_id else "",
        "contractor": names.get(row.contractor_org_id, {}).get("zh", "") if row.contractor_org_id else "",
        "notice.zh": notice.get("zh", ""),
        "notice.en": notice.get("en", ""),
    }


@get("/sessions/{session_id:uuid}/edit", **access("courses.plan"))
async def edit_page(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[str]:
    """The form of an existing session."""
    row = await session_for(db, actor, session_id)
    return await _form_page(request, db, actor, Submission(await _typed(db, row)), row)


@post("/sessions/{session_id:uuid}/edit", **access("courses.plan"))
async def save_session(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[Any]:
    """Change a session."""
    row = await session_for(db, actor, session_id)
    form = await read_form(request, SessionForm)
    given = form.data

    async def change() -> CourseSession:
        assert given is not None
        return await change_session(db, actor, row.id, SessionChange(**await _common(db, given)))

    if given is not None and await attempt(db, form, change) is not None:
        return redirect(f"/sessions/{session_id}", later("The session is changed."))
    await db.refresh(row)
    return await _form_page(request, db, actor, form, row, status=422)


@post("/sessions/{session_id:uuid}/publish", **access(PUBLISHES))
async def publish_session(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[Any]:
    """Show a session to everyone."""
    form: Submission[Any] = Submission()
    if await attempt(db, form, lambda: publish(db, actor, session_id)) is not None:
        return redirect(f"/sessions/{session_id}", later("The session is published. Everyone can find it now."))
    return await session_page(request, db, actor, session_id, page_form=form)


@post("/sessions/{session_id:uuid}/cancel", **access(PUBLISHES))
async def drop_session(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[Any]:
    """Cancel a session."""
    form = await read_form(request, CancelReason)
    given = form.data
    if given is not None:
        reason = given.reason
        if await attempt(db, form, lambda: cancel_session(db, actor, session_id, reason)) is not None:
            return redirect(
                f"/sessions/{session_id}", later("The session is cancelled; its rooms and people are free again.")
            )
    return await session_page(request, db, actor, session_id, page_form=form)


@get("/sessions/{session_id:uuid}/copy", **access("courses.plan"))
async def copy_page(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[str]:
    """The one question of a copy: when it begins."""
    row = await session_for(db, actor, session_id)
    return page(request, "courses/copy.html", session=row, form=Submission())


@post("/sessions/{session_id:uuid}/copy", **access("courses.plan"))
async def make_copy(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[Any]:
    """A new session like this one."""
    row = await session_for(db, actor, session_id)
    form = await read_form(request, SessionCopy)
    given = form.data
    made = await attempt(db, form, lambda: copy_session(db, actor, row.id, given)) if given is not None else None
    if made is None:
        return page(request, "courses/copy.html", status=422, session=row, form=form)
    copied, open_ends = made
    if open_ends:
        message = later(
            "Copied. %(count)s rooms or lecturers are taken then and were left open; they are marked below."
        )
        return redirect(f"/sessions/{copied.id}", message, kind="warn", count=len(open_ends))
    return redirect(f"/sessions/{copied.id}", later("Copied with all its meetings, rooms and lecturers."))


@get("/sessions/{session_id:uuid}/calendar.ics", **access("courses.read"))
async def session_calendar(db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[bytes]:
    """The programme as a calendar file, also before publication."""
    return await calendar_answer(db, await session_for(db, actor, session_id))


handlers = [
    sessions_page,
    new_page,
    new_session,
    edit_page,
    save_session,
    publish_session,
    drop_session,
    copy_page,
    make_copy,
    session_calendar,
]
