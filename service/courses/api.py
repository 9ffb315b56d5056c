"""Course sessions over HTTP: found by anyone once published, planned and changed by their base."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.actions import (
    add_meeting,
    cancel_meeting,
    cancel_session,
    change_meeting,
    change_session,
    copy_session,
    plan_session,
    publish,
)
from service.courses.queries import (
    course_titles,
    coverage_of,
    lecturers,
    programme,
    public_session,
    published,
    session_for,
    sessions_of,
)
from service.courses.schemas import (
    CancelReason,
    LecturerRead,
    MeetingCreate,
    MeetingRead,
    PublicSession,
    PublicSessionDetail,
    SessionChange,
    SessionCopied,
    SessionCopy,
    SessionCreate,
    SessionDetail,
    SessionRead,
)
from service.courses.shapes import (
    calendar_of,
    shown_detail,
    shown_programme,
    shown_public,
    shown_public_detail,
    shown_session,
)
from service.courses.tables import CourseSession, SessionState
from service.foundation.actor import Actor
from service.organisations.queries import names_of
from service.web.access import PUBLIC, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

CALENDAR = "text/calendar"
PUBLISHES = "courses.publish|courses.approve"


async def calendar_answer(db: AsyncSession, session: CourseSession) -> Response[bytes]:
    """The programme of a session as a calendar file."""
    content = calendar_of(session, await programme(db, session.id), await course_titles(db, session))
    headers = {"Content-Disposition": f'attachment; filename="{session.code}.ics"'}
    return Response(content, media_type=CALENDAR, headers=headers)


async def _detail(db: AsyncSession, actor: Actor, session_id: UUID) -> SessionDetail:
    row = await session_for(db, actor, session_id)
    return shown_detail(row, await programme(db, row.id), await coverage_of(db, row))


@get("/api/courses", **access(PUBLIC))
async def find_courses(
    db: Db,
    level: FromQuery[str | None] = None,
    q: FromQuery[str] = "",
    open: FromQuery[bool] = False,
) -> list[PublicSession]:
    """The published course sessions, those that begin next first."""
    return [shown_public(one) for one in await published(db, level, q[:100], open)]


@get("/api/courses/{code:str}", responses=problem_responses(404), **access(PUBLIC))
async def read_course(db: Db, code: FromPath[str]) -> PublicSessionDetail:
    """A published course session with its programme."""
    one = await public_session(db, code)
    hosts = [found for found in (one.session.co_host_org_id, one.session.contractor_org_id) if found]
    names = await names_of(db, set(hosts))
    co_host, contractor = (
        names.get(found) if found else None for found in (one.session.co_host_org_id, one.session.contractor_org_id)
    )
    return shown_public_detail(one, await programme(db, one.session.id), co_host, contractor)


@get("/api/courses/{code:str}/calendar.ics", media_type=CALENDAR, responses=problem_responses(404), **access(PUBLIC))
async def course_calendar(db: Db, code: FromPath[str]) -> Response[bytes]:
    """The programme of a published course session as a calendar file."""
    return await calendar_answer(db, (await public_session(db, code)).session)


@get("/api/course-sessions", **access("courses.read"))
async def list_sessions(db: Db, actor: Who, session_state: FromQuery[SessionState | None] = None) -> list[SessionRead]:
    """The organisation's course sessions, the latest first."""
    return [shown_session(row) for row in await sessions_of(db, actor.org, session_state)]


@post("/api/course-sessions", responses=problem_responses(403, 409, 422), **access("courses.plan", idempotent=True))
async def new_session(db: Db, actor: Who, data: JSONBody[SessionCreate]) -> SessionRead:
    """Plan a course session of the organisation's base."""
    return shown_session(await plan_session(db, actor, data))


@get("/api/course-sessions/{session_id:uuid}", responses=problem_responses(404), **access("courses.read"))
async def read_session(db: Db, actor: Who, session_id: FromPath[UUID]) -> SessionDetail:
    """A course session with its programme and what it still lacks."""
    return await _detail(db, actor, session_id)


@put("/api/course-sessions/{session_id:uuid}", responses=problem_responses(404, 409, 422), **access("courses.plan"))
async def put_session(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[SessionChange]) -> SessionRead:
    """Change a course session."""
    return shown_session(await change_session(db, actor, session_id, data))


