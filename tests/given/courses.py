"""Course sessions with their meetings, for tests of other rooms."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.tables import Base
from service.courses.tables import CourseSession, Meeting, SessionState
from service.editions.queries import syllabus_of
from service.editions.tables import Edition
from service.foundation import clock
from service.foundation.clock import BEIJING
from service.timetable.tables import Room
from tests.given.bases import base as given_base
from tests.given.editions import shipped_syllabus
from tests.given.timetable import occurrence

_next = itertools.count(1)
FIRST_DAY = date(2030, 3, 4)  # a Monday to come


async def course_session(
    db: AsyncSession,
    base: Base | None = None,
    *,
    syllabus: Edition | None = None,
    level: str = "initial",
    capacity: int = 60,
    state: SessionState = SessionState.PLANNED,
    starts_on: date = FIRST_DAY,
    days: int = 12,
    fee_fen: int = 0,
    code: str | None = None,
    title: str = "技术经理人培训班",
    sign_up_opens_at: datetime | None = datetime(2026, 1, 1, tzinfo=UTC),
    sign_up_closes_at: datetime | None = None,
) -> CourseSession:
    """A course session of a base (a new one unless given) from the shipped syllabus of a level. Needs `world()`.

    Sign-up stays open to the end of the last day unless said otherwise.
    """
    base = base or await given_base(db)
    syllabus = syllabus or await shipped_syllabus(db, level)
    row = CourseSession(
        org_id=base.org_id,
        base_id=base.id,
        syllabus_id=syllabus.id,
        code=code or f"T{next(_next):04d}",
        title={"zh": title, "en": "Technology manager course"},
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        sign_up_opens_at=sign_up_opens_at,
        sign_up_closes_at=sign_up_closes_at or datetime.combine(starts_on + timedelta(days), time(), BEIJING),
        capacity=capacity,
        fee_fen=fee_fen,
        place="上海",
        state=state,
        published_at=clock.now() if state is not SessionState.PLANNED else None,
    )
    db.add(row)
    await db.flush()
    return row


async def meeting(
    db: AsyncSession,
    session: CourseSession,
    course_code: str,
    starts_at: datetime,
    minutes: int,
    *,
    module: str | None = None,
    form: str = "classroom",
    room: Room | None = None,
    lecturer_id: UUID | None = None,
) -> Meeting:
    """A meeting of a course of the session's syllabus, with its time held. Needs `world()`."""
    if module is None:
        syllabus = await syllabus_of(db, session.syllabus_id)
        module = next(one.id for one, course in syllabus.courses() if course.id == course_code)
    held = await occurrence(
        db,
        session.org_id,
        starts_at,
        starts_at + timedelta(minutes=minutes),
        room_id=room.id if room else None,
        people=[(lecturer_id, "lecturer")] if lecturer_id else [],
        owner_id=session.id,
        title={"zh": f"{session.title['zh']}：{course_code}", "en": course_code},
    )
    row = Meeting(
        org_id=session.org_id,
        course_session_id=session.id,
        occurrence_id=held.id,
        module=module,
        course_code=course_code,
        form=form,
        state=session.state,
        minutes=minutes,
        lecturer_id=lecturer_id,
        room_id=room.id if room else None,
    )
    db.add(row)
    await db.flush()
    return row


async def whole_programme(
    db: AsyncSession, session: CourseSession, room: Room | None = None, lecturer_id: UUID | None = None
) -> Sequence[Meeting]:
    """One meeting for each course of the syllabus, of exactly its length: four a day at most, from 08:00. Needs `world()`."""
    syllabus = await syllabus_of(db, session.syllabus_id)
    made: list[Meeting] = []
    begins = datetime.combine(session.starts_on, time(8), BEIJING)
    for module, course in syllabus.courses():
        minutes = course.periods * syllabus.minutes_per_period
        if (begins + timedelta(minutes=minutes)).date() != begins.date() or begins.hour >= 18:
            begins = datetime.combine(begins.date() + timedelta(days=1), time(8), BEIJING)
        form = "classroom" if "classroom" in course.forms else course.forms[0]
        made.append(
            await meeting(
                db,
                session,
                course.id,
                begins,
                minutes,
                module=module.id,
                form=form,
                room=None if form == "online" else room,
                lecturer_id=lecturer_id,
            )
        )
        begins += timedelta(minutes=minutes)
        if begins.hour >= 18:
            begins = datetime.combine(begins.date() + timedelta(days=1), time(8), BEIJING)
    return made


async def published_session(
    db: AsyncSession,
    base: Base | None = None,
    *,
    level: str = "initial",
    capacity: int = 60,
    fee_fen: int = 0,
    room: Room | None = None,
    lecturer_id: UUID | None = None,
    with_meetings: bool = True,
    starts_on: date = FIRST_DAY,
    state: SessionState = SessionState.PUBLISHED,
) -> CourseSession:
    """A published session open for sign-up, with a meeting for each course of its syllabus unless told otherwise. Needs `world()`."""
    row = await course_session(
        db, base, level=level, capacity=capacity, fee_fen=fee_fen, state=state, starts_on=starts_on
    )
    if with_meetings:
        await whole_programme(db, row, room, lecturer_id)
    return row
