"""Plans, agreements, events and accruals of the actor's organisation; the invariants of the room."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import bounded, cursor_of, key_of
from service.incentives.rules import Party, PlanTerms, share_out
from service.incentives.tables import (
    Accrual,
    AccrualLine,
    Agreement,
    AgreementParty,
    Bucket,
    Plan,
    PlanState,
    PlanVersion,
    RevenueEvent,
)

# Name -> SQL that returns the offending rows; the law of the bucket itself is `bucket_faults`.
INVARIANTS: dict[str, str] = {
    "the amount received is the sum of receipts less refunds": """
        SELECT c.id FROM technology_contract c WHERE c.received_fen <> coalesce((
            SELECT sum(CASE coalesce(r.kind, e.kind) WHEN 'receipt' THEN 1 WHEN 'refund' THEN -1 ELSE 0 END
                * CASE WHEN r.id IS NULL THEN 1 ELSE -1 END * e.amount_fen)
            FROM revenue_event e LEFT JOIN revenue_event r ON r.id = e.reverses WHERE e.contract_id = c.id), 0)
    """,
    "a bucket holds the sums of its accruals": """
        SELECT b.id FROM bucket b LEFT JOIN accrual a ON a.agreement_id = b.agreement_id GROUP BY b.id
        HAVING b.base_fen <> coalesce(sum(a.base_after_fen - a.base_before_fen), 0)
            OR b.earned_fen <> coalesce(sum(a.amount_fen), 0)
    """,
    "an accrual is total after less total before": """
        SELECT id FROM accrual WHERE amount_fen <> total_after_fen - total_before_fen
    """,
    "the parts of an accrual add up to it": """
        SELECT a.id FROM accrual a LEFT JOIN accrual_line l ON l.accrual_id = a.id GROUP BY a.id
        HAVING a.amount_fen <> coalesce(sum(l.earned_fen), 0) OR a.booked_fen <> coalesce(sum(l.amount_fen), 0)
    """,
    "a reversal swaps the stored parts": """
        SELECT r.id FROM accrual r JOIN accrual_line rl ON rl.accrual_id = r.id
        LEFT JOIN accrual_line ol ON ol.accrual_id = r.reverses AND ol.party_no = rl.party_no
            AND ol.earned_fen = -rl.earned_fen AND ol.amount_fen = -rl.amount_fen
        WHERE r.reverses IS NOT NULL AND ol.id IS NULL
    """,
    "a person's year is the sum of its accruals": """
        SELECT y.id FROM year_total y LEFT JOIN LATERAL (
            SELECT coalesce(sum(l.earned_fen), 0) AS earned, coalesce(sum(l.amount_fen), 0) AS booked
            FROM accrual_line l JOIN accrual a ON a.id = l.accrual_id JOIN agreement g ON g.id = a.agreement_id
            JOIN plan_version v ON v.id = g.plan_version_id
            WHERE l.person_id = y.person_id AND v.plan_id = y.plan_id AND a.year = y.year) s ON true
        WHERE y.earned_fen <> s.earned OR y.booked_fen <> s.booked
    """,
    "what a person was credited is what was accrued": """
        SELECT l.person_id FROM accrual_line l WHERE l.person_id IS NOT NULL GROUP BY l.org_id, l.person_id
        HAVING sum(l.amount_fen) <> coalesce((
            SELECT sum(CASE n.side WHEN 'credit' THEN n.amount ELSE -n.amount END) FROM ledger_line n
            JOIN ledger_account a ON a.id = n.account_id JOIN ledger_entry t ON t.id = n.entry_id
            WHERE a.org_id = l.org_id AND a.person_id = l.person_id AND a.code = 'incentive.payable'
                AND t.source_kind = 'accrual'), 0)
    """,
    "an accrual with anything booked has its ledger entry": """
        SELECT a.id FROM accrual a WHERE a.ledger_entry_id IS NULL
            AND EXISTS (SELECT 1 FROM accrual_line l WHERE l.accrual_id = a.id AND l.amount_fen <> 0)
    """,
    "an agreement's version was in force when it was signed": """
        SELECT g.id FROM agreement g JOIN plan_version v ON v.id = g.plan_version_id
        WHERE v.state NOT IN ('in_force', 'ended') OR g.signed_on < v.valid_from
    """,
}


async def plan_for(db: AsyncSession, actor: Actor, plan_id: UUID, lock: bool = False) -> Plan:
    """One plan of the actor's organisation. Raises NotFound."""
    chosen = select(Plan).where(col(Plan.id) == plan_id, col(Plan.org_id) == actor.org)
    row = (await db.scalars(chosen.with_for_update(key_share=True) if lock else chosen)).first()
    if row is None:
        raise NotFound(what="plan")
    return row