@post(
    "/api/course-sessions/{session_id:uuid}/publish",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access(PUBLISHES),
)
async def publish_session(db: Db, actor: Who, session_id: FromPath[UUID]) -> SessionRead:
    """Show a course session to everyone; refused while its meetings do not cover the syllabus."""
    return shown_session(await publish(db, actor, session_id))


@post(
    "/api/course-sessions/{session_id:uuid}/cancel",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access(PUBLISHES),
)
async def drop_session(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[CancelReason]) -> SessionRead:
    """Cancel a course session; its rooms and people are free again."""
    return shown_session(await cancel_session(db, actor, session_id, data.reason))


@post(
    "/api/course-sessions/{session_id:uuid}/copy",
    responses=problem_responses(404, 409, 422),
    **access("courses.plan", idempotent=True),
)
async def copy(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[SessionCopy]) -> SessionCopied:
    """A new session like this one, beginning on another day."""
    row, open_ends = await copy_session(db, actor, session_id, data)
    return SessionCopied(session=shown_session(row), open_ends=open_ends)


@get("/api/course-sessions/{session_id:uuid}/meetings", responses=problem_responses(404), **access("courses.read"))
async def list_meetings(db: Db, actor: Who, session_id: FromPath[UUID]) -> list[MeetingRead]:
    """The meetings of a course session by time."""
    row = await session_for(db, actor, session_id)
    return shown_programme(await programme(db, row.id))


@post(
    "/api/course-sessions/{session_id:uuid}/meetings",
    responses=problem_responses(404, 409, 422),
    **access("courses.plan", idempotent=True),
)
async def new_meeting(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[MeetingCreate]) -> MeetingRead:
    """Add a meeting; a clash of room or lecturer is refused (409) with what is free instead."""
    made = await add_meeting(db, actor, session_id, data)
    return await _meeting(db, session_id, made.id)


@put(
    "/api/course-sessions/{session_id:uuid}/meetings/{meeting_id:uuid}",
    responses=problem_responses(404, 409, 422),
    **access("courses.plan"),
)
async def put_meeting(
    db: Db, actor: Who, session_id: FromPath[UUID], meeting_id: FromPath[UUID], data: JSONBody[MeetingCreate]
) -> MeetingRead:
    """Change a meeting's course, time, room or lecturer."""
    await session_for(db, actor, session_id)
    made = await change_meeting(db, actor, meeting_id, data, session_id)
    return await _meeting(db, session_id, made.id)


@delete(
    "/api/course-sessions/{session_id:uuid}/meetings/{meeting_id:uuid}",
    responses=problem_responses(404, 409),
    **access("courses.plan"),
)
async def drop_meeting(db: Db, actor: Who, session_id: FromPath[UUID], meeting_id: FromPath[UUID]) -> None:
    """Cancel a meeting; its room and lecturer are free again."""
    await cancel_meeting(db, actor, meeting_id, session_id)


async def _meeting(db: AsyncSession, session_id: UUID, meeting_id: UUID) -> MeetingRead:
    entries = [one for one in await programme(db, session_id) if one.meeting_id == meeting_id]
    return shown_programme(entries)[0]


@get(
    "/api/course-sessions/{session_id:uuid}/calendar.ics",
    media_type=CALENDAR,
    responses=problem_responses(404),
    **access("courses.read"),
)
async def session_calendar(db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[bytes]:
    """The programme as a calendar file, also before publication."""
    return await calendar_answer(db, await session_for(db, actor, session_id))


@get("/api/lecturers", **access("courses.read"))
async def list_lecturers(db: Db, actor: Who, q: FromQuery[str] = "") -> list[LecturerRead]:
    """Who may teach for the organisation, by name."""
    return [LecturerRead.model_validate(one, from_attributes=True) for one in await lecturers(db, actor.org, q[:100])]


handlers = [
    find_courses,
    read_course,
    course_calendar,
    list_sessions,
    new_session,
    read_session,
    put_session,
    publish_session,
    drop_session,
    copy,
    list_meetings,
    new_meeting,
    put_meeting,
    drop_meeting,
    session_calendar,
    list_lecturers,
]
