"""Score lists of examinations held on paper: each row is kept exactly once, and stands when two others release it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.exams.actions.recording import exam_days, record_score, recordable_exam, refuse_unfit, says_the_same
from service.exams.errors import ScoreBeyondFullMarks
from service.exams.queries import paper_sittings, recorded_scores
from service.exams.schemas import ScoreGiven
from service.exams.tables import ExamSession, PaperOutcome, RecordedScore
from service.exchange.actions.matching import Seat, Seats, seat_meant, seats_of
from service.exchange.actions.planning import Context, Keep, Planned, RowReader, read_past_day
from service.exchange.errors.imports import RowRepeated, ScoresConflict
from service.exchange.rules.columns import ABSENT_WORDS, DISQUALIFIED_WORDS, SCORE_COLUMNS, SCORE_PLACES
from service.exchange.rules.imports import Outcome, is_filled
from service.foundation.errors import DomainError, NotFound
from service.foundation.language import later
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet

_WITH_UNIT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,4})?)\s*分")


@dataclass
class _Line:
    """One row while the file is read: whom it means and what it says."""

    reader: RowReader
    seat: Seat | None = None
    given: ScoreGiven | None = None


class Scores:
    """The score list of an exam session held on paper."""

    key = "scores"
    title = later("Score list")
    permission = "exams.plan"
    columns: Sequence[Column] = SCORE_COLUMNS
    with_target = True

    async def check_target(self, context: Context) -> None:
        """The exam must be the base's own, on paper, with its candidates closed and its results not released.

        Raises NotFound, NotHeldOnPaper, SittingsNotWritten, ResultsAlreadyReleased, StateConflict.
        """
        if context.target_id is None:
            raise NotFound(what="exam")
        await recordable_exam(context.db, context.actor, context.target_id)

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against the exam's candidates: a first score, an amended one, the same, or wrong.

        Rows of a downloaded list that were left empty are no rows. Two rows that differ about one person are both refused.
        """
        assert context.target_id is not None, "checked before"
        exam = await recordable_exam(context.db, context.actor, context.target_id)
        seats = await candidates(context.db, exam.id)
        lines = [await self._line(context, exam, seats, RowReader(row, sheet)) for row in sheet.rows]
        refuse_repeated([one for one in lines if one is not None])
        before = await recorded_scores(context.db, [one.id for one in seats.by_person.values()])
        rows: list[Planned] = []
        for row, line in zip(sheet.rows, lines, strict=True):
            rows.append(RowReader(row, sheet).skipped() if line is None else self._planned(context, line, before))
        return rows

    async def _line(self, context: Context, exam: ExamSession, seats: Seats, reader: RowReader) -> _Line | None:
        cells = reader.row.cells
        unfilled = is_filled(cells.get("learner")) and not is_filled(cells.get("score"))
        if reader.left_out or unfilled:
            return None
        line = _Line(reader)
        line.seat = await seat_meant(context, reader, seats, name_alone=False)
        outcome, score = score_of(reader)
        held_on = day_of(reader, exam)
        if score is not None and not 0 <= score <= (exam.full_marks or 0):
            reader.refuse(ScoreBeyondFullMarks(full=exam.full_marks), "score")
            return line
        if outcome is None or held_on is None:
            return line
        given = ScoreGiven(
            outcome=outcome, score=score, held_on=held_on, import_id=context.import_id, row_number=reader.number
        )
        try:
            refuse_unfit(exam, given)
        except DomainError as refusal:
            reader.refuse(refusal, refusal.field)
        line.given = given
        return line

    def _planned(self, context: Context, line: _Line, before: dict[UUID, RecordedScore]) -> Planned:
        if line.seat is None or line.given is None or line.reader.findings:
            return line.reader.planned()
        kept = before.get(line.seat.id)
        if kept is not None and says_the_same(kept, line.given):
            return line.reader.planned(Outcome.SAME, ref=line.seat.id)
        outcome = Outcome.NEW if kept is None else Outcome.CHANGED
        return line.reader.planned(outcome, kept_by(context, line.seat.id, line.given), line.seat.id)


async def candidates(db: AsyncSession, exam_id: UUID) -> Seats:
    """Who sits an exam session; a row about them concerns their sitting."""
    return await seats_of(
        db, [Seat(one.id, one.enrolment_id, one.person_id) for one in await paper_sittings(db, exam_id)]
    )


def score_of(reader: RowReader) -> tuple[PaperOutcome | None, Decimal | None]:
    """What the cell says: an exact score (`85`, `85.5`, `85分`), absence, or cheating; None with a finding."""
    value = reader.row.cells.get("score")
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if text in ABSENT_WORDS:
            return PaperOutcome.ABSENT, None
        if text in DISQUALIFIED_WORDS:
            return PaperOutcome.DISQUALIFIED, None
        if (found := _WITH_UNIT.fullmatch(text)) and Decimal(found[1]) == round(Decimal(found[1]), SCORE_PLACES):
            return PaperOutcome.SCORED, Decimal(found[1])
    score = reader.read("score", lambda: reader.row.decimal("score", SCORE_PLACES, required=True))
    return (PaperOutcome.SCORED, score) if score is not None else (None, None)


def day_of(reader: RowReader, exam: ExamSession) -> date | None:
    """The day of the exam: what the row says, else the only day on which it was held."""
    first, last = exam_days(exam)
    if not is_filled(reader.row.cells.get("held_on")) and first == last:
        return first
    return read_past_day(reader, "held_on")


def refuse_repeated(lines: Sequence[_Line]) -> None:
    """The same person twice: the second row is refused when both say the same, both are when they differ."""
    first: dict[UUID, _Line] = {}
    for line in lines:
        if line.seat is None or line.given is None:
            continue
        earlier = first.setdefault(line.seat.id, line)
        if earlier is line:
            continue
        if says(earlier) == says(line):
            line.reader.refuse(RowRepeated(first=earlier.reader.number))
            continue
        conflict = ScoresConflict(first=earlier.reader.number, second=line.reader.number)
        line.reader.refuse(conflict)
        if not any(isinstance(one.refusal, ScoresConflict) for one in earlier.reader.findings):
            earlier.reader.refuse(conflict)


def says(line: _Line) -> tuple[object, ...]:
    """What a row says, whatever row it is."""
    return (line.given.outcome, line.given.score, line.given.held_on) if line.given else ()


def kept_by(context: Context, sitting_id: UUID, given: ScoreGiven) -> Keep:
    """Confirming records the score, or amends the one that was recorded before."""

    async def keep() -> tuple[str, UUID | None]:
        row = await record_score(context.db, context.actor, sitting_id, given)
        return ("recorded" if row.round == 1 else "amended"), sitting_id

    return keep
