"""Equity grants: under an approved plan, within pool and person limit, vesting booked by the day and only once."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from service.equity.actions import vest_as_of
from service.equity.queries import INVARIANTS
from service.equity.rules import VestingTerms, vested
from service.foundation import working
from service.incentives.tables import PlanKind
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from tests.conftest import ClientAs, World
from tests.given import accounts as given_accounts
from tests.given import contracts as given_contracts
from tests.given import incentives as given_incentives
from tests.incentives.conftest import Committed, committed  # noqa: F401 - a fixture

EQUITY = {"company": "某材料科技有限公司", "pool_shares": 10_000, "person_limit_shares": 6_000}
VESTING = {"start": "2024-01-31", "total_months": 48, "step_months": 1, "cliff_months": 12}


async def begin(world: World, client_as: ClientAs) -> tuple[Any, dict[str, Any]]:
    """An officer's browser and a grant for the API."""
    async with world() as db:
        home = await given_accounts.organisation(db)
        officer = await given_accounts.staff(db, "incentive_officer", home.id)
        person = await given_contracts.manager(db, home.id)
        version = await given_incentives.plan(db, home.id, EQUITY, PlanKind.EQUITY)
    grant = {
        "plan_version_id": str(version.id),
        "person_id": str(person.id),
        "reference": "GQ-1",
        "instrument": "restricted",
        "quantity": 4_801,
        "granted_on": "2024-02-01",
        "terms": VESTING,
    }
    return await client_as(officer), grant


async def assert_laws(world: World) -> None:
    """Every invariant holds."""
    async with world() as db:
        for name, sql in {**INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name


async def test_nothing_vests_before_the_cliff_and_everything_by_the_end(world: World, client_as: ClientAs) -> None:
    browser, grant = await begin(world, client_as)
    made = await browser.post("/api/equity-grants", json=grant)
    assert made.status_code == 201, made.text
    assert made.json()["company"] == EQUITY["company"]
    assert sum(one["shares"] for one in made.json()["to_come"]) + made.json()["vested"] <= 4_801
    address = f"/api/equity-grants/{made.json()['id']}"
    told = []
    for day in ("2025-01-30", "2025-01-31", "2025-01-31", "2025-02-27", "2025-02-28", "2025-01-31"):
        booked = (await browser.post(f"/api/equity-vesting/{day}")).json()["grants"]
        told.append((day, booked, (await browser.get(address)).json()["vested"]))
    assert told == [
        ("2025-01-30", 0, 0),
        ("2025-01-31", 1, 1_200),
        ("2025-01-31", 0, 1_200),
        ("2025-02-27", 0, 1_200),
        ("2025-02-28", 1, 1_300),
        ("2025-01-31", 0, 1_300),
    ]
    ahead = await browser.post("/api/equity-vesting/2999-01-01")
    assert ahead.json()["detail"] == "日期 2999-01-01 尚未到来。"
    await assert_laws(world)


async def test_grant_is_refused_for_each_of_its_reasons(world: World, client_as: ClientAs) -> None:
    browser, grant = await begin(world, client_as)
    async with world() as db:
        elsewhere = await given_accounts.organisation(db)
        stranger = await given_contracts.manager(db, elsewhere.id)
        home = (await db.scalars(sa.text("SELECT org_id FROM plan"))).one()
        commission = await given_incentives.plan(db, home)
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"quantity": 6_001}, 409, "person-limit-exceeded"),
        ({"quantity": 10_001}, 409, "pool-exceeded"),
        ({"quantity": 0}, 422, "invalid-request"),
        ({"granted_on": "2023-12-31"}, 409, "plan-not-of-equity"),
        ({"granted_on": "2999-01-01"}, 422, "date-ahead"),
        ({"plan_version_id": str(commission.id)}, 409, "plan-not-of-equity"),
        ({"plan_version_id": str(uuid4())}, 404, "not-found"),
        ({"contract_id": str(uuid4())}, 404, "not-found"),
        ({"person_id": str(stranger.id)}, 422, "holder-unknown"),
        ({"terms": {**VESTING, "step_months": 7}}, 422, "vesting-wrong"),
        ({"terms": {**VESTING, "total_months": 601}}, 422, "vesting-too-long"),
        ({"terms": {**VESTING, "start": "1990-01-01"}}, 422, "vesting-before-grant"),
        ({"terms": {"start": "2024-01-01"}}, 422, "vesting-unreadable"),
        ({"instrument": "gold"}, 422, "invalid-request"),
    ]
    for change, status, slug in cases:
        answer = await browser.post("/api/equity-grants", json={**grant, **change})
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), change
    assert (await browser.post("/api/equity-grants", json=grant)).status_code == 201
    twice = await browser.post("/api/equity-grants", json={**grant, "quantity": 1})
    assert twice.json()["detail"] == "已有编号为 GQ-1 的授予。"
    second = await browser.post("/api/equity-grants", json={**grant, "reference": "GQ-2", "quantity": 1_200})
    assert second.json()["type"] == "/problems/person-limit-exceeded"
    assert "6001" in second.json()["detail"].replace(",", "")
    await assert_laws(world)


