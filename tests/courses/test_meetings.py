"""Meetings: what they teach, where and by whom; every refusal by name."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from service.bases.tables import Base
from service.courses.actions import add_meeting, cancel_meeting, change_meeting, copy_session
from service.courses.errors import (
    BreakTooLong,
    CourseNotInSyllabus,
    FormNotOffered,
    LecturerUnknown,
    MeetingOutsideSession,
    MeetingsOverlap,
    RoomNeedless,
    SessionNotOpen,
    SyllabusNotInForce,
)
from service.courses.queries import coverage_of, lecturers, meetings_of, programme
from service.courses.schemas import MeetingCreate, SessionCopy
from service.courses.tables import CourseSession, SessionState
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.language import sentence
from service.people.tables import PersonAccess
from service.timetable.errors import PersonTaken, RoomTaken, RoomTooSmall, TimesReversed
from service.timetable.tables import Occurrence, Room
from tests.conftest import As, World
from tests.given.accounts import organisation, staff
from tests.given.bases import base
from tests.given.courses import course_session, meeting, published_session, whole_programme
from tests.given.editions import shipped_syllabus
from tests.given.people import person
from tests.given.timetable import at, occurrence, room


class Stage:
    """A base with a scheduler, a planned session, two rooms and a lecturer."""

    scheduler: Actor
    session: CourseSession
    first: Room
    second: Room
    lecturer_id: Any


async def stage(world: World, **session: Any) -> Stage:
    made = Stage()
    async with world() as db:
        place = await base(db)
        made.scheduler = await staff(db, "scheduler", place.org_id)
        made.session = await course_session(db, place, **session)
        made.first, made.second = await room(db, place.org_id, "101"), await room(db, place.org_id, "102")
        someone = await person(db, "李明华")
        made.lecturer_id = someone.id
        await staff(db, "lecturer", place.org_id, "李明华", person_id=someone.id)
    return made


def lesson(**other: Any) -> MeetingCreate:
    facts = {
        "course_code": "TMI-PK-01",
        "starts_at": at("2030-03-04 09:00"),
        "ends_at": at("2030-03-04 12:00"),
        **other,
    }
    return MeetingCreate(**facts)


async def test_meeting_takes_module_and_minutes_from_syllabus_and_times(world: World, acting: As) -> None:
    given = await stage(world)
    async with acting(given.scheduler) as db:
        new = lesson(break_minutes=15, room_id=given.first.id, lecturer_id=given.lecturer_id)
        made = await add_meeting(db, given.scheduler, given.session.id, new)
        assert (made.module, made.minutes) == ("public_knowledge", 165)
        entry = (await programme(db, given.session.id))[0]
        assert (entry.room, entry.lecturer, entry.starts_at) == ("101", "李明华", at("2030-03-04 09:00"))
        covered = await coverage_of(db, given.session)
        assert covered.counted == 165
        held = (await db.scalars(sa.select(Occurrence).where(col(Occurrence.id) == made.occurrence_id))).one()
        assert (held.owner_kind, held.owner_id) == ("meeting", made.id)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"course_code": "NO-SUCH"}, CourseNotInSyllabus),
        ({"form": "practice"}, FormNotOffered),
        ({"form": "online", "room_id": "first"}, RoomNeedless),
        ({"break_minutes": 180}, BreakTooLong),
        ({"starts_at": at("2030-03-03 09:00"), "ends_at": at("2030-03-03 10:00")}, MeetingOutsideSession),
        ({"starts_at": at("2030-03-15 23:00"), "ends_at": at("2030-03-16 00:30")}, MeetingOutsideSession),
        ({"ends_at": at("2030-03-04 08:00")}, TimesReversed),
    ],
)
async def test_wrong_meeting_is_refused_and_holds_nothing(
    world: World, acting: As, change: dict[str, Any], refusal: type[Exception]
) -> None:
    given = await stage(world)
    if change.get("room_id") == "first":
        change = {**change, "room_id": given.first.id}
    async with acting(given.scheduler) as db:
        with pytest.raises(refusal):
            await add_meeting(db, given.scheduler, given.session.id, lesson(**change))
        assert await programme(db, given.session.id) == []
        assert await db.scalar(sa.select(sa.func.count()).select_from(Occurrence)) == 0


async def test_lecturers_are_those_with_a_teaching_post_or_ground(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        stranger = await person(db, "路人甲")
        granted = await person(db, "外聘专家")
        seen_otherwise = await person(db, "学员乙", seen_by=given.session.org_id, ground="enrolment")
        db.add(PersonAccess(person_id=granted.id, org_id=given.session.org_id, ground="teaching"))
        elsewhere = await person(db, "别处讲师")
        await staff(db, "lecturer", (await organisation(db)).id, "别处讲师", person_id=elsewhere.id)
    async with acting(given.scheduler) as db:
        for wrong in (stranger.id, elsewhere.id, seen_otherwise.id):
            with pytest.raises(LecturerUnknown):
                await add_meeting(db, given.scheduler, given.session.id, lesson(lecturer_id=wrong))
        assert {one.name for one in await lecturers(db, given.scheduler.org)} == {"李明华", "外聘专家"}
        assert [one.name for one in await lecturers(db, given.scheduler.org, "外聘")] == ["外聘专家"]
        await add_meeting(db, given.scheduler, given.session.id, lesson(lecturer_id=granted.id))


async def test_lecturers_of_another_organisation_stay_unseen(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        stranger = await staff(db, "scheduler", (await base(db)).org_id)
    async with acting(stranger) as db:
        assert await lecturers(db, given.session.org_id) == []


async def test_clash_of_room_or_lecturer_is_explained_and_the_alternative_works(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        other = await course_session(db, await db.get(Base, given.session.base_id), title="另一个班")
        own = at("2030-03-04 13:00")
        await meeting(db, given.session, "TMI-PL-01", own, 60)
    async with acting(given.scheduler) as db:
        first = lesson(room_id=given.first.id, lecturer_id=given.lecturer_id)
        await add_meeting(db, given.scheduler, other.id, first)
    async with acting(given.scheduler) as db:
        with pytest.raises(RoomTaken) as refused:
            await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))
        offered: Any = refused.value.facts["alternatives"]
        assert offered[0]["room"] == "102"
        for one in offered:
            free = lesson(room_id=one["room_id"], starts_at=one["starts_at"], ends_at=one["ends_at"])
            async with db.begin_nested() as trial:
                await add_meeting(db, given.scheduler, given.session.id, free)
                await trial.rollback()
        with pytest.raises(PersonTaken) as busy:
            await add_meeting(db, given.scheduler, given.session.id, lesson(lecturer_id=given.lecturer_id))
        assert "李明华" in sentence(PersonTaken.message, busy.value.facts, "en")
        for one in busy.value.facts["alternatives"]:  # type: ignore[attr-defined]
            free = lesson(lecturer_id=given.lecturer_id, starts_at=one["starts_at"], ends_at=one["ends_at"])
            async with db.begin_nested() as trial:
                await add_meeting(db, given.scheduler, given.session.id, free)
                await trial.rollback()


async def test_class_does_not_sit_in_two_meetings_at_once_but_groups_may_practise(world: World, acting: As) -> None:
    given = await stage(world)
    practice = {"course_code": "TMI-PS-01", "form": "practice"}
    async with acting(given.scheduler) as db:
        first = await add_meeting(db, given.scheduler, given.session.id, lesson(**practice))
        await add_meeting(db, given.scheduler, given.session.id, lesson(**practice, room_id=given.first.id))
        with pytest.raises(MeetingsOverlap) as refused:
            await add_meeting(db, given.scheduler, given.session.id, lesson(starts_at=at("2030-03-04 11:59")))
        assert "2030-03-04 09:00" in sentence(MeetingsOverlap.message, refused.value.facts, "zh-CN")
        later = {"starts_at": at("2030-03-04 12:00"), "ends_at": at("2030-03-04 13:00")}
        made = await add_meeting(db, given.scheduler, given.session.id, lesson(**later))
        with pytest.raises(MeetingsOverlap):
            await change_meeting(db, given.scheduler, first.id, lesson(**practice, ends_at=at("2030-03-04 12:30")))
        moved = {"starts_at": at("2030-03-04 12:15"), "ends_at": at("2030-03-04 13:15")}
        assert (await change_meeting(db, given.scheduler, made.id, lesson(**moved))).minutes == 60


async def test_classroom_needs_a_seat_for_everybody(world: World, acting: As) -> None:
    given = await stage(world, capacity=61)
    async with acting(given.scheduler) as db:
        with pytest.raises(RoomTooSmall):
            await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))
        practice = lesson(course_code="TMI-PS-01", form="practice", room_id=given.first.id)
        await add_meeting(db, given.scheduler, given.session.id, practice)


async def test_changed_meeting_moves_its_booking(world: World, acting: As) -> None:
    given = await stage(world)
    async with acting(given.scheduler) as db:
        made = await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))
        later = {"starts_at": at("2030-03-05 14:00"), "ends_at": at("2030-03-05 15:30")}
        new = lesson(course_code="TMI-PL-01", room_id=given.second.id, lecturer_id=given.lecturer_id, **later)
        await change_meeting(db, given.scheduler, made.id, new)
        entry = (await programme(db, given.session.id))[0]
        assert (entry.module, entry.minutes, entry.room, entry.lecturer) == ("policy_and_law", 90, "102", "李明华")
        assert (entry.occurrence_id, entry.sequence) == (made.occurrence_id, 1)
        await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))


async def test_cancelled_meeting_counts_no_more_and_frees_its_room(world: World, acting: As) -> None:
    given = await stage(world)
    async with acting(given.scheduler) as db:
        made = await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))
        await cancel_meeting(db, given.scheduler, made.id)
        await cancel_meeting(db, given.scheduler, made.id)
        assert await meetings_of(db, given.session.id) == []
        assert (await coverage_of(db, given.session)).counted == 0
        await add_meeting(db, given.scheduler, given.session.id, lesson(room_id=given.first.id))


async def test_strangers_and_closed_sessions_take_no_meetings(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        stranger = await staff(db, "scheduler", (await base(db)).org_id)
        closed = await published_session(db, with_meetings=False, state=SessionState.CLOSED)
        owner = await staff(db, "scheduler", closed.org_id)
    async with acting(stranger) as db:
        with pytest.raises(NotFound):
            await add_meeting(db, stranger, given.session.id, lesson())
    async with acting(owner) as db:
        with pytest.raises(SessionNotOpen):
            await add_meeting(db, owner, closed.id, lesson())


async def test_copy_takes_everything_over_and_leaves_open_what_is_taken(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        session = given.session
        meetings = await whole_programme(db, session, given.first, given.lecturer_id)
        taken = {"zh": "别的会", "en": "Another event"}
        await occurrence(
            db, session.org_id, at("2030-04-01 08:00"), at("2030-04-01 09:00"), room_id=given.first.id, title=taken
        )
    async with acting(given.scheduler) as db:
        new = SessionCopy(starts_on=at("2030-04-01 00:00").date())
        made, open_ends = await copy_session(db, given.scheduler, session.id, new)
        assert made.state == SessionState.PLANNED
        assert (made.capacity, made.fee_fen, made.syllabus_id) == (
            session.capacity,
            session.fee_fen,
            session.syllabus_id,
        )
        assert made.ends_on - made.starts_on == session.ends_on - session.starts_on
        old, copied = await programme(db, session.id), await programme(db, made.id)
        assert len(copied) == len(meetings)
        shift = made.starts_on - session.starts_on
        assert [one.starts_at + shift for one in old] == [one.starts_at for one in copied]
        assert [(one.course_code, one.minutes) for one in old] == [(one.course_code, one.minutes) for one in copied]
        assert [one.room for one in copied] == [None, *[one.room for one in old[1:]]]
        assert {one.lecturer for one in copied} == {"李明华"}
        assert len(open_ends) == 1
        assert "别的会" in open_ends[0]["reason"]["zh"]
        assert "Another event" in open_ends[0]["reason"]["en"]


async def test_copy_leaves_out_a_lecturer_who_no_longer_teaches(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        await whole_programme(db, given.session, None, given.lecturer_id)
        await db.execute(sa.text("UPDATE post SET ends_on = '2021-01-01' WHERE role = 'lecturer'"))
    async with acting(given.scheduler) as db:
        new = SessionCopy(starts_on=at("2030-04-01 00:00").date())
        made, open_ends = await copy_session(db, given.scheduler, given.session.id, new)
        copied = await programme(db, made.id)
        assert {one.lecturer for one in copied} == {None}
        assert len(open_ends) == len(copied)


async def test_copy_needs_a_syllabus_in_force_on_the_new_day(world: World, acting: As) -> None:
    given = await stage(world)
    async with world() as db:
        row = await shipped_syllabus(db)
        row.effective_to = given.session.ends_on
    async with acting(given.scheduler) as db:
        with pytest.raises(SyllabusNotInForce):
            await copy_session(
                db, given.scheduler, given.session.id, SessionCopy(starts_on=at("2031-01-06 00:00").date())
            )