async def plans_of(db: AsyncSession, actor: Actor) -> list[Plan]:
    """The plans of the actor's organisation, by code."""
    chosen = select(Plan).where(col(Plan.org_id) == actor.org).order_by(col(Plan.code)).limit(200)
    return list(await db.scalars(chosen))


async def version_for(db: AsyncSession, actor: Actor, version_id: UUID, lock: bool = False) -> PlanVersion:
    """One plan version of the actor's organisation. Raises NotFound."""
    chosen = select(PlanVersion).where(col(PlanVersion.id) == version_id, col(PlanVersion.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="plan_version")
    return row


async def versions_of(db: AsyncSession, plan_ids: Iterable[UUID]) -> list[PlanVersion]:
    """The versions of plans, newest first."""
    chosen = select(PlanVersion).where(col(PlanVersion.plan_id).in_(list(plan_ids)))
    return list(await db.scalars(chosen.order_by(col(PlanVersion.version).desc()).limit(500)))


async def versions_in_force(db: AsyncSession, actor: Actor) -> list[tuple[PlanVersion, Plan]]:
    """The versions in force of the organisation with their plans, by plan code."""
    rows = await db.execute(
        sa.select(PlanVersion, Plan)
        .join(Plan, col(Plan.id) == col(PlanVersion.plan_id))
        .where(col(PlanVersion.org_id) == actor.org, col(PlanVersion.state) == PlanState.IN_FORCE)
        .order_by(col(Plan.code), col(PlanVersion.version))
        .limit(200)
    )
    return [(version, plan) for version, plan in rows]


async def versions_waiting(db: AsyncSession, actor: Actor) -> list[tuple[PlanVersion, Plan]]:
    """The versions that wait for a decision, with their plans, oldest first."""
    rows = await db.execute(
        sa.select(PlanVersion, Plan)
        .join(Plan, col(Plan.id) == col(PlanVersion.plan_id))
        .where(col(PlanVersion.org_id) == actor.org, col(PlanVersion.state) == PlanState.PROPOSED)
        .order_by(col(PlanVersion.id))
        .limit(50)
    )
    return [(version, plan) for version, plan in rows]


@dataclass
class Bound:
    """An agreement with all that decides about its sums."""

    agreement: Agreement
    version: PlanVersion
    plan: Plan
    bucket: Bucket
    terms: PlanTerms
    parties: list[AgreementParty] = field(default_factory=list)

    @property
    def sharing(self) -> list[Party]:
        """The parties as the rules see them."""
        return [Party(one.party_no, one.line, one.weight) for one in self.parties]


async def agreements_bound(db: AsyncSession, *conditions: sa.ColumnElement[bool], limit: int = 200) -> list[Bound]:
    """Agreements with version, plan, bucket and parties, in the order of their ids."""
    rows = await db.execute(
        sa.select(Agreement, PlanVersion, Plan, Bucket)
        .join(PlanVersion, col(PlanVersion.id) == col(Agreement.plan_version_id))
        .join(Plan, col(Plan.id) == col(PlanVersion.plan_id))
        .join(Bucket, col(Bucket.agreement_id) == col(Agreement.id))
        .where(*conditions)
        .order_by(col(Agreement.id))
        .limit(limit)
    )
    found = {row[0].id: Bound(*row, terms=PlanTerms.model_validate(row[1].content)) for row in rows}
    parties = await db.scalars(
        select(AgreementParty)
        .where(col(AgreementParty.agreement_id).in_(list(found)))
        .order_by(col(AgreementParty.agreement_id), col(AgreementParty.party_no))
    )
    for party in parties:
        found[party.agreement_id].parties.append(party)
    return list(found.values())


async def agreement_for(db: AsyncSession, actor: Actor, agreement_id: UUID) -> Bound:
    """One agreement of the actor's organisation. Raises NotFound."""
    found = await agreements_bound(db, col(Agreement.id) == agreement_id, col(Agreement.org_id) == actor.org)
    if not found:
        raise NotFound(what="agreement")
    return found[0]


async def agreements_of(db: AsyncSession, actor: Actor, contract_id: UUID | None = None) -> list[Bound]:
    """The organisation's agreements, or those of one contract."""
    conditions = [col(Agreement.org_id) == actor.org]
    if contract_id is not None:
        conditions.append(col(Agreement.contract_id) == contract_id)
    return await agreements_bound(db, *conditions)


async def event_for(db: AsyncSession, actor: Actor, event_id: UUID) -> RevenueEvent:
    """One revenue event of the actor's organisation. Raises NotFound."""
    chosen = select(RevenueEvent).where(col(RevenueEvent.id) == event_id, col(RevenueEvent.org_id) == actor.org)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="revenue_event")
    return row


