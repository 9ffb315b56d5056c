"""Course sessions, their meetings and their programme, narrowed to what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.bases.tables import Base
from service.courses.rules import Coverage, coverage, sign_up_state
from service.courses.tables import CourseSession, Meeting, SessionState
from service.editions.queries import syllabus_of
from service.editions.tables import Edition
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound

SHOWN = (SessionState.PUBLISHED, SessionState.CLOSED, SessionState.CANCELLED)


@dataclass(frozen=True)
class ProgrammeEntry:
    """One meeting with its times, place and lecturer, as everybody sees it once the session is published."""

    meeting_id: UUID
    occurrence_id: UUID
    starts_at: datetime
    ends_at: datetime
    module: str
    course_code: str
    form: str
    minutes: int
    room_id: UUID | None
    room: str | None
    venue: dict[str, str] | None
    address: str | None
    lecturer_id: UUID | None
    lecturer: str | None
    lecturer_english: str | None
    cancelled: bool
    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class Lecturer:
    """Who may teach for an organisation."""

    person_id: UUID
    name: str
    english_name: str | None


@dataclass(frozen=True)
class Published:
    """A published session with its base and the names of its syllabus. `sign_up`: open, waiting, soon, over."""

    session: CourseSession
    base_name: dict[str, str]
    province: str | None
    level: str | None
    syllabus_title: dict[str, str]

    @property
    def seats_left(self) -> int:
        """Seats nobody has taken."""
        return self.session.capacity - self.session.taken

    @property
    def sign_up(self) -> str:
        """Whether people may sign up now."""
        one = self.session
        return sign_up_state(one.state.value, one.sign_up_opens_at, one.sign_up_closes_at, self.seats_left, clock.now())


async def session_for(db: AsyncSession, actor: Actor, session_id: UUID) -> CourseSession:
    """A course session of the actor's organisation. Raises NotFound, for strangers too."""
    chosen = select(CourseSession).where(col(CourseSession.id) == session_id, col(CourseSession.org_id) == actor.org)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="course session")
    return found


async def session_by_id(db: AsyncSession, session_id: UUID) -> CourseSession:
    """A course session by id, as far as the database shows it: one's own, or a published one. Raises NotFound."""
    found = (await db.scalars(select(CourseSession).where(col(CourseSession.id) == session_id))).first()
    if found is None:
        raise NotFound(what="course session")
    return found


async def sessions_of(db: AsyncSession, org_id: UUID, state: SessionState | None = None) -> list[CourseSession]:
    """The course sessions of an organisation, the latest first."""
    chosen = select(CourseSession).where(col(CourseSession.org_id) == org_id)
    if state is not None:
        chosen = chosen.where(col(CourseSession.state) == state)
    return list(
        await db.scalars(chosen.order_by(col(CourseSession.starts_on).desc(), col(CourseSession.id).desc()).limit(200))
    )


async def meetings_of(db: AsyncSession, session_id: UUID, with_cancelled: bool = False) -> list[Meeting]:
    """The meetings of a session; the programme has their times."""
    chosen = select(Meeting).where(col(Meeting.course_session_id) == session_id)
    if not with_cancelled:
        chosen = chosen.where(~col(Meeting.cancelled))
    return list(await db.scalars(chosen.order_by(col(Meeting.id))))


async def meeting_for(db: AsyncSession, actor: Actor, meeting_id: UUID, session_id: UUID | None = None) -> Meeting:
    """A meeting of the actor's organisation, of this session when one is given. Raises NotFound."""
    chosen = select(Meeting).where(col(Meeting.id) == meeting_id, col(Meeting.org_id) == actor.org)
    if session_id is not None:
        chosen = chosen.where(col(Meeting.course_session_id) == session_id)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="meeting")
    return found


async def programme(db: AsyncSession, session_id: UUID) -> list[ProgrammeEntry]:
    """The meetings with times, rooms and lecturers, by time: of a published session for anyone, else for its own base."""
    rows = await db.execute(sa.text("SELECT * FROM programme(:session)"), {"session": session_id})
    return [ProgrammeEntry(**row) for row in rows.mappings()]


