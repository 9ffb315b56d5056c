"""An appeal by its own person: lodged once in time, withdrawn, read with its dated steps."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.exams.errors import AppealHeard, AppealUnderWay, AppealWindowOver
from service.exams.queries import appeal_of_sitting, appeal_window, own_sitting, steps_of
from service.exams.rules import APPEAL_STATE_TITLES
from service.exams.schemas import AppealLodge, AppealStanding, OwnAppeal
from service.exams.tables import Appeal, AppealState, AppealStep, AppealStepKind
from service.foundation.actor import Actor
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.records import uuid7
from service.foundation.templates import show_time
from service.letters.actions import write
from service.people.actions import open_for, seal_for
from service.people.errors import PersonErased

SUBJECT = "appeal"


def bound(what: str, appeal_id: UUID) -> str:
    """What a sealed text of an appeal is bound to: column and row."""
    return f"appeal.{what}:{appeal_id}"


async def opened(db: AsyncSession, keyring: Keyring, appeal: Appeal, sealed: bytes | None, what: str) -> str | None:
    """A text of an appeal, or None when there is none or its person's key was destroyed."""
    if sealed is None:
        return None
    try:
        return await open_for(db, keyring, appeal.person_id, sealed, bound(what, appeal.id))
    except PersonErased:
        return None


async def take_step(db: AsyncSession, actor: Actor, appeal: Appeal, kind: AppealStepKind, **details: object) -> None:
    """Write a dated step and its journal entry."""
    await db.flush()
    db.add(
        AppealStep(
            org_id=appeal.org_id,
            appeal_id=appeal.id,
            person_id=appeal.person_id,
            kind=kind,
            account_id=actor.account_id,
        )
    )
    verb = f"appeal.{'panel_named' if kind is AppealStepKind.PANEL else kind.value}"
    await note(db, verb, SUBJECT, appeal.id, person_id=appeal.person_id, org_id=appeal.org_id, **details)
    await db.flush()


async def lodge_appeal(db: AsyncSession, keyring: Keyring, actor: Actor, sitting_id: UUID, new: AppealLodge) -> Appeal:
    """Appeal against one's own released result, once, until the window is over by the database's clock.

    Raises NotFound before the release, AppealWindowOver, AppealUnderWay, AppealHeard.
    """
    sitting = await own_sitting(db, actor, sitting_id, lock=True)
    result, _, closes, in_time = await appeal_window(db, actor, sitting.id)
    before = await appeal_of_sitting(db, sitting.id)
    if before is not None and before.state == AppealState.CLOSED:
        raise AppealHeard
    if before is not None and before.state != AppealState.WITHDRAWN:
        raise AppealUnderWay
    if not in_time:
        raise AppealWindowOver(closes_at=show_time(closes))
    appeal_id = uuid7()
    row = Appeal(
        id=appeal_id,
        org_id=sitting.org_id,
        exam_session_id=sitting.exam_session_id,
        sitting_id=sitting.id,
        result_id=result.id,
        person_id=actor.person,
        ground=new.ground,
        statement_sealed=await seal_for(db, keyring, actor.person, new.statement, bound("statement", appeal_id)),
    )
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise AppealUnderWay from error
    await take_step(db, actor, row, AppealStepKind.LODGED, ground=new.ground.value)
    facts = {"sitting_id": str(sitting.id)}
    await write(db, kind="appeal.lodged", facts=facts, person_id=row.person_id, org_id=row.org_id)
    return row


async def withdraw_appeal(db: AsyncSession, actor: Actor, sitting_id: UUID) -> Appeal:
    """Withdraw one's appeal before its decision is drawn up; in time, one may lodge another. Raises NotFound, StateConflict."""
    sitting = await own_sitting(db, actor, sitting_id)
    row = await appeal_of_sitting(db, sitting.id)
    if row is None:
        raise NotFound(what="appeal")
    await db.refresh(row, with_for_update=True)
    if row.state not in (AppealState.LODGED, AppealState.HEARING):
        raise StateConflict(state=APPEAL_STATE_TITLES[row.state.value])
    row.state = AppealState.WITHDRAWN
    await take_step(db, actor, row, AppealStepKind.WITHDRAWN)
    return row


async def appeal_standing(db: AsyncSession, keyring: Keyring, actor: Actor, sitting_id: UUID) -> AppealStanding:
    """Whether and until when one may appeal against the result of one's sitting, and the appeal there is. Raises NotFound."""
    _, _, closes, in_time = await appeal_window(db, actor, sitting_id)
    row = await appeal_of_sitting(db, sitting_id)
    free = row is None or row.state == AppealState.WITHDRAWN
    return AppealStanding(
        closes_at=closes, open=in_time and free, appeal=None if row is None else await own_appeal(db, keyring, row)
    )


async def own_appeal(db: AsyncSession, keyring: Keyring, row: Appeal) -> OwnAppeal:
    """An appeal as its person sees it; the decision once it is confirmed."""
    closed = row.state == AppealState.CLOSED
    return OwnAppeal(
        appeal_id=row.id,
        sitting_id=row.sitting_id,
        ground=row.ground.value,
        statement=await opened(db, keyring, row, row.statement_sealed, "statement"),
        state=row.state.value,
        outcome=row.outcome.value if closed and row.outcome else None,
        reasons=await opened(db, keyring, row, row.reasons_sealed, "reasons") if closed else None,
        result_changed=row.new_result_id is not None,
        lodged_at=row.created_at,
        closed_at=row.closed_at,
        steps=await steps_of(db, row.id),
    )