async def test_grants_are_their_organisations_and_never_change(world: World, client_as: ClientAs) -> None:
    browser, grant = await begin(world, client_as)
    made = (await browser.post("/api/equity-grants", json=grant)).json()
    stranger, _ = await begin(world, client_as)
    assert (await stranger.get(f"/api/equity-grants/{made['id']}")).status_code == 404
    assert (await stranger.get("/api/equity-grants")).json() == []
    assert (await stranger.post("/api/equity-vesting/2026-01-31")).json()["grants"] == 0
    async with world() as db:
        with pytest.raises(DBAPIError, match=r"only added|permission denied"):
            await db.execute(sa.text("UPDATE equity_grant SET quantity = quantity + 1"))
        await db.rollback()


async def test_night_books_every_organisations_vesting(world: World, client_as: ClientAs) -> None:
    browser, grant = await begin(world, client_as)
    other, second = await begin(world, client_as)
    made = [
        (await one.post("/api/equity-grants", json=what)).json() for one, what in ((browser, grant), (other, second))
    ]
    async with world() as db:
        assert await vest_as_of(db, date(2026, 1, 31)) == 2
    assert (await browser.get(f"/api/equity-grants/{made[0]['id']}")).json()["vested"] == 2_400
    assert "equity.vest_today" in working.announcing.timed
    await assert_laws(world)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 1_700), min_size=1, max_size=8), quantity=st.integers(1, 6_000))
async def test_books_hold_what_the_rule_says_however_the_days_are_cut(
    world: World, client_as: ClientAs, days: list[int], quantity: int
) -> None:
    browser, grant = await begin(world, client_as)
    made = (await browser.post("/api/equity-grants", json={**grant, "quantity": quantity})).json()
    chosen = [date(2024, 2, 1) + timedelta(days=offset) for offset in days]
    async with world() as db:
        for day in chosen:
            await vest_as_of(db, day)
    expected = vested(quantity, VestingTerms.model_validate(VESTING), max(chosen))
    assert (await browser.get(f"/api/equity-grants/{made['id']}")).json()["vested"] == expected
    await assert_laws(world)


async def test_two_runs_at_once_book_each_step_once(committed: Committed) -> None:  # noqa: F811 - the fixture
    async with committed.world() as db:
        home = await given_accounts.organisation(db)
        officer = await given_accounts.staff(db, "incentive_officer", home.id)
        person = await given_contracts.manager(db, home.id)
        version = await given_incentives.plan(db, home.id, EQUITY, PlanKind.EQUITY)
        for number in range(3):
            await given_incentives.grant(db, version, person.id, f"GQ-{number}", 1_000, VESTING)

    async def run(day: date) -> int:
        async with committed.acting(officer) as db:
            return await vest_as_of(db, day)

    await asyncio.gather(*(run(day) for day in (date(2025, 2, 28), date(2025, 3, 31), date(2025, 2, 28))))
    await run(date(2025, 3, 31))
    async with committed.world() as db:
        for name, sql in INVARIANTS.items():
            assert (await db.execute(sa.text(sql))).all() == [], name
        total = await db.scalar(sa.text("SELECT sum(vested_after - vested_before) FROM share_event"))
    assert total == 3 * vested(1_000, VestingTerms.model_validate(VESTING), date(2025, 3, 31))


async def test_shares_are_granted_and_vest_on_pages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        deal = await given_incentives.deal(db)
        version = await given_incentives.plan(db, deal.org_id, EQUITY, PlanKind.EQUITY)
    officer, approver = await client_as(deal.officer), await client_as(deal.approver)
    form = (await officer.get("/incentives/equity/new")).text
    assert "周明" in form
    sent = {
        "plan_version_id": str(version.id),
        "person_id": str(deal.managers[0].id),
        "reference": "GQ-1",
        "instrument": "award",
        "quantity": "4801",
        "granted_on": "2024-02-01",
        "start": "2024-01-31",
        "total_months": "48",
        "step_months": "7",
        "cliff_months": "12",
        "contract_id": str(deal.contract.id),
    }
    refused = await officer.post("/incentives/equity/new", data=sent)
    assert refused.status_code == 422
    assert "总期限应为每期间隔的整数倍。" in refused.text
    assert 'value="GQ-1"' in refused.text
    assert (await officer.post("/incentives/equity/new", data={**sent, "step_months": "12"})).status_code == 303
    assert (await officer.post("/incentives/equity/vest")).status_code == 303
    for browser in (officer, approver):
        shown = (await browser.get("/incentives/equity")).text
        assert "4,801" in shown
        assert "周明" in shown
    assert (await approver.get("/incentives/equity/new")).status_code == 403
    english = (await officer.get("/incentives/equity", headers={"accept-language": "en"})).text
    assert "Share award" in english
    await assert_laws(world)
