"""Attendance lists: rows become attendance at the meetings of one course session."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.attendance.actions import begun, record
from service.attendance.queries import recordable
from service.attendance.rules import minutes_counted
from service.attendance.tables import Attendance, Presence
from service.courses.queries import ProgrammeEntry, programme
from service.courses.tables import CourseSession
from service.editions.queries import syllabus_of
from service.enrolments.queries import base_session, enrolled
from service.exchange.actions.matching import Seat, Seats, seat_meant, seats_of
from service.exchange.actions.planning import Context, Keep, Planned, RowReader
from service.exchange.errors.imports import MeetingAmbiguous, MeetingNumberUnreadable, MeetingUnknown, RowRepeated
from service.exchange.rules.columns import ATTENDANCE_COLUMNS, PRESENCES
from service.exchange.rules.imports import Outcome, is_filled
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError, NotFound
from service.foundation.language import CHINESE, ENGLISH, later, said
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet

MOST_NAMED = 4


@dataclass(frozen=True)
class Numbered:
    """One meeting with its number in the session: the first is 1, a cancelled one keeps its place."""

    number: int
    entry: ProgrammeEntry
    title: dict[str, str]

    @property
    def starts(self) -> datetime:
        """When it begins, Beijing time."""
        return self.entry.starts_at.astimezone(BEIJING)

    def named(self, language: str) -> str:
        """The meeting as a sentence names it."""
        when = f"{self.starts:%Y-%m-%d %H:%M}"
        title = said(self.title, language)
        return f"第{self.number}次 {when}《{title}》" if language == CHINESE else f"no. {self.number} {when} “{title}”"


@dataclass(frozen=True)
class Class:
    """What the rows are held against: who holds a seat, the meetings that take place, and what is recorded."""

    seats: Seats
    meetings: list[Numbered]
    recorded: dict[tuple[UUID, UUID], Attendance]


class AttendanceList:
    """An attendance list of a course session."""

    key = "attendance"
    title = later("Attendance list")
    permission = "attendance.record"
    columns: Sequence[Column] = ATTENDANCE_COLUMNS
    with_target = True

    async def check_target(self, context: Context) -> None:
        """The session must be the base's own. Raises NotFound."""
        if context.target_id is None:
            raise NotFound(what="course_session")
        await base_session(context.db, context.actor, context.target_id)

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against the session's seats and meetings; rows of a downloaded list that were left empty are no rows."""
        assert context.target_id is not None, "checked before"
        session = await base_session(context.db, context.actor, context.target_id)
        group = await class_of(context.db, session)
        seen: dict[tuple[UUID, UUID], int] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out or unfilled(reader):
                rows.append(reader.skipped())
                continue
            enrolment = await seat_meant(context, reader, group.seats, name_alone=True)
            meeting = meeting_meant(reader, group.meetings)
            presence, missed = mark_of(reader)
            if enrolment is None or meeting is None or presence is None or reader.findings:
                rows.append(reader.planned())
                continue
            key = (meeting.meeting_id, enrolment.id)
            if (first := seen.get(key)) is not None:
                reader.refuse(RowRepeated(first=first))
                rows.append(reader.planned())
                continue
            missed = missed if presence == "late" else None
            try:
                counted = minutes_counted(presence, meeting.minutes, missed)
                await begun(context.db, await recordable(context.db, context.actor, meeting.meeting_id))
            except DomainError as refusal:
                reader.refuse(refusal, "missed" if refusal.field == "minutes" else "day")
                rows.append(reader.planned())
                continue
            before = group.recorded.get(key)
            outcome = Outcome.NEW
            if before is not None:
                same = (before.presence.value, before.minutes) == (presence, counted)
                outcome = Outcome.SAME if same else Outcome.CHANGED
            keep = None
            if outcome is not Outcome.SAME:
                keep = self._keep(context, reader.number, meeting.meeting_id, enrolment.id, presence, missed)
            rows.append(reader.planned(outcome, keep, enrolment.id))
            seen[key] = reader.number  # a refused row stands in nobody's way
        return rows

    def _keep(
        self, context: Context, number: int, meeting_id: UUID, enrolment_id: UUID, presence: str, missed: int | None
    ) -> Keep:
        async def keep() -> tuple[str, UUID | None]:
            evidence = {"import": str(context.import_id), "row": number}
            await record(
                context.db, context.actor, meeting_id, enrolment_id, Presence(presence), missed, "list", evidence
            )
            return "recorded", enrolment_id

        return keep


