"""Hearing an appeal: a panel apart from what is appealed against, an opinion each, a decision drawn up and confirmed."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.canonical import fraction_text
from curricula.papers import Form
from service.approvals.actions import decide, propose
from service.approvals.queries import open_approval
from service.approvals.tables import Approval
from service.exams.actions.appealing import SUBJECT, bound, opened, take_step
from service.exams.actions.marking import fitting_points
from service.exams.actions.recording import keep_result
from service.exams.actions.scoring import score_sitting
from service.exams.errors import (
    MarkNotWanted,
    NewMarksNeeded,
    NewMarksNotDue,
    OpinionGiven,
    OpinionsMissing,
    PanelEven,
    PanelHasSpoken,
    PanellistTookPart,
    PanellistUnknown,
    PanelTooSmall,
    ScoreBeyondFullMarks,
)
from service.exams.events import ResultSettled
from service.exams.queries import (
    answers_of,
    appeal_for,
    appeal_rows,
    appealed_result,
    bench_of,
    bench_rows,
    database_now,
    essay_places,
    exam_for,
    form_of,
    heard_by,
    heard_paper,
    marks_of,
    members_of,
    opinions_of,
    recorded_scores,
    sitting_of_org,
    steps_of,
    text_at,
)
from service.exams.rules import APPEAL_STATE_TITLES, PART_TITLES, decision_digest, is_answer, panel_outcome
from service.exams.schemas import (
    AppealHeardRead,
    AppealManaged,
    DecisionConfirm,
    DecisionDrawUp,
    OpinionGive,
    OpinionRead,
    PanelName,
)
from service.exams.tables import (
    Appeal,
    AppealGround,
    AppealMember,
    AppealOpinion,
    AppealOutcome,
    AppealState,
    AppealStepKind,
    ExamMode,
    ExamSession,
    Mark,
    PaperOutcome,
    RecordedScore,
    Result,
    ResultRelease,
    Sitting,
)
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.letters.actions import write
from service.people.actions import seal_for

STEP = "confirm"


# --- naming the panel ----------------------------------------------------------------------------------------------


async def managed_appeal(db: AsyncSession, actor: Actor, appeal_id: UUID) -> AppealManaged:
    """An appeal for whoever names its panel: ground, state, steps and the bench; never what was written. Raises NotFound."""
    appeal = await appeal_for(db, actor, appeal_id)
    exam = await exam_for(db, actor, appeal.exam_session_id)
    (row,) = await appeal_rows(db, actor, [appeal])
    return AppealManaged(
        appeal=row,
        least=exam.appeal_panel,
        bench=await bench_rows(db, appeal),
        steps=await steps_of(db, appeal.id),
    )


async def name_panel(db: AsyncSession, actor: Actor, appeal_id: UUID, new: PanelName) -> Appeal:
    """Name the whole panel, the first time or anew while the decision is not drawn up.

    An odd number of at least the exam session's setting, none of whom marked, released, taught, sat or appealed, nor
    names the panel. Who has given an opinion stays. Raises NotFound, StateConflict, PanelTooSmall, PanelEven,
    PanellistUnknown, PanellistTookPart, PanelHasSpoken.
    """
    appeal = await appeal_for(db, actor, appeal_id, lock=True)
    if appeal.state not in (AppealState.LODGED, AppealState.HEARING):
        raise StateConflict(state=APPEAL_STATE_TITLES[appeal.state.value])
    exam = await exam_for(db, actor, appeal.exam_session_id)
    chosen = set(new.account_ids)
    if len(chosen) < exam.appeal_panel:
        raise PanelTooSmall(field="account_ids", least=exam.appeal_panel, count=len(chosen))
    if len(chosen) % 2 == 0:
        raise PanelEven(field="account_ids", count=len(chosen))
    await _refuse_unfit(db, actor, appeal, chosen)
    spoke = {one.account_id for one in await opinions_of(db, appeal.id)}
    if not spoke <= chosen:
        raise PanelHasSpoken(field="account_ids", count=len(spoke))
    for account_id in await _seat(db, appeal, chosen):
        facts = {"appeal_id": str(appeal.id)}
        await write(db, kind="appeal.named", facts=facts, account_id=account_id, org_id=appeal.org_id)
    appeal.state = AppealState.HEARING
    await take_step(db, actor, appeal, AppealStepKind.PANEL, people=len(chosen))
    facts = {"sitting_id": str(appeal.sitting_id), "count": str(len(chosen))}
    await write(db, kind="appeal.panel", facts=facts, person_id=appeal.person_id, org_id=appeal.org_id)
    return appeal


async def _refuse_unfit(db: AsyncSession, actor: Actor, appeal: Appeal, chosen: set[UUID]) -> None:
    bench = {one.account_id: one for one in await bench_of(db, appeal.id)}
    for account_id in sorted(chosen, key=str):
        one = bench.get(account_id)
        if one is None or not one.holds:
            raise PanellistUnknown(field="account_ids")
        parts = (*one.parts, *(("assigns",) if account_id == actor.account_id else ()))
        if parts:
            told = [PART_TITLES[part] for part in parts]
            raise PanellistTookPart(field="account_ids", name=one.name, parts=told)


async def _seat(db: AsyncSession, appeal: Appeal, chosen: set[UUID]) -> list[UUID]:
    """Make these the panel; returns who is new on it."""
    rows = await db.scalars(select(AppealMember).where(col(AppealMember.appeal_id) == appeal.id))
    known = {one.account_id: one for one in rows}
    now = await database_now(db)
    fresh = []
    for account_id, row in known.items():
        if account_id not in chosen:
            row.stood_down_at = row.stood_down_at or now
        elif row.stood_down_at is not None:
            row.stood_down_at = None
            fresh.append(account_id)
    for account_id in sorted(chosen - set(known), key=str):
        db.add(AppealMember(org_id=appeal.org_id, appeal_id=appeal.id, account_id=account_id))
        fresh.append(account_id)
    await db.flush()
    return fresh


# --- the panel -----------------------------------------------------------------------------------------------------


async def heard_appeal(db: AsyncSession, keyring: Keyring, actor: Actor, appeal_id: UUID) -> AppealHeardRead:
    """The appeal with the paper, answers, keys, rubrics and marks of that one sitting, without a name; the look is journaled.

    Opinions of others are shown to who has given theirs. Raises NotFound to whoever is not on the panel.
    """
    appeal = await heard_by(db, actor, appeal_id)
    result = await appealed_result(db, appeal)
    opinions = await opinions_of(db, appeal.id)
    members = [one.account_id for one in await members_of(db, appeal.id)]
    spoke = any(one.account_id == actor.account_id for one in opinions)
    (row,) = await appeal_rows(db, actor, [appeal])
    drawn = appeal.state in (AppealState.DRAWN_UP, AppealState.CLOSED)
    approval = await open_approval(db, SUBJECT, appeal.id, STEP)
    await note(db, "appeal.read", SUBJECT, appeal.id, person_id=appeal.person_id)
    return AppealHeardRead(
        appeal=row,
        statement=await opened(db, keyring, appeal, appeal.statement_sealed, "statement"),
        earned=result.record["earned"],
        points=result.record["points"],
        passed=result.passed,
        required=result.record["cut"]["required"],
        slots=await heard_paper(db, appeal, result),
        opinions=[
            OpinionRead(
                member=members.index(one.account_id) + 1,
                own=one.account_id == actor.account_id,
                outcome=one.outcome.value,
                reasons=await opened(db, keyring, appeal, one.reasons_sealed, f"opinion.{one.account_id}"),
                given_at=one.created_at,
            )
            for one in opinions
            if spoke
        ],
        missing=len(members) - len(opinions),
        outcome=appeal.outcome.value if drawn and appeal.outcome else None,
        reasons=await opened(db, keyring, appeal, appeal.reasons_sealed, "reasons"),
        marks=appeal.marks,
        score=appeal.new_score,
        drawn_up_by_me=approval is not None and approval.maker_account_id == actor.account_id,
        steps=await steps_of(db, appeal.id),
    )


async def give_opinion(
    db: AsyncSession, keyring: Keyring, actor: Actor, appeal_id: UUID, new: OpinionGive
) -> AppealOpinion:
    """Give one's opinion, once. Raises NotFound, StateConflict, OpinionGiven."""
    appeal = await heard_by(db, actor, appeal_id, lock=True)
    if any(one.account_id == actor.account_id for one in await opinions_of(db, appeal.id)):
        raise OpinionGiven
    _refuse_unless_hearing(appeal)
    assert actor.account_id is not None, "who sits on a panel is signed in"
    what = bound(f"opinion.{actor.account_id}", appeal.id)
    row = AppealOpinion(
        org_id=appeal.org_id,
        appeal_id=appeal.id,
        account_id=actor.account_id,
        outcome=new.outcome,
        reasons_sealed=await seal_for(db, keyring, appeal.person_id, new.reasons, what),
    )
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise OpinionGiven from error
    await note(db, "appeal.opinion_given", SUBJECT, appeal.id, person_id=appeal.person_id)
    await db.flush()
    return row


