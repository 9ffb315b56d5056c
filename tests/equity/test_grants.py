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
from service.foundation import clock, working
from service.incentives.tables import PlanKind
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from tests.conftest import ClientAs, World
from tests.given import accounts as given_accounts
from tests.given import contracts as given_contracts
from tests.given import incentives as given_incentives
from tests.incentives.conftest import Committed, committed  # noqa: F401 - a fixture

EQUITY = {"company": "某材料科技有限公司", "pool_shares": 10_000, "person_limit_shares": 6_000}
API = "/api/equity-grants"
VESTING = {"start": "2024-01-31", "total_months": 48, "step_months": 1, "cliff_months": 12}


class Desk:
    """An officer's and an approver's browser, and a grant for the API."""

    def __init__(self, officer: Any, approver: Any, grant: dict[str, Any]) -> None:
        self.officer, self.approver, self.grant = officer, approver, grant

    async def propose(self, **change: Any) -> Any:
        """Propose the grant, or another."""
        return await self.officer.post("/api/equity-grants", json={**self.grant, **change})

    async def granted(self, **change: Any) -> Any:
        """A grant proposed and approved."""
        proposed = await self.propose(**change)
        assert proposed.status_code == 201, proposed.text
        decided = await self.approver.post(f"{API}/{proposed.json()['id']}/decision", json={"approve": True})
        assert decided.status_code == 200, decided.text
        return decided.json()

    async def ending(self, grant_id: str, day: str, ground: str = "left") -> Any:
        """Propose the ending of a grant."""
        return await self.officer.post(f"{API}/{grant_id}/ending", json={"ending_on": day, "ending_ground": ground})

    async def decide_ending(self, grant_id: str, approve: bool = True) -> Any:
        """Decide on it as the approver."""
        return await self.approver.post(f"{API}/{grant_id}/ending/decision", json={"approve": approve})


async def begin(world: World, client_as: ClientAs) -> Desk:
    """The desk of an organisation with an equity plan in force."""
    async with world() as db:
        home = await given_accounts.organisation(db)
        officer = await given_accounts.staff(db, "incentive_officer", home.id)
        approver = await given_accounts.staff(db, "incentive_approver", home.id)
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
    return Desk(await client_as(officer), await client_as(approver), grant)


async def assert_laws(world: World) -> None:
    """Every invariant holds."""
    async with world() as db:
        for name, sql in {**INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name


async def test_nothing_vests_before_the_cliff_and_everything_by_the_end(world: World, client_as: ClientAs) -> None:
    desk = await begin(world, client_as)
    browser, made = desk.officer, await desk.granted()
    assert made["company"] == EQUITY["company"]
    assert sum(one["shares"] for one in made["to_come"]) + made["vested"] <= 4_801
    address = f"{API}/{made['id']}"
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
    desk = await begin(world, client_as)
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
        answer = await desk.propose(**change)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), change
    await desk.granted()
    twice = await desk.propose(quantity=1)
    assert twice.json()["detail"] == "已有编号为 GQ-1 的授予。"
    second = await desk.propose(reference="GQ-2", quantity=1_200)
    assert second.json()["type"] == "/problems/person-limit-exceeded"
    assert "6001" in second.json()["detail"].replace(",", "")
    await assert_laws(world)


async def test_grants_are_their_organisations_and_never_change(world: World, client_as: ClientAs) -> None:
    made = await (await begin(world, client_as)).granted()
    stranger = (await begin(world, client_as)).officer
    assert (await stranger.get(f"/api/equity-grants/{made['id']}")).status_code == 404
    assert (await stranger.get("/api/equity-grants")).json() == []
    assert (await stranger.post("/api/equity-vesting/2026-01-31")).json()["grants"] == 0
    async with world() as db:
        with pytest.raises(DBAPIError, match=r"only its way and its ending|permission denied"):
            await db.execute(sa.text("UPDATE equity_grant SET quantity = quantity + 1"))
        await db.rollback()


async def test_night_books_every_organisations_vesting(world: World, client_as: ClientAs) -> None:
    desk, other = await begin(world, client_as), await begin(world, client_as)
    made = [await desk.granted(), await other.granted()]
    async with world() as db:
        assert await vest_as_of(db, date(2026, 1, 31)) == 2
    assert (await desk.officer.get(f"{API}/{made[0]['id']}")).json()["vested"] == 2_400
    assert "equity.vest_today" in working.announcing.timed
    await assert_laws(world)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 1_700), min_size=1, max_size=8), quantity=st.integers(1, 6_000))
async def test_books_hold_what_the_rule_says_however_the_days_are_cut(
    world: World, client_as: ClientAs, days: list[int], quantity: int
) -> None:
    desk = await begin(world, client_as)
    made = await desk.granted(quantity=quantity)
    chosen = [date(2024, 2, 1) + timedelta(days=offset) for offset in days]
    async with world() as db:
        for day in chosen:
            await vest_as_of(db, day)
    expected = vested(quantity, VestingTerms.model_validate(VESTING), max(chosen))
    assert (await desk.officer.get(f"{API}/{made['id']}")).json()["vested"] == expected
    await assert_laws(world)


