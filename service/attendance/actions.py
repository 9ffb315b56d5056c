"""Recording who was there: minutes follow from the meeting, hours are posted to the ledger, corrections reverse and post anew."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.attendance.errors import MeetingAhead, MeetingNotHeld, NotEnrolled
from service.attendance.events import HoursPosted
from service.attendance.queries import list_of, recordable
from service.attendance.rules import EARLY_MINUTES, minutes_counted
from service.attendance.schemas import ListForm
from service.attendance.tables import Attendance, Presence
from service.courses.tables import Meeting, SessionState
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.clock import BEIJING
from service.foundation.journal import note
from service.foundation.records import uuid7
from service.foundation.templates import show_time
from service.ledger.actions import Line, post, reverse
from service.ledger.tables import Book, Side
from service.timetable.tables import Occurrence

EARNED = "hours.earned"
GIVEN = "hours.given"


async def record(
    db: AsyncSession,
    actor: Actor,
    meeting_id: UUID,
    enrolment_id: UUID,
    presence: Presence,
    minutes: int | None = None,
    source: str = "page",
    evidence: Mapping[str, Any] | None = None,
) -> Attendance:
    """Record one person at one meeting; `minutes` are those missed, for the late only. The same again changes nothing.

    Raises NotFound, NotYourMeeting, MeetingNotHeld, MeetingAhead, NotEnrolled, LateMinutesNeeded, MinutesNeedless.
    """
    meeting = await recordable(db, actor, meeting_id)
    held = await begun(db, meeting)
    enrolment = await seat_in(db, meeting, enrolment_id)
    counted = minutes_counted(presence.value, meeting.minutes, minutes)
    first = insert(Attendance).values(
        id=uuid7(),
        org_id=meeting.org_id,
        meeting_id=meeting.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        presence=presence,
        minutes=counted,
        source=source,
        evidence=dict(evidence or {}),
        revision=1,
    )
    first = first.on_conflict_do_nothing(index_elements=["meeting_id", "enrolment_id"])
    is_new = await db.scalar(first.returning(col(Attendance.id))) is not None
    chosen = select(Attendance).where(
        col(Attendance.meeting_id) == meeting.id, col(Attendance.enrolment_id) == enrolment.id
    )
    row = (await db.scalars(chosen.with_for_update().execution_options(populate_existing=True))).one()
    before = row.minutes
    if not is_new:
        if (row.presence, row.minutes) == (presence, counted):
            return row
        row.presence, row.minutes, row.source, row.evidence = presence, counted, source, dict(evidence or {})
        row.revision += 1
    changes_hours = counted > 0 if is_new else before != counted
    if changes_hours:
        await post_hours(db, row, meeting, held)
    await db.flush()
    await note(
        db,
        "attendance.recorded" if is_new else "attendance.corrected",
        "attendance",
        row.id,
        person_id=row.person_id,
        presence=presence.value,
        minutes=counted,
        before=0 if is_new else before,
        revision=row.revision,
    )
    if changes_hours:
        await announce(db, HoursPosted(enrolment_id=enrolment.id, org_id=row.org_id))
    return row


async def begun(db: AsyncSession, meeting: Meeting) -> Occurrence:
    """The meeting's time, when it has begun or is about to. Raises MeetingNotHeld, MeetingAhead."""
    held = await db.get(Occurrence, meeting.occurrence_id)
    if held is None or meeting.cancelled or meeting.state != SessionState.PUBLISHED:
        raise MeetingNotHeld
    if clock.now() < held.starts_at - timedelta(minutes=EARLY_MINUTES):
        raise MeetingAhead(begins=show_time(held.starts_at))
    return held


async def seat_in(db: AsyncSession, meeting: Meeting, enrolment_id: UUID) -> Enrolment:
    """The enrolment that holds a seat in the meeting's session. Raises NotEnrolled."""
    chosen = select(Enrolment).where(
        col(Enrolment.id) == enrolment_id,
        col(Enrolment.org_id) == meeting.org_id,
        col(Enrolment.course_session_id) == meeting.course_session_id,
    )
    row = (await db.scalars(chosen)).first()
    if row is None or row.state != EnrolmentState.ENROLLED:
        raise NotEnrolled
    return row


async def post_hours(db: AsyncSession, row: Attendance, meeting: Meeting, held: Occurrence) -> None:
    """Reverse what was posted for this row, then post what counts now; the revision names each posting."""
    day = held.starts_at.astimezone(BEIJING).date()
    if row.ledger_entry_id is not None:
        await reverse(
            db,
            row.ledger_entry_id,
            source_kind="attendance_correction",
            source_id=uuid5(row.id, f"reverse {row.revision}"),
            effective_on=day,
            reason="attendance corrected",
        )
        row.ledger_entry_id = None
    if row.minutes == 0:
        return
    entry = await post(
        db,
        org_id=row.org_id,
        book=Book.HOURS,
        source_kind="attendance",
        source_id=uuid5(row.id, f"post {row.revision}"),
        effective_on=day,
        lines=[
            Line(EARNED, Side.DEBIT, row.minutes, "enrolment", row.enrolment_id, row.person_id, meeting.module),
            Line(GIVEN, Side.CREDIT, row.minutes, "course_session", meeting.course_session_id, module=meeting.module),
        ],
    )
    row.ledger_entry_id = entry.id


async def record_list(db: AsyncSession, actor: Actor, meeting_id: UUID, given: ListForm) -> int:
    """Record a meeting's list: the marks given, and `rest` for those still open; returns how many lines were read."""
    listed = await list_of(db, actor, meeting_id)
    known = {line.enrolment.id for line in listed.lines}
    unknown = next((one for one in given.marks if one not in known), None)
    if unknown is not None:
        raise NotEnrolled(field=f"marks.{unknown}")
    read = 0
    for line in listed.lines:
        mark = given.marks.get(line.enrolment.id)
        presence = mark.presence if mark is not None else None
        if presence is None and line.attendance is None:
            presence = given.rest
        if presence is None:
            continue
        missed = mark.minutes if mark is not None and presence == Presence.LATE else None
        await record(db, actor, meeting_id, line.enrolment.id, presence, missed)
        read += 1
    return read