def _refuse_unless_hearing(appeal: Appeal) -> None:
    if appeal.state != AppealState.HEARING:
        raise StateConflict(state=APPEAL_STATE_TITLES[appeal.state.value])


async def draw_up(db: AsyncSession, keyring: Keyring, actor: Actor, appeal_id: UUID, new: DecisionDrawUp) -> Approval:
    """Draw up the panel's decision when every member has given an opinion: the outcome is the majority's.

    New marks by rubric (of an exam on paper the new score) go with an outcome that grants something. Nothing changes
    until another member confirms. Raises NotFound, StateConflict, OpinionsMissing, NewMarksNeeded, NewMarksNotDue,
    MarkNotWanted, MarkUnfit, ScoreBeyondFullMarks.
    """
    appeal = await heard_by(db, actor, appeal_id, lock=True)
    _refuse_unless_hearing(appeal)
    opinions = await opinions_of(db, appeal.id)
    missing = len(await members_of(db, appeal.id)) - len(opinions)
    if missing:
        raise OpinionsMissing(missing=missing)
    outcome = AppealOutcome(panel_outcome([one.outcome.value for one in opinions]))
    exam = await exam_for(db, actor, appeal.exam_session_id)
    marks = await _fitting_marks(db, appeal, exam, outcome, new.marks)
    score = _fitting_score(exam, outcome, new.score)
    granted = outcome is not AppealOutcome.DISMISSED
    if granted and appeal.ground is AppealGround.MARKING and not (marks or score):
        raise NewMarksNeeded(field="marks" if exam.mode is ExamMode.ONLINE else "score")
    sealed = await seal_for(db, keyring, appeal.person_id, new.reasons, bound("reasons", appeal.id))
    appeal.state, appeal.outcome, appeal.reasons_sealed = AppealState.DRAWN_UP, outcome, sealed
    appeal.marks, appeal.new_score = marks, score
    digest = await _digest_of(db, appeal)
    await take_step(db, actor, appeal, AppealStepKind.DRAWN_UP, outcome=outcome.value)
    return await propose(db, actor, subject_kind=SUBJECT, subject_id=appeal.id, digest=digest, step=STEP)


