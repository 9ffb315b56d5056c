"""Two at once, with real commits: one event stays one, and a bucket's law holds whoever was first."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from service.foundation.errors import ContentConflict, DomainError
from service.incentives.actions import record_event, reverse_event
from service.incentives.errors import EventReversedAlready
from service.incentives.queries import INVARIANTS, bucket_faults
from service.incentives.schemas import EventCreate, ReversalCreate
from service.incentives.tables import RevenueEvent
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from tests.given import contracts as given_contracts
from tests.given import incentives as given_incentives
from tests.given.incentives import COMMISSION, Deal, receipt
from tests.incentives.conftest import Committed

pytestmark = pytest.mark.race


async def sent(committed: Committed, deal: Deal, content: dict[str, Any]) -> tuple[RevenueEvent, bool] | DomainError:
    """One request that records an event and commits."""
    try:
        async with committed.acting(deal.officer) as db:
            return await record_event(db, deal.officer, EventCreate.model_validate(content))
    except DomainError as refusal:
        return refusal


async def assert_laws(committed: Committed) -> None:
    """Every invariant holds."""
    async with committed.world() as db:
        for name, sql in {**INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name
        assert await bucket_faults(db) == []


async def test_same_reference_sent_many_times_at_once_is_recorded_once(committed: Committed) -> None:
    async with committed.world() as db:
        deal = await given_incentives.deal(db)
    content = receipt(deal, 7_777_777, "same")
    answers = await asyncio.gather(*(sent(committed, deal, content) for _ in range(6)))
    told = [one for one in answers if not isinstance(one, DomainError)]
    assert len(told) == 6, answers
    assert len({row.id for row, _ in told}) == 1
    assert sum(fresh for _, fresh in told) == 1
    other = await sent(committed, deal, {**content, "amount_fen": 1})
    assert isinstance(other, ContentConflict)
    async with committed.world() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM accrual")) == 1
    await assert_laws(committed)


async def test_same_reference_with_two_contents_at_once_keeps_one_and_refuses_the_other(committed: Committed) -> None:
    async with committed.world() as db:
        deal = await given_incentives.deal(db)
    contents = [receipt(deal, fen, "same") for fen in (100, 200)]
    answers = await asyncio.gather(*(sent(committed, deal, one) for one in contents))
    assert sorted(type(one).__name__ for one in answers) == ["ContentConflict", "tuple"]
    await assert_laws(committed)


async def test_events_on_one_bucket_at_once_wait_for_each_other(committed: Committed) -> None:
    async with committed.world() as db:
        deal = await given_incentives.deal(db)
    contents = [receipt(deal, 10_000_001 + step) for step in range(8)]
    answers = await asyncio.gather(*(sent(committed, deal, one) for one in contents))
    assert all(not isinstance(one, DomainError) for one in answers), answers
    async with committed.world() as db:
        base, earned = (await db.execute(sa.text("SELECT base_fen, earned_fen FROM bucket"))).one()
    total = sum(one["amount_fen"] for one in contents)
    assert base == total
    assert earned == round(50_000_000 * 0.05 + (total - 50_000_000) * 0.08)
    await assert_laws(committed)


async def test_two_contracts_of_the_same_people_do_not_lock_each_other_out(committed: Committed) -> None:
    capped = {**COMMISSION, "cap_person_year_fen": 300_000}
    async with committed.world() as db:
        deal = await given_incentives.deal(db, capped)
        contract = await given_contracts.contract(db, deal.org_id)
        first, second = deal.managers
        await given_incentives.agreement(
            db, contract, deal.version, [(None, "unit", 1), (second.id, "managers", 1), (first.id, "managers", 3)]
        )
    contents = []
    for step in range(5):
        contents.append(receipt(deal, 2_000_003 + step))
        contents.append({**receipt(deal, 3_000_005 + step), "contract_id": str(contract.id)})
    answers = await asyncio.gather(*(sent(committed, deal, one) for one in contents))
    assert all(not isinstance(one, DomainError) for one in answers), answers
    async with committed.world() as db:
        years = (await db.execute(sa.text("SELECT earned_fen, booked_fen FROM year_total ORDER BY earned_fen"))).all()
    # by hand: 250,001 + 421,876 and 125,000 + 140,626 fen before the cap
    assert [tuple(one) for one in years] == [(265_626, 265_626), (671_877, 300_000)]
    await assert_laws(committed)


async def test_one_event_is_reversed_once_however_many_try(committed: Committed) -> None:
    async with committed.world() as db:
        deal = await given_incentives.deal(db)
    answer = await sent(committed, deal, receipt(deal, 5_000_000))
    assert not isinstance(answer, DomainError)
    wrong = answer[0]

    async def reverse_it(reference: str) -> bool | DomainError:
        back = ReversalCreate.model_validate(
            {"source": "x", "reference": reference, "effective_on": "2024-07-01", "reason": "wrong"}
        )
        try:
            async with committed.acting(deal.officer) as db:
                return (await reverse_event(db, deal.officer, wrong.id, back))[1]
        except DomainError as refusal:
            return refusal

    answers = await asyncio.gather(*(reverse_it(f"r{step % 3}") for step in range(6)))
    assert sum(one is True for one in answers) == 1, answers
    assert all(one in (True, False) or isinstance(one, EventReversedAlready) for one in answers), answers
    async with committed.world() as db:
        assert await db.scalar(sa.text("SELECT sum(amount_fen) FROM accrual_line")) == 0
    await assert_laws(committed)
