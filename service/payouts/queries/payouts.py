"""Payouts, their lines and objections, and what is accrued and not yet in any of them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from service.contracts.tables import TechnologyContract
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import bounded, cursor_of, key_of
from service.incentives.tables import Accrual, AccrualLine, Agreement, Plan, PlanVersion, RevenueEvent
from service.payouts.tables import Objection, Payout, PayoutLine, PayoutState


async def payout_for(db: AsyncSession, actor: Actor, payout_id: UUID, lock: bool = False) -> Payout:
    """One payout of the actor's organisation. Raises NotFound."""
    chosen = select(Payout).where(col(Payout.id) == payout_id, col(Payout.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="payout")
    return row


async def payouts_of(
    db: AsyncSession, actor: Actor, *, state: PayoutState | None = None, after: str | None = None, limit: int = 50
) -> tuple[list[tuple[Payout, Plan, int]], str | None]:
    """The organisation's payouts with plan and gross sum in fen, newest first; (rows, cursor of the next page)."""
    size = bounded(limit)
    gross = (
        sa.select(sa.func.coalesce(sa.func.sum(col(PayoutLine.gross_fen)), 0))
        .where(col(PayoutLine.payout_id) == col(Payout.id))
        .scalar_subquery()
    )
    chosen = (
        sa.select(Payout, Plan, gross)
        .join(Plan, col(Plan.id) == col(Payout.plan_id))
        .where(col(Payout.org_id) == actor.org)
    )
    if state is not None:
        chosen = chosen.where(col(Payout.state) == state)
    key = key_of(after)
    if key is not None:
        chosen = chosen.where(col(Payout.id) < key)
    found = await db.execute(chosen.order_by(col(Payout.id).desc()).limit(size + 1))
    rows = [(payout, plan, int(fen)) for payout, plan, fen in found]
    return rows[:size], cursor_of(rows[size - 1][0].id) if len(rows) > size else None


async def lines_of(db: AsyncSession, payout_id: UUID) -> list[PayoutLine]:
    """The lines of a payout, by person and then in the order of the accruals."""
    chosen = select(PayoutLine).where(col(PayoutLine.payout_id) == payout_id)
    return list(await db.scalars(chosen.order_by(col(PayoutLine.person_id), col(PayoutLine.accrual_line_id))))


async def objections_of(db: AsyncSession, payout_id: UUID) -> list[Objection]:
    """The objections to a payout, first to last."""
    chosen = select(Objection).where(col(Objection.payout_id) == payout_id).order_by(col(Objection.id))
    return list(await db.scalars(chosen))


async def open_objections(db: AsyncSession, payout_id: UUID) -> int:
    """How many objections to a payout have no finding yet."""
    count = await db.scalar(
        sa.select(sa.func.count())
        .select_from(Objection)
        .where(col(Objection.payout_id) == payout_id, col(Objection.settled_at).is_(None))
    )
    return int(count or 0)


@dataclass(frozen=True)
class Payable:
    """An accrual line that is in no live payout, with what decides about paying it."""

    line: AccrualLine
    event: RevenueEvent
    version: PlanVersion
    contract: TechnologyContract


async def payable_lines(db: AsyncSession, plan_id: UUID, through: date) -> list[Payable]:
    """Persons' accrual lines of a plan for events up to a day that are in no live payout, by person, first to last."""
    rows = await db.execute(
        sa.select(AccrualLine, RevenueEvent, PlanVersion, TechnologyContract)
        .join(Accrual, col(Accrual.id) == col(AccrualLine.accrual_id))
        .join(RevenueEvent, col(RevenueEvent.id) == col(Accrual.event_id))
        .join(Agreement, col(Agreement.id) == col(Accrual.agreement_id))
        .join(PlanVersion, col(PlanVersion.id) == col(Agreement.plan_version_id))
        .join(TechnologyContract, col(TechnologyContract.id) == col(Agreement.contract_id))
        .outerjoin(PayoutLine, sa.and_(col(PayoutLine.accrual_line_id) == col(AccrualLine.id), col(PayoutLine.live)))
        .where(
            col(PlanVersion.plan_id) == plan_id,
            col(RevenueEvent.effective_on) <= through,
            col(AccrualLine.person_id).is_not(None),
            col(AccrualLine.amount_fen) != 0,
            col(PayoutLine.id).is_(None),
        )
        .order_by(col(AccrualLine.person_id), col(AccrualLine.id))
    )
    return [Payable(*row) for row in rows]


async def reversed_since(db: AsyncSession, payout_id: UUID) -> bool:
    """Whether an accrual behind the payout was reversed and its reversal is not in the same payout."""
    reversal, back = aliased(Accrual), aliased(AccrualLine)
    here = sa.select(col(PayoutLine.accrual_line_id)).where(
        col(PayoutLine.payout_id) == payout_id, col(PayoutLine.live)
    )
    found = await db.scalar(
        sa.select(col(AccrualLine.id))
        .join(reversal, reversal.reverses == col(AccrualLine.accrual_id))  # type: ignore[arg-type]
        .join(back, sa.and_(back.accrual_id == reversal.id, back.party_no == col(AccrualLine.party_no)))  # type: ignore[arg-type]
        .where(col(AccrualLine.id).in_(here), back.id.not_in(here))  # type: ignore[attr-defined]
        .limit(1)
    )
    return found is not None


async def contracts_behind(db: AsyncSession, payout_id: UUID) -> dict[UUID, TechnologyContract]:
    """The contract behind each accrual line of a payout."""
    rows = await db.execute(
        sa.select(col(PayoutLine.accrual_line_id), TechnologyContract)
        .join(AccrualLine, col(AccrualLine.id) == col(PayoutLine.accrual_line_id))
        .join(Accrual, col(Accrual.id) == col(AccrualLine.accrual_id))
        .join(Agreement, col(Agreement.id) == col(Accrual.agreement_id))
        .join(TechnologyContract, col(TechnologyContract.id) == col(Agreement.contract_id))
        .where(col(PayoutLine.payout_id) == payout_id)
    )
    return {row[0]: row[1] for row in rows}


async def own_objections(db: AsyncSession, person_id: UUID) -> list[Objection]:
    """The person's own objections, last first: what they said and what was found."""
    chosen = select(Objection).where(col(Objection.person_id) == person_id).order_by(col(Objection.id).desc())
    return list(await db.scalars(chosen.limit(50)))