async def _digest_of(db: AsyncSession, appeal: Appeal) -> str:
    assert appeal.outcome is not None, "the decision is drawn up"
    assert appeal.reasons_sealed is not None, "with its reasons"
    result = await appealed_result(db, appeal)
    return decision_digest(
        appeal.id, result.digest, appeal.outcome.value, appeal.reasons_sealed, appeal.marks, appeal.new_score
    )


async def _fitting_marks(
    db: AsyncSession,
    appeal: Appeal,
    exam: ExamSession,
    outcome: AppealOutcome,
    given: Mapping[str, Mapping[str, int | str]],
) -> dict[str, Any] | None:
    """The new marks by place as exact numbers; places left empty are left as they are."""
    wanted = {place: lines for place, lines in given.items() if any(str(one).strip() for one in lines.values())}
    if not wanted:
        return None
    if outcome is AppealOutcome.DISMISSED:
        raise NewMarksNotDue(field="marks")
    row = await form_of(db, exam.id)
    places = {one.place: one for one in essay_places(Form.from_json(row.content))} if row is not None else {}
    answers = {one.slot: one.response for one in await answers_of(db, appeal.sitting_id)}
    for name in wanted:
        place = places.get(name)
        if place is None or not is_answer(text_at(answers.get(place.slot), place.part)):
            raise MarkNotWanted
    return {name: fitting_points(places[name], lines, f"marks.{name}") for name, lines in wanted.items()}


def _fitting_score(exam: ExamSession, outcome: AppealOutcome, given: Decimal | None) -> str | None:
    if given is None:
        return None
    if exam.mode is not ExamMode.PAPER:
        raise MarkNotWanted
    if outcome is AppealOutcome.DISMISSED:
        raise NewMarksNotDue(field="score")
    if exam.full_marks is None or given > exam.full_marks:
        raise ScoreBeyondFullMarks(field="score", full=exam.full_marks)
    return fraction_text(Fraction(given))


