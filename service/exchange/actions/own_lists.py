"""A session's own lists to fill in and send back: attendance by meeting, and scores, with the names of its people."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.attendance.tables import Attendance
from service.enrolments.queries import base_session
from service.exams.actions.recording import exam_days, recordable_exam
from service.exams.queries import recorded_scores
from service.exams.tables import ExamSession, PaperOutcome, RecordedScore
from service.exchange.actions.attendance_lists import Numbered, class_of
from service.exchange.actions.matching import Seat
from service.exchange.actions.scores import candidates
from service.exchange.errors.imports import ListTooLong
from service.exchange.rules.columns import ATTENDANCE_COLUMNS, ROSTER_COLUMNS, SCORE_COLUMNS, only
from service.exchange.rules.imports import IMPORT_LIMITS
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.sheets.columns import Column
from service.foundation.sheets.writing import CellIn, CsvExport, XlsxExport

Ending = Literal["xlsx", "csv"]
ATTENDANCE_LIST = only(
    ATTENDANCE_COLUMNS, "learner", "name", "meeting", "day", "begins", "course", "presence", "missed"
)
SCORE_LIST = only(SCORE_COLUMNS, "learner", "name", "score", "held_on", "remark")
ROSTER_LIST = only(ROSTER_COLUMNS, *(one.field for one in ROSTER_COLUMNS))
PRESENCE_WORDS = {"present": "出勤", "late": "迟到", "absent": "缺勤", "excused": "请假"}
OUTCOME_WORDS = {PaperOutcome.ABSENT: "缺考", PaperOutcome.DISQUALIFIED: "作弊"}


def written(columns: Sequence[Column], rows: Iterable[Mapping[str, CellIn]], name: str, ending: Ending) -> bytes:
    """The list as a workbook, or as a text file in UTF-8 with its mark, which Excel and WPS open rightly."""
    target = BytesIO()
    if ending == "csv":
        with CsvExport(target, columns) as text:
            for row in rows:
                text.append(row)
    else:
        with XlsxExport(target, columns, name) as book:
            for row in rows:
                book.append(row)
    return target.getvalue()


async def attendance_list(
    db: AsyncSession, actor: Actor, session_id: UUID, meeting_id: UUID | None, ending: Ending
) -> tuple[bytes, str]:
    """The attendance list of a session or of one meeting, what is recorded filled in; the second value is its name.

    Raises NotFound, ListTooLong when all meetings together are more than one file may hold.
    """
    session = await base_session(db, actor, session_id)
    group = await class_of(db, session)
    meetings = [one for one in group.meetings if meeting_id in (None, one.entry.meeting_id)]
    if meeting_id is not None and not meetings:
        raise NotFound(what="meeting")
    people = group.seats.in_order()
    if len(meetings) * len(people) > IMPORT_LIMITS.rows:
        raise ListTooLong(rows=len(meetings) * len(people), limit=IMPORT_LIMITS.rows)
    rows: list[Mapping[str, CellIn]] = [
        person_cells(seat, name)
        | meeting_cells(one)
        | presence_cells(one, group.recorded.get((one.entry.meeting_id, seat.enrolment_id)))
        for one in meetings
        for seat, name in people
    ]
    await note(db, "list.taken", "course_session", session.id, kind="attendance", rows=len(rows))
    part = f"_第{meetings[0].number}次" if meeting_id is not None else ""
    return written(ATTENDANCE_LIST, rows, "考勤表", ending), f"考勤表_{session.code}{part}"


def person_cells(seat: Seat, name: str) -> dict[str, CellIn]:
    """The cells by which a row names its person; no document number leaves the service in a list."""
    return {"learner": seat.code, "name": name}


def meeting_cells(one: Numbered) -> dict[str, CellIn]:
    """The cells by which a row names its meeting."""
    return {
        "meeting": f"第{one.number}次",
        "day": one.starts.date(),
        "begins": f"{one.starts:%H:%M}",
        "course": one.title["zh"],
    }


def presence_cells(one: Numbered, kept: Attendance | None) -> dict[str, CellIn]:
    """What is on record of a person at a meeting; nothing when nothing is."""
    if kept is None:
        return {}
    late = kept.presence.value == "late"
    return {
        "presence": PRESENCE_WORDS[kept.presence.value],
        "missed": one.entry.minutes - kept.minutes if late else None,
    }


async def score_list(db: AsyncSession, actor: Actor, exam_id: UUID, ending: Ending) -> tuple[bytes, str]:
    """The candidates of an exam held on paper, with the scores recorded so far; the second value is its name.

    Raises NotFound, NotHeldOnPaper, SittingsNotWritten, ResultsAlreadyReleased, StateConflict.
    """
    exam = await recordable_exam(db, actor, exam_id)
    seats = await candidates(db, exam.id)
    kept = await recorded_scores(db, [one.id for one in seats.by_person.values()])
    rows = [person_cells(seat, name) | score_cells(exam, kept.get(seat.id)) for seat, name in seats.in_order()]
    await note(db, "list.taken", "exam_session", exam.id, kind="scores", rows=len(rows))
    return written(SCORE_LIST, rows, "成绩单", ending), f"成绩单_{exam.title['zh']}"


def score_cells(exam: ExamSession, kept: RecordedScore | None) -> dict[str, CellIn]:
    """What is on record of a candidate, else the day of the exam when it had only one."""
    first, last = exam_days(exam)
    if kept is None:
        return {"held_on": first if first == last else None}
    word = OUTCOME_WORDS.get(kept.outcome)
    score = Decimal(exact_text(kept.score_numerator, kept.score_denominator)) if word is None else None
    return {"score": word or score, "held_on": kept.held_on}


def exact_text(numerator: int, denominator: int) -> str:
    """A score of at most two decimal places as it was typed: `85`, `85.5`."""
    hundredths = numerator * 100 // denominator
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def empty_roster(ending: Ending) -> bytes:
    """A roster to fill in, without rows."""
    return written(ROSTER_LIST, (), "学员名单", ending)
