"""A person's statement: what the books and the accruals say of one unit and one period, as known at a moment."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.equity.rules import VestingTerms, schedule
from service.equity.tables import EquityGrant
from service.foundation.errors import NotFound
from service.foundation.money import capital_numerals
from service.incentives.rules import PlanTerms
from service.incentives.rules.explaining import bands_between
from service.incentives.tables import AccrualLine
from service.organisations.tables import Organisation
from service.payouts.rules import period_days
from service.payouts.tables import IncentiveStatement
from service.people.queries import person
from service.people.tables import Person

EVENTS = sa.text("SELECT * FROM statement_events(:person, :org, :known)")
LEDGER = sa.text("SELECT * FROM statement_ledger(:person, :org, :known)")
SHARES = sa.text("SELECT * FROM statement_shares(:person, :org, :known)")
NEXT_STEPS = 6


class StatementDisagrees(RuntimeError):
    """The accruals and the books differ: nothing is shown or issued until it is found out why."""


async def payers_of(db: AsyncSession, person_id: UUID) -> list[Organisation]:
    """The units that owe or owed a person something, or granted shares, by name."""
    owing = sa.select(col(AccrualLine.org_id)).where(col(AccrualLine.person_id) == person_id)
    granting = sa.select(col(EquityGrant.org_id)).where(col(EquityGrant.person_id) == person_id)
    chosen = select(Organisation).where(col(Organisation.id).in_(sa.union(owing, granting)))
    return sorted(await db.scalars(chosen), key=lambda row: row.name.get("zh", ""))


async def people_owed(db: AsyncSession, org_id: UUID) -> list[Person]:
    """The people a unit owes or owed something, or granted shares, by name."""
    owed = sa.select(col(AccrualLine.person_id)).where(
        col(AccrualLine.org_id) == org_id, col(AccrualLine.person_id).is_not(None)
    )
    granted = sa.select(col(EquityGrant.person_id)).where(col(EquityGrant.org_id) == org_id)
    chosen = select(Person).where(col(Person.id).in_(sa.union(owed, granted))).order_by(col(Person.sort_key)).limit(500)
    return list(await db.scalars(chosen))


async def owed_by_ledger(db: AsyncSession, person_id: UUID, org_id: UUID, known_at: datetime) -> list[Any]:
    """What the books hold on the person's account: (day, source kind, source id, owed fen), first to last."""
    return list(await db.execute(LEDGER, {"person": person_id, "org": org_id, "known": known_at}))


async def statement_now(
    db: AsyncSession, person_id: UUID, org_id: UUID, period: str, known_at: datetime
) -> dict[str, Any]:
    """The facts of a statement, as JSON values: opening, each event, payments, closing, equity; sums in fen.

    The sums come from the ledger and the events from the accruals; raises StatementDisagrees when they differ,
    NotFound for a person or unit out of sight, PeriodUnreadable.
    """
    first, last = period_days(period)
    holder = await person(db, person_id)
    unit = (await db.scalars(select(Organisation).where(col(Organisation.id) == org_id))).first()
    if unit is None:
        raise NotFound(what="organisation")
    asked = {"person": person_id, "org": org_id, "known": known_at}
    books = await owed_by_ledger(db, person_id, org_id, known_at)
    inside = [row for row in books if first <= row.effective_on <= last]
    opening = sum(row.owed_fen for row in books if row.effective_on < first)
    accrued = sum(row.owed_fen for row in inside if row.source_kind != "payout")
    paid = -sum(row.owed_fen for row in inside if row.source_kind == "payout")
    rows = [row for row in await db.execute(EVENTS, asked) if first <= row.effective_on <= last]
    if sum(row.amount_fen for row in rows) != accrued:
        raise StatementDisagrees(f"{person_id} {org_id} {period}")
    closing = opening + accrued - paid
    return {
        "kind": "incentive_statement",
        "person": {"name": holder.name},
        "payer": dict(unit.name),
        "period": {"label": period, "first": first.isoformat(), "last": last.isoformat()},
        "known_at": known_at.isoformat(),
        "totals": {
            "opening_fen": opening,
            "accrued_fen": accrued,
            "paid_fen": paid,
            "closing_fen": closing,
            "owed_fen": max(closing, 0),
            "recoverable_fen": max(-closing, 0),
        },
        "capitals": {
            "accrued": capital_numerals(accrued),
            "paid": capital_numerals(paid),
            "closing": capital_numerals(closing),
        },
        "events": [_event(row) for row in rows],
        "grants": [_grant(row, known_at) for row in await db.execute(SHARES, asked)],
    }


