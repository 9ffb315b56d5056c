"""Marking essays by rubric, without names; the sitting is scored again afterwards."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from curricula.canonical import exact_json
from curricula.items import RubricLine
from curricula.papers import Form
from curricula.scoring import marks_offered, read_mark
from service.exams.errors import (
    MarkedAlready,
    MarkedMeanwhile,
    MarkingOver,
    MarkNotWanted,
    MarkUnfit,
    RoundNotNext,
)
from service.exams.events import SittingMarked
from service.exams.queries import (
    CLOSED,
    EssayPlace,
    answers_of,
    closed_scripts,
    essay_places,
    exam_for,
    exam_of,
    exams_for,
    form_of,
    marks_of,
    sitting_of_org,
    text_at,
)
from service.exams.rules import is_answer
from service.exams.schemas import MarkGive, ScriptRow, ScriptText
from service.exams.tables import ExamSession, ExamState, Mark, Sitting
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import DomainError
from service.foundation.journal import note
from service.foundation.language import later


@dataclass(frozen=True)
class Script:
    """One answer to be marked: what was asked, the text, the rubric, and the mark that stands; no name."""

    exam: ExamSession
    place: EssayPlace
    sitting_id: UUID
    script: int
    text: str
    mark: Mark | None

    @property
    def next_round(self) -> int:
        """The round a new mark would be."""
        return 1 if self.mark is None else self.mark.round + 1


@dataclass(frozen=True)
class QueueEntry:
    """One essay question of an exam session: how many answers there are and how many have a mark."""

    exam: ExamSession
    place: EssayPlace
    answers: int
    marked: int


async def marking_queue(db: AsyncSession, actor: Actor) -> list[QueueEntry]:
    """Every essay question with closed answers at the actor's organisation, results not yet released."""
    entries = []
    for exam in await exams_for(db, actor, limit=200):
        if exam.state not in (ExamState.FROZEN, ExamState.CLOSED):
            continue
        row = await form_of(db, exam.id)
        for place in essay_places(Form.from_json(row.content)) if row else []:
            scripts = await closed_scripts(db, exam.id, place)
            if scripts:
                entries.append(QueueEntry(exam, place, len(scripts), sum(1 for _, _, marks in scripts if marks)))
    return entries


async def scripts_for(
    db: AsyncSession, actor: Actor, exam_id: UUID, place_name: str
) -> tuple[ExamSession, EssayPlace, list[ScriptRow]]:
    """The answers to one essay question, numbered in an order that says nothing of names. Raises NotFound, MarkNotWanted."""
    exam = await exam_for(db, actor, exam_id)
    place = await _place_of(db, exam, place_name)
    scripts = {sitting: marks for sitting, _, marks in await closed_scripts(db, exam.id, place)}
    rows = [
        ScriptRow(
            sitting_id=sitting_id,
            place=place.place,
            script=number,
            rounds=len(scripts[sitting_id]),
            own=any(mark.marker_account_id == actor.account_id for mark in scripts[sitting_id]),
        )
        for number, sitting_id in enumerate(_numbered(exam.id, place, list(scripts)), start=1)
    ]
    return exam, place, rows


async def script_texts(db: AsyncSession, actor: Actor, exam_id: UUID, place_name: str) -> list[ScriptText]:
    """The answers to one essay question with their texts, in the same order; each look is journaled. Raises as `scripts_for`."""
    exam, place, rows = await scripts_for(db, actor, exam_id, place_name)
    texts = {sitting_id: text for sitting_id, text, _ in await closed_scripts(db, exam.id, place)}
    whose = await db.execute(
        sa.select(col(Sitting.id), col(Sitting.person_id)).where(col(Sitting.id).in_([row.sitting_id for row in rows]))
    )
    for sitting_id, person_id in whose:
        await note(db, "answer.read", "sitting", sitting_id, person_id=person_id, place=place.place)
    return [ScriptText(**row.model_dump(), text=texts[row.sitting_id], next_round=row.rounds + 1) for row in rows]


def _numbered(exam_id: UUID, place: EssayPlace, sitting_ids: list[UUID]) -> list[UUID]:
    return sorted(sitting_ids, key=lambda one: hashlib.sha256(f"{exam_id}/{place.place}/{one}".encode()).digest())


async def _place_of(db: AsyncSession, exam: ExamSession, name: str) -> EssayPlace:
    row = await form_of(db, exam.id)
    places = essay_places(Form.from_json(row.content)) if row is not None else []
    found = next((one for one in places if one.place == name), None)
    if found is None:
        raise MarkNotWanted
    return found


