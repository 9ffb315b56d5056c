"""Scores of examinations held elsewhere: every row is checked and reported; nothing is stored as a result of ours."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from service.enrolments.queries import base_session, enrolled
from service.exchange.actions.planning import Context, Keep, Planned, RowReader, read_past_day
from service.exchange.errors.imports import PersonNotEnrolled, RowRepeated, ScoreNotTaken, ScoreOutOfRange
from service.exchange.rules.imports import FULL_MARKS, NOT_TAKEN, SCORE_COLUMNS, Outcome
from service.foundation.errors import NotFound
from service.foundation.language import later
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet
from service.foundation.text import mask_identity
from service.people.actions.identity import known
from service.people.errors import NameDiffers


class Scores:
    """Scores of a course session's people from an examination held elsewhere."""

    key = "scores"
    title = later("Scores from elsewhere")
    permission = "exams.plan"
    columns: Sequence[Column] = SCORE_COLUMNS
    with_target = True

    async def check_target(self, context: Context) -> None:
        """The session must be the base's own. Raises NotFound."""
        if context.target_id is None:
            raise NotFound(what="course_session")
        await base_session(context.db, context.actor, context.target_id)

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against the session's seats; a right row is a new one and its confirmation says that it was checked."""
        assert context.target_id is not None, "checked before"
        session = await base_session(context.db, context.actor, context.target_id)
        seats = {one.person_id: one.id for one in await enrolled(context.db, session.id)}
        seen: dict[UUID, int] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out:
                rows.append(reader.skipped())
                continue
            name, identity = reader.name(), reader.identity()
            read_score(reader)
            read_past_day(reader, "held_on")
            enrolment_id: UUID | None = None
            if name is not None and identity is not None:
                found = await known(context.db, context.keyring, identity, name)
                if found is not None and not found.same_name:
                    reader.refuse(NameDiffers(masked=mask_identity(identity.number)), "name")
                elif found is None or found.person_id not in seats:
                    reader.refuse(PersonNotEnrolled(), "name")
                else:
                    enrolment_id = seats[found.person_id]
                    first = seen.setdefault(enrolment_id, reader.number)
                    if first != reader.number:
                        reader.refuse(RowRepeated(first=first))
            rows.append(reader.planned(Outcome.NEW, checked_only(enrolment_id), enrolment_id))
        return rows


def read_score(reader: RowReader) -> Decimal | None:
    """A score between 0 and the full marks, with at most one decimal place; words for absence are refused as such."""
    value = reader.row.cells.get("score")
    if isinstance(value, str) and value.strip() in NOT_TAKEN:
        reader.refuse(ScoreNotTaken(), "score")
        return None
    score = reader.read("score", lambda: reader.row.decimal("score", 1, required=True))
    if score is not None and not 0 <= score <= FULL_MARKS:
        reader.refuse(ScoreOutOfRange(full=FULL_MARKS), "score")
    return score


def checked_only(enrolment_id: UUID | None) -> Keep:
    """Confirming keeps no score: results of this service come from its own examinations."""

    async def keep() -> tuple[str, UUID | None]:
        return "checked", enrolment_id

    return keep
