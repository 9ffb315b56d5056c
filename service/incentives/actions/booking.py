"""Booking what a step of a bucket earned: the parts under the yearly caps, the accrual, its balanced ledger entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.records import uuid7
from service.incentives.queries import Bound
from service.incentives.rules import within_year_cap
from service.incentives.tables import Accrual, AccrualKind, AccrualLine, Bucket, RevenueEvent, YearTotal
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side

PAYABLE = "incentive.payable"
EXPENSE = "incentive.expense"
RETAINED = "incentive.retained"
SOURCE = "accrual"

YearKey = tuple[UUID, UUID, int]  # plan, person, calendar year


@dataclass
class Years:
    """The locked totals of persons' years, by plan, person and year."""

    rows: dict[YearKey, YearTotal]

    def of(self, bound: Bound, person_id: UUID, year: int) -> YearTotal:
        """One person's year under a bound agreement's plan."""
        return self.rows[bound.plan.id, person_id, year]


async def lock_years(db: AsyncSession, org_id: UUID, bounds: Iterable[Bound], years: Iterable[int]) -> Years:
    """Lock the years of every person the agreements name, in one order for everybody, made on first use."""
    wanted = sorted(
        {
            (bound.plan.id, party.person_id, year)
            for bound in bounds
            for party in bound.parties
            if party.person_id is not None
            for year in set(years)
        },
        key=str,
    )
    rows: dict[YearKey, YearTotal] = {}
    for plan_id, person_id, year in wanted:
        made = insert(YearTotal).values(
            id=uuid7(), org_id=org_id, plan_id=plan_id, person_id=person_id, year=year, earned_fen=0, booked_fen=0
        )
        await db.execute(made.on_conflict_do_nothing())
        rows[plan_id, person_id, year] = (
            await db.scalars(
                select(YearTotal)
                .where(
                    col(YearTotal.plan_id) == plan_id,
                    col(YearTotal.person_id) == person_id,
                    col(YearTotal.year) == year,
                )
                .with_for_update(key_share=True)
                .execution_options(populate_existing=True)
            )
        ).one()
    return Years(rows)


async def lock_buckets(db: AsyncSession, bounds: Iterable[Bound]) -> None:
    """Lock the buckets of agreements in the order of their agreements' ids and read them afresh."""
    for bound in sorted(bounds, key=lambda one: one.agreement.id):
        bound.bucket = (
            await db.scalars(
                select(Bucket)
                .where(col(Bucket.agreement_id) == bound.agreement.id)
                .with_for_update(key_share=True)
                .execution_options(populate_existing=True)
            )
        ).one()


def under_caps(bound: Bound, years: Years, year: int, parts: Mapping[int, int]) -> dict[int, int]:
    """What of each party's part is booked under the yearly cap; moves the persons' years on. The unit has no cap."""
    booked: dict[int, int] = {}
    for party in bound.parties:
        part = parts[party.party_no]
        if party.person_id is None:
            booked[party.party_no] = part
            continue
        total = years.of(bound, party.person_id, year)
        booked[party.party_no] = within_year_cap(bound.terms, total.earned_fen, part).booked_fen
        total.earned_fen += part
        total.booked_fen += booked[party.party_no]
    return booked


def account_line(person_id: UUID | None, side: Side, amount: int) -> Line:
    """A line on what the unit owes a person, or on what it keeps for itself."""
    if person_id is None:
        return Line(RETAINED, side, amount)
    return Line(PAYABLE, side, amount, owner_kind="person", owner_id=person_id, person_id=person_id)


def posting(contract_id: UUID, parts: Iterable[tuple[UUID | None, int]]) -> list[Line]:
    """The balanced lines of an accrual: the unit's expense on the contract against each party; a minus on the other side."""
    chosen = [(person_id, fen) for person_id, fen in parts if fen != 0]
    total = sum(fen for _, fen in chosen)
    against = Line(
        EXPENSE, Side.DEBIT if total > 0 else Side.CREDIT, abs(total), owner_kind="contract", owner_id=contract_id
    )
    lines = [account_line(who, Side.CREDIT if fen > 0 else Side.DEBIT, abs(fen)) for who, fen in chosen]
    return [against, *lines] if total else lines


async def write_accrual(
    db: AsyncSession,
    bound: Bound,
    event: RevenueEvent,
    *,
    kind: AccrualKind,
    year: int,
    base_after_fen: int,
    parts: Mapping[int, int],
    booked: Mapping[int, int],
    effective_on: date,
    reverses: UUID | None = None,
    ledger_entry_id: UUID | None = None,
    accrual_id: UUID | None = None,
) -> Accrual:
    """Write an accrual with its parts, move the bucket, and post its entry unless one is given."""
    bucket = bound.bucket
    amount = sum(parts.values())
    row = Accrual(
        id=accrual_id or uuid7(),
        org_id=event.org_id,
        agreement_id=bound.agreement.id,
        event_id=event.id,
        kind=kind,
        year=year,
        base_before_fen=bucket.base_fen,
        base_after_fen=base_after_fen,
        total_before_fen=bucket.earned_fen,
        total_after_fen=bucket.earned_fen + amount,
        amount_fen=amount,
        booked_fen=sum(booked.values()),
        reverses=reverses,
        ledger_entry_id=ledger_entry_id,
    )
    if ledger_entry_id is None and any(booked.values()):
        entry = await post(
            db,
            org_id=event.org_id,
            book=Book.MONEY,
            source_kind=SOURCE,
            source_id=row.id,
            effective_on=effective_on,
            lines=posting(
                bound.agreement.contract_id, [(one.person_id, booked[one.party_no]) for one in bound.parties]
            ),
        )
        row.ledger_entry_id = entry.id
    db.add(row)
    await db.flush()
    for party in bound.parties:
        db.add(
            AccrualLine(
                org_id=event.org_id,
                accrual_id=row.id,
                party_no=party.party_no,
                person_id=party.person_id,
                earned_fen=parts[party.party_no],
                amount_fen=booked[party.party_no],
            )
        )
    bucket.base_fen = base_after_fen
    bucket.earned_fen += amount
    await db.flush()
    return row
