"""Drawing up a payout from what is accrued, deciding it by a second person, and paying it when it is clear."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.actions import decide, propose
from service.approvals.queries import open_approval
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.foundation.money import allocate
from service.foundation.workdays import DayKind
from service.incentives.queries import plan_for
from service.incentives.rules import PlanTerms, TaxGround
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side
from service.organisations.tables import Organisation, OrganisationKind
from service.payouts.errors import AccrualReversed, NothingToPay, PaidBeforeClear
from service.payouts.queries import Payable, lines_of, payable_lines, payout_for, reversed_since
from service.payouts.rules import (
    HalfInclusionFacts,
    NoticePeriod,
    check_half_inclusion,
    check_step,
    estimate,
    notice_period,
)
from service.payouts.schemas import DecisionCreate, PaymentCreate, PayoutCreate, RejectionCreate
from service.payouts.tables import Payout, PayoutLine, PayoutState

SUBJECT = "payout"
PAYABLE = "incentive.payable"
SETTLED = "incentive.settled"
NON_PROFIT = (OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE, OrganisationKind.HOSPITAL)


async def propose_payout(db: AsyncSession, actor: Actor, new: PayoutCreate) -> Payout:
    """Draw up and propose a payout: every accrued line up to the day, netted by person, people below zero left out.

    Raises NotFound, NothingToPay, HalfInclusionNotOpen.
    """
    plan = await plan_for(db, actor, new.plan_id, lock=True)
    chosen = _above_zero(await payable_lines(db, plan.id, new.through))
    if not chosen:
        raise NothingToPay(field="through", through=new.through.isoformat())
    strictest = _strictest([terms_of(one) for one in chosen], clock.today())
    row = Payout(
        org_id=actor.org,
        plan_id=plan.id,
        title=new.title,
        through=new.through,
        digest="",
        notice_kind=strictest.notice_kind.value,
        notice_days=strictest.notice_days,
    )
    lines = await _draw_up(db, row, chosen, new.own_scientific_staff)
    row.digest = digest_of_payout(row, lines)
    db.add(row)
    try:
        async with db.begin_nested():
            db.add_all(lines)
    except IntegrityError as error:  # a line was taken by another payout a moment ago
        raise NothingToPay(field="through", through=new.through.isoformat()) from error
    check_step(row.state, PayoutState.PROPOSED)
    row.state = PayoutState.PROPOSED
    await propose(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=row.digest)
    await note(db, "payout.proposed", SUBJECT, row.id, lines=len(lines))
    return row


def terms_of(one: Payable) -> PlanTerms:
    """The terms an accrual line was earned under."""
    return PlanTerms.model_validate(one.version.content)


def _above_zero(lines: Sequence[Payable]) -> list[Payable]:
    """The lines of people whose sum is above zero; what a refund left below stays a claim for later."""
    sums: dict[UUID | None, int] = {}
    for one in lines:
        sums[one.line.person_id] = sums.get(one.line.person_id, 0) + one.line.amount_fen
    return [one for one in lines if sums[one.line.person_id] > 0]


def _strictest(terms: Sequence[PlanTerms], today: date) -> PlanTerms:
    """The terms whose notice would close last."""

    def closes(one: PlanTerms) -> date:
        return notice_period(today, one.notice_days, one.notice_kind).closes_on

    return max(terms, key=closes)


async def _draw_up(db: AsyncSession, row: Payout, chosen: Sequence[Payable], own_staff: bool) -> list[PayoutLine]:
    """The lines of a payout, each person's tax estimated on the person's sum and shared over the person's lines."""
    lines: list[PayoutLine] = []
    for person_id in dict.fromkeys(one.line.person_id for one in chosen):
        assert person_id is not None, "only persons' lines are payable"
        own = [one for one in chosen if one.line.person_id == person_id]
        ground = terms_of(own[-1]).tax_ground
        if ground is TaxGround.HALF_INCLUSION:
            check_half_inclusion(await _half_inclusion_facts(db, row.org_id, own, own_staff))
        amounts = [one.line.amount_fen for one in own]
        tax = estimate(ground, sum(amounts)).tax_fen
        shared: list[int | None] = [None] * len(own)
        if tax is not None:
            shared = list(allocate(tax, [max(amount, 0) for amount in amounts]))
        for one, part in zip(own, shared, strict=True):
            lines.append(
                PayoutLine(
                    org_id=row.org_id,
                    payout_id=row.id,
                    accrual_line_id=one.line.id,
                    person_id=person_id,
                    gross_fen=one.line.amount_fen,
                    tax_fen=part,
                    net_fen=None if part is None else one.line.amount_fen - part,
                    tax_ground=ground.value,
                )
            )
    return lines


async def _half_inclusion_facts(
    db: AsyncSession, org_id: UUID, own: Sequence[Payable], own_staff: bool
) -> HalfInclusionFacts:
    unit = (await db.scalars(select(Organisation).where(col(Organisation.id) == org_id))).one()
    return HalfInclusionFacts(
        own_staff=own_staff,
        scientific_staff=own_staff,
        non_profit_body=unit.kind in NON_PROFIT,
        contract_registered=all(one.contract.registration_no is not None for one in own),
        on_noticed_list=True,  # nothing is paid that was not noticed with names
        income_received_on=min(one.event.effective_on for one in own),
        paid_on=clock.today(),
    )