async def confirm_decision(db: AsyncSession, actor: Actor, appeal_id: UUID, new: DecisionConfirm) -> Appeal:
    """Confirm what another member drew up, over exactly that, or send it back to the panel with a reason.

    Confirmed, new marks become a new result beside the earlier one and ResultSettled is announced. Raises NotFound,
    NothingProposed, SamePerson, SubjectChanged.
    """
    appeal = await heard_by(db, actor, appeal_id, lock=True)
    approval = await open_approval(db, SUBJECT, appeal.id, STEP)
    if approval is None or not new.confirm:
        await decide(db, actor, approval, digest="", approve=False, reason=new.reason)
        appeal.state, appeal.outcome, appeal.reasons_sealed = AppealState.HEARING, None, None
        appeal.marks, appeal.new_score = None, None
        await take_step(db, actor, appeal, AppealStepKind.RETURNED)
        return appeal
    decided = await decide(db, actor, approval, digest=await _digest_of(db, appeal), approve=True)
    new_result, now = await _carry_out(db, actor, appeal, decided), await database_now(db)
    appeal.new_result_id = None if new_result is None else new_result.id
    appeal.state, appeal.closed_at, appeal.approval_id = AppealState.CLOSED, now, decided.id
    assert appeal.outcome is not None, "the decision is drawn up"
    await take_step(db, actor, appeal, AppealStepKind.CLOSED, outcome=appeal.outcome.value, result=appeal.new_result_id)
    facts = {"sitting_id": str(appeal.sitting_id)}
    await write(db, kind="appeal.closed", facts=facts, person_id=appeal.person_id, org_id=appeal.org_id)
    return appeal


async def _carry_out(db: AsyncSession, actor: Actor, appeal: Appeal, approval: Approval) -> Result | None:
    """Write the new marks as a further round, score anew, and release what came of it; None when nothing is different."""
    if not appeal.marks and appeal.new_score is None:
        return None
    sitting = await sitting_of_org(db, actor, appeal.sitting_id, lock=True)
    before = await appealed_result(db, appeal)
    if appeal.marks:
        await _mark_anew(db, appeal, approval)
        after = await score_sitting(db, sitting.id)
    else:
        after = await _record_anew(db, actor, appeal, sitting, approval)
    if after is None or after.id == before.id:
        return None
    db.add(
        ResultRelease(
            org_id=appeal.org_id,
            result_id=after.id,
            exam_session_id=appeal.exam_session_id,
            enrolment_id=sitting.enrolment_id,
            person_id=appeal.person_id,
            approval_id=approval.id,
        )
    )
    await db.flush()
    await note(
        db, "result.superseded", "sitting", sitting.id, person_id=appeal.person_id, before=before.id, after=after.id
    )
    await announce(db, ResultSettled(enrolment_id=sitting.enrolment_id, result_id=after.id, org_id=appeal.org_id))
    return after


async def _mark_anew(db: AsyncSession, appeal: Appeal, approval: Approval) -> None:
    """The marks of the decision as the next round at each place, by whoever drew it up."""
    counting = await marks_of(db, appeal.sitting_id)
    for place, points in sorted((appeal.marks or {}).items()):
        earlier = counting.get(place)
        db.add(
            Mark(
                org_id=appeal.org_id,
                sitting_id=appeal.sitting_id,
                place=place,
                round=1 if earlier is None else earlier.round + 1,
                marker_account_id=approval.maker_account_id,
                points=points,
            )
        )
    await db.flush()


async def _record_anew(db: AsyncSession, actor: Actor, appeal: Appeal, sitting: Sitting, approval: Approval) -> Result:
    """The score of the decision as the next round of a paper's score."""
    exam = await exam_for(db, actor, appeal.exam_session_id)
    earlier = (await recorded_scores(db, [sitting.id]))[sitting.id]
    score = Fraction(str(appeal.new_score))
    row = RecordedScore(
        org_id=appeal.org_id,
        sitting_id=sitting.id,
        round=earlier.round + 1,
        outcome=PaperOutcome.SCORED,
        score_numerator=score.numerator,
        score_denominator=score.denominator,
        held_on=earlier.held_on,
        account_id=approval.maker_account_id,
    )
    db.add(row)
    await db.flush()
    return await keep_result(db, exam, sitting, row)
