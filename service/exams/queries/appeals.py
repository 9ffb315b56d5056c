"""Appeals: one's own, those an organisation handles, and the paper as a panel sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.papers import Form
from service.exams.queries.results import own_result
from service.exams.queries.sessions import database_now
from service.exams.queries.sittings import answers_of
from service.exams.rules import appeal_closes, arranged
from service.exams.schemas import AppealRow, AppealStepRead, BenchRow, HeardQuestion, HeardSlot
from service.exams.tables import (
    Appeal,
    AppealMember,
    AppealOpinion,
    AppealState,
    AppealStep,
    ExamForm,
    ExamSession,
    Mark,
    Result,
    ResultRelease,
    Sitting,
)
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound
from service.foundation.paging import MOST


async def appeal_of_sitting(db: AsyncSession, sitting_id: UUID) -> Appeal | None:
    """The appeal about a sitting that was not withdrawn, or the last one that was."""
    chosen = (
        select(Appeal)
        .where(col(Appeal.sitting_id) == sitting_id)
        .order_by(col(Appeal.state) == AppealState.WITHDRAWN, col(Appeal.id).desc())
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(chosen.limit(1))).first()


async def appeal_window(db: AsyncSession, actor: Actor, sitting_id: UUID) -> tuple[Result, ExamSession, Any, bool]:
    """(result that stands, exam session, until when an appeal is in time, whether it is now). Raises NotFound."""
    result, exam = await own_result(db, actor, sitting_id)
    released = await db.scalar(
        sa.select(col(ResultRelease.created_at)).where(col(ResultRelease.result_id) == result.id)
    )
    assert released is not None, "one's own result is a released one"
    closes = appeal_closes(released, exam.appeal_days)
    return result, exam, closes, await database_now(db) < closes


async def appeal_for(db: AsyncSession, actor: Actor, appeal_id: UUID, lock: bool = False) -> Appeal:
    """An appeal at the actor's organisation. Raises NotFound."""
    chosen = select(Appeal).where(col(Appeal.id) == appeal_id, col(Appeal.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="appeal")
    return found


async def heard_by(db: AsyncSession, actor: Actor, appeal_id: UUID, lock: bool = False) -> Appeal:
    """An appeal on whose panel the actor sits. Raises NotFound, also for one who stood down."""
    appeal = await appeal_for(db, actor, appeal_id, lock)
    if actor.account_id not in {one.account_id for one in await members_of(db, appeal.id)}:
        raise NotFound(what="appeal")
    return appeal


async def members_of(db: AsyncSession, appeal_id: UUID) -> list[AppealMember]:
    """The present panel, in the order in which it was named."""
    chosen = select(AppealMember).where(
        col(AppealMember.appeal_id) == appeal_id, col(AppealMember.stood_down_at).is_(None)
    )
    return list(await db.scalars(chosen.order_by(col(AppealMember.id))))


async def opinions_of(db: AsyncSession, appeal_id: UUID) -> list[AppealOpinion]:
    """The opinions given, in their order."""
    chosen = select(AppealOpinion).where(col(AppealOpinion.appeal_id) == appeal_id)
    return list(await db.scalars(chosen.order_by(col(AppealOpinion.id))))


async def steps_of(db: AsyncSession, appeal_id: UUID) -> list[AppealStepRead]:
    """The dated steps of an appeal, the first one first."""
    chosen = select(AppealStep).where(col(AppealStep.appeal_id) == appeal_id).order_by(col(AppealStep.id))
    return [AppealStepRead(kind=one.kind.value, at=one.created_at) for one in await db.scalars(chosen)]


@dataclass(frozen=True)
class OnBench:
    """One who may hear appeals: `holds` a post today; `parts` they had in what is appealed against."""

    account_id: UUID
    name: str
    holds: bool
    parts: tuple[str, ...]


async def bench_of(db: AsyncSession, appeal_id: UUID) -> list[OnBench]:
    """Everybody who holds a post as panellist or sits on the panel, by name."""
    rows = await db.execute(sa.text("SELECT * FROM appeal_bench(:appeal)"), {"appeal": appeal_id})
    return [OnBench(row.account_id, row.name, row.holds, tuple(row.parts)) for row in rows]


async def bench_rows(db: AsyncSession, appeal: Appeal) -> list[BenchRow]:
    """The bench as it is shown to whoever names the panel."""
    members = {one.account_id for one in await members_of(db, appeal.id)}
    spoke = {one.account_id for one in await opinions_of(db, appeal.id)}
    return [
        BenchRow(
            account_id=one.account_id,
            name=one.name,
            parts=list(one.parts),
            on_panel=one.account_id in members,
            spoke=one.account_id in spoke,
        )
        for one in await bench_of(db, appeal.id)
    ]


async def appeals_for(
    db: AsyncSession, actor: Actor, *, heard: bool = False, exam_id: UUID | None = None
) -> list[AppealRow]:
    """Appeals at the actor's organisation, the newest first; with `heard` those on whose panel the actor sits."""
    chosen = select(Appeal).where(col(Appeal.org_id) == actor.org).order_by(col(Appeal.id).desc()).limit(MOST)
    if heard:
        mine = sa.exists().where(
            col(AppealMember.appeal_id) == col(Appeal.id),
            col(AppealMember.account_id) == actor.account_id,
            col(AppealMember.stood_down_at).is_(None),
        )
        chosen = chosen.where(mine, col(Appeal.state) != AppealState.WITHDRAWN)
    if exam_id is not None:
        chosen = chosen.where(col(Appeal.exam_session_id) == exam_id)
    return await appeal_rows(db, actor, list(await db.scalars(chosen)))


async def appeal_rows(db: AsyncSession, actor: Actor, appeals: Iterable[Appeal]) -> list[AppealRow]:
    """Appeals as rows, without a person."""
    asked = list(appeals)
    ids = [one.id for one in asked]
    exams = await db.execute(
        sa.select(col(ExamSession.id), col(ExamSession.title)).where(
            col(ExamSession.id).in_({one.exam_session_id for one in asked})
        )
    )
    titles: dict[UUID, dict[str, str]] = {row.id: row.title for row in exams}
    panels = await _counted(
        db,
        sa.select(col(AppealMember.appeal_id), sa.func.count())
        .where(col(AppealMember.appeal_id).in_(ids), col(AppealMember.stood_down_at).is_(None))
        .group_by(col(AppealMember.appeal_id)),
    )
    given: dict[UUID, list[AppealOpinion]] = {one: [] for one in ids}
    for opinion in await db.scalars(select(AppealOpinion).where(col(AppealOpinion.appeal_id).in_(ids))):
        given[opinion.appeal_id].append(opinion)
    return [
        AppealRow(
            appeal_id=one.id,
            exam_session_id=one.exam_session_id,
            exam_title=titles[one.exam_session_id],
            number=appeal_number(one),
            ground=one.ground.value,
            state=one.state.value,
            outcome=one.outcome.value if one.outcome and one.state == AppealState.CLOSED else None,
            lodged_at=one.created_at,
            closed_at=one.closed_at,
            panel=panels.get(one.id, 0),
            opinions=len(given[one.id]),
            own_opinion=next(
                (each.outcome.value for each in given[one.id] if each.account_id == actor.account_id), None
            ),
        )
        for one in asked
    ]


async def _counted(db: AsyncSession, chosen: Any) -> dict[UUID, int]:
    return {row[0]: row[1] for row in await db.execute(chosen)}


def appeal_number(appeal: Appeal) -> str:
    """How people speak of an appeal without naming anybody: the day it was lodged and the end of its key."""
    return f"{appeal.created_at.astimezone(BEIJING):%Y%m%d}-{appeal.id.hex[-4:].upper()}"


# --- the paper as its panel sees it --------------------------------------------------------------------------------


async def appealed_result(db: AsyncSession, appeal: Appeal) -> Result:
    """The result an appeal is about."""
    return (await db.scalars(select(Result).where(col(Result.id) == appeal.result_id))).one()


async def heard_paper(db: AsyncSession, appeal: Appeal, result: Result) -> list[HeardSlot]:
    """The paper of the appealed sitting in its own order, with answers, keys, rubrics and marks; none for one on paper."""
    sitting = (await db.scalars(select(Sitting).where(col(Sitting.id) == appeal.sitting_id))).one()
    row = (await db.scalars(select(ExamForm).where(col(ExamForm.id) == sitting.form_id))).first()
    if row is None or not row.paper:
        return []
    form = Form.from_json(row.content)
    answers = {str(one.slot): one.response for one in await answers_of(db, sitting.id)}
    marks: dict[str, list[Mark]] = {}
    chosen = select(Mark).where(col(Mark.sitting_id) == sitting.id).order_by(col(Mark.round))
    for mark in await db.scalars(chosen):
        marks.setdefault(mark.place, []).append(mark)
    earned = {place["place"]: place["earned"] for slot in result.record.get("slots", ()) for place in slot["places"]}
    sums = {slot["slot"]: slot["earned"] for slot in result.record.get("slots", ())}
    return [
        HeardSlot(
            number=slot["number"],
            slot=slot["slot"],
            kind=slot["kind"],
            stem=slot["stem"],
            points=slot["points"],
            earned=sums.get(slot["slot"], "0"),
            questions=_heard_questions(slot, form, answers.get(slot["slot"]), earned, marks),
        )
        for slot in arranged(row.paper, sitting.arrangement)
    ]


def _heard_questions(
    slot: Mapping[str, Any],
    form: Form,
    response: Any,
    earned: Mapping[str, str | None],
    marks: Mapping[str, list[Mark]],
) -> list[HeardQuestion]:
    shown = {one["id"]: one for one in slot["questions"]}
    found = []
    for place, question, points in form.by_slot[slot["slot"]].places():
        part = response.get(question.id) if question.id and isinstance(response, dict) else response
        found.append(
            HeardQuestion(
                place=place,
                part=question.id,
                kind=question.kind,
                stem=question.stem.to_json() if question.id else {},
                options=[dict(one) for one in shown[question.id].get("options", ())],
                answer=None if question.id and not isinstance(response, dict) else part,
                key=question.key_json(),
                rubric=[line.to_json() for line in question.rubric],
                points=str(points),
                earned=earned.get(place),
                marks=[
                    {"round": one.round, "points": one.points, "comment": one.comment} for one in marks.get(place, ())
                ],
            )
        )
    return found


# Name -> SQL that returns the offending rows.
INVARIANTS: dict[str, str] = {
    "a decided appeal was drawn up and confirmed by two members of its panel": """
        SELECT a.id FROM appeal a LEFT JOIN approval d ON d.id = a.approval_id WHERE a.state = 'closed' AND (
            d.state IS DISTINCT FROM 'approved' OR d.maker_account_id = d.checker_account_id OR (
                SELECT count(*) FROM appeal_member m WHERE m.appeal_id = a.id AND m.stood_down_at IS NULL
                    AND m.account_id IN (d.maker_account_id, d.checker_account_id)) <> 2)
    """,
    "a decided appeal had an odd panel of which everybody spoke": """
        SELECT a.id FROM appeal a WHERE a.state IN ('drawn_up', 'closed') AND (
            (SELECT count(*) FROM appeal_member m WHERE m.appeal_id = a.id AND m.stood_down_at IS NULL) % 2 = 0 OR EXISTS (
                SELECT FROM appeal_member m WHERE m.appeal_id = a.id AND m.stood_down_at IS NULL AND NOT EXISTS (
                    SELECT FROM appeal_opinion o WHERE o.appeal_id = a.id AND o.account_id = m.account_id)))
    """,
    "a result that an appeal put in place of another is a later run of the same sitting, released by that decision": """
        SELECT a.id FROM appeal a JOIN result was ON was.id = a.result_id JOIN result new ON new.id = a.new_result_id
            LEFT JOIN result_release r ON r.result_id = new.id
        WHERE new.sitting_id <> was.sitting_id OR new.run <= was.run OR r.approval_id IS DISTINCT FROM a.approval_id
    """,
}