async def script_for(db: AsyncSession, actor: Actor, sitting_id: UUID, place_name: str) -> Script:
    """One answer for marking; the look is journaled. Raises NotFound, MarkNotWanted."""
    sitting = await sitting_of_org(db, actor, sitting_id)
    exam = await exam_of(db, sitting)
    place = await _place_of(db, exam, place_name)
    answers = {one.slot: one.response for one in await answers_of(db, sitting.id)}
    text = text_at(answers.get(place.slot), place.part)
    if sitting.state not in CLOSED or not is_answer(text):
        raise MarkNotWanted
    scripts = [one for one, _, _ in await closed_scripts(db, exam.id, place)]
    mark = (await marks_of(db, sitting.id)).get(place.place)
    await note(db, "answer.read", "sitting", sitting.id, person_id=sitting.person_id, place=place.place)
    return Script(exam, place, sitting.id, _numbered(exam.id, place, scripts).index(sitting.id) + 1, text, mark)


async def give_mark(db: AsyncSession, actor: Actor, sitting_id: UUID, place_name: str, new: MarkGive) -> Mark:
    """Mark one answer by every line of its rubric; a later round replaces what counts, older rounds stay.

    Raises NotFound, MarkNotWanted, MarkUnfit naming the line, MarkedMeanwhile, MarkedAlready, RoundNotNext, MarkingOver.
    """
    sitting = await sitting_of_org(db, actor, sitting_id, lock=True)
    script = await script_for(db, actor, sitting_id, place_name)
    if script.exam.state == ExamState.RELEASED:
        raise MarkingOver
    points = fitting_points(script.place, new.points)
    if new.round != script.next_round:
        raise _round_refused(actor, new.round, script.mark)
    row = Mark(
        org_id=sitting.org_id,
        sitting_id=sitting.id,
        place=script.place.place,
        round=new.round,
        marker_account_id=actor.account_id,  # type: ignore[arg-type]  # who acts here is signed in
        points=points,
        comment=new.comment,
    )
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        stands = (await marks_of(db, sitting.id)).get(script.place.place)
        raise _round_refused(actor, new.round, stands) from error
    await note(
        db, "answer.marked", "sitting", sitting.id, person_id=sitting.person_id, place=row.place, round=row.round
    )
    await announce(db, SittingMarked(sitting_id=sitting.id, org_id=sitting.org_id))
    return row


def _round_refused(actor: Actor, given: int, stands: Mark | None) -> DomainError:
    """Why a round cannot be taken, by whose mark stands; each refusal names the round that comes next."""
    following = 1 if stands is None else stands.round + 1
    if stands is None or given > following:
        return RoundNotNext(given=given, next_round=following)
    refusal = MarkedAlready if stands.marker_account_id == actor.account_id else MarkedMeanwhile
    return refusal(round=stands.round, next_round=following)


def fitting_points(place: EssayPlace, given: Mapping[str, int | str], group: str = "points") -> dict[str, Any]:
    """The points of each rubric line as exact numbers; `group` is the field that holds the lines.

    Raises MarkUnfit naming the line that is missing, unknown, too high or between its levels.
    """
    lines = {one.id: one for one in map(RubricLine.from_json, place.rubric)}
    unknown = next((name for name in given if name not in lines), None)
    if unknown is not None:
        raise MarkUnfit(field=f"{group}.{unknown}", reason=later("there is no such line."))
    found: dict[str, Any] = {}
    for name, line in lines.items():
        number = read_mark(given.get(name), line)
        if number is None:
            raise MarkUnfit(
                field=f"{group}.{name}",
                reason=_wanted(line),
                line=name,
                most=exact_json(line.points),
                levels=[exact_json(one) for one in marks_offered(line)],
            )
        found[name] = exact_json(number)
    return found


def _wanted(line: RubricLine) -> dict[str, str]:
    """The sentence {zh, en} that says which points a rubric line takes."""
    chinese, english = line.criterion.zh, line.criterion.en or line.criterion.zh
    offered = [str(one) for one in marks_offered(line)]
    if offered:
        return {
            "zh": f"“{chinese}”按评分标准分档给分，只能是 {'、'.join(offered)} 分之一。",
            "en": f"“{english}” is marked by the levels of its rubric, which give {', '.join(offered[:-1])} or {offered[-1]} points.",
        }
    return {
        "zh": f"“{chinese}”应为 0 至 {line.points} 之间的数。",
        "en": f"“{english}” needs a number from 0 to {line.points}.",
    }
