"""Calendar files (RFC 5545): one event an occurrence, known by its id, counted up at each change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from icalendar import Calendar, Event

from service.foundation import clock
from service.foundation.language import gettext, later, said

PRODUCT = "-//Technology Manager Service//Timetable//ZH"
OCCUPIED = later("Another appointment")


@dataclass(frozen=True)
class CalendarEvent:
    """One event of a calendar; without an id it is somebody else's appointment, known by its time only."""

    occurrence_id: UUID | None
    title: dict[str, str] | None
    starts_at: datetime
    ends_at: datetime
    place: str | None = None
    sequence: int = 0
    changed_at: datetime | None = None
    cancelled: bool = False


def calendar_file(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """A calendar in the reader's language, times in UTC. What was cancelled stays in it as cancelled, so that calendars
    which had it take it out.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for one in events:
        event = Event()
        begins = one.starts_at.astimezone(UTC)
        event.add("uid", f"{one.occurrence_id or begins.strftime('busy-%Y%m%dT%H%M')}@technology-managers")
        event.add("summary", said(one.title) if one.title else gettext(OCCUPIED))
        event.add("dtstart", begins)
        event.add("dtend", one.ends_at.astimezone(UTC))
        event.add("dtstamp", (one.changed_at or clock.now()).astimezone(UTC))
        event.add("sequence", one.sequence)
        event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
        if one.place:
            event.add("location", one.place)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
