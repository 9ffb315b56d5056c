"""Booking what has vested by the end of a day."""

from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.equity.queries import GRANTED, VESTED, vested_by_books
from service.equity.rules import VestingTerms, vested
from service.equity.tables import EquityGrant, GrantState, ShareEvent
from service.foundation.records import uuid7
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side


async def vest_as_of(db: AsyncSession, day: date) -> int:
    """Book what has vested by the end of a day for every grant in force and in sight; how many grants vested further.

    The same day again, or an earlier day, books nothing; of two runs at once each step is booked by one. A grant whose
    ending waits for its decision vests no further than the day it may end on.
    """
    in_force = col(EquityGrant.state) == GrantState.GRANTED
    chosen = select(EquityGrant).where(in_force, col(EquityGrant.granted_on) <= day).order_by(col(EquityGrant.id))
    # Locked, always in this order: an ending proposed meanwhile waits, and does not miss a step that is being booked.
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    grants = list(await db.scalars(locked))
    before = await vested_by_books(db, [row.id for row in grants])
    moved = 0
    for row in grants:
        moved += await book_vested(db, row, day, before[row.id])
    return moved


async def book_vested(db: AsyncSession, row: EquityGrant, day: date, before: int) -> bool:
    """Book what of a grant has vested by the end of a day beyond what is booked; whether anything was."""
    after = vested(row.quantity, VestingTerms.model_validate(row.terms), day, stopped_on=row.ending_on)
    return after > before and await _book_step(db, row, day, before, after)


def line_of(row: EquityGrant, code: str, side: Side, shares: int) -> Line:
    """A line of the share ledger that belongs to a grant."""
    return Line(code, side, shares, owner_kind="equity_grant", owner_id=row.id, person_id=row.person_id)


async def _book_step(db: AsyncSession, row: EquityGrant, day: date, before: int, after: int) -> bool:
    """One step with its entry, or nothing when another run has booked from the same beginning."""
    event_id, shares = uuid7(), after - before
    try:
        async with db.begin_nested():
            entry = await post(
                db,
                org_id=row.org_id,
                book=Book.SHARES,
                source_kind="share_event",
                source_id=event_id,
                effective_on=day,
                lines=[line_of(row, GRANTED, Side.DEBIT, shares), line_of(row, VESTED, Side.CREDIT, shares)],
            )
            db.add(
                ShareEvent(
                    id=event_id,
                    org_id=row.org_id,
                    grant_id=row.id,
                    as_of=day,
                    vested_before=before,
                    vested_after=after,
                    ledger_entry_id=entry.id,
                )
            )
    except IntegrityError:
        return False
    return True
