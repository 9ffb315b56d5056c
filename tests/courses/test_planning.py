"""Planning, publishing, changing, cancelling and closing of course sessions."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from service.courses.actions import (
    cancel_session,
    change_session,
    close_session,
    organisation_named,
    plan_session,
    publish,
)
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
from service.courses.events import SessionPublished
from service.courses.queries import meetings_of, programme, published, session_by_id, session_for, sessions_of
from service.courses.schemas import BilingualTitle, SessionChange, SessionCreate
from service.courses.tables import CourseSession, Meeting, SessionState
from service.foundation import announcing
from service.foundation.actor import ANONYMOUS
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import JournalEntry
from service.foundation.records import uuid7
from service.timetable.queries import room_entries
from service.timetable.rules import Span
from tests.conftest import As, World
from tests.given.accounts import organisation, staff
from tests.given.bases import base
from tests.given.courses import course_session, meeting, published_session, whole_programme
from tests.given.editions import shipped_blueprint, shipped_syllabus
from tests.given.timetable import at, room


def new_session(syllabus_id: Any, **other: Any) -> SessionCreate:
    facts = {
        "syllabus_id": syllabus_id,
        "title": BilingualTitle(zh="初级班", en="Initial course"),
        "starts_on": date(2030, 3, 4),
        "ends_on": date(2030, 3, 15),
        "capacity": 40,
        **other,
    }
    return SessionCreate(**facts)


def changed(row: CourseSession, **other: Any) -> SessionChange:
    facts = {
        "title": BilingualTitle(**row.title),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "capacity": row.capacity,
        **other,
    }
    return SessionChange(**facts)


async def test_session_is_published_when_its_meetings_cover_the_syllabus(
    world: World, acting: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[announcing.Event] = []

    async def announce(db: object, event: announcing.Event) -> None:
        announced.append(event)

    monkeypatch.setattr("service.courses.actions.sessions.announce", announce)
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        syllabus = await shipped_syllabus(db)
    async with acting(scheduler) as db:
        planned = await plan_session(db, scheduler, new_session(syllabus.id))
        assert planned.code.startswith(f"{place.code}-2030-")
        with pytest.raises(HoursMissing) as refused:
            await publish(db, scheduler, planned.id)
        lacks: Any = refused.value.facts["lacks"]
        assert any("TMI-PK-01" in one["en"] for one in lacks)
    async with world() as db:
        meetings = await whole_programme(db, planned)
    async with acting(ANONYMOUS) as db:
        assert await programme(db, planned.id) == []
        assert list(await db.scalars(select(Meeting).where(col(Meeting.course_session_id) == planned.id))) == []
    async with acting(scheduler) as db:
        row = await publish(db, scheduler, planned.id)
        assert row.state == SessionState.PUBLISHED
        assert row.sign_up_opens_at == row.published_at
        assert row.sign_up_closes_at == at("2030-03-04 00:00")
        again = await change_session(db, scheduler, row.id, changed(row))
        assert again.sign_up_closes_at == at("2030-03-04 00:00"), "a window is never left open for ever"
        with pytest.raises(SessionNotPlanned):
            await publish(db, scheduler, planned.id)
        actions = set(await db.scalars(select(JournalEntry.action).where(col(JournalEntry.subject_id) == row.id)))
    assert {"course_session.planned", "course_session.published"} <= actions
    assert announced == [SessionPublished(event_id=announced[0].event_id, session_id=planned.id)]
    async with acting(ANONYMOUS) as db:
        assert len(await programme(db, planned.id)) == len(meetings)
        states = set(await db.scalars(sa.select(col(Meeting.state))))
        assert states == {SessionState.PUBLISHED}
        assert planned.id in {one.session.id for one in await published(db)}


async def test_one_missing_required_course_is_named_and_nothing_is_published(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        planned = await course_session(db, place)
        meetings = await whole_programme(db, planned)
        gone = next(one for one in meetings if one.course_code == "TMI-CD-02")
        gone.cancelled = True
    async with acting(scheduler) as db:
        with pytest.raises(HoursMissing) as refused:
            await publish(db, scheduler, planned.id)
        lacks: Any = refused.value.facts["lacks"]
        assert [one["zh"] for one in lacks if "TMI-CD-02" in one["zh"]] == ["TMI-CD-02 转化案例研讨缺3学时"]
        assert (await session_for(db, scheduler, planned.id)).state == SessionState.PLANNED


async def test_planning_needs_a_base_a_syllabus_in_force_and_dates_in_order(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        outsider = await staff(db, "scheduler", (await organisation(db)).id)
        syllabus = await shipped_syllabus(db)
        blueprint = await shipped_blueprint(db)
    async with acting(outsider) as db:
        with pytest.raises(NoBase):
            await plan_session(db, outsider, new_session(syllabus.id))
    async with acting(scheduler) as db:
        for wrong in (blueprint.id, uuid7()):
            with pytest.raises(SyllabusNotInForce):
                await plan_session(db, scheduler, new_session(wrong))
        early = {"starts_on": date(2025, 3, 4), "ends_on": date(2025, 3, 5)}
        with pytest.raises(SyllabusNotInForce):
            await plan_session(db, scheduler, new_session(syllabus.id, **early))
        with pytest.raises(DatesReversed):
            await plan_session(db, scheduler, new_session(syllabus.id, ends_on=date(2030, 3, 3)))
        window = {"sign_up_opens_at": at("2030-02-02 09:00"), "sign_up_closes_at": at("2030-02-01 09:00")}
        with pytest.raises(SignUpWindowReversed):
            await plan_session(db, scheduler, new_session(syllabus.id, **window))
        last = new_session(syllabus.id).ends_on
        for field in ("sign_up_opens_at", "sign_up_closes_at"):
            with pytest.raises(SignUpAfterEnd) as refused:
                await plan_session(
                    db, scheduler, new_session(syllabus.id, **{field: at(f"{last} 00:01") + timedelta(1)})
                )
            assert refused.value.facts["ends"] == str(last)
        with pytest.raises(OrganisationUnknown):
            await plan_session(db, scheduler, new_session(syllabus.id, co_host_org_id=uuid7()))
        assert await sessions_of(db, scheduler.org) == []


async def test_code_is_unique_over_all_bases(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        other = await course_session(db, code="SHARED-01")
    async with acting(scheduler) as db:
        with pytest.raises(SessionCodeTaken):
            await plan_session(db, scheduler, new_session(other.syllabus_id, code="SHARED-01"))
        first = await plan_session(db, scheduler, new_session(other.syllabus_id))
        second = await plan_session(db, scheduler, new_session(other.syllabus_id))
        assert (first.code[-2:], second.code[-2:]) == ("01", "02")


async def test_session_of_another_base_is_not_found(world: World, acting: As) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        stranger = await staff(db, "scheduler", (await base(db)).org_id)
    async with acting(stranger) as db:
        with pytest.raises(NotFound):
            await session_for(db, stranger, session.id)
        for act in (
            publish(db, stranger, session.id),
            cancel_session(db, stranger, session.id, "无"),
            change_session(db, stranger, session.id, changed(session)),
        ):
            with pytest.raises(NotFound):
                await act
        assert (await session_by_id(db, session.id)).id == session.id  # published, so anyone may read it
        taken = await db.execute(sa.update(CourseSession).where(col(CourseSession.id) == session.id).values(taken=1))
        assert taken.rowcount == 0  # type: ignore[attr-defined]


async def test_change_keeps_seats_taken_and_meetings_inside(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await published_session(db, place)
        session.taken = 12
        host = await organisation(db, "协办大学")
    async with acting(scheduler) as db:
        with pytest.raises(CapacityBelowTaken) as refused:
            await change_session(db, scheduler, session.id, changed(session, capacity=11))
        assert refused.value.facts["taken"] == 12
        with pytest.raises(MeetingOutsideSession):
            await change_session(db, scheduler, session.id, changed(session, ends_on=session.starts_on))
        new = changed(session, capacity=12, title=BilingualTitle(zh="新名"), co_host_org_id=host.id)
        row = await change_session(db, scheduler, session.id, new)
        assert (row.capacity, row.title, row.co_host_org_id) == (12, {"zh": "新名"}, host.id)
        titles = list(await db.scalars(sa.text("SELECT title ->> 'zh' FROM occurrence")))
        assert titles
        assert all(one.startswith("新名：") for one in titles)


async def test_cancelled_session_gives_its_rooms_back(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        hall = await room(db, place.org_id)
        session = await published_session(db, place, room=hall)
    span = Span(at("2030-03-01 00:00"), at("2030-03-31 00:00"))
    async with acting(scheduler) as db:
        assert (await room_entries(db, [hall.id], span))[hall.id]
        row = await cancel_session(db, scheduler, session.id, "报名人数不足")
        assert row.state == SessionState.CANCELLED
        assert (await room_entries(db, [hall.id], span))[hall.id] == []
        assert await meetings_of(db, session.id) == []
        for act in (
            cancel_session(db, scheduler, session.id, "再次"),
            change_session(db, scheduler, session.id, changed(row)),
        ):
            with pytest.raises(SessionNotOpen):
                await act
        assert session.id not in {one.session.id for one in await published(db)}


async def test_only_a_published_session_closes_and_only_once(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        director = await staff(db, "base_director", place.org_id)
        planned = await course_session(db, place)
        session = await published_session(db, place, with_meetings=False)
    async with acting(director) as db:
        with pytest.raises(StateConflict):
            await close_session(db, planned.id)
        assert (await close_session(db, session.id)).state == SessionState.CLOSED
        assert (await close_session(db, session.id)).state == SessionState.CLOSED
        with pytest.raises(NotFound):
            await close_session(db, uuid7())
        count = await db.scalar(
            sa.select(sa.func.count()).where(
                col(JournalEntry.subject_id) == session.id, col(JournalEntry.action) == "course_session.closed"
            )
        )
        assert count == 1


async def test_organisation_is_found_by_full_name_or_credit_code(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        host = await organisation(db, "唯一协办大学")
        host.uscc = "12100000425006133D"
        await organisation(db, "同名大学")
        await organisation(db, "同名大学")
    async with acting(scheduler) as db:
        assert await organisation_named(db, "唯一协办大学", "co_host") == host.id
        assert await organisation_named(db, " 12100000425006133d ", "co_host") == host.id
        assert await organisation_named(db, "  ", "co_host") is None
        for wrong in ("同名大学", "没有这所大学"):
            with pytest.raises(OrganisationUnknown):
                await organisation_named(db, wrong, "co_host")


async def test_database_keeps_seats_and_windows_true(world: World) -> None:
    async with world() as db:
        session = await course_session(db, capacity=2)
        for change in (
            "taken = 3",
            "capacity = 0",
            "fee_fen = -1",
            "ends_on = starts_on - 1",
            "sign_up_closes_at = sign_up_opens_at",
        ):
            with pytest.raises(IntegrityError):
                async with db.begin_nested():
                    await db.execute(sa.text(f"UPDATE course_session SET {change} WHERE id = :id"), {"id": session.id})


async def test_meetings_follow_the_state_of_their_session(world: World) -> None:
    async with world() as db:
        session = await course_session(db)
        one = await meeting(db, session, "TMI-PK-01", at("2030-03-04 09:00"), 180)
        session.state = SessionState.PUBLISHED
        await db.flush()
        assert await db.scalar(sa.text("SELECT state FROM meeting WHERE id = :id"), {"id": one.id}) == "published"
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(sa.text("UPDATE meeting SET state = 'planned' WHERE id = :id"), {"id": one.id})


async def test_published_sessions_are_found_by_level_words_and_open_window(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db, "华东某基地")
        initial = await published_session(db, place, with_meetings=False)
        senior = await published_session(db, place, level="senior", with_meetings=False)
        later = await published_session(db, place, with_meetings=False)
        later.sign_up_opens_at = at("2030-03-05 00:00")
        later.place = "100%线上_甲"
    async with acting(ANONYMOUS) as db:
        mine = {initial.id, senior.id, later.id}

        async def found(**narrow: Any) -> set[Any]:
            return {one.session.id for one in await published(db, **narrow)} & mine

        assert await found() == mine
        assert await found(level="senior") == {senior.id}
        assert await found(search="华东某") == mine
        assert await found(search="0%线上_") == {later.id}
        assert await found(search="%") == {later.id}
        assert await found(open_only=True) == {initial.id, senior.id}
        assert [one.seats_left for one in await published(db, "senior") if one.session.id == senior.id] == [60]


async def test_past_sessions_come_after_those_to_come(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        past = await published_session(db, place, with_meetings=False, starts_on=date(2026, 2, 2))
        coming = await published_session(db, place, with_meetings=False)
        after = await published_session(db, place, with_meetings=False, starts_on=coming.starts_on + timedelta(days=9))
    async with acting(ANONYMOUS) as db:
        ids = [one.session.id for one in await published(db)]
        assert [one for one in ids if one in (past.id, coming.id, after.id)] == [coming.id, after.id, past.id]