def digest_of_payout(row: Payout, lines: Sequence[PayoutLine]) -> str:
    """SHA-256 over what the checker approves: plan, day, notice, and each line with person, sum and tax estimate."""
    said: dict[str, Any] = {
        "plan": str(row.plan_id),
        "through": row.through.isoformat(),
        "title": row.title,
        "notice": [row.notice_kind, row.notice_days],
        "lines": sorted(
            [
                str(one.accrual_line_id),
                str(one.person_id),
                str(one.gross_fen),
                str(one.tax_fen),
                str(one.net_fen),
                one.tax_ground,
            ]
            for one in lines
        ),
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


async def decide_payout(db: AsyncSession, actor: Actor, payout_id: UUID, decision: DecisionCreate) -> Payout:
    """Approve or reject a proposed payout; by another person than its maker.

    Raises NotFound, PayoutStepWrong, SamePerson, SubjectChanged, AccrualReversed.
    """
    row = await payout_for(db, actor, payout_id, lock=True)
    to = PayoutState.APPROVED if decision.approve else PayoutState.REJECTED
    check_step(row.state, to)
    approval = await open_approval(db, SUBJECT, row.id)
    digest = digest_of_payout(row, await lines_of(db, row.id))
    if decision.approve:
        await check_still_whole(db, row)
    await decide(db, actor, approval, digest=digest, approve=decision.approve, reason=decision.reason)
    if decision.approve:
        row.state = to
        await db.flush()
        await note(db, "payout.approved", SUBJECT, row.id)
    else:
        await give_up(db, row, decision.reason)
    return row


async def check_still_whole(db: AsyncSession, row: Payout) -> None:
    """Refuse to go on with a payout behind which an event was reversed. Raises AccrualReversed."""
    if await reversed_since(db, row.id):
        raise AccrualReversed


async def reject_payout(db: AsyncSession, actor: Actor, payout_id: UUID, new: RejectionCreate) -> Payout:
    """Give up a payout that is approved, noticed or clear; its lines may be proposed again. Raises NotFound, PayoutStepWrong."""
    row = await payout_for(db, actor, payout_id, lock=True)
    if row.state is PayoutState.PROPOSED:
        return await decide_payout(db, actor, payout_id, DecisionCreate(approve=False, reason=new.reason))
    check_step(row.state, PayoutState.REJECTED)
    await give_up(db, row, new.reason)
    return row


async def give_up(db: AsyncSession, row: Payout, reason: str | None) -> None:
    """End a payout, keep why, and free its lines."""
    row.state = PayoutState.REJECTED
    row.rejection_reason = reason
    await db.execute(
        sa.update(PayoutLine)
        .where(col(PayoutLine.payout_id) == row.id)
        .values(live=False)
        .execution_options(synchronize_session="fetch")
    )
    await db.flush()
    await note(db, "payout.rejected", SUBJECT, row.id)


async def pay_payout(db: AsyncSession, actor: Actor, payout_id: UUID, new: PaymentCreate) -> Payout:
    """Record that a clear payout was paid, and book it: what was owed to each person is settled.

    The tax is an estimate and is not booked; the payer's tax system decides. Raises NotFound, PayoutStepWrong,
    PaidBeforeClear, AccrualReversed.
    """
    row = await payout_for(db, actor, payout_id, lock=True)
    check_step(row.state, PayoutState.PAID)
    await check_still_whole(db, row)
    assert row.notice_closes_on is not None, "a clear payout was noticed"
    if not row.notice_closes_on < new.paid_on <= clock.today():
        raise PaidBeforeClear(field="paid_on", closes_on=row.notice_closes_on.isoformat())
    lines = await lines_of(db, row.id)
    sums: dict[UUID, int] = {}
    for one in lines:
        sums[one.person_id] = sums.get(one.person_id, 0) + one.gross_fen
    await post(
        db,
        org_id=row.org_id,
        book=Book.MONEY,
        source_kind=SUBJECT,
        source_id=row.id,
        effective_on=new.paid_on,
        lines=[
            *(
                Line(PAYABLE, Side.DEBIT, fen, owner_kind="person", owner_id=person_id, person_id=person_id)
                for person_id, fen in sums.items()
            ),
            Line(SETTLED, Side.CREDIT, sum(sums.values())),
        ],
    )
    row.state = PayoutState.PAID
    row.paid_on = new.paid_on
    row.payment_reference = new.payment_reference
    await db.flush()
    await note(db, "payout.paid", SUBJECT, row.id, paid_on=new.paid_on.isoformat())
    return row


def period_of(row: Payout, opens_on: date) -> NoticePeriod:
    """The notice a payout needs when it opens on a day."""
    return notice_period(opens_on, row.notice_days, DayKind(row.notice_kind))
