"""Reversing a wrong event: its stored parts swapped, never computed anew; then what the later events earn without it."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.contracts.errors import DateAhead
from service.contracts.queries import contract_for
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import ContentConflict
from service.foundation.journal import note
from service.foundation.records import uuid7
from service.incentives.actions.booking import (
    SOURCE,
    YearKey,
    Years,
    lock_buckets,
    lock_years,
    write_accrual,
)
from service.incentives.actions.events import add_once, move_received, record_event
from service.incentives.errors import ReversalStays
from service.incentives.queries import Bound, accruals_of, agreements_bound, earned_by_party, event_for
from service.incentives.rules import reversed_parts, share_out, within_year_cap
from service.incentives.rules.effects import received_change
from service.incentives.schemas import CorrectionCreate, ReversalCreate
from service.incentives.tables import Accrual, AccrualKind, AccrualLine, Agreement, EventKind, RevenueEvent
from service.ledger.actions import reverse


async def reverse_event(
    db: AsyncSession, actor: Actor, event_id: UUID, new: ReversalCreate
) -> tuple[RevenueEvent, bool]:
    """Reverse an event; (reversal, True), or (the stored reversal, False) when it was known.

    Raises NotFound, ReversalStays, EventReversedAlready, ContentConflict, DateAhead, ReceivedBelowZero.
    """
    wrong = await event_for(db, actor, event_id)
    if wrong.kind is EventKind.REVERSAL:
        raise ReversalStays
    if new.effective_on > clock.today():
        raise DateAhead(field="effective_on", day=new.effective_on.isoformat())
    row = RevenueEvent(
        org_id=actor.org,
        contract_id=wrong.contract_id,
        source=new.source,
        reference=new.reference,
        digest="",
        kind=EventKind.REVERSAL,
        amount_fen=wrong.amount_fen,
        deductions={},
        effective_on=new.effective_on,
        evidence=new.reason,
        reverses=wrong.id,
    )
    stored, fresh = await add_once(db, row)
    if not fresh:
        return stored, False
    contract = await contract_for(db, actor, wrong.contract_id, lock=True)
    move_received(contract, -received_change(wrong.kind, wrong.amount_fen))
    await _take_back(db, stored, wrong, new.reason)
    await note(db, "revenue.reversed", "revenue_event", wrong.id, reversal_id=stored.id)
    return stored, True


async def correct_event(
    db: AsyncSession, actor: Actor, event_id: UUID, new: CorrectionCreate
) -> tuple[RevenueEvent, bool]:
    """Reverse a wrong event and record the right one, both or neither; (right event, whether it is new).

    Raises what reversing and recording raise.
    """
    reversal, right = new.reversal, new.event
    if (reversal.source, reversal.reference) == (right.source, right.reference):
        raise ContentConflict(field="event.reference", reference=right.reference)
    await reverse_event(db, actor, event_id, reversal)
    return await record_event(db, actor, right)


async def _take_back(db: AsyncSession, reversal: RevenueEvent, wrong: RevenueEvent, reason: str) -> None:
    """Swap the parts of every accrual of the wrong event, and let each bucket's law hold again."""
    stored = {accrual.agreement_id: (accrual, lines) for accrual, lines in await accruals_of(db, [wrong.id])}
    bounds = await agreements_bound(db, col(Agreement.org_id) == reversal.org_id, col(Agreement.id).in_(list(stored)))
    await lock_buckets(db, bounds)
    years = await lock_years(db, reversal.org_id, bounds, [accrual.year for accrual, _ in stored.values()])
    for bound in bounds:
        accrual, lines = stored[bound.agreement.id]
        before = {key: total.earned_fen for key, total in years.rows.items()}
        await _swap(db, bound, reversal, accrual, lines, years, reason)
        await _settle(db, bound, reversal, accrual.year, years, before, lines)


async def _swap(
    db: AsyncSession,
    bound: Bound,
    reversal: RevenueEvent,
    accrual: Accrual,
    lines: list[AccrualLine],
    years: Years,
    reason: str,
) -> None:
    accrual_id = uuid7()
    entry_id = None
    if accrual.ledger_entry_id is not None:
        entry = await reverse(
            db,
            accrual.ledger_entry_id,
            source_kind=SOURCE,
            source_id=accrual_id,
            effective_on=reversal.effective_on,
            reason=reason,
        )
        entry_id = entry.id
    for line in lines:
        if line.person_id is not None:
            total = years.of(bound, line.person_id, accrual.year)
            total.earned_fen -= line.earned_fen
            total.booked_fen -= line.amount_fen
    await write_accrual(
        db,
        bound,
        reversal,
        kind=AccrualKind.REVERSAL,
        year=accrual.year,
        base_after_fen=bound.bucket.base_fen - (accrual.base_after_fen - accrual.base_before_fen),
        parts=reversed_parts({line.party_no: line.earned_fen for line in lines}),
        booked=reversed_parts({line.party_no: line.amount_fen for line in lines}),
        effective_on=reversal.effective_on,
        reverses=accrual.id,
        ledger_entry_id=entry_id,
        accrual_id=accrual_id,
    )


async def _settle(
    db: AsyncSession,
    bound: Bound,
    reversal: RevenueEvent,
    year: int,
    years: Years,
    before: Mapping[YearKey, int],
    swapped: list[AccrualLine],
) -> None:
    """One adjusting accrual where later events sit in the bucket or above a yearly cap, so that its law holds again."""
    wanted = share_out(bound.terms, bound.sharing, bound.terms.earned(bound.bucket.base_fen))
    held = await earned_by_party(db, bound.agreement.id)
    parts = {number: fen - held.get(number, 0) for number, fen in wanted.items()}
    booked = {party.party_no: parts[party.party_no] for party in bound.parties}
    for person_id in {party.person_id for party in bound.parties if party.person_id is not None}:
        own = [party.party_no for party in bound.parties if party.person_id == person_id]
        total = years.of(bound, person_id, year)
        earned_before = before[bound.plan.id, person_id, year]
        taken_back = sum(line.amount_fen for line in swapped if line.person_id == person_id)
        change = sum(parts[number] for number in own)
        # By the cap's own function from before the reversal to after the adjustment; the swap booked its part already.
        due = within_year_cap(bound.terms, earned_before, total.earned_fen + change - earned_before).booked_fen
        booked.update(dict.fromkeys(own, 0))
        booked[own[0]] = due + taken_back
        total.earned_fen += change
        total.booked_fen += due + taken_back
    if any(parts.values()) or any(booked.values()):
        await write_accrual(
            db,
            bound,
            reversal,
            kind=AccrualKind.ADJUSTMENT,
            year=year,
            base_after_fen=bound.bucket.base_fen,
            parts=parts,
            booked=booked,
            effective_on=reversal.effective_on,
        )
