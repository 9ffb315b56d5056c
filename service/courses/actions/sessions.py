"""Planning a course session, publishing, changing, cancelling and closing it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.bases.queries import base_of
from service.courses.errors import (
    CapacityBelowTaken,
    DatesReversed,
    HoursMissing,
    MeetingOutsideSession,
    NoBase,
    OrganisationUnknown,
    SessionCodeTaken,
    SessionNotOpen,
    SessionNotPlanned,
    SignUpAfterEnd,
    SignUpWindowReversed,
    SyllabusNotInForce,
)
from service.courses.events import SeatsAdded, SessionCancelled, SessionClosed, SessionPublished
from service.courses.queries import coverage_of, meetings_of, next_code, programme
from service.courses.rules import course_in, meeting_title
from service.courses.schemas import SessionChange, SessionCommon, SessionCreate
from service.courses.tables import CourseSession, SessionState
from service.editions.queries import is_in_force, syllabus_of
from service.editions.tables import Edition, EditionKind
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.organisations.tables import Organisation
from service.timetable.actions import cancel as give_time_back
from service.timetable.actions import retitle

SUBJECT = "course_session"


async def locked_session(db: AsyncSession, actor: Actor, session_id: UUID) -> CourseSession:
    """A session of the actor's organisation, locked for a change. Raises NotFound."""
    chosen = select(CourseSession).where(col(CourseSession.id) == session_id, col(CourseSession.org_id) == actor.org)
    found = (await db.scalars(chosen.with_for_update(key_share=True).execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound(what="course session")
    return found


async def plan_session(db: AsyncSession, actor: Actor, new: SessionCreate) -> CourseSession:
    """Plan a course session of the actor's base; nobody else sees it before it is published.

    Raises NoBase, SyllabusNotInForce, DatesReversed, SignUpWindowReversed, SignUpAfterEnd, OrganisationUnknown,
    SessionCodeTaken.
    """
    base = await base_of(db, actor.org)
    if base is None:
        raise NoBase
    await _check(db, new)
    await syllabus_in_force(db, new.syllabus_id, new.starts_on)
    row = CourseSession(
        org_id=actor.org,
        base_id=base.id,
        syllabus_id=new.syllabus_id,
        code=new.code or await next_code(db, base, new.starts_on.year),
        **_values(new),
    )
    code = row.code
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        if "uq_course_session_code" not in str(error.orig):
            raise
        raise SessionCodeTaken(field="code", code=code) from error
    await note(db, "course_session.planned", SUBJECT, row.id, code=code, syllabus_id=row.syllabus_id)
    return row


def _values(new: SessionCommon) -> dict[str, Any]:
    return {
        "title": new.title.stored(),
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "sign_up_opens_at": new.sign_up_opens_at,
        "sign_up_closes_at": new.sign_up_closes_at,
        "capacity": new.capacity,
        "fee_fen": new.fee_fen,
        "place": new.place,
        "co_host_org_id": new.co_host_org_id,
        "contractor_org_id": new.contractor_org_id,
        "notice": new.notice.stored() if new.notice else None,
    }


async def _check(db: AsyncSession, new: SessionCommon) -> None:
    if new.ends_on < new.starts_on:
        raise DatesReversed(field="ends_on", starts=new.starts_on.isoformat(), ends=new.ends_on.isoformat())
    if new.sign_up_opens_at and new.sign_up_closes_at and new.sign_up_closes_at <= new.sign_up_opens_at:
        raise SignUpWindowReversed(field="sign_up_closes_at")
    over = datetime.combine(new.ends_on, time.min, BEIJING) + timedelta(days=1)
    for field in ("sign_up_opens_at", "sign_up_closes_at"):
        moment = getattr(new, field)
        if moment is not None and moment > over:
            raise SignUpAfterEnd(field=field, ends=new.ends_on.isoformat())
    for field in ("co_host_org_id", "contractor_org_id"):
        org_id = getattr(new, field)
        if org_id is not None and await db.get(Organisation, org_id) is None:
            raise OrganisationUnknown(field=field, given=str(org_id))


async def syllabus_in_force(db: AsyncSession, syllabus_id: UUID, day: date) -> Edition:
    """The frozen syllabus effective on a day. Raises SyllabusNotInForce."""
    found = await db.get(Edition, syllabus_id)
    if found is None or found.kind != EditionKind.SYLLABUS or not is_in_force(found, day):
        raise SyllabusNotInForce(field="syllabus_id", day=day.isoformat())
    return found


async def change_session(db: AsyncSession, actor: Actor, session_id: UUID, new: SessionChange) -> CourseSession:
    """Change a planned or published session; its meetings must still lie within its days.

    Raises NotFound, SessionNotOpen, DatesReversed, SignUpWindowReversed, SignUpAfterEnd, OrganisationUnknown,
    CapacityBelowTaken, MeetingOutsideSession, SyllabusNotInForce.
    """
    row = await locked_session(db, actor, session_id)
    if row.state not in (SessionState.PLANNED, SessionState.PUBLISHED):
        raise SessionNotOpen
    await _check(db, new)
    if new.starts_on != row.starts_on:
        await syllabus_in_force(db, row.syllabus_id, new.starts_on)
    if new.capacity < row.taken:
        raise CapacityBelowTaken(field="capacity", taken=row.taken)
    for one in await programme(db, row.id):
        if not one.cancelled and not within(new.starts_on, new.ends_on, one.starts_at, one.ends_at):
            raise MeetingOutsideSession(field="ends_on", starts=new.starts_on.isoformat(), ends=new.ends_on.isoformat())
    retitled = new.title.stored() != row.title
    widened = new.capacity > row.capacity
    for name, value in _values(new).items():
        setattr(row, name, value)
    if retitled:
        syllabus = await syllabus_of(db, row.syllabus_id)
        for meeting in await meetings_of(db, row.id):
            title = meeting_title(row.title, course_in(syllabus, meeting.course_code)[1])
            await retitle(db, meeting.occurrence_id, title)
    if row.state == SessionState.PUBLISHED:
        row.sign_up_closes_at = _sign_up_ends(row)
        if widened:
            await announce(db, SeatsAdded(session_id=row.id))
    await db.flush()
    await note(db, "course_session.changed", SUBJECT, row.id, capacity=row.capacity, fee_fen=row.fee_fen)
    return row


def within(first: date, last: date, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a meeting lies within the days of a session, in Beijing."""
    begin = datetime.combine(first, time.min, BEIJING)
    end = datetime.combine(last + timedelta(days=1), time.min, BEIJING)
    return begin <= starts_at and ends_at <= end


def _sign_up_ends(row: CourseSession) -> datetime:
    """A window without an end ends when the first day begins: no session takes applications for ever."""
    return row.sign_up_closes_at or datetime.combine(row.starts_on, time.min, BEIJING)


async def publish(db: AsyncSession, actor: Actor, session_id: UUID) -> CourseSession:
    """Show a session to everyone. Sign-up opens at once and closes when the first day begins, unless said otherwise.

    Raises NotFound, SessionNotPlanned, SyllabusNotInForce, and HoursMissing with every gap between what the syllabus requires
    (its courses, the minimum of each module, the whole) and what the meetings give.
    """
    row = await locked_session(db, actor, session_id)
    if row.state != SessionState.PLANNED:
        raise SessionNotPlanned
    await syllabus_in_force(db, row.syllabus_id, row.starts_on)
    covered = await coverage_of(db, row)
    if not covered.complete:
        raise HoursMissing(lacks=covered.lacks())
    now = clock.now()
    row.sign_up_closes_at = closes = _sign_up_ends(row)
    if row.sign_up_opens_at is None and closes > now:
        row.sign_up_opens_at = now
    row.state = SessionState.PUBLISHED
    row.published_at = now
    await db.flush()
    await note(db, "course_session.published", SUBJECT, row.id, code=row.code)
    await announce(db, SessionPublished(session_id=row.id))
    return row


async def cancel_session(db: AsyncSession, actor: Actor, session_id: UUID, reason: str) -> CourseSession:
    """Cancel a planned or published session; all its rooms and people are free again. Raises NotFound, SessionNotOpen."""
    row = await locked_session(db, actor, session_id)
    if row.state not in (SessionState.PLANNED, SessionState.PUBLISHED):
        raise SessionNotOpen
    for meeting in await meetings_of(db, row.id):
        await give_time_back(db, meeting.occurrence_id)
        meeting.cancelled = True
    row.state = SessionState.CANCELLED
    await db.flush()
    await note(db, "course_session.cancelled", SUBJECT, row.id, reason=reason)
    await announce(db, SessionCancelled(session_id=row.id))
    return row


async def close_session(db: AsyncSession, session_id: UUID) -> CourseSession:
    """Close a published session for good; closing a closed one changes nothing. Called by certification.

    Raises NotFound, StateConflict when it is planned or cancelled.
    """
    chosen = select(CourseSession).where(col(CourseSession.id) == session_id)
    row = (await db.scalars(chosen.with_for_update(key_share=True).execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound(what="course session")
    if row.state == SessionState.CLOSED:
        return row
    if row.state != SessionState.PUBLISHED:
        raise StateConflict(state=row.state.value)
    row.state = SessionState.CLOSED
    await db.flush()
    await note(db, "course_session.closed", SUBJECT, row.id, org_id=row.org_id)
    await announce(db, SessionClosed(session_id=row.id))
    return row


async def organisation_named(db: AsyncSession, given: str | None, field: str) -> UUID | None:
    """The organisation people typed, by unified social credit code or full name; None for nothing. Raises OrganisationUnknown."""
    wanted = (given or "").strip()
    if not wanted:
        return None
    name = col(Organisation.name)
    chosen = sa.select(col(Organisation.id)).where(
        sa.or_(col(Organisation.uscc) == wanted.upper(), name["zh"].astext == wanted, name["en"].astext == wanted)
    )
    found = list(await db.scalars(chosen.limit(2)))
    if len(found) != 1:
        raise OrganisationUnknown(field=field, given=wanted)
    return found[0]
