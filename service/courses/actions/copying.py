"""A new session like an earlier one, in one step."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.actions.meetings import add_meeting
from service.courses.actions.sessions import plan_session
from service.courses.errors import CourseNotInSyllabus, FormNotOffered, LecturerUnknown, SyllabusNotInForce
from service.courses.queries import lecturers, programme, session_for
from service.courses.rules import offered_in
from service.courses.schemas import BilingualTitle, MeetingCreate, SessionCopy, SessionCreate
from service.courses.tables import CourseSession
from service.editions.queries import edition, in_force, is_in_force, syllabus_of
from service.editions.tables import EditionKind
from service.foundation.actor import Actor
from service.foundation.errors import DomainError
from service.foundation.journal import note
from service.foundation.language import sentence
from service.timetable.actions import hold
from service.timetable.errors import PersonTaken, RoomNotUsed, RoomTaken, RoomTooSmall


async def copy_session(
    db: AsyncSession, actor: Actor, session_id: UUID, new: SessionCopy
) -> tuple[CourseSession, list[dict[str, Any]]]:
    """Plan a session like an earlier one: syllabus in force, capacity, fee, place, hosts, and every meeting moved by the same
    number of days with its room and lecturer.

    What is taken or gone on the new day is left open: such a meeting is made without room or lecturer, or not at all when the
    syllabus no longer has it (`meeting_id` None), and the answer lists it as {meeting_id, course_code, starts_at, reason}. Raises NotFound and what `plan_session` raises.
    """
    old = await session_for(db, actor, session_id)
    shift = new.starts_on - old.starts_on
    syllabus_id = await _syllabus_for(db, old, new)
    made = await plan_session(db, actor, _like(old, new, syllabus_id, shift))
    entries = [one for one in await programme(db, old.id) if not one.cancelled]
    known = {one.person_id for one in await lecturers(db, actor.org)}
    await hold(
        db,
        actor.org,
        [one.room_id for one in entries if one.room_id],
        [one.lecturer_id for one in entries if one.lecturer_id in known and one.lecturer_id],
    )
    syllabus = await syllabus_of(db, syllabus_id)
    open_ends: list[dict[str, Any]] = []
    for one in entries:
        span = int((one.ends_at - one.starts_at).total_seconds()) // 60
        wanted = MeetingCreate(
            course_code=one.course_code,
            starts_at=one.starts_at + shift,
            ends_at=one.ends_at + shift,
            break_minutes=max(span - one.minutes, 0),
            form=one.form,
            room_id=one.room_id,
            lecturer_id=one.lecturer_id if one.lecturer_id in known else None,
        )
        told = {"course_code": one.course_code, "starts_at": wanted.starts_at.isoformat()}
        try:
            offered_in(syllabus, one.course_code, one.form)
            meeting_id, reasons = await _add(db, actor, made.id, wanted)
        except (CourseNotInSyllabus, FormNotOffered) as refusal:
            open_ends.append({**told, "meeting_id": None, "reason": _said(refusal)})
            continue
        if one.lecturer_id is not None and one.lecturer_id not in known:
            reasons.append(_said(LecturerUnknown()))
        open_ends += [{**told, "meeting_id": str(meeting_id), "reason": one} for one in reasons]
    await note(db, "course_session.copied", "course_session", made.id, copied_from=old.id, open_ends=len(open_ends))
    return made, open_ends


async def _add(
    db: AsyncSession, actor: Actor, session_id: UUID, wanted: MeetingCreate
) -> tuple[UUID, list[dict[str, str]]]:
    """Add a meeting, leaving open what is taken; who and why in both languages."""
    reasons: list[dict[str, str]] = []
    while True:
        try:
            async with db.begin_nested():
                return (await add_meeting(db, actor, session_id, wanted)).id, reasons
        except (RoomTaken, RoomTooSmall, RoomNotUsed) as refusal:
            wanted = wanted.model_copy(update={"room_id": None})
            reasons.append(_said(refusal))
        except PersonTaken as refusal:
            wanted = wanted.model_copy(update={"lecturer_id": None})
            reasons.append(_said(refusal))


def _said(refusal: DomainError) -> dict[str, str]:
    return {
        "zh": sentence(refusal.message, refusal.facts, "zh-CN"),
        "en": sentence(refusal.message, refusal.facts, "en"),
    }


async def _syllabus_for(db: AsyncSession, old: CourseSession, new: SessionCopy) -> UUID:
    """The same syllabus when it is still in force on the new first day, else the newest of the same name."""
    row = await edition(db, old.syllabus_id)
    if is_in_force(row, new.starts_on):
        return row.id
    found = [one for one in await in_force(db, EditionKind.SYLLABUS, new.starts_on) if one.code == row.code]
    if not found:
        raise SyllabusNotInForce(field="starts_on", day=new.starts_on.isoformat())
    return found[0].id


def _like(old: CourseSession, new: SessionCopy, syllabus_id: UUID, shift: timedelta) -> SessionCreate:
    return SessionCreate(
        syllabus_id=syllabus_id,
        code=new.code,
        title=BilingualTitle(**old.title),
        starts_on=new.starts_on,
        ends_on=old.ends_on + shift,
        sign_up_opens_at=old.sign_up_opens_at + shift if old.sign_up_opens_at else None,
        sign_up_closes_at=old.sign_up_closes_at + shift if old.sign_up_closes_at else None,
        capacity=old.capacity,
        fee_fen=old.fee_fen,
        place=old.place,
        co_host_org_id=old.co_host_org_id,
        contractor_org_id=old.contractor_org_id,
        notice=BilingualTitle(**old.notice) if old.notice else None,
    )