async def reversal_of(db: AsyncSession, event_id: UUID) -> RevenueEvent | None:
    """The event that reverses this one, if there is one."""
    return (await db.scalars(select(RevenueEvent).where(col(RevenueEvent.reverses) == event_id))).first()


async def events_of(
    db: AsyncSession, actor: Actor, *, contract_id: UUID | None = None, after: str | None = None, limit: int = 50
) -> tuple[list[RevenueEvent], str | None]:
    """The organisation's events, last recorded first; (rows, cursor of the next page)."""
    size = bounded(limit)
    chosen = select(RevenueEvent).where(col(RevenueEvent.org_id) == actor.org)
    if contract_id is not None:
        chosen = chosen.where(col(RevenueEvent.contract_id) == contract_id)
    key = key_of(after)
    if key is not None:
        chosen = chosen.where(col(RevenueEvent.id) < key)
    rows = list(await db.scalars(chosen.order_by(col(RevenueEvent.id).desc()).limit(size + 1)))
    return rows[:size], cursor_of(rows[size - 1].id) if len(rows) > size else None


async def accruals_of(db: AsyncSession, event_ids: Iterable[UUID]) -> list[tuple[Accrual, list[AccrualLine]]]:
    """What events earned, with the parts, in the order they were booked."""
    chosen = select(Accrual).where(col(Accrual.event_id).in_(list(event_ids))).order_by(col(Accrual.id))
    accruals = list(await db.scalars(chosen))
    lines = await db.scalars(
        select(AccrualLine)
        .where(col(AccrualLine.accrual_id).in_([one.id for one in accruals]))
        .order_by(col(AccrualLine.accrual_id), col(AccrualLine.party_no))
    )
    by_accrual: dict[UUID, list[AccrualLine]] = {one.id: [] for one in accruals}
    for line in lines:
        by_accrual[line.accrual_id].append(line)
    return [(one, by_accrual[one.id]) for one in accruals]


async def accruals_under(db: AsyncSession, agreement_id: UUID, limit: int = 200) -> list[tuple[Accrual, RevenueEvent]]:
    """The accruals of an agreement with their events, in the order they were booked."""
    rows = await db.execute(
        sa.select(Accrual, RevenueEvent)
        .join(RevenueEvent, col(RevenueEvent.id) == col(Accrual.event_id))
        .where(col(Accrual.agreement_id) == agreement_id)
        .order_by(col(Accrual.id))
        .limit(limit)
    )
    return [(accrual, event) for accrual, event in rows]


async def earned_by_party(db: AsyncSession, agreement_id: UUID) -> dict[int, int]:
    """What each party of an agreement has earned so far, before yearly caps, in fen."""
    rows = await db.execute(
        sa.select(col(AccrualLine.party_no), sa.func.sum(col(AccrualLine.earned_fen)))
        .join(Accrual, col(Accrual.id) == col(AccrualLine.accrual_id))
        .where(col(Accrual.agreement_id) == agreement_id)
        .group_by(col(AccrualLine.party_no))
    )
    return {number: int(fen) for number, fen in rows}


async def bucket_faults(db: AsyncSession) -> list[UUID]:
    """Agreements in which the sums are not what the terms make of the running total: for all, and for each party."""
    faults = []
    for bound in await agreements_bound(db, sa.true(), limit=100_000):
        earned = bound.terms.earned(bound.bucket.base_fen)
        wanted = share_out(bound.terms, bound.sharing, earned)
        held = await earned_by_party(db, bound.agreement.id)
        if bound.bucket.earned_fen != earned or any(held.get(number, 0) != fen for number, fen in wanted.items()):
            faults.append(bound.agreement.id)
    return faults


FAULTS = {"an agreement's bucket and its parties hold what its terms make of the running total": bucket_faults}
