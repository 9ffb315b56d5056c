"""Two bookings clash only when they share a moment, and what is offered instead is truly free and nearest."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from service.foundation.clock import BEIJING
from service.timetable.rules import RoomWithSeats, Span, alternatives, gaps, is_free, other_times, teaching_day

MIDNIGHT = datetime(2026, 5, 15, tzinfo=BEIJING)
GRID = 5
MINUTES = st.integers(0, 24 * 60 // GRID - 1).map(lambda step: step * GRID)


def at(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


@st.composite
def spans(draw: st.DrawFn, longest: int = 24 * 60) -> Span:
    start = draw(MINUTES)
    length = draw(st.integers(1, longest // GRID)) * GRID
    return Span(at(start), at(start + length))


@given(spans(), spans())
def test_two_spans_clash_exactly_when_they_share_a_minute(first: Span, second: Span) -> None:
    def minutes(span: Span) -> set[int]:
        start = int((span.starts_at - MIDNIGHT).total_seconds()) // 60
        return set(range(start, start + int(span.length.total_seconds()) // 60, GRID))

    shared = bool(minutes(first) & minutes(second))
    assert first.overlaps(second) == second.overlaps(first) == shared
    assert is_free(first, [second]) == (not shared)


def test_one_lesson_may_follow_another_at_once() -> None:
    morning, noon = Span(at(480), at(600)), Span(at(600), at(660))
    assert not morning.overlaps(noon)
    assert Span(at(480), at(601)).overlaps(noon)


@given(st.lists(spans(), max_size=6))
def test_gaps_hold_every_free_minute_of_the_teaching_day_and_no_other(busy: list[Span]) -> None:
    day = teaching_day(MIDNIGHT)
    found = gaps(day, busy)
    for step in range(24 * 60 // GRID):
        moment = Span(at(step * GRID), at(step * GRID + GRID))
        inside = any(gap.starts_at <= moment.starts_at and moment.ends_at <= gap.ends_at for gap in found)
        in_day = day.starts_at <= moment.starts_at and moment.ends_at <= day.ends_at
        assert inside == (in_day and is_free(moment, busy))


@given(spans(longest=240), st.lists(spans(), max_size=6))
def test_the_first_other_time_is_the_nearest_free_one(wanted: Span, busy: list[Span]) -> None:
    day = teaching_day(MIDNIGHT)
    assume(not is_free(wanted, busy))
    free = [
        span
        for span in (Span(at(step * GRID), at(step * GRID) + wanted.length) for step in range(24 * 60 // GRID))
        if day.starts_at <= span.starts_at and span.ends_at <= day.ends_at and is_free(span, busy)
    ]
    offered = other_times(wanted, busy)
    assert bool(offered) == bool(free)
    distances = [abs(span.starts_at - wanted.starts_at) for span in offered]
    assert distances == sorted(distances)
    assert set(offered) <= set(free)
    if free:
        assert distances[0] == min(abs(span.starts_at - wanted.starts_at) for span in free)


@given(spans(longest=240), st.lists(spans(), max_size=4), st.lists(spans(), max_size=3), MINUTES)
def test_every_alternative_is_free_for_room_and_people(
    wanted: Span, busy: list[Span], people: list[Span], now: int
) -> None:
    rooms = [
        RoomWithSeats(UUID(int=number), seats, tuple(busy[:number])) for number, seats in ((1, 30), (2, 80), (3, 50))
    ]
    by_id = {room.id: room for room in rooms}
    found = alternatives(wanted, UUID(int=1), rooms, 40, people, not_before=at(now))
    assert len(found) <= 3
    for one in found:
        assert one.room_id is not None
        assert one.span.length == wanted.length
        assert is_free(one.span, [*by_id[one.room_id].busy, *people])
        if one.room_id != UUID(int=1):
            assert by_id[one.room_id].seats >= 40
            assert one.span == wanted
        else:
            assert one.span.starts_at >= at(now)