async def lecturers(db: AsyncSession, org_id: UUID, search: str = "") -> list[Lecturer]:
    """Who may teach for an organisation, by name; `search` narrows by a part of the name in either spelling."""
    rows = await db.execute(sa.text("SELECT person_id, name, english_name FROM lecturers_at(:org)"), {"org": org_id})
    wanted = search.strip().casefold()
    return [
        Lecturer(row.person_id, row.name, row.english_name)
        for row in rows
        if not wanted or wanted in row.name.casefold() or wanted in (row.english_name or "").casefold()
    ]


async def course_titles(db: AsyncSession, session: CourseSession) -> dict[str, dict[str, str]]:
    """Titles of the courses of a session's syllabus by code."""
    syllabus = await syllabus_of(db, session.syllabus_id)
    return {course.id: course.title.to_json() for _, course in syllabus.courses()}


async def coverage_of(db: AsyncSession, session: CourseSession) -> Coverage:
    """How far a session's meetings cover its syllabus."""
    meetings = await meetings_of(db, session.id)
    syllabus = await syllabus_of(db, session.syllabus_id)
    return coverage(syllabus, [(one.course_code, one.minutes) for one in meetings])


def _published() -> Any:
    return (
        sa.select(CourseSession, col(Base.name), col(Base.province), col(Edition.level), col(Edition.title))
        .join(Base, col(Base.id) == col(CourseSession.base_id))
        .join(Edition, col(Edition.id) == col(CourseSession.syllabus_id))
    )


async def published(
    db: AsyncSession,
    level: str | None = None,
    search: str = "",
    open_only: bool = False,
    limit: int = 100,
) -> list[Published]:
    """The published sessions that anyone may find, those that begin next first; past ones after them."""
    chosen = _published().where(col(CourseSession.state) == SessionState.PUBLISHED)
    if level:
        chosen = chosen.where(col(Edition.level) == level)
    if search.strip():
        wanted = "%" + search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        chosen = chosen.where(
            sa.or_(
                col(CourseSession.title)["zh"].astext.ilike(wanted),
                col(CourseSession.title)["en"].astext.ilike(wanted),
                col(CourseSession.code).ilike(wanted),
                col(Base.name)["zh"].astext.ilike(wanted),
                col(Base.name)["en"].astext.ilike(wanted),
                col(CourseSession.place).ilike(wanted),
            )
        )
    now = clock.now()
    if open_only:
        chosen = chosen.where(
            sa.or_(col(CourseSession.sign_up_opens_at).is_(None), col(CourseSession.sign_up_opens_at) <= now),
            sa.or_(col(CourseSession.sign_up_closes_at).is_(None), col(CourseSession.sign_up_closes_at) > now),
        )
    coming = col(CourseSession.ends_on) >= clock.today()
    ordered = chosen.order_by(coming.desc(), col(CourseSession.starts_on), col(CourseSession.id)).limit(limit)
    return _as_published(await db.execute(ordered))


async def public_session(db: AsyncSession, code: str) -> Published:
    """A session by the code people were given, also once closed or cancelled. Raises NotFound."""
    chosen = _published().where(col(CourseSession.code) == code, col(CourseSession.state).in_(SHOWN))
    found = _as_published(await db.execute(chosen))
    if not found:
        raise NotFound(what="course session")
    return found[0]


def _as_published(rows: Any) -> list[Published]:
    return [Published(*row) for row in rows]


async def next_code(db: AsyncSession, base: Base, year: int) -> str:
    """A code nobody uses yet: base, year, the next number. The database refuses it when another took it meanwhile."""
    start = f"{base.code}-{year}-"
    used: Sequence[str] = list(
        await db.scalars(sa.select(col(CourseSession.code)).where(col(CourseSession.code).like(f"{start}%")))
    )
    numbers = [int(one.removeprefix(start)) for one in used if one.removeprefix(start).isdigit()]
    return f"{start}{max(numbers, default=0) + 1:02d}"
