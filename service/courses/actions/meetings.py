"""Meetings of a course session: added, changed and cancelled together with the room and the lecturer's time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from curricula.editions import Course, Module
from service.courses.actions.sessions import locked_session, within
from service.courses.errors import (
    BreakTooLong,
    LecturerUnknown,
    MeetingOutsideSession,
    MeetingsOverlap,
    RoomNeedless,
    SessionNotOpen,
)
from service.courses.events import MeetingChanged
from service.courses.queries import ProgrammeEntry, lecturers, meeting_for, programme
from service.courses.rules import meeting_title, offered_in
from service.courses.schemas import MeetingCreate
from service.courses.tables import CourseSession, Meeting, SessionState
from service.editions.queries import syllabus_of
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.clock import BEIJING
from service.foundation.journal import note
from service.timetable.actions import book
from service.timetable.actions import cancel as give_time_back
from service.timetable.actions import move as move_booking
from service.timetable.errors import PersonTaken
from service.timetable.rules import Span

OWNER_KIND = "meeting"


def minutes_of(new: MeetingCreate) -> int:
    """Minutes that count: from start to end without the breaks. Raises BreakTooLong."""
    minutes = int((new.ends_at - new.starts_at).total_seconds()) // 60 - new.break_minutes
    if minutes <= 0 and new.ends_at > new.starts_at:
        raise BreakTooLong(field="break_minutes")
    return minutes


def taught_by(new: MeetingCreate) -> list[tuple[UUID, str]]:
    """Whose time a meeting holds, and as what."""
    return [(new.lecturer_id, "mentor" if new.form == "practice" else "lecturer")] if new.lecturer_id else []


def seats_for(session: CourseSession, form: str) -> int:
    """Seats a room needs: everybody's in the classroom; practice may go in groups."""
    return session.capacity if form == "classroom" else 1


def open_only(session: CourseSession) -> CourseSession:
    """The session, unless it is closed or cancelled. Raises SessionNotOpen."""
    if session.state not in (SessionState.PLANNED, SessionState.PUBLISHED):
        raise SessionNotOpen
    return session


async def _checked(
    db: AsyncSession, session: CourseSession, new: MeetingCreate, before: Meeting | None = None
) -> tuple[Module, Course]:
    """What the new meeting teaches, once everything but room and lecturer is right; `before` is the meeting that changes."""
    module, course = offered_in(await syllabus_of(db, session.syllabus_id), new.course_code, new.form)
    if new.form == "online" and new.room_id is not None:
        raise RoomNeedless(field="room_id")
    minutes_of(new)
    if not within(session.starts_on, session.ends_on, new.starts_at, new.ends_at):
        facts = {"starts": session.starts_on.isoformat(), "ends": session.ends_on.isoformat()}
        raise MeetingOutsideSession(field="starts_at", **facts)
    known = before.lecturer_id if before else None
    if new.lecturer_id not in {None, known} | {one.person_id for one in await lecturers(db, session.org_id)}:
        raise LecturerUnknown(field="lecturer_id")
    wanted = Span(new.starts_at, new.ends_at)
    for one in await _own(db, session, new.form, before):
        if (new.room_id and one.room_id == new.room_id) or (new.lecturer_id and one.lecturer_id == new.lecturer_id):
            continue  # the timetable refuses this clash, and says what is free instead
        if wanted.overlaps(Span(one.starts_at, one.ends_at)):
            starts, ends = one.starts_at.astimezone(BEIJING), one.ends_at.astimezone(BEIJING)
            raise MeetingsOverlap(field="starts_at", starts=f"{starts:%Y-%m-%d %H:%M}", ends=f"{ends:%H:%M}")
    return module, course


async def _own(db: AsyncSession, session: CourseSession, form: str, before: Meeting | None) -> list[ProgrammeEntry]:
    """The session's other meetings: nobody sits in two at once, but groups may practise side by side."""
    return [
        one
        for one in await programme(db, session.id)
        if not one.cancelled
        and (before is None or one.meeting_id != before.id)
        and not (form == one.form == "practice")
    ]