async def test_nothing_is_booked_before_a_second_person_approves(world: World, client_as: ClientAs) -> None:
    desk = await begin(world, client_as)
    made = (await desk.propose()).json()
    assert (made["state"], made["vested"]) == ("proposed", 0)
    async with world() as db:
        assert await vest_as_of(db, date(2026, 1, 31)) == 0
        assert await db.scalar(sa.text("SELECT count(*) FROM ledger_entry WHERE book = 'shares'")) == 0
    decision = f"{API}/{made['id']}/decision"
    assert (await desk.officer.post(decision, json={"approve": True})).status_code == 403
    refused = await desk.approver.post(decision, json={"approve": False, "reason": "数量有误"})
    assert refused.json()["state"] == "refused"
    again = await desk.approver.post(decision, json={"approve": True})
    assert again.json()["type"] == "/problems/nothing-proposed"
    anew = await desk.granted(quantity=4_800)
    assert (anew["reference"], anew["state"]) == ("GQ-1", "granted"), "a refused grant leaves its number free"
    await assert_laws(world)


async def test_two_proposals_fill_the_pool_only_once(world: World, client_as: ClientAs) -> None:
    desk = await begin(world, client_as)
    async with world() as db:
        home = (await db.scalars(sa.text("SELECT org_id FROM plan"))).one()
        other = await given_contracts.manager(db, home, "李四")
    first = (await desk.propose(quantity=6_000)).json()
    second = (await desk.propose(reference="GQ-2", person_id=str(other.id), quantity=6_000)).json()
    answers = [
        await desk.approver.post(f"{API}/{one['id']}/decision", json={"approve": True}) for one in (first, second)
    ]
    assert [one.status_code for one in answers] == [200, 409]
    assert answers[1].json()["type"] == "/problems/pool-exceeded"
    await assert_laws(world)


async def test_an_ended_grant_keeps_what_vested_and_gives_the_rest_back(world: World, client_as: ClientAs) -> None:
    desk = await begin(world, client_as)
    made = await desk.granted(quantity=4_800)
    await desk.officer.post("/api/equity-vesting/2025-02-28")  # 13 of 48 months
    taken_back = await desk.ending(made["id"], "2025-01-30")
    assert taken_back.json()["type"] == "/problems/vested-beyond-ending"
    assert "1300" in taken_back.json()["detail"].replace(",", "")
    for wrong in ("2024-01-31", "2999-01-01"):
        assert (await desk.ending(made["id"], wrong)).json()["type"] == "/problems/ending-before-grant"
    proposed = await desk.ending(made["id"], "2025-07-30")  # the day before the eighteenth month is full
    assert (proposed.json()["state"], proposed.json()["ending_on"]) == ("granted", "2025-07-30")
    assert (await desk.ending(made["id"], "2025-07-30")).json()["type"] == "/problems/grant-not-in-force"
    await desk.officer.post("/api/equity-vesting/2026-01-31")
    assert (await desk.officer.get(f"{API}/{made['id']}")).json()["vested"] == 1_700, "not beyond the day it may end on"
    done = (await desk.decide_ending(made["id"])).json()
    # by hand: 17 of 48 months of 4,800 shares are 1,700; 3,100 go back
    assert (done["state"], done["vested"], done["forfeited"], done["to_come"]) == ("ended", 1_700, 3_100, [])
    assert (await desk.decide_ending(made["id"])).json()["type"] == "/problems/nothing-proposed"
    await desk.officer.post("/api/equity-vesting/2026-02-28")
    assert (await desk.officer.get(f"{API}/{made['id']}")).json()["vested"] == 1_700
    assert (await desk.granted(reference="GQ-2", quantity=4_300))["state"] == "granted", "4,300 + 1,700 are the limit"
    await assert_laws(world)


async def test_an_ending_not_approved_lets_the_grant_go_on(world: World, client_as: ClientAs) -> None:
    desk = await begin(world, client_as)
    made = await desk.granted(quantity=4_800)
    await desk.ending(made["id"], "2025-07-30", "misconduct")
    kept = (await desk.decide_ending(made["id"], approve=False)).json()
    assert (kept["state"], kept["ending_on"], kept["forfeited"]) == ("granted", None, 0)
    await desk.officer.post("/api/equity-vesting/2026-01-31")
    assert (await desk.officer.get(f"{API}/{made['id']}")).json()["vested"] == 2_400
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
    grant_id = (await officer.get(API)).json()[0]["id"]
    address = f"/incentives/equity/{grant_id}"
    assert "等待第二人审批" not in (await approver.get(address)).text
    assert "等待第二人审批" in (await officer.get(address)).text
    assert address in (await approver.get("/")).text
    assert (await officer.post(f"{address}/decide", data={"approve": "true"})).status_code == 403
    assert (await approver.post(f"{address}/decide", data={"approve": "true"})).status_code == 303
    assert (await officer.post("/incentives/equity/vest")).status_code == 303
    for browser in (officer, approver):
        shown = (await browser.get("/incentives/equity")).text
        assert "4,801" in shown
        assert "周明" in shown
    assert (await approver.get("/incentives/equity/new")).status_code == 403
    today = clock.today().isoformat()
    early = await officer.post(f"{address}/end", data={"ending_on": "2024-01-01", "ending_ground": "left"})
    assert early.status_code == 422
    assert "最后归属日须在授予日 2024-02-01 与今天之间。" in early.text
    assert (await officer.post(f"{address}/end", data={"ending_on": today, "ending_ground": "left"})).status_code == 303
    assert (await approver.post(f"{address}/end/decide", data={"approve": "true"})).status_code == 303
    ended = (await approver.get(address)).text
    assert "已终止" in ended
    assert "离职" in ended
    english = (await officer.get("/incentives/equity", headers={"accept-language": "en"})).text
    assert "Share award" in english
    await assert_laws(world)
