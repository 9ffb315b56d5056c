"""Planning, meetings, publication, copying, cancelling and closing of course sessions."""

from datetime import date
from typing import Any

import pytest

from service.courses.actions import add_meeting, plan_session, publish
from service.courses.errors import HoursMissing
from service.courses.schemas import BilingualTitle, MeetingCreate, SessionCreate
from service.courses.tables import SessionState
from service.timetable.errors import RoomTaken
from tests.conftest import As, World
from tests.given.accounts import staff
from tests.given.bases import base
from tests.given.courses import course_session, whole_programme
from tests.given.editions import shipped_syllabus
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


async def test_session_is_published_when_its_meetings_cover_the_syllabus(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        syllabus = await shipped_syllabus(db)
    async with acting(scheduler) as db:
        planned = await plan_session(db, scheduler, new_session(syllabus.id))
        with pytest.raises(HoursMissing) as refused:
            await publish(db, scheduler, planned.id)
        assert any("TMI-PK-01" in one["en"] for one in refused.value.facts["lacks"])
    async with world() as db:
        await whole_programme(db, planned)
    async with acting(scheduler) as db:
        row = await publish(db, scheduler, planned.id)
        assert row.state == SessionState.PUBLISHED


async def test_second_meeting_in_the_same_room_is_refused_with_alternatives(world: World, acting: As) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await course_session(db, place)
        first = await room(db, place.org_id)
        second = await room(db, place.org_id, "102")
    new = MeetingCreate(
        course_code="TMI-PK-01",
        starts_at=at("2030-03-04 09:00"),
        ends_at=at("2030-03-04 12:00"),
        room_id=first.id,
    )
    async with acting(scheduler) as db:
        made = await add_meeting(db, scheduler, session.id, new)
        assert made.minutes == 180
    async with acting(scheduler) as db:
        with pytest.raises(RoomTaken) as refused:
            await add_meeting(db, scheduler, session.id, new)
        offered = refused.value.facts["alternatives"]
        assert offered[0]["room_id"] == str(second.id)
        assert len(offered) == 3
