"""The public notice of a payout: opened, objected to, objections settled, and cleared when it is over."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.errors import SamePerson
from service.approvals.queries import approvals_of
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.records import uuid7
from service.letters.actions import write
from service.payouts.actions.payouts import SUBJECT, check_still_whole, give_up, period_of
from service.payouts.errors import ObjectionClosed, ObjectionSettled
from service.payouts.queries import lines_of, open_objections, payout_for
from service.payouts.rules import STATE_TITLES, check_clear, check_step
from service.payouts.schemas import FindingCreate, ObjectionCreate
from service.payouts.tables import Objection, Payout, PayoutState

OBJECT = sa.text("SELECT object_to_payout(:id, :payout, :ground)")


async def open_notice(db: AsyncSession, actor: Actor, payout_id: UUID) -> Payout:
    """Put an approved payout on public notice from today, for the days its plan asks.

    Raises NotFound, PayoutStepWrong, AccrualReversed.
    """
    row = await payout_for(db, actor, payout_id, lock=True)
    check_step(row.state, PayoutState.NOTICED)
    await check_still_whole(db, row)
    period = period_of(row, clock.today())
    row.notice_opens_on, row.notice_closes_on = period.opens_on, period.closes_on
    row.notice_certain = period.certain
    row.state = PayoutState.NOTICED
    await db.flush()
    await note(db, "payout.noticed", SUBJECT, row.id, closes_on=period.closes_on.isoformat())
    await _tell_people(db, row)
    return row


async def _tell_people(db: AsyncSession, row: Payout) -> None:
    """A letter to everybody named: they can see how it came about and object while the notice stands."""
    assert row.notice_closes_on is not None, "the notice has just been opened"
    facts = {"payout_id": str(row.id), "closes_on": row.notice_closes_on.isoformat()}
    for person_id in dict.fromkeys(one.person_id for one in await lines_of(db, row.id)):
        await write(db, kind="payout.noticed", facts=facts, person_id=person_id, org_id=row.org_id)


async def record_objection(db: AsyncSession, actor: Actor, payout_id: UUID, new: ObjectionCreate) -> Objection:
    """Record an objection the unit received. Raises NotFound, ObjectionClosed."""
    row = await payout_for(db, actor, payout_id, lock=True)
    if row.state is not PayoutState.NOTICED:
        raise ObjectionClosed(state=STATE_TITLES[row.state])
    objection = Objection(org_id=row.org_id, payout_id=row.id, ground=new.ground)
    db.add(objection)
    await db.flush()
    await note(db, "payout.objected", SUBJECT, row.id, objection_id=objection.id)
    return objection


async def object_as_person(db: AsyncSession, actor: Actor, payout_id: UUID, new: ObjectionCreate) -> UUID:
    """Object to a noticed payout in which one is named oneself. Raises NotFound, ObjectionClosed."""
    objection_id = uuid7()
    answer = await db.scalar(OBJECT, {"id": objection_id, "payout": payout_id, "ground": new.ground})
    if answer == "unknown" or actor.person_id is None:
        raise NotFound(what="payout")
    if answer != "kept":
        raise ObjectionClosed(state=STATE_TITLES[str(answer)])
    await note(db, "payout.objected", SUBJECT, payout_id, person_id=actor.person, objection_id=objection_id)
    return objection_id


async def settle_objection(
    db: AsyncSession, actor: Actor, payout_id: UUID, objection_id: UUID, new: FindingCreate
) -> Objection:
    """Give an objection its finding, by another person than the payout's maker; upheld, the payout ends.

    Raises NotFound, SamePerson, ObjectionSettled, PayoutStepWrong.
    """
    row = await payout_for(db, actor, payout_id, lock=True)
    objection = (
        await db.scalars(select(Objection).where(col(Objection.id) == objection_id, col(Objection.payout_id) == row.id))
    ).first()
    if objection is None:
        raise NotFound(what="objection")
    if any(one.maker_account_id == actor.account_id for one in await approvals_of(db, SUBJECT, row.id)):
        raise SamePerson
    if objection.settled_at is not None:
        raise ObjectionSettled
    objection.finding, objection.upheld, objection.settled_at = new.finding, new.upheld, clock.now()
    await db.flush()
    await note(db, "payout.objection_settled", SUBJECT, row.id, objection_id=objection.id, upheld=new.upheld)
    if new.upheld and row.state is PayoutState.NOTICED:
        await give_up(db, row, new.finding[:500])
    return objection


async def clear_payout(db: AsyncSession, actor: Actor, payout_id: UUID) -> Payout:
    """Clear a payout when its notice is over and every objection has its finding.

    Raises NotFound, PayoutStepWrong, NoticeMissing, NoticeStillOpen, ObjectionsOpen, AccrualReversed.
    """
    row = await payout_for(db, actor, payout_id, lock=True)
    check_step(row.state, PayoutState.CLEAR)
    check_clear(row.notice_closes_on, clock.today(), await open_objections(db, row.id))
    await check_still_whole(db, row)
    row.state = PayoutState.CLEAR
    await db.flush()
    await note(db, "payout.cleared", SUBJECT, row.id)
    return row
