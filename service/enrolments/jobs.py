"""What follows an enrolment: the person is told, and the unit that sent them gets its ground once they are; and erasure."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.courses.events import SeatsAdded
from service.courses.tables import CourseSession
from service.enrolments.actions import GROUND, fill_seats
from service.enrolments.events import EnrolmentRefused, PersonEnrolled
from service.enrolments.rules import seen_until
from service.enrolments.tables import Enrolment
from service.foundation.announcing import on
from service.letters.tables import Letter
from service.people.actions import grant_access
from service.people.events import PersonalDataErased
from service.people.tables import Affiliation


@on(PersonEnrolled)
async def tell_enrolled(db: AsyncSession, event: PersonEnrolled) -> None:
    """A letter to the inbox; with it, and not before, the sending unit may see the person's enrolment."""
    row = await db.get(Enrolment, event.enrolment_id)
    if row is None:
        return
    session = await db.get(CourseSession, row.course_session_id)
    assert session is not None, "an enrolment refers to its session"
    facts = {"enrolment_id": str(row.id), "course_session_id": str(session.id), "code": session.code}
    db.add(Letter(org_id=row.org_id, person_id=row.person_id, kind="enrolment.enrolled", facts=facts))
    if row.employer_org_id is None:
        return
    told = facts | {"employer_org_id": str(row.employer_org_id)}
    db.add(Letter(org_id=row.org_id, person_id=row.person_id, kind="enrolment.employer_sees", facts=told))
    await grant_employer(db, row.person_id, row.employer_org_id, row.id, seen_until(session.ends_on))


async def grant_employer(
    db: AsyncSession, person_id: UUID, employer_org_id: UUID, enrolment_id: UUID, until: datetime
) -> None:
    """The employer's ground, and an affiliation that waits for the person's word."""
    await grant_access(db, person_id, employer_org_id, GROUND, enrolment_id, until)
    known = select(Affiliation).where(
        col(Affiliation.person_id) == person_id,
        col(Affiliation.org_id) == employer_org_id,
        sa.or_(col(Affiliation.ends_on).is_(None), col(Affiliation.ends_on) >= sa.func.current_date()),
    )
    if (await db.scalars(known)).first() is None:
        db.add(Affiliation(person_id=person_id, org_id=employer_org_id, source="roster"))


@on(SeatsAdded)
async def seat_the_waiting(db: AsyncSession, event: SeatsAdded) -> None:
    """Those who wait longest get the seats a session was given."""
    session = await db.get(CourseSession, event.session_id)
    if session is not None:
        await fill_seats(db, session.org_id, session.id)


@on(EnrolmentRefused)
async def tell_refused(db: AsyncSession, event: EnrolmentRefused) -> None:
    """A letter to the inbox; the reason is read at the enrolment, not in the letter."""
    row = await db.get(Enrolment, event.enrolment_id)
    if row is None:
        return
    facts = {"enrolment_id": str(row.id), "course_session_id": str(row.course_session_id)}
    db.add(Letter(org_id=row.org_id, person_id=row.person_id, kind="enrolment.refused", facts=facts))


@on(PersonalDataErased)
async def erase_reasons(db: AsyncSession, event: PersonalDataErased) -> None:
    """Blank why a person was not admitted: nobody is left to read it."""
    await db.execute(
        sa.update(Enrolment)
        .where(col(Enrolment.person_id) == event.person_id, col(Enrolment.reason).is_not(None))
        .values(reason=None)
        .execution_options(synchronize_session=False)
    )
