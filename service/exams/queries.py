"""Exam sessions, sittings, marks and results that the actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.papers import Form
from service.courses.tables import CourseSession
from service.editions.tables import Edition, EditionKind, EditionState
from service.exams.rules import arranged, deadline_of, is_answer
from service.exams.schemas import BoardRow, OwnSitting, SavedAnswer, SittingRead
from service.exams.tables import (
    Answer,
    ExamForm,
    ExamSession,
    Mark,
    Result,
    ResultRelease,
    Sitting,
    SittingState,
)
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound
from service.foundation.paging import MOST, bounded
from service.people.tables import Person

CLOSED = (SittingState.SUBMITTED, SittingState.EXPIRED)


async def database_now(db: AsyncSession) -> datetime:
    """The present moment by the clock that decides deadlines."""
    moment: datetime = (await db.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return moment


# --- exam sessions -------------------------------------------------------------------------------------------------


async def exam_for(db: AsyncSession, actor: Actor, exam_id: UUID, lock: bool = False) -> ExamSession:
    """An exam session of the actor's organisation. Raises NotFound."""
    chosen = select(ExamSession).where(col(ExamSession.id) == exam_id, col(ExamSession.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="exam")
    return found


async def exams_for(
    db: AsyncSession, actor: Actor, course_session_id: UUID | None = None, limit: int = 50, after: UUID | None = None
) -> list[ExamSession]:
    """Exam sessions of the actor's organisation, newest first."""
    chosen = select(ExamSession).where(col(ExamSession.org_id) == actor.org).order_by(col(ExamSession.id).desc())
    if course_session_id is not None:
        chosen = chosen.where(col(ExamSession.course_session_id) == course_session_id)
    if after is not None:
        chosen = chosen.where(col(ExamSession.id) < after)
    return list(await db.scalars(chosen.limit(bounded(limit))))


async def course_sessions_for(db: AsyncSession, actor: Actor) -> list[CourseSession]:
    """Course sessions of the actor's organisation that an exam may be planned for, newest first."""
    chosen = select(CourseSession).where(
        col(CourseSession.org_id) == actor.org, sa.cast(col(CourseSession.state), sa.Text).in_(("planned", "published"))
    )
    return list(await db.scalars(chosen.order_by(col(CourseSession.id).desc()).limit(MOST)))


async def blueprints(db: AsyncSession) -> list[Edition]:
    """The frozen blueprints in force or to come, by code."""
    chosen = select(Edition).where(
        col(Edition.kind) == EditionKind.BLUEPRINT, col(Edition.state) == EditionState.FROZEN
    )
    return list(await db.scalars(chosen.order_by(col(Edition.code), col(Edition.version)).limit(MOST)))


async def form_of(db: AsyncSession, exam_id: UUID) -> ExamForm | None:
    """The frozen form of an exam session, keys included."""
    found = await db.scalars(select(ExamForm).where(col(ExamForm.exam_session_id) == exam_id))
    return found.first()


async def sitting_counts(db: AsyncSession, exam_id: UUID) -> dict[str, int]:
    """How many sittings of an exam session are in which state."""
    rows = await db.execute(
        sa.select(col(Sitting.state), sa.func.count())
        .where(col(Sitting.exam_session_id) == exam_id)
        .group_by(col(Sitting.state))
    )
    return {state.value: count for state, count in rows}


async def board_of(db: AsyncSession, exam: ExamSession) -> list[BoardRow]:
    """Every sitting of an exam session as the invigilator sees it, by name; without name where no ground shows it any more."""
    now = await database_now(db)
    saves = (
        sa.select(
            col(Answer.sitting_id),
            sa.func.max(col(Answer.saved_at)).label("last"),
            sa.func.count().filter(col(Answer.response) != sa.text("'null'::jsonb")).label("answered"),
        )
        .group_by(col(Answer.sitting_id))
        .subquery()
    )
    rows = await db.execute(
        sa.select(Sitting, col(Person.name), saves.c.last, saves.c.answered)
        .outerjoin(Person, col(Person.id) == col(Sitting.person_id))
        .outerjoin(saves, saves.c.sitting_id == col(Sitting.id))
        .where(col(Sitting.exam_session_id) == exam.id)
        .order_by(col(Person.sort_key), col(Person.name), col(Sitting.id))
    )
    return [_board_row(sitting, name or "", last, answered or 0, now) for sitting, name, last, answered in rows]


def _board_row(sitting: Sitting, name: str, last: datetime | None, answered: int, now: datetime) -> BoardRow:
    running = sitting.state == SittingState.OPEN and sitting.deadline_at is not None
    return BoardRow(
        sitting_id=sitting.id,
        name=name,
        state=sitting.state.value,
        opened_at=sitting.opened_at,
        deadline_at=sitting.deadline_at,
        submitted_at=sitting.submitted_at,
        extra_minutes=sitting.extra_minutes,
        answered=answered,
        slots=sitting.slots,
        seconds_since_save=None if last is None else max(0, int((now - last).total_seconds())),
        seconds_left=_seconds_between(now, sitting.deadline_at) if running else None,
    )


def _seconds_between(now: datetime, then: datetime | None) -> int:
    return 0 if then is None else max(0, int((then - now).total_seconds()))


# --- sittings ------------------------------------------------------------------------------------------------------


async def sitting_of_org(db: AsyncSession, actor: Actor, sitting_id: UUID, lock: bool = False) -> Sitting:
    """A sitting at the actor's organisation. Raises NotFound."""
    chosen = select(Sitting).where(col(Sitting.id) == sitting_id, col(Sitting.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="sitting")
    return found


async def own_sitting(db: AsyncSession, actor: Actor, sitting_id: UUID, lock: bool = False) -> Sitting:
    """A sitting of the actor's own person. Raises NotFound."""
    chosen = select(Sitting).where(col(Sitting.id) == sitting_id, col(Sitting.person_id) == actor.person)
    if lock:
        chosen = chosen.with_for_update()
    found = (await db.scalars(chosen.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound(what="sitting")
    return found


async def exam_of(db: AsyncSession, sitting: Sitting) -> ExamSession:
    """The exam session of a sitting."""
    return (await db.scalars(select(ExamSession).where(col(ExamSession.id) == sitting.exam_session_id))).one()


async def own_sittings(db: AsyncSession, actor: Actor) -> list[OwnSitting]:
    """The actor's own sittings, the latest exam first."""
    rows = await db.execute(
        sa.select(Sitting, ExamSession, _released())
        .join(ExamSession, col(ExamSession.id) == col(Sitting.exam_session_id))
        .where(col(Sitting.person_id) == actor.person)
        .order_by(col(ExamSession.opens_at).desc(), col(Sitting.id))
        .limit(MOST)
    )
    return [_own(sitting, exam, released) for sitting, exam, released in rows]


def _released() -> sa.ColumnElement[bool]:
    return sa.exists(
        sa.select(col(ResultRelease.id))
        .join(Result, col(Result.id) == col(ResultRelease.result_id))
        .where(col(Result.sitting_id) == col(Sitting.id))
    ).correlate(Sitting)


def _own(sitting: Sitting, exam: ExamSession, released: bool) -> OwnSitting:
    return OwnSitting(
        sitting_id=sitting.id,
        exam_session_id=exam.id,
        title=exam.title,
        opens_at=exam.opens_at,
        closes_at=deadline_of(exam.closes_at, exam.closes_at, sitting.window_minutes, 0, sitting.window_minutes),
        duration_minutes=exam.duration_minutes,
        extra_minutes=sitting.extra_minutes,
        state=sitting.state.value,
        deadline_at=sitting.deadline_at,
        submitted_at=sitting.submitted_at,
        receipt=sitting.receipt,
        released=released,
    )


async def answers_of(db: AsyncSession, sitting_id: UUID) -> list[Answer]:
    """The answers of a sitting that came in time, by slot."""
    chosen = select(Answer).where(col(Answer.sitting_id) == sitting_id).order_by(col(Answer.slot))
    return list(await db.scalars(chosen.execution_options(populate_existing=True)))


async def sitting_read(db: AsyncSession, actor: Actor, sitting_id: UUID) -> SittingRead:
    """The actor's own sitting; the paper only while it is open, never with a key. Raises NotFound."""
    sitting = await own_sitting(db, actor, sitting_id)
    exam = await exam_of(db, sitting)
    released = bool(await db.scalar(sa.select(_released()).where(col(Sitting.id) == sitting_id)))
    now = await database_now(db)
    paper = await db.scalar(sa.select(sa.func.sitting_paper(sitting_id)))
    return SittingRead(
        sitting=_own(sitting, exam, released),
        paper=arranged(paper, sitting.arrangement) if paper is not None else [],
        answers=[
            SavedAnswer(
                slot=one.slot,
                revision=one.revision,
                response=one.response,
                flagged=one.flagged,
                saved_at=one.saved_at,
            )
            for one in await answers_of(db, sitting_id)
        ],
        server_time=now,
        seconds_left=_seconds_between(now, sitting.deadline_at) if sitting.state == SittingState.OPEN else 0,
    )


async def sitting_clock(db: AsyncSession, actor: Actor, sitting_id: UUID) -> tuple[str, datetime, int]:
    """(state, the database's time, seconds left) of the actor's own sitting. Raises NotFound."""
    sitting = await own_sitting(db, actor, sitting_id)
    now = await database_now(db)
    running = sitting.state == SittingState.OPEN
    return sitting.state.value, now, _seconds_between(now, sitting.deadline_at) if running else 0


# --- marking -------------------------------------------------------------------------------------------------------


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


# --- results -------------------------------------------------------------------------------------------------------


async def latest_results(db: AsyncSession, sitting_ids: Iterable[UUID]) -> dict[UUID, Result]:
    """The newest scoring run of each sitting."""
    chosen = select(Result).where(col(Result.sitting_id).in_(list(sitting_ids))).order_by(col(Result.run))
    return {row.sitting_id: row for row in await db.scalars(chosen)}


async def own_result(db: AsyncSession, actor: Actor, sitting_id: UUID) -> tuple[Result, ExamSession]:
    """The released result of the actor's own sitting. Raises NotFound before the release."""
    row = (
        await db.execute(
            sa.select(Result, ExamSession)
            .join(ResultRelease, col(ResultRelease.result_id) == col(Result.id))
            .join(ExamSession, col(ExamSession.id) == col(ResultRelease.exam_session_id))
            .where(col(Result.sitting_id) == sitting_id, col(Result.person_id) == actor.person)
            .order_by(col(ResultRelease.created_at).desc())
            .limit(1)
        )
    ).first()
    if row is None:
        raise NotFound(what="result")
    return row[0], row[1]


async def unit_titles(db: AsyncSession) -> dict[str, dict[str, str]]:
    """The titles {zh, en} of competence units and their elements by id, from the frozen standards, the newest last."""
    rows = await db.scalars(
        select(Edition)
        .where(col(Edition.kind) == EditionKind.STANDARD, col(Edition.state) == EditionState.FROZEN)
        .order_by(col(Edition.effective_from))
    )
    titles: dict[str, dict[str, str]] = {}
    for row in rows:
        for unit in row.content.get("units", ()):
            for one in (unit, *unit.get("elements", ())):
                titles[one["id"]] = one["title"]
    return titles


@dataclass(frozen=True)
class ReleasedResult:
    """A result that stands: exact score of `full_marks`, passed or not, by module and unit {points, earned}, and its proof."""

    score: Fraction
    full_marks: int
    passed: bool
    by_module: dict[str, dict[str, Any]]
    by_unit: dict[str, dict[str, Any]]
    exam_session_id: UUID
    sitting_id: UUID
    result_id: UUID
    digest: str
    held_on: date
    marker_account_ids: frozenset[UUID]


async def released_result(db: AsyncSession, enrolment_id: UUID) -> ReleasedResult | None:
    """The result that stands for an enrolment: a passed one before a failed one, then the one released last."""
    rows = await db.execute(
        sa.select(Result, Sitting)
        .join(ResultRelease, col(ResultRelease.result_id) == col(Result.id))
        .join(Sitting, col(Sitting.id) == col(Result.sitting_id))
        .where(col(ResultRelease.enrolment_id) == enrolment_id)
        .order_by(col(ResultRelease.created_at).desc(), col(Result.run).desc())
    )
    latest: dict[UUID, tuple[Result, Sitting]] = {}
    for result, sitting in rows:
        latest.setdefault(sitting.id, (result, sitting))
    standing = sorted(latest.values(), key=lambda one: not one[0].passed)
    if not standing:
        return None
    result, sitting = standing[0]
    markers = await db.scalars(
        sa.select(col(Mark.marker_account_id)).where(col(Mark.sitting_id) == sitting.id).distinct()
    )
    begun = sitting.opened_at or sitting.created_at
    return ReleasedResult(
        score=Fraction(result.score_numerator, result.score_denominator),
        full_marks=result.full_marks,
        passed=result.passed,
        by_module=result.record["modules"],
        by_unit=result.record["units"],
        exam_session_id=sitting.exam_session_id,
        sitting_id=sitting.id,
        result_id=result.id,
        digest=result.digest,
        held_on=begun.astimezone(BEIJING).date(),
        marker_account_ids=frozenset(markers),
    )
