"""Attendance lists: rows become attendance at the meetings of one course session."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlmodel import col, select

from service.attendance.actions import begun, record
from service.attendance.queries import recordable
from service.attendance.rules import minutes_counted
from service.attendance.tables import Attendance, Presence
from service.courses.queries import ProgrammeEntry, programme
from service.editions.queries import syllabus_of
from service.enrolments.queries import base_session, enrolled
from service.enrolments.tables import Enrolment
from service.exchange.actions.planning import Context, Keep, Planned, RowReader
from service.exchange.errors.imports import (
    MeetingAmbiguous,
    NameAmbiguous,
    NoMeetingThatDay,
    PersonNotEnrolled,
    RowRepeated,
)
from service.exchange.rules.imports import ATTENDANCE_COLUMNS, PRESENCES, Outcome
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError, NotFound
from service.foundation.language import later
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet
from service.people.actions.identity import known
from service.people.queries import persons


@dataclass(frozen=True)
class Class:
    """What the rows are held against: who holds a seat, by person and by name, and the meetings by day."""

    by_person: dict[UUID, Enrolment]
    by_name: dict[str, list[Enrolment]]
    by_day: dict[date, list[ProgrammeEntry]]
    titles: dict[str, str]
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
        """Rows against the session's seats and meetings."""
        group = await self._class(context)
        seen: dict[tuple[UUID, UUID], int] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out:
                rows.append(reader.skipped())
                continue
            enrolment = await self._enrolment(context, reader, group)
            meeting = self._meeting(reader, group)
            presence, missed = mark_of(reader)
            if enrolment is None or meeting is None or presence is None or reader.findings:
                rows.append(reader.planned())
                continue
            key = (meeting.meeting_id, enrolment.id)
            first = seen.setdefault(key, reader.number)
            if first != reader.number:
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
        return rows

    async def _class(self, context: Context) -> Class:
        db, target = context.db, context.target_id
        assert target is not None, "checked before"
        session = await base_session(db, context.actor, target)
        seats = await enrolled(db, session.id)
        names = await persons(db, [one.person_id for one in seats])
        by_name: dict[str, list[Enrolment]] = defaultdict(list)
        for one in seats:
            if one.person_id in names:
                by_name[names[one.person_id].name].append(one)
        by_day: dict[date, list[ProgrammeEntry]] = defaultdict(list)
        for entry in await programme(db, session.id):
            if not entry.cancelled:
                by_day[entry.starts_at.astimezone(BEIJING).date()].append(entry)
        titles = {
            course.id: course.title.to_json()["zh"]
            for _, course in (await syllabus_of(db, session.syllabus_id)).courses()
        }
        meetings = [entry.meeting_id for entries in by_day.values() for entry in entries]
        chosen = select(Attendance).where(col(Attendance.meeting_id).in_(meetings))
        rows = await db.scalars(chosen.execution_options(populate_existing=True))
        return Class(
            {one.person_id: one for one in seats},
            by_name,
            by_day,
            titles,
            {(one.meeting_id, one.enrolment_id): one for one in rows},
        )

    async def _enrolment(self, context: Context, reader: RowReader, group: Class) -> Enrolment | None:
        """The seat a row means: by document number, else by a name that only one bears."""
        name, identity = reader.name(), reader.identity(required=False)
        if name is None or reader.findings:
            return None
        if identity is not None:
            found = await known(context.db, context.keyring, identity, name)
            enrolment = group.by_person.get(found.person_id) if found is not None and found.same_name else None
            if enrolment is None:
                reader.refuse(PersonNotEnrolled(), "name")
            return enrolment
        bearers = group.by_name.get(name, [])
        if len(bearers) == 1:
            return bearers[0]
        reader.refuse(NameAmbiguous(count=len(bearers)) if bearers else PersonNotEnrolled(), "name")
        return None

    def _meeting(self, reader: RowReader, group: Class) -> ProgrammeEntry | None:
        """The meeting a row means: its day, narrowed by course and time where they are given."""
        day = reader.read("day", lambda: reader.row.day("day", required=True))
        course = reader.read("course", lambda: reader.row.text("course", 200))
        begins = reader.read("begins", lambda: clock_time(reader))
        if day is None:
            return None
        held = group.by_day.get(day, [])
        if course is not None:
            wanted = folded(course)
            held = [
                one
                for one in held
                if wanted in (folded(one.course_code), folded(group.titles.get(one.course_code, "")))
            ]
        if begins is not None:
            held = [one for one in held if one.starts_at.astimezone(BEIJING).time() == begins]
        if len(held) == 1:
            return held[0]
        refusal = (
            MeetingAmbiguous(count=len(held), day=day.isoformat()) if held else NoMeetingThatDay(day=day.isoformat())
        )
        reader.refuse(refusal, "day")
        return None

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
