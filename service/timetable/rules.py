"""When two bookings clash and what else is free: half-open spans of time, pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from service.foundation.clock import BEIJING

DAY_BEGINS = time(8, 0)
DAY_ENDS = time(22, 0)
STEP = timedelta(minutes=5)
MOST_ALTERNATIVES = 3
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time: the start belongs to it, the end does not, so one lesson may follow another at once."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether both hold some moment."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at


@dataclass(frozen=True)
class Alternative:
    """What is free instead: the same time in another room, or another time of the day in the same one."""

    room_id: UUID | None
    span: Span


@dataclass(frozen=True)
class RoomWithSeats:
    """A room as the choice of alternatives sees it."""

    id: UUID
    seats: int
    busy: tuple[Span, ...] = ()


def is_free(span: Span, busy: Iterable[Span]) -> bool:
    """Whether nothing busy overlaps the span."""
    return not any(span.overlaps(one) for one in busy)


def teaching_day(moment: datetime) -> Span:
    """The hours of a Beijing day in which another time is offered."""
    day = moment.astimezone(BEIJING).date()
    return Span(datetime.combine(day, DAY_BEGINS, BEIJING), datetime.combine(day, DAY_ENDS, BEIJING))


def gaps(day: Span, busy: Iterable[Span]) -> list[Span]:
    """The stretches of a day in which nothing is busy, in order."""
    inside = sorted(one for one in busy if one.overlaps(day))
    edges = [Span(day.starts_at, day.starts_at)]
    for one in inside:
        if one.starts_at <= edges[-1].ends_at:
            edges[-1] = Span(edges[-1].starts_at, max(edges[-1].ends_at, one.ends_at))
        else:
            edges.append(one)
    edges.append(Span(day.ends_at, day.ends_at))
    return [Span(a.ends_at, b.starts_at) for a, b in pairwise(edges) if a.ends_at < b.starts_at]


def other_times(wanted: Span, busy: Iterable[Span], not_before: datetime | None = None) -> list[Span]:
    """Free spans of the wanted length on the same day, nearest to the wanted start first: one at each edge of each gap."""
    found: set[Span] = set()
    for gap in gaps(teaching_day(wanted.starts_at), busy):
        opens = gap.starts_at if not_before is None else max(gap.starts_at, _rounded_up(not_before))
        for start in (opens, gap.ends_at - wanted.length):
            span = Span(start, start + wanted.length)
            if opens <= span.starts_at and span.ends_at <= gap.ends_at and span != wanted:
                found.add(span)
    return sorted(found, key=lambda one: (abs(one.starts_at - wanted.starts_at), one.starts_at))


def _rounded_up(moment: datetime) -> datetime:
    over = (moment - datetime(2020, 1, 1, tzinfo=BEIJING)) % STEP
    return moment if not over else moment + (STEP - over)


def alternatives(
    wanted: Span,
    room_id: UUID | None,
    rooms: Sequence[RoomWithSeats],
    seats: int,
    people_busy: Sequence[Span],
    not_before: datetime | None = None,
    most: int = MOST_ALTERNATIVES,
) -> list[Alternative]:
    """Up to `most` free alternatives: other rooms with at least `seats` at the same time, the smallest first, then other
    times of the day in the wanted room, nearest first. Everybody in `people_busy` is free in each of them.
    """
    found: list[Alternative] = []
    if room_id is not None and is_free(wanted, people_busy):
        fitting = sorted((one for one in rooms if one.id != room_id and one.seats >= seats), key=lambda one: one.seats)
        found = [Alternative(one.id, wanted) for one in fitting if is_free(wanted, one.busy)]
    own_busy = next((one.busy for one in rooms if one.id == room_id), ())
    times = [Alternative(room_id, one) for one in other_times(wanted, [*own_busy, *people_busy], not_before)]
    kept = found[: max(most - min(len(times), 1), 0)]  # at least one other time is shown when there is one
    return [*kept, *times][:most]
