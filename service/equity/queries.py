"""Grants of the actor's organisation and what of them is vested by the books."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.equity.rules import VestingTerms, schedule
from service.equity.tables import EquityGrant, GrantState, ShareEvent
from service.foundation.actor import Actor
from service.foundation.errors import NotFound

GRANTED = "shares.granted"
VESTED = "shares.vested"
POOL = "shares.pool"

# Name -> SQL that returns the offending rows.
INVARIANTS: dict[str, str] = {
    "vested shares stay within the grant": """
        SELECT g.id FROM equity_grant g JOIN share_event s ON s.grant_id = g.id WHERE s.vested_after > g.quantity
    """,
    "each vesting step begins where the last ended": """
        SELECT s.id FROM share_event s WHERE s.vested_before <> coalesce((
            SELECT max(b.vested_after) FROM share_event b WHERE b.grant_id = s.grant_id AND b.as_of < s.as_of), 0)
    """,
    "the books hold what is vested": """
        SELECT g.id FROM equity_grant g WHERE coalesce((
            SELECT sum(s.vested_after - s.vested_before) FROM share_event s WHERE s.grant_id = g.id), 0) <> coalesce((
            SELECT sum(CASE n.side WHEN 'credit' THEN n.amount ELSE -n.amount END) FROM ledger_line n
            JOIN ledger_account a ON a.id = n.account_id
            WHERE a.org_id = g.org_id AND a.book = 'shares' AND a.code = 'shares.vested' AND a.owner_id = g.id), 0)
    """,
    "the books hold what is granted": """
        SELECT g.id FROM equity_grant g
        WHERE CASE WHEN g.state IN ('granted', 'ended') THEN g.quantity - g.forfeited ELSE 0 END <> coalesce((
            SELECT sum(CASE n.side WHEN 'credit' THEN n.amount ELSE -n.amount END) FROM ledger_line n
            JOIN ledger_account a ON a.id = n.account_id WHERE a.org_id = g.org_id AND a.book = 'shares'
                AND a.code IN ('shares.granted', 'shares.vested') AND a.owner_id = g.id), 0)
    """,
    "what an ended grant did not vest went back to the pool": """
        SELECT g.id FROM equity_grant g WHERE g.state = 'ended' AND g.forfeited <> g.quantity - coalesce((
            SELECT max(s.vested_after) FROM share_event s WHERE s.grant_id = g.id), 0)
    """,
    "grants stay within the pool of their plan": """
        SELECT v.id FROM plan_version v WHERE v.state = 'in_force' AND v.content ? 'pool_shares'
            AND (SELECT coalesce(sum(g.quantity - g.forfeited), 0) FROM equity_grant g
                JOIN plan_version w ON w.id = g.plan_version_id
                WHERE g.state IN ('granted', 'ended') AND w.plan_id = v.plan_id AND g.granted_on <= coalesce(v.valid_to, g.granted_on))
                > (v.content ->> 'pool_shares')::bigint
    """,
}


async def grant_for(db: AsyncSession, actor: Actor, grant_id: UUID, *, lock: bool = False) -> EquityGrant:
    """One grant of the actor's organisation, locked if it will change. Raises NotFound."""
    chosen = select(EquityGrant).where(col(EquityGrant.id) == grant_id, col(EquityGrant.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="equity_grant")
    return row


async def grants_of(db: AsyncSession, actor: Actor) -> list[EquityGrant]:
    """The organisation's grants, newest first."""
    chosen = select(EquityGrant).where(col(EquityGrant.org_id) == actor.org)
    return list(await db.scalars(chosen.order_by(col(EquityGrant.id).desc()).limit(500)))


async def vested_by_books(db: AsyncSession, grant_ids: list[UUID]) -> dict[UUID, int]:
    """Vested shares of grants as they are booked; 0 where nothing is."""
    rows = await db.execute(
        sa.select(col(ShareEvent.grant_id), sa.func.max(col(ShareEvent.vested_after)))
        .where(col(ShareEvent.grant_id).in_(grant_ids))
        .group_by(col(ShareEvent.grant_id))
    )
    found = {grant_id: int(shares) for grant_id, shares in rows}
    return {grant_id: found.get(grant_id, 0) for grant_id in grant_ids}


def to_come(row: EquityGrant, after: date) -> list[tuple[date, int]]:
    """The days of vesting after a day, with what each adds; none of what is not granted or has ended."""
    if row.state not in (GrantState.PROPOSED, GrantState.GRANTED):
        return []
    steps = schedule(row.quantity, VestingTerms.model_validate(row.terms))
    return [(day, shares) for day, shares in steps if day > after and shares]
