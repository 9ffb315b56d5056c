"""Booking, moving and cancelling; what clashes is named, another organisation's business is not."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.foundation.language import sentence
from service.foundation.records import uuid7
from service.timetable.actions import book, cancel, change_room, make_room, make_venue, move
from service.timetable.errors import (
    AlreadyCancelled,
    PersonTaken,
    RoomHasBookings,
    RoomNameTaken,
    RoomNotUsed,
    RoomTaken,
    RoomTooSmall,
    TimesReversed,
)
from service.timetable.queries import person_entries, room_entries, week_of_room
from service.timetable.rules import Span
from service.timetable.schemas import BilingualName, RoomChange, RoomCreate, VenueCreate
from service.timetable.tables import BookingState, Occurrence, RoomBooking
from tests.conftest import As, World
from tests.given.accounts import organisation, staff
from tests.given.people import person
from tests.given.timetable import at, occurrence, room

TITLE = {"zh": "知识产权基础", "en": "Intellectual property"}
NINE, TEN, ELEVEN, NOON = (at(f"2030-03-04 {hour}:00") for hour in ("09", "10", "11", "12"))


def wanted(org_id: UUID, **other: object) -> dict[str, object]:
    return {
        "org_id": org_id,
        "owner_kind": "meeting",
        "owner_id": uuid7(),
        "title": TITLE,
        "starts_at": NINE,
        "ends_at": ELEVEN,
        **other,
    }


async def test_room_is_booked_once_and_the_clash_is_named_with_what_is_free(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        first, second = await room(db, org.id, "101", 50), await room(db, org.id, "102", 50)
        small = await room(db, org.id, "103", 10)
    async with acting(scheduler) as db:
        await book(db, **wanted(org.id, room_id=first.id, seats=40))  # type: ignore[arg-type]
    async with acting(scheduler) as db:
        with pytest.raises(RoomTaken) as refused:
            await book(
                db,
                **wanted(org.id, room_id=first.id, seats=40, starts_at=TEN, ends_at=NOON),  # type: ignore[arg-type]
            )
    facts = refused.value.facts
    chinese = sentence(RoomTaken.message, facts, "zh-CN")
    assert "101" in chinese
    assert "知识产权基础" in chinese
    assert "2030-03-04 09:00" in chinese
    assert "Intellectual property" in sentence(RoomTaken.message, facts, "en")
    offered = facts["alternatives"]
    assert offered[0] == {
        "room_id": str(second.id),
        "room": "102",
        "starts_at": "2030-03-04T10:00+08:00",
        "ends_at": "2030-03-04T12:00+08:00",
    }
    assert len(offered) == 3
    assert str(small.id) not in {one["room_id"] for one in offered}
    assert ("2030-03-04T11:00+08:00", "101") in {(one["starts_at"], one["room"]) for one in offered}


async def test_what_is_entered_afterwards_is_offered_times_of_its_own_day(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
        await occurrence(db, org.id, at("2026-01-05 09:00"), at("2026-01-05 10:00"), room_id=place.id)
    async with acting(scheduler) as db:
        times = {"starts_at": at("2026-01-05 09:00"), "ends_at": at("2026-01-05 10:00")}
        with pytest.raises(RoomTaken) as refused:
            await book(db, **wanted(org.id, room_id=place.id, **times))  # type: ignore[arg-type]
        offered: Any = refused.value.facts["alternatives"]
        assert {one["starts_at"][:10] for one in offered} == {"2026-01-05"}


async def test_lessons_that_only_touch_do_not_clash(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
        someone = await person(db)
    people = [(someone.id, "lecturer")]
    async with acting(scheduler) as db:
        await book(db, **wanted(org.id, room_id=place.id, people=people))  # type: ignore[arg-type]
        await book(
            db,
            **wanted(org.id, room_id=place.id, people=people, starts_at=ELEVEN, ends_at=NOON),  # type: ignore[arg-type]
        )
        found = await room_entries(db, [place.id], Span(NINE, NOON))
        assert [one.starts_at for one in found[place.id]] == [NINE, ELEVEN]


async def test_lecturer_busy_elsewhere_is_refused_without_telling_what(world: World, acting: As) -> None:
    async with world() as db:
        org, other = await organisation(db), await organisation(db, "另一所大学")
        scheduler = await staff(db, "scheduler", org.id)
        someone = await person(db, "李明华", seen_by=org.id)
        secret = {"zh": "保密会议", "en": "Secret meeting"}
        await occurrence(db, other.id, NINE, NOON, people=[(someone.id, "lecturer")], title=secret)
    async with acting(scheduler) as db:
        with pytest.raises(PersonTaken) as refused:
            await book(db, **wanted(org.id, people=[(someone.id, "lecturer")]))  # type: ignore[arg-type]
        entries = await person_entries(db, [someone.id], Span(NINE, NOON))
    for language, words in (("zh-CN", "其他安排"), ("en", "another appointment")):
        said = sentence(PersonTaken.message, refused.value.facts, language)
        assert words in said
        assert "李明华" in said
        assert "保密" not in said
        assert "Secret" not in said
    assert entries[0].title is None
    assert entries[0].occurrence_id is None
    free = refused.value.facts["alternatives"]
    assert free
    assert all(one["starts_at"] >= "2030-03-04T12:00" or one["ends_at"] <= "2030-03-04T09:00" for one in free)


async def test_own_clash_of_a_lecturer_is_named(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        someone = await person(db, "李明华", seen_by=org.id)
        await occurrence(db, org.id, NINE, NOON, people=[(someone.id, "lecturer")], title=TITLE)
    async with acting(scheduler) as db:
        with pytest.raises(PersonTaken) as refused:
            await book(db, **wanted(org.id, people=[(someone.id, "lecturer")]))  # type: ignore[arg-type]
    assert "知识产权基础" in sentence(PersonTaken.message, refused.value.facts, "zh-CN")


async def test_cancelled_time_is_free_again(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
    async with acting(scheduler) as db:
        held = await book(db, **wanted(org.id, room_id=place.id))  # type: ignore[arg-type]
        await cancel(db, held.id)
        again = await cancel(db, held.id)
        assert (again.state, again.sequence) == (BookingState.CANCELLED, 1)
        await book(db, **wanted(org.id, room_id=place.id))  # type: ignore[arg-type]
        with pytest.raises(AlreadyCancelled):
            await move(db, held.id, starts_at=NINE, ends_at=TEN, room_id=None, people=[])


async def test_moving_keeps_the_calendar_entry_and_may_overlap_its_own_old_time(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
        someone = await person(db)
    people = [(someone.id, "lecturer")]
    async with acting(scheduler) as db:
        held = await book(db, **wanted(org.id, room_id=place.id, people=people))  # type: ignore[arg-type]
        moved = await move(db, held.id, starts_at=TEN, ends_at=NOON, room_id=place.id, people=people)
        assert (moved.id, moved.sequence, moved.starts_at) == (held.id, 1, TEN)
        entries = (await room_entries(db, [place.id], Span(NINE, NOON)))[place.id]
        assert [(one.starts_at, one.ends_at) for one in entries] == [(TEN, NOON)]


async def test_refused_move_leaves_everything_as_it_was(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
        await occurrence(db, org.id, ELEVEN, NOON, room_id=place.id)
    async with acting(scheduler) as db:
        held = await book(db, **wanted(org.id, room_id=place.id))  # type: ignore[arg-type]
        with pytest.raises(RoomTaken):
            await move(db, held.id, starts_at=TEN, ends_at=NOON, room_id=place.id, people=[])
    async with acting(scheduler) as db:
        row = (await db.scalars(select(Occurrence).where(col(Occurrence.id) == held.id))).one()
        assert (row.starts_at, row.ends_at, row.sequence) == (NINE, ELEVEN, 0)


@pytest.mark.parametrize(("starts_at", "ends_at"), [(NINE, NINE), (TEN, NINE), (NINE, at("2030-03-05 09:01"))])
async def test_times_in_the_wrong_order_are_refused(world: World, acting: As, starts_at, ends_at) -> None:  # type: ignore[no-untyped-def]
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
    async with acting(scheduler) as db:
        with pytest.raises(TimesReversed):
            await book(db, **wanted(org.id, starts_at=starts_at, ends_at=ends_at))  # type: ignore[arg-type]


async def test_room_of_another_organisation_is_not_found(world: World, acting: As) -> None:
    async with world() as db:
        org, other = await organisation(db), await organisation(db, "另一所大学")
        scheduler = await staff(db, "scheduler", org.id)
        foreign = await room(db, other.id)
    async with acting(scheduler) as db:
        with pytest.raises(NotFound):
            await book(db, **wanted(org.id, room_id=foreign.id))  # type: ignore[arg-type]


async def test_small_or_closed_rooms_are_refused(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        small, closed = await room(db, org.id, "101", 10), await room(db, org.id, "102", 60)
        closed.in_use = False
    async with acting(scheduler) as db:
        with pytest.raises(RoomTooSmall) as refused:
            await book(db, **wanted(org.id, room_id=small.id, seats=11))  # type: ignore[arg-type]
        assert (refused.value.facts["seats"], refused.value.facts["needed"]) == (10, 11)
        with pytest.raises(RoomNotUsed):
            await book(db, **wanted(org.id, room_id=closed.id))  # type: ignore[arg-type]


async def test_database_refuses_an_overlap_that_passed_the_actions_by(world: World) -> None:
    async with world() as db:
        org = await organisation(db)
        place = await room(db, org.id)
        someone = await person(db)
        await occurrence(db, org.id, NINE, ELEVEN, room_id=place.id, people=[(someone.id, "lecturer")])
        for table, thing in (("room_booking", "room_id"), ("person_booking", "person_id")):
            with pytest.raises(IntegrityError, match=f"ex_{table}_overlap"):
                async with db.begin_nested():
                    if thing == "room_id":
                        await occurrence(db, org.id, TEN, NOON, room_id=place.id)
                    else:
                        await occurrence(db, org.id, TEN, NOON, people=[(someone.id, "lecturer")])
        await occurrence(db, org.id, ELEVEN, NOON, room_id=place.id, people=[(someone.id, "lecturer")])


@pytest.mark.parametrize("during", ["'empty'", "'[2030-03-04,)'", "'(,2030-03-04)'", "'[2030-03-04,2030-03-05]'"])
async def test_bookings_without_two_clear_ends_are_refused(world: World, during: str) -> None:
    async with world() as db:
        org = await organisation(db)
        place = await room(db, org.id)
        held = await occurrence(db, org.id, NINE, ELEVEN)
        with pytest.raises(IntegrityError, match="during_bounded"):
            async with db.begin_nested():
                await db.execute(
                    sa.text(
                        "INSERT INTO room_booking (id, org_id, room_id, occurrence_id, during, state)"
                        f" VALUES (gen_random_uuid(), :org, :room, :held, {during}, 'held')"
                    ),
                    {"org": org.id, "room": place.id, "held": held.id},
                )


async def test_bookings_of_another_organisation_are_invisible_in_sql(world: World, acting: As) -> None:
    async with world() as db:
        org, other = await organisation(db), await organisation(db, "另一所大学")
        stranger = await staff(db, "scheduler", other.id)
        place = await room(db, org.id)
        await occurrence(db, org.id, NINE, ELEVEN, room_id=place.id)
    async with acting(stranger) as db:
        assert list(await db.scalars(select(RoomBooking))) == []
        assert list(await db.scalars(select(Occurrence))) == []


async def test_rooms_are_named_once_a_venue_and_close_only_when_nothing_is_to_come(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
    async with acting(scheduler) as db:
        venue = await make_venue(db, scheduler, VenueCreate(name=BilingualName(zh="一号楼", en="Building 1")))
        made = await make_room(db, scheduler, RoomCreate(venue_id=venue.id, name="101", seats=30))
        with pytest.raises(RoomNameTaken):
            await make_room(db, scheduler, RoomCreate(venue_id=venue.id, name="101", seats=40))
        held = await book(db, **wanted(org.id, room_id=made.id))  # type: ignore[arg-type]
        with pytest.raises(RoomHasBookings) as refused:
            await change_room(db, scheduler, made.id, RoomChange(name="101", seats=30, in_use=False))
        assert refused.value.facts["count"] == 1
        await cancel(db, held.id)
        closed = await change_room(db, scheduler, made.id, RoomChange(name="101甲", seats=30, in_use=False))
        assert (closed.in_use, closed.name) == (False, "101甲")


async def test_week_shows_holidays_and_make_up_days(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        place = await room(db, org.id)
        await occurrence(db, org.id, at("2025-10-09 09:00"), at("2025-10-09 10:00"), room_id=place.id)
    async with acting(scheduler) as db:
        week = await week_of_room(db, place.id, at("2025-10-08 12:00").date())
    assert week[0].day.isoformat() == "2025-10-06"
    assert week[0].nature.holiday is not None
    assert week[5].nature.make_up  # Saturday 11 October 2025, a working day in the published arrangement
    assert [len(one.entries) for one in week] == [0, 0, 0, 1, 0, 0, 0]
