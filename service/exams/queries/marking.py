"""What markers have to mark, and the marks that count."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.papers import Form
from service.exams.queries.sittings import CLOSED
from service.exams.rules import is_answer
from service.exams.tables import (
    Answer,
    Mark,
    Sitting,
)


@dataclass(frozen=True)
class EssayPlace:
    """One essay of a form: its place, what is asked, the rubric, and what it is worth in the form."""

    place: str
    slot: int
    part: str
    stem: dict[str, str]
    question_stem: dict[str, str] | None
    rubric: list[dict[str, Any]]
    points: Fraction


def essay_places(form: Form) -> list[EssayPlace]:
    """What a marker has to mark in a form."""
    return [
        EssayPlace(
            place,
            int(slot.slot),
            question.id,
            slot.item.stem.to_json(),
            question.stem.to_json() if question.id else None,
            [line.to_json() for line in question.rubric],
            points,
        )
        for slot in form.slots
        for place, question, points in slot.places()
        if question.kind == "essay"
    ]


def text_at(response: Any, part: str) -> str:
    """The essay in a response: the text itself, or the part's of a case."""
    if part:
        response = response.get(part) if isinstance(response, dict) else None
    elif isinstance(response, dict):
        response = response.get("text")
    return response if isinstance(response, str) else ""


async def marks_of(db: AsyncSession, sitting_id: UUID) -> dict[str, Mark]:
    """The mark that counts at each place of a sitting: the highest round."""
    rows = await db.scalars(select(Mark).where(col(Mark.sitting_id) == sitting_id).order_by(col(Mark.round)))
    return {row.place: row for row in rows}


async def closed_scripts(db: AsyncSession, exam_id: UUID, place: EssayPlace) -> list[tuple[UUID, str, list[Mark]]]:
    """Answers to one essay in closed sittings that say anything: (sitting, text, its marks by round)."""
    rows = await db.execute(
        sa.select(col(Sitting.id), Answer)
        .join(Answer, sa.and_(col(Answer.sitting_id) == col(Sitting.id), col(Answer.slot) == place.slot))
        .where(col(Sitting.exam_session_id) == exam_id, col(Sitting.state).in_(CLOSED))
    )
    texts = {sitting_id: text_at(answer.response, place.part) for sitting_id, answer in rows}
    wanted = {sitting_id: text for sitting_id, text in texts.items() if is_answer(text)}
    marks: dict[UUID, list[Mark]] = {sitting_id: [] for sitting_id in wanted}
    chosen = select(Mark).where(col(Mark.sitting_id).in_(wanted), col(Mark.place) == place.place)
    for mark in await db.scalars(chosen.order_by(col(Mark.round))):
        marks[mark.sitting_id].append(mark)
    return [(sitting_id, text, marks[sitting_id]) for sitting_id, text in wanted.items()]