async def class_of(db: AsyncSession, session: CourseSession) -> Class:
    """The people, meetings and recorded attendance of a session."""
    seats = await seats_of(db, [Seat(one.id, one.id, one.person_id) for one in await enrolled(db, session.id)])
    titles = {course.id: course.title.to_json() for _, course in (await syllabus_of(db, session.syllabus_id)).courses()}
    entries = enumerate(await programme(db, session.id), start=1)
    meetings = [
        Numbered(number, one, titles.get(one.course_code, {"zh": one.course_code}))
        for number, one in entries
        if not one.cancelled
    ]
    chosen = select(Attendance).where(col(Attendance.meeting_id).in_([one.entry.meeting_id for one in meetings]))
    rows = await db.scalars(chosen.execution_options(populate_existing=True))
    return Class(seats, meetings, {(one.meeting_id, one.enrolment_id): one for one in rows})


def unfilled(reader: RowReader) -> bool:
    """Whether this is a row of a downloaded list in which nothing was entered."""
    cells = reader.row.cells
    return is_filled(cells.get("learner")) and not (is_filled(cells.get("presence")) or is_filled(cells.get("missed")))


def meeting_meant(reader: RowReader, meetings: Sequence[Numbered]) -> ProgrammeEntry | None:
    """The one meeting that fits everything a row says: its number, day, time and course; None with a finding.

    A refusal names the meetings that do exist, the nearest first.
    """
    number = reader.read("meeting", lambda: meeting_number(reader))
    course = reader.read("course", lambda: reader.row.text("course", 200))
    begins = reader.read("begins", lambda: clock_time(reader))
    needed = number is None and course is None
    day = reader.read("day", lambda: reader.row.day("day", required=needed))
    if any(one.field in ("meeting", "course", "begins", "day") for one in reader.findings):
        return None
    wanted = folded(course) if course is not None else None
    tests: list[tuple[str, Callable[[Numbered], bool]]] = []
    if number is not None:
        tests.append(("meeting", lambda one: one.number == number))
    if day is not None:
        tests.append(("day", lambda one: one.starts.date() == day))
    if wanted is not None:
        tests.append(("course", lambda one: wanted in one_of_names(one)))
    if begins is not None:
        tests.append(("begins", lambda one: one.starts.time() == begins))
    fitting, named = list(meetings), "day"
    for field, test in tests:
        narrowed = [one for one in fitting if test(one)]
        if not narrowed:
            near = fitting if len(fitting) < len(meetings) else nearest(meetings, day)
            reader.refuse(MeetingUnknown(meetings=listed(near)), field)
            return None
        fitting, named = narrowed, field
    if len(fitting) > 1:
        reader.refuse(MeetingAmbiguous(count=len(fitting), meetings=listed(fitting)), named)
        return None
    return fitting[0].entry


def one_of_names(one: Numbered) -> frozenset[str]:
    """The names under which a list may know a meeting's course."""
    return frozenset(folded(name) for name in (one.entry.course_code, *one.title.values()))


def nearest(meetings: Sequence[Numbered], day: date | None) -> list[Numbered]:
    """The meetings nearest to a day, or the first ones, in their order."""
    if day is None:
        return list(meetings)
    near = sorted(meetings, key=lambda one: (abs((one.starts.date() - day).days), one.number))
    return sorted(near[:MOST_NAMED], key=lambda one: one.number)


def listed(meetings: Sequence[Numbered]) -> dict[str, str]:
    """A few meetings as a sentence names them, in both languages."""
    more = len(meetings) > MOST_NAMED
    shown = meetings[:MOST_NAMED]
    return {
        "zh": "；".join(one.named(CHINESE) for one in shown) + (f" 等 {len(meetings)} 次" if more else "") or "没有课",
        "en": "; ".join(one.named(ENGLISH) for one in shown) + (f" and others, {len(meetings)}" if more else "")
        or "no meetings",
    }


def meeting_number(reader: RowReader) -> int | None:
    """The number of a meeting: `3`, `第3次`, `第 3 次课`. Raises MeetingNumberUnreadable."""
    text = reader.row.text("meeting", 40)
    if text is None:
        return None
    found = re.fullmatch(r"第?\s*([0-9]{1,4})\s*(?:次|次课|讲|课)?", unicodedata.normalize("NFKC", text))
    if found is None:
        raise MeetingNumberUnreadable
    return int(found[1])


def mark_of(reader: RowReader) -> tuple[str | None, int | None]:
    """What the list says of the person, and the minutes missed."""
    presence = reader.read("presence", lambda: reader.row.choice("presence", PRESENCES, required=True))
    return presence, reader.read("missed", lambda: reader.row.whole("missed"))


def folded(text: str) -> str:
    """A course's name or code as it is compared."""
    return re.sub(r"[\s《》“”\"]+", "", unicodedata.normalize("NFKC", text)).casefold()


def clock_time(reader: RowReader) -> time | None:
    """A time of day: a time cell, a moment cell, or text such as 9:00."""
    value = reader.row.cells.get("begins")
    if isinstance(value, datetime):
        return value.time().replace(second=0, microsecond=0)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    text = reader.row.text("begins", 20)
    found = re.search(r"([0-9]{1,2})[:：]([0-9]{2})", text) if text else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))
