"""Recording a revenue event: once per source and reference, and at once what it earns for whom."""

import hashlib
from uuid import UUID

import rfc8785
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.contracts.errors import ContractNotLive, DateAhead
from service.contracts.queries import contract_for
from service.contracts.rules import STATE_TITLES
from service.contracts.tables import ContractState, TechnologyContract
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import ContentConflict, NotFound
from service.foundation.journal import note
from service.foundation.money import yuan_text
from service.incentives.actions.booking import lock_buckets, lock_years, under_caps, write_accrual
from service.incentives.errors import EventReversedAlready, ReceivedBelowZero
from service.incentives.queries import agreements_bound
from service.incentives.rules import accrue
from service.incentives.rules.effects import base_change, check_deductions, received_change
from service.incentives.schemas import EventCreate
from service.incentives.tables import AccrualKind, Agreement, EventKind, RevenueEvent


async def record_event(db: AsyncSession, actor: Actor, new: EventCreate) -> tuple[RevenueEvent, bool]:
    """Record a fact of money and book what it earns; (event, True), or (the stored event, False) when it was known.

    Raises NotFound, ContentConflict, DateAhead, ContractNotLive, CostWithoutName, DeductionsAboveAmount,
    DeductionUnknown, ReceivedBelowZero.
    """
    contract_id = await _contract_id(db, actor, new)
    check_deductions(new.kind, new.amount_fen, new.deductions)
    given = RevenueEvent(
        org_id=actor.org,
        contract_id=contract_id,
        source=new.source,
        reference=new.reference,
        digest="",
        kind=new.kind,
        amount_fen=new.amount_fen,
        deductions=new.deductions,
        effective_on=new.effective_on,
        evidence=new.evidence,
    )
    row, fresh = await add_once(db, given)
    if not fresh:
        return row, False
    if row.effective_on > clock.today():
        raise DateAhead(field="effective_on", day=row.effective_on.isoformat())
    contract = await contract_for(db, actor, contract_id, lock=True)
    if contract.state is ContractState.VOID and row.kind is not EventKind.REFUND:
        raise ContractNotLive(contract_no=contract.contract_no, state=STATE_TITLES[contract.state])
    move_received(contract, received_change(row.kind, row.amount_fen))
    await book_event(db, row)
    await note(db, "revenue.recorded", "revenue_event", row.id, kind=row.kind.value, contract_id=contract_id)
    return row, True


async def _contract_id(db: AsyncSession, actor: Actor, new: EventCreate) -> UUID:
    if new.contract_id is not None:
        return (await contract_for(db, actor, new.contract_id)).id
    found = await db.scalar(
        select(TechnologyContract.id).where(
            col(TechnologyContract.org_id) == actor.org, col(TechnologyContract.contract_no) == new.contract_no
        )
    )
    if found is None:
        raise NotFound(what="technology_contract", field="contract_no")
    return found


def digest_of_event(row: RevenueEvent) -> str:
    """SHA-256 over all that was said of the fact, whoever sends it and however often."""
    said = {
        "contract": str(row.contract_id),
        "kind": row.kind.value,
        "amount_fen": str(row.amount_fen),
        "deductions": {name: str(fen) for name, fen in row.deductions.items()},
        "effective_on": row.effective_on.isoformat(),
        "evidence": row.evidence,
        "reverses": str(row.reverses) if row.reverses else None,
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


async def add_once(db: AsyncSession, row: RevenueEvent) -> tuple[RevenueEvent, bool]:
    """Add an event under its source and reference; of two at once the second waits and finds the first's row.

    Raises ContentConflict when the reference stands with other content, EventReversedAlready for a second reversal.
    """
    row.digest = digest_of_event(row)
    added = await db.scalar(
        insert(RevenueEvent)
        .values(**row.model_dump(exclude={"created_at"}))
        .on_conflict_do_nothing()
        .returning(col(RevenueEvent.id))
    )
    if added is not None:
        return (await db.scalars(select(RevenueEvent).where(col(RevenueEvent.id) == added))).one(), True
    stored = (
        await db.scalars(
            select(RevenueEvent).where(
                col(RevenueEvent.org_id) == row.org_id,
                col(RevenueEvent.source) == row.source,
                col(RevenueEvent.reference) == row.reference,
            )
        )
    ).first()
    if stored is None:
        raise EventReversedAlready
    if stored.digest != row.digest:
        raise ContentConflict(field="reference", reference=row.reference)
    return stored, False


def move_received(contract: TechnologyContract, difference_fen: int) -> None:
    """Move what a locked contract has received. Raises ReceivedBelowZero."""
    if contract.received_fen + difference_fen < 0:
        raise ReceivedBelowZero(field="amount_fen", received=yuan_text(contract.received_fen))
    contract.received_fen += difference_fen


async def book_event(db: AsyncSession, event: RevenueEvent) -> None:
    """Book what an event earns under each agreement of its contract that was signed by its day."""
    bounds = await agreements_bound(
        db,
        col(Agreement.org_id) == event.org_id,
        col(Agreement.contract_id) == event.contract_id,
        col(Agreement.signed_on) <= event.effective_on,
    )
    changes = [(bound, base_change(bound.terms, event.kind, event.amount_fen, event.deductions)) for bound in bounds]
    moved = [bound for bound, change in changes if change]
    await lock_buckets(db, moved)
    years = await lock_years(db, event.org_id, moved, [event.effective_on.year])
    for bound, change in changes:
        if not change:
            continue
        after = bound.bucket.base_fen + change
        accrued = accrue(bound.terms, bound.sharing, bound.bucket.base_fen, after)
        await write_accrual(
            db,
            bound,
            event,
            kind=AccrualKind.EVENT,
            year=event.effective_on.year,
            base_after_fen=after,
            parts=accrued.parts,
            booked=under_caps(bound, years, event.effective_on.year, accrued.parts),
            effective_on=event.effective_on,
        )
