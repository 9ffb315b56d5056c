"""Selects over attendance; hours come from the ledger alone."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.attendance.errors import NotYourMeeting
from service.attendance.tables import Attendance, Presence
from service.courses.queries import ProgrammeEntry, meeting_for, programme, session_for
from service.courses.tables import CourseSession, Meeting
from service.enrolments.queries import enrolled, minutes_of
from service.enrolments.tables import Enrolment
from service.foundation.actor import Actor
from service.people.queries import persons
from service.timetable.tables import Occurrence

INVARIANTS = {
    "hours in the ledger equal the attendance": """
        SELECT a.enrolment_id FROM (
            SELECT enrolment_id, sum(minutes) AS minutes FROM attendance GROUP BY enrolment_id) a
        LEFT JOIN (
            SELECT k.owner_id, sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) AS minutes
            FROM ledger_account k JOIN ledger_line l ON l.account_id = k.id
            WHERE k.book = 'hours' AND k.code = 'hours.earned' GROUP BY k.owner_id) h ON h.owner_id = a.enrolment_id
        WHERE a.minutes <> coalesce(h.minutes, 0)
    """,
}
"""Name -> SQL that returns the offending rows."""


@dataclass(frozen=True)
class ListLine:
    """One person of a meeting's list, with what is recorded."""

    enrolment: Enrolment
    name: str | None
    attendance: Attendance | None


@dataclass(frozen=True)
class MeetingList:
    """A meeting, its time, its session, and everyone who holds a seat."""

    meeting: Meeting
    held: Occurrence
    session: CourseSession
    lines: list[ListLine]


@dataclass(frozen=True)
class Recorded:
    """A meeting of a session with how many are recorded, by presence."""

    entry: ProgrammeEntry
    counts: dict[Presence, int]


async def hours_of(db: AsyncSession, enrolment_id: UUID) -> dict[str, int]:
    """Minutes by module in the ledger, to the enrolment's person and base; empty for everyone else."""
    return (await minutes_of(db, [enrolment_id]))[enrolment_id]


def may_record(actor: Actor, lecturer_id: UUID | None) -> bool:
    """Whether the actor may record the attendance of a meeting with this lecturer at their organisation."""
    if actor.may("enrolments.manage"):
        return True
    return actor.may("attendance.record") and actor.person_id is not None and actor.person_id == lecturer_id


async def recordable(db: AsyncSession, actor: Actor, meeting_id: UUID) -> Meeting:
    """A meeting whose attendance the actor may record. Raises NotFound, NotYourMeeting."""
    meeting = await meeting_for(db, actor, meeting_id)
    if not may_record(actor, meeting.lecturer_id):
        raise NotYourMeeting
    return meeting


async def list_of(db: AsyncSession, actor: Actor, meeting_id: UUID) -> MeetingList:
    """The list of a meeting by name. Raises NotFound, NotYourMeeting."""
    meeting = await recordable(db, actor, meeting_id)
    held = await db.get(Occurrence, meeting.occurrence_id)
    assert held is not None, "a meeting has its time"
    seats = await enrolled(db, meeting.course_session_id)
    names = await persons(db, [one.person_id for one in seats])
    chosen = select(Attendance).where(col(Attendance.meeting_id) == meeting.id)
    rows = await db.scalars(chosen.execution_options(populate_existing=True))
    known = {one.enrolment_id: one for one in rows}
    seats.sort(key=lambda one: (names[one.person_id].sort_key if one.person_id in names else "", one.id))
    lines = [
        ListLine(one, names[one.person_id].name if one.person_id in names else None, known.get(one.id)) for one in seats
    ]
    return MeetingList(meeting, held, await session_for(db, actor, meeting.course_session_id), lines)


async def recorded(db: AsyncSession, actor: Actor, session_id: UUID) -> tuple[CourseSession, list[Recorded]]:
    """The meetings of a session that the actor may record, with counts. Raises NotFound."""
    session = await session_for(db, actor, session_id)
    entries = [
        one for one in await programme(db, session.id) if not one.cancelled and may_record(actor, one.lecturer_id)
    ]
    rows = await db.execute(
        sa.select(col(Attendance.meeting_id), col(Attendance.presence), sa.func.count())
        .where(col(Attendance.meeting_id).in_([one.meeting_id for one in entries]))
        .group_by(col(Attendance.meeting_id), col(Attendance.presence))
    )
    counts: dict[UUID, dict[Presence, int]] = {}
    for meeting_id, presence, count in rows:
        counts.setdefault(meeting_id, {})[presence] = count
    return session, [Recorded(one, counts.get(one.meeting_id, {})) for one in entries]