def _event(row: Any) -> dict[str, Any]:
    """One accrual line with how it came about and where its money stands."""
    terms = PlanTerms.model_validate(row.terms)
    line = next(one for one in terms.lines if one.key == row.split_line)
    return {
        "line_id": str(row.line_id),
        "date": row.effective_on.isoformat(),
        "kind": row.event_kind,
        "accrual_kind": row.accrual_kind,
        "reference": row.reference,
        "event_fen": row.event_fen,
        "contract_no": row.contract_no,
        "contract_title": row.contract_title,
        "registration_no": row.registration_no,
        "plan_code": row.plan_code,
        "plan_title": row.plan_title,
        "plan_version": row.plan_version,
        "base": terms.base.value,
        "base_before_fen": row.base_before_fen,
        "base_after_fen": row.base_after_fen,
        "bands": [
            {
                "above_fen": one.above_fen,
                "up_to_fen": one.up_to_fen,
                "rate": str(one.rate),
                "inside_fen": one.inside_fen,
            }
            for one in bands_between(terms, row.base_before_fen, row.base_after_fen)
        ],
        "earned_all_fen": row.earned_all_fen,
        "split": dict(line.title) or {"zh": line.key},
        "split_rate": str(line.rate) if line.rate else None,
        "weight": row.weight,
        "earned_fen": row.earned_fen,
        "amount_fen": row.amount_fen,
        "state": row.payout_state or "accrued",
        "payout_id": str(row.payout_id) if row.payout_id else None,
        "notice_opens_on": _day(row.notice_opens_on),
        "notice_closes_on": _day(row.notice_closes_on),
        "tax_ground": row.tax_ground or terms.tax_ground.value,
        "tax_fen": row.tax_fen,
        "net_fen": row.net_fen,
        "paid_on": _day(row.paid_on),
        "payment_reference": row.payment_reference,
    }


def _grant(row: Any, known_at: datetime) -> dict[str, Any]:
    """One grant: what of it is vested by the books, and the next days on which more vests."""
    steps = schedule(row.quantity, VestingTerms.model_validate(row.terms))
    done = row.vested_as_of or row.granted_on - timedelta(days=1)
    later = [(day, shares) for day, shares in steps if shares and day > done and row.ending_on is None]
    return {
        "reference": row.reference,
        "company": row.company,
        "instrument": row.instrument,
        "quantity": row.quantity,
        "granted_on": row.granted_on.isoformat(),
        "plan_code": row.plan_code,
        "plan_version": row.plan_version,
        "contract_no": row.contract_no,
        "vested": row.vested,
        "vested_as_of": _day(row.vested_as_of),
        "ending_on": _day(row.ending_on),
        "forfeited": row.forfeited,
        "next": [{"day": day.isoformat(), "shares": shares} for day, shares in later[:NEXT_STEPS]],
    }


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


async def issued_statements(
    db: AsyncSession, *, person_id: UUID | None = None, org_id: UUID | None = None
) -> list[IncentiveStatement]:
    """Issued statements of a person, of a unit, or both; last first."""
    chosen = select(IncentiveStatement)
    if person_id is not None:
        chosen = chosen.where(col(IncentiveStatement.person_id) == person_id)
    if org_id is not None:
        chosen = chosen.where(col(IncentiveStatement.org_id) == org_id)
    return list(await db.scalars(chosen.order_by(col(IncentiveStatement.id).desc()).limit(100)))


async def statement_for(db: AsyncSession, statement_id: UUID) -> IncentiveStatement:
    """One issued statement in sight. Raises NotFound."""
    row = (await db.scalars(select(IncentiveStatement).where(col(IncentiveStatement.id) == statement_id))).first()
    if row is None:
        raise NotFound(what="incentive_statement")
    return row
