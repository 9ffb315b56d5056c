"""Ending a grant whose condition is gone: what has vested stays, the rest goes back to the pool."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.approvals.actions import decide as decide_proposal
from service.approvals.actions import propose as make_proposal
from service.approvals.queries import open_approval
from service.equity.actions.granting import SUBJECT
from service.equity.actions.vesting import book_vested, line_of
from service.equity.errors import EndingBeforeGrant, GrantNotInForce, VestedBeyondEnding
from service.equity.queries import GRANTED, POOL, grant_for, vested_by_books
from service.equity.rules import VestingTerms, digest_of, vested
from service.equity.schemas import EndingCreate, GrantDecision
from service.equity.tables import EquityGrant, GrantState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.incentives.queries import version_for
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side

STEP = "end"


async def propose_ending(db: AsyncSession, actor: Actor, grant_id: UUID, new: EndingCreate) -> EquityGrant:
    """Propose that a grant vests no further after a day. Until the decision nothing beyond that day is booked.

    Raises NotFound, GrantNotInForce, EndingBeforeGrant, VestedBeyondEnding.
    """
    row = await grant_for(db, actor, grant_id, lock=True)
    if row.state is not GrantState.GRANTED or row.ending_on is not None:
        raise GrantNotInForce(reference=row.reference)
    if not row.granted_on <= new.ending_on <= clock.today():
        raise EndingBeforeGrant(field="ending_on", granted=row.granted_on.isoformat())
    due = vested(row.quantity, VestingTerms.model_validate(row.terms), new.ending_on)
    booked = (await vested_by_books(db, [row.id]))[row.id]
    if booked > due:
        raise VestedBeyondEnding(field="ending_on", day=new.ending_on.isoformat(), due=due, booked=booked)
    row.ending_on, row.ending_ground = new.ending_on, new.ending_ground
    await db.flush()
    await make_proposal(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=_digest(row), step=STEP)
    return row


async def decide_ending(db: AsyncSession, actor: Actor, grant_id: UUID, decision: GrantDecision) -> EquityGrant:
    """End the grant: book what had vested by its last day, give the rest back to the pool. Or let it go on.

    Raises NotFound, NothingProposed, SamePerson, AlreadyDecided, SubjectChanged.
    """
    row = await grant_for(db, actor, grant_id, lock=True)
    proposal = await open_approval(db, SUBJECT, row.id, STEP)
    await decide_proposal(db, actor, proposal, digest=_digest(row), approve=decision.approve, reason=decision.reason)
    if not decision.approve or row.ending_on is None:
        row.ending_on = row.ending_ground = None
        await db.flush()
        return row
    await book_vested(db, row, row.ending_on, (await vested_by_books(db, [row.id]))[row.id])
    row.forfeited = row.quantity - (await vested_by_books(db, [row.id]))[row.id]
    row.state = GrantState.ENDED
    await db.flush()
    if row.forfeited:
        version = await version_for(db, actor, row.plan_version_id)
        await post(
            db,
            org_id=row.org_id,
            book=Book.SHARES,
            source_kind="equity_ending",
            source_id=row.id,
            effective_on=row.ending_on,
            lines=[
                line_of(row, GRANTED, Side.DEBIT, row.forfeited),
                Line(POOL, Side.CREDIT, row.forfeited, owner_kind="plan", owner_id=version.plan_id),
            ],
        )
    await note(db, "equity.ended", SUBJECT, row.id, person_id=row.person_id, forfeited=row.forfeited)
    return row


def _digest(row: EquityGrant) -> str:
    return digest_of(row.model_dump(mode="json", include={"id", "ending_on", "ending_ground"}))
