"""Granting shares, and booking what vests by the day."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.contracts.errors import DateAhead
from service.contracts.queries import contract_for
from service.equity.errors import (
    GrantReferenceTaken,
    HolderUnknown,
    PlanNotOfEquity,
    VestingBeforeGrant,
    VestingUnreadable,
)
from service.equity.queries import GRANTED, POOL, VESTED, vested_by_books
from service.equity.rules import VestingTerms, check_grant, vested
from service.equity.schemas import GrantCreate
from service.equity.tables import EquityGrant, ShareEvent
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.foundation.records import uuid7
from service.incentives.queries import plan_for, version_for
from service.incentives.schemas import EquityTerms
from service.incentives.tables import PlanKind, PlanState, PlanVersion
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side
from service.people.queries import persons

FURTHEST = timedelta(days=3_660)


def read_vesting(given: dict[str, Any]) -> VestingTerms:
    """The vesting terms. Raises VestingUnreadable, VestingWrong, VestingTooLong."""
    try:
        return VestingTerms.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "terms"
        raise VestingUnreadable(field="terms", place=place, problem=first["msg"]) from error


async def grant_shares(db: AsyncSession, actor: Actor, new: GrantCreate) -> EquityGrant:
    """Grant shares to one person; the grant never changes again.

    Raises NotFound, PlanNotOfEquity, HolderUnknown, DateAhead, the refusals of the vesting terms, VestingBeforeGrant,
    PoolExceeded, PersonLimitExceeded, GrantReferenceTaken.
    """
    terms = read_vesting(new.terms)
    if new.granted_on > clock.today():
        raise DateAhead(field="granted_on", day=new.granted_on.isoformat())
    if abs(terms.start - new.granted_on) > FURTHEST:
        raise VestingBeforeGrant(field="terms", start=terms.start.isoformat())
    version = await version_for(db, actor, new.plan_version_id)
    plan = await plan_for(db, actor, version.plan_id, lock=True)  # one grant at a time from a pool
    holds = version.valid_from <= new.granted_on and (version.valid_to is None or new.granted_on <= version.valid_to)
    if plan.kind is not PlanKind.EQUITY or version.state is not PlanState.IN_FORCE or not holds:
        raise PlanNotOfEquity(field="plan_version_id", day=new.granted_on.isoformat())
    if new.person_id not in await persons(db, [new.person_id]):
        raise HolderUnknown(field="person_id")
    if new.contract_id is not None:
        await contract_for(db, actor, new.contract_id)
    equity = EquityTerms.model_validate(version.content)
    await _check_pool(db, version, equity, new)
    row = EquityGrant(
        org_id=actor.org,
        company=equity.company,
        terms=terms.model_dump(mode="json"),
        **new.model_dump(exclude={"terms"}),
    )
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise GrantReferenceTaken(field="reference", reference=new.reference) from error
    await post(
        db,
        org_id=row.org_id,
        book=Book.SHARES,
        source_kind="equity_grant",
        source_id=row.id,
        effective_on=row.granted_on,
        lines=[
            Line(POOL, Side.DEBIT, row.quantity, owner_kind="plan", owner_id=plan.id),
            _line(row, GRANTED, Side.CREDIT, row.quantity),
        ],
    )
    await note(db, "equity.granted", "equity_grant", row.id, person_id=row.person_id, quantity=row.quantity)
    return row


async def _check_pool(db: AsyncSession, version: PlanVersion, equity: EquityTerms, new: GrantCreate) -> None:
    """The pool is the plan's, over all its versions."""
    of_person = sa.func.sum(col(EquityGrant.quantity)).filter(col(EquityGrant.person_id) == new.person_id)
    granted, person_granted = (
        await db.execute(
            sa.select(sa.func.coalesce(sa.func.sum(col(EquityGrant.quantity)), 0), sa.func.coalesce(of_person, 0))
            .join(PlanVersion, col(PlanVersion.id) == col(EquityGrant.plan_version_id))
            .where(col(PlanVersion.plan_id) == version.plan_id)
        )
    ).one()
    check_grant(
        new.quantity,
        pool=equity.pool_shares,
        granted=int(granted),
        person_granted=int(person_granted),
        person_limit=equity.person_limit_shares,
    )


def _line(row: EquityGrant, code: str, side: Side, shares: int) -> Line:
    return Line(code, side, shares, owner_kind="equity_grant", owner_id=row.id, person_id=row.person_id)


async def vest_as_of(db: AsyncSession, day: date) -> int:
    """Book what has vested by the end of a day for every grant in sight; how many grants vested further.

    The same day again, or an earlier day, books nothing; of two runs at once each step is booked by one.
    """
    chosen = select(EquityGrant).where(col(EquityGrant.granted_on) <= day).order_by(col(EquityGrant.id))
    grants = list(await db.scalars(chosen))
    before = await vested_by_books(db, [row.id for row in grants])
    moved = 0
    for row in grants:
        after = vested(row.quantity, VestingTerms.model_validate(row.terms), day)
        if after > before[row.id] and await _book_step(db, row, day, before[row.id], after):
            moved += 1
    return moved


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
                lines=[_line(row, GRANTED, Side.DEBIT, shares), _line(row, VESTED, Side.CREDIT, shares)],
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
