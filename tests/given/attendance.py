"""Attendance posted as hours, for tests of other rooms."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from service.attendance.actions import post_hours
from service.attendance.tables import Attendance, Presence
from service.courses.queries import meetings_of
from service.courses.tables import CourseSession, Meeting
from service.enrolments.tables import Enrolment
from service.timetable.tables import Occurrence


async def attended(
    db: AsyncSession, meeting: Meeting, enrolment: Enrolment, presence: Presence = Presence.PRESENT, missed: int = 0
) -> Attendance:
    """What one person's presence at one meeting is worth, posted to the ledger, whenever the meeting is. Needs `world()`."""
    minutes = meeting.minutes - missed if presence in (Presence.PRESENT, Presence.LATE) else 0
    row = Attendance(
        org_id=meeting.org_id,
        meeting_id=meeting.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        presence=presence,
        minutes=minutes,
        source="page",
        evidence={},
    )
    db.add(row)
    await db.flush()
    held = await db.get(Occurrence, meeting.occurrence_id)
    assert held is not None
    await post_hours(db, row, meeting, held)
    await db.flush()
    return row


async def attended_all(db: AsyncSession, session: CourseSession, enrolment: Enrolment) -> Sequence[Attendance]:
    """Present at every meeting of the session that is not cancelled. Needs `world()`."""
    return [await attended(db, meeting, enrolment) for meeting in await meetings_of(db, session.id)]