async def _own_times(db: AsyncSession, session: CourseSession, form: str, before: Meeting | None) -> list[Span]:
    """When the session's other meetings are."""
    return [Span(one.starts_at, one.ends_at) for one in await _own(db, session, form, before)]


@asynccontextmanager
async def _named(db: AsyncSession, session: CourseSession, new: MeetingCreate) -> AsyncIterator[None]:
    """A clash of the lecturer names them: the base knows its lecturers, the timetable need not."""
    try:
        yield
    except PersonTaken as refusal:
        for one in await lecturers(db, session.org_id):
            if one.person_id == new.lecturer_id:
                refusal.facts["person"] = one.name
        raise


async def add_meeting(db: AsyncSession, actor: Actor, session_id: UUID, new: MeetingCreate) -> Meeting:
    """Add a meeting and hold its room and lecturer.

    Raises NotFound, SessionNotOpen, CourseNotInSyllabus, FormNotOffered, RoomNeedless, BreakTooLong, TimesReversed,
    MeetingOutsideSession, MeetingsOverlap, LecturerUnknown, RoomTaken, PersonTaken, RoomTooSmall, RoomNotUsed.
    """
    session = open_only(await locked_session(db, actor, session_id))
    module, course = await _checked(db, session, new)
    row = Meeting(
        org_id=session.org_id,
        course_session_id=session.id,
        occurrence_id=session.id,  # replaced below, when the time is held
        module=module.id,
        course_code=course.id,
        form=new.form,
        state=session.state,
        minutes=minutes_of(new),
        lecturer_id=new.lecturer_id,
        room_id=new.room_id,
    )
    async with _named(db, session, new):
        held = await book(
            db,
            org_id=session.org_id,
            owner_kind=OWNER_KIND,
            owner_id=row.id,
            title=meeting_title(session.title, course),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            room_id=new.room_id,
            people=taught_by(new),
            seats=seats_for(session, new.form),
            not_during=await _own_times(db, session, new.form, None),
        )
    row.occurrence_id = held.id
    db.add(row)
    await db.flush()
    await _noted(db, session, row, "meeting.added")
    return row


async def change_meeting(
    db: AsyncSession, actor: Actor, meeting_id: UUID, new: MeetingCreate, session_id: UUID | None = None
) -> Meeting:
    """Change a meeting's course, time, room or lecturer. Raises what `add_meeting` raises, and AlreadyCancelled.

    With `session_id` a meeting of another session is NotFound.
    """
    found = await meeting_for(db, actor, meeting_id, session_id)
    session = open_only(await locked_session(db, actor, found.course_session_id))
    module, course = await _checked(db, session, new, found)
    async with _named(db, session, new):
        await move_booking(
            db,
            found.occurrence_id,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            room_id=new.room_id,
            people=taught_by(new),
            title=meeting_title(session.title, course),
            seats=seats_for(session, new.form),
            not_during=await _own_times(db, session, new.form, found),
        )
    found.module, found.course_code, found.form = module.id, course.id, new.form
    found.minutes, found.room_id, found.lecturer_id = minutes_of(new), new.room_id, new.lecturer_id
    await db.flush()
    await _noted(db, session, found, "meeting.changed")
    return found


async def cancel_meeting(db: AsyncSession, actor: Actor, meeting_id: UUID, session_id: UUID | None = None) -> Meeting:
    """Cancel one meeting; its room and lecturer are free again. Raises NotFound, SessionNotOpen."""
    found = await meeting_for(db, actor, meeting_id, session_id)
    session = open_only(await locked_session(db, actor, found.course_session_id))
    if found.cancelled:
        return found
    await give_time_back(db, found.occurrence_id)
    found.cancelled = True
    await db.flush()
    await _noted(db, session, found, "meeting.cancelled")
    return found


async def _noted(db: AsyncSession, session: CourseSession, row: Meeting, action: str) -> None:
    await note(db, action, "meeting", row.id, course_session_id=session.id, minutes=row.minutes)
    if session.state == SessionState.PUBLISHED:
        await announce(db, MeetingChanged(session_id=session.id, meeting_id=row.id))
