"""Enrolments with their seats, for tests of other rooms."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.tables import CourseSession
from service.enrolments.rules import seen_until
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.people.actions import grant_access
from service.people.tables import Person
from tests.given.people import person as given_person


async def enrolment(
    db: AsyncSession,
    session: CourseSession,
    person: Person | None = None,
    *,
    state: EnrolmentState = EnrolmentState.ENROLLED,
    employer_org_id: UUID | None = None,
    source: str = "self",
    since: datetime | None = None,
) -> Enrolment:
    """A person's enrolment (a new person unless given) with seat, and the base's ground to see them. Needs `world()`."""
    person = person or await given_person(db)
    moment = since or clock.now()
    holds = state in (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED)
    row = Enrolment(
        org_id=session.org_id,
        course_session_id=session.id,
        person_id=person.id,
        syllabus_id=session.syllabus_id,
        employer_org_id=employer_org_id,
        state=state,
        source=source,
        waiting_since=moment,
        enrolled_at=moment if holds else None,
    )
    db.add(row)
    await db.flush()
    if holds:
        await db.execute(sa.text("UPDATE course_session SET taken = taken + 1 WHERE id = :id"), {"id": session.id})
        await db.refresh(session)
    await grant_access(db, person.id, session.org_id, "enrolment", row.id, seen_until(session.ends_on))
    return row
