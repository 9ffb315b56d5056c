"""Granting shares: proposed by one person, granted by another, within the pool at both moments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.approvals.actions import decide as decide_proposal
from service.approvals.actions import propose as make_proposal
from service.approvals.queries import open_approval
from service.contracts.errors import DateAhead
from service.contracts.queries import contract_for
from service.equity.actions.vesting import line_of
from service.equity.errors import (
    GrantReferenceTaken,
    HolderUnknown,
    PlanNotOfEquity,
    VestingBeforeGrant,
    VestingUnreadable,
)
from service.equity.queries import GRANTED, POOL, grant_for
from service.equity.rules import VestingTerms, check_grant, digest_of
from service.equity.schemas import GrantCreate, GrantDecision
from service.equity.tables import EquityGrant, GrantState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.incentives.queries import plan_for, version_for
from service.incentives.schemas import EquityTerms
from service.incentives.tables import PlanKind, PlanState, PlanVersion
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side
from service.people.queries import persons

SUBJECT = "equity_grant"
FURTHEST = timedelta(days=3_660)


def read_vesting(given: dict[str, Any]) -> VestingTerms:
    """The vesting terms. Raises VestingUnreadable, VestingWrong, VestingTooLong."""
    try:
        return VestingTerms.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "terms"
        raise VestingUnreadable(field="terms", place=place, problem=first["msg"]) from error


async def propose_grant(db: AsyncSession, actor: Actor, new: GrantCreate) -> EquityGrant:
    """Propose a grant of shares to one person; nothing is booked before a second person approves it.

    Raises NotFound, PlanNotOfEquity, HolderUnknown, DateAhead, the refusals of the vesting terms, VestingBeforeGrant,
    PoolExceeded, PersonLimitExceeded, GrantReferenceTaken.
    """
    terms = read_vesting(new.terms)
    if new.granted_on > clock.today():
        raise DateAhead(field="granted_on", day=new.granted_on.isoformat())
    if abs(terms.start - new.granted_on) > FURTHEST:
        raise VestingBeforeGrant(field="terms", start=terms.start.isoformat())
    version = await version_for(db, actor, new.plan_version_id)
    plan = await plan_for(db, actor, version.plan_id)
    holds = version.valid_from <= new.granted_on and (version.valid_to is None or new.granted_on <= version.valid_to)
    if plan.kind is not PlanKind.EQUITY or version.state is not PlanState.IN_FORCE or not holds:
        raise PlanNotOfEquity(field="plan_version_id", day=new.granted_on.isoformat())
    if new.person_id not in await persons(db, [new.person_id]):
        raise HolderUnknown(field="person_id")
    if new.contract_id is not None:
        await contract_for(db, actor, new.contract_id)
    equity = EquityTerms.model_validate(version.content)
    row = EquityGrant(
        org_id=actor.org,
        company=equity.company,
        terms=terms.model_dump(mode="json"),
        **new.model_dump(exclude={"terms"}),
    )
    await _check_pool(db, version, equity, row)
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise GrantReferenceTaken(field="reference", reference=new.reference) from error
    await make_proposal(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=_digest(row))
    return row


async def decide_grant(db: AsyncSession, actor: Actor, grant_id: UUID, decision: GrantDecision) -> EquityGrant:
    """Grant what was proposed and book it, or refuse it. The pool is asked again, one grant at a time.

    Raises NotFound, NothingProposed, SamePerson, AlreadyDecided, PoolExceeded, PersonLimitExceeded.
    """
    row = await grant_for(db, actor, grant_id, lock=True)
    proposal = await open_approval(db, SUBJECT, row.id)
    await decide_proposal(db, actor, proposal, digest=_digest(row), approve=decision.approve, reason=decision.reason)
    if not decision.approve:
        row.state = GrantState.REFUSED
        await db.flush()
        return row
    version = await version_for(db, actor, row.plan_version_id)
    plan = await plan_for(db, actor, version.plan_id, lock=True)
    await _check_pool(db, version, EquityTerms.model_validate(version.content), row)
    row.state = GrantState.GRANTED
    await db.flush()
    await post(
        db,
        org_id=row.org_id,
        book=Book.SHARES,
        source_kind=SUBJECT,
        source_id=row.id,
        effective_on=row.granted_on,
        lines=[
            Line(POOL, Side.DEBIT, row.quantity, owner_kind="plan", owner_id=plan.id),
            line_of(row, GRANTED, Side.CREDIT, row.quantity),
        ],
    )
    await note(db, "equity.granted", SUBJECT, row.id, person_id=row.person_id, quantity=row.quantity)
    return row


def _digest(row: EquityGrant) -> str:
    decided = {"person_id", "plan_version_id", "reference", "company", "instrument", "quantity", "granted_on", "terms"}
    return digest_of(row.model_dump(mode="json", include=decided | {"contract_id"}))


async def _check_pool(db: AsyncSession, version: PlanVersion, equity: EquityTerms, new: EquityGrant) -> None:
    """The pool is the plan's, over all its versions; what ended grants gave back is in it again."""
    held = sa.func.sum(col(EquityGrant.quantity) - col(EquityGrant.forfeited))
    of_person = held.filter(col(EquityGrant.person_id) == new.person_id)
    granted, person_granted = (
        await db.execute(
            sa.select(sa.func.coalesce(held, 0), sa.func.coalesce(of_person, 0))
            .join(PlanVersion, col(PlanVersion.id) == col(EquityGrant.plan_version_id))
            .where(
                col(PlanVersion.plan_id) == version.plan_id,
                col(EquityGrant.state).in_([GrantState.GRANTED, GrantState.ENDED]),
            )
        )
    ).one()
    check_grant(
        new.quantity,
        pool=equity.pool_shares,
        granted=int(granted),
        person_granted=int(person_granted),
        person_limit=equity.person_limit_shares,
    )
