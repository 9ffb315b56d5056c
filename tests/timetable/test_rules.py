"""Laws of clashes and alternatives."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.foundation.clock import BEIJING
from service.timetable.rules import (
    MOST_ALTERNATIVES,
    RoomWithSeats,
    Span,
    alternatives,
    gaps,
    is_free,
    other_times,
    teaching_day,
)

DAY = datetime(2030, 3, 4, tzinfo=BEIJING)


def span(begins: int, minutes: int) -> Span:
    """Minutes from midnight of the day, and how long."""
    return Span(DAY + timedelta(minutes=begins), DAY + timedelta(minutes=begins + minutes))


spans = st.builds(span, st.integers(0, 1380), st.integers(5, 300))
lessons = st.builds(span, st.integers(8 * 60, 19 * 60), st.integers(30, 180))
room_ids = [UUID(int=number) for number in range(1, 5)]
rooms = st.lists(
    st.builds(RoomWithSeats, st.sampled_from(room_ids), st.integers(1, 100), st.lists(spans, max_size=5).map(tuple)),
    max_size=4,
    unique_by=lambda one: one.id,
)


@given(spans, spans)
def test_overlapping_is_mutual_and_means_a_shared_moment(one: Span, other: Span) -> None:
    begins, ends = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
    assert one.overlaps(other) == other.overlaps(one) == (begins < ends)


def test_one_lesson_may_follow_another_at_once() -> None:
    assert not span(540, 45).overlaps(span(585, 45))


@given(st.lists(spans, max_size=8))
def test_gaps_and_busy_time_make_up_the_whole_day(busy: list[Span]) -> None:
    day = teaching_day(DAY + timedelta(hours=9))
    found = gaps(day, busy)
    assert all(is_free(one, busy) for one in found)
    moment = day.starts_at
    while moment < day.ends_at:
        minute = Span(moment, moment + timedelta(minutes=1))
        inside = any(one.starts_at <= moment and minute.ends_at <= one.ends_at for one in found)
        assert inside != any(one.starts_at <= moment < one.ends_at for one in busy)
        moment += timedelta(minutes=1)


@given(lessons, st.lists(spans, max_size=6))
def test_other_times_are_free_as_long_and_on_the_same_day(wanted: Span, busy: list[Span]) -> None:
    day = teaching_day(wanted.starts_at)
    for one in other_times(wanted, busy):
        assert is_free(one, busy)
        assert one.length == wanted.length
        assert day.starts_at <= one.starts_at
        assert one.ends_at <= day.ends_at
        assert one != wanted


@given(lessons, st.lists(spans, max_size=4), st.integers(8 * 60, 22 * 60))
def test_no_other_time_lies_before_now(wanted: Span, busy: list[Span], minute: int) -> None:
    now = DAY + timedelta(minutes=minute, seconds=17)
    assert all(one.starts_at >= now for one in other_times(wanted, busy, now))


@given(lessons, st.sampled_from(room_ids), rooms, st.integers(1, 60), st.lists(spans, max_size=3))
def test_every_alternative_is_free_for_room_and_people(
    wanted: Span, room_id: UUID, known: list[RoomWithSeats], seats: int, people: list[Span]
) -> None:
    found = alternatives(wanted, room_id, known, seats, people)
    by_id = {one.id: one for one in known}
    assert len(found) <= MOST_ALTERNATIVES
    assert len(set(found)) == len(found)
    for one in found:
        assert is_free(one.span, people)
        assert one.span.length == wanted.length
        if one.room_id in by_id:
            assert is_free(one.span, by_id[one.room_id].busy)
        if one.room_id != room_id:
            assert one.room_id is not None
            assert by_id[one.room_id].seats >= seats
            assert one.span == wanted


@given(lessons, rooms, st.integers(1, 60))
def test_another_room_is_offered_when_one_is_free(wanted: Span, known: list[RoomWithSeats], seats: int) -> None:
    own = UUID(int=99)
    fitting = [one for one in known if one.seats >= seats and is_free(wanted, one.busy)]
    busy = RoomWithSeats(own, 100, (wanted,))
    found = alternatives(wanted, own, [*known, busy], seats, [])
    if fitting:
        assert found[0].room_id == min(fitting, key=lambda one: one.seats).id
