"""Payouts: two people, a public notice, objections that stop it, and money only when it is clear."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from service.foundation import clock
from service.foundation.clock import held_at
from service.incentives.queries import INVARIANTS as INCENTIVE_INVARIANTS
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from service.ledger.queries import balance
from service.ledger.tables import Book
from service.payouts.queries import INVARIANTS
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import incentives as given_incentives
from tests.given.incentives import COMMISSION, Deal, receipt

NOTICED = datetime(2024, 6, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OVER = "2024-06-25"  # 15 working days after 3 June 2024 run out on 25 June: 10 June was a holiday
REASON = {"reason": "重新核算"}


class Office:
    """A deal with its people's browsers."""

    def __init__(self, deal: Deal, officer: Any, approver: Any, finance: Any) -> None:
        self.deal, self.officer, self.approver, self.finance = deal, officer, approver, finance

    async def receive(self, amount_fen: int, **more: Any) -> dict[str, Any]:
        """Record a receipt."""
        answer = await self.officer.post("/api/revenue-events", json=receipt(self.deal, amount_fen, **more))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def propose(self, **more: Any) -> Any:
        """Propose a payout of all that is accrued."""
        sent = {"plan_id": str(self.deal.version.plan_id), "through": "2024-12-31", "title": "2024 年佣金", **more}
        return await self.officer.post("/api/payouts", json=sent)

    async def approved(self) -> str:
        """A payout proposed and approved; its address."""
        made = await self.propose()
        assert made.status_code == 201, made.text
        address = f"/api/payouts/{made.json()['id']}"
        answer = await self.approver.post(f"{address}/decision", json={"approve": True})
        assert answer.status_code == 200, answer.text
        return address

    async def noticed(self) -> str:
        """A payout on notice since 3 June 2024."""
        address = await self.approved()
        with held_at(NOTICED):
            answer = await self.officer.post(f"{address}/notice")
        assert answer.status_code == 200, answer.text
        return address

    async def cleared(self) -> str:
        """A payout whose notice is over."""
        address = await self.noticed()
        assert (await self.officer.post(f"{address}/clearance")).status_code == 200
        return address


async def begin(world: World, client_as: ClientAs, terms: dict[str, Any] | None = None) -> Office:
    """An office over a fresh deal."""
    async with world() as db:
        deal = await given_incentives.deal(db, terms)
    return Office(deal, await client_as(deal.officer), await client_as(deal.approver), await client_as(deal.finance))


async def assert_laws(world: World) -> None:
    """Every invariant holds."""
    async with world() as db:
        for name, sql in {**INVARIANTS, **INCENTIVE_INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name


async def test_payout_goes_from_proposal_to_payment(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    made = (await office.propose()).json()
    assert made["state"] == "proposed"
    assert made["gross_fen"] == 1_500_000
    # labour service: 10,000 yuan less 20 % at 20 %; 5,000 likewise
    assert [(one["gross_fen"], one["tax_fen"], one["net_fen"]) for one in made["lines"]] == [
        (1_000_000, 160_000, 840_000),
        (500_000, 80_000, 420_000),
    ]
    assert all(one["tax_is_estimate"] and one["tax_ground"] == "labour_service" for one in made["lines"])
    address = f"/api/payouts/{made['id']}"
    assert (await office.approver.post(f"{address}/decision", json={"approve": True})).json()["state"] == "approved"
    with held_at(NOTICED):
        noticed = (await office.officer.post(f"{address}/notice")).json()
    assert (noticed["notice_opens_on"], noticed["notice_closes_on"], noticed["notice_certain"]) == (
        "2024-06-03",
        OVER,
        True,
    )
    assert (await office.officer.post(f"{address}/clearance")).json()["state"] == "clear"
    paid = await office.finance.post(
        f"{address}/payment", json={"paid_on": "2024-06-28", "payment_reference": "批次 0628-1"}
    )
    assert paid.status_code == 200, paid.text
    assert paid.json()["state"] == "paid"
    async with world() as db:
        for person in office.deal.managers:
            owed = await balance(
                db, org_id=office.deal.org_id, book=Book.MONEY, code="incentive.payable", owner_id=person.id
            )
            assert owed == 0
    await assert_laws(world)


async def test_every_step_in_the_wrong_order_is_refused(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = f"/api/payouts/{(await office.propose()).json()['id']}"
    payment = {"paid_on": "2024-06-28", "payment_reference": "x"}

    async def slug(answer: Any) -> str:
        return f"{answer.status_code} {answer.json()['type'].removeprefix('/problems/')}"

    wrong = "409 payout-step-wrong"
    assert await slug(await office.officer.post(f"{address}/notice")) == wrong
    assert await slug(await office.officer.post(f"{address}/clearance")) == wrong
    refused = await office.finance.post(f"{address}/payment", json=payment)
    assert await slug(refused) == wrong
    assert refused.json()["detail"] == "“待审批”状态的发放不能转为“已支付”。"
    assert (
        await slug(await office.officer.post(f"{address}/objections", json={"ground": "x"})) == "409 objection-closed"
    )
    await office.approver.post(f"{address}/decision", json={"approve": True})
    assert await slug(await office.approver.post(f"{address}/decision", json={"approve": True})) == wrong
    assert await slug(await office.finance.post(f"{address}/payment", json=payment)) == wrong
    with held_at(NOTICED):
        await office.officer.post(f"{address}/notice")
        early = await office.officer.post(f"{address}/clearance")
    assert await slug(early) == "409 notice-still-open"
    assert OVER in early.json()["detail"]
    assert await slug(await office.finance.post(f"{address}/payment", json=payment)) == wrong
    await office.officer.post(f"{address}/clearance")
    inside = {**payment, "paid_on": OVER}
    assert await slug(await office.finance.post(f"{address}/payment", json=inside)) == "422 paid-before-clear"
    ahead = {**payment, "paid_on": "2999-01-01"}
    assert await slug(await office.finance.post(f"{address}/payment", json=ahead)) == "422 paid-before-clear"
    assert (await office.finance.post(f"{address}/payment", json=payment)).status_code == 200
    assert await slug(await office.finance.post(f"{address}/payment", json=payment)) == wrong
    assert await slug(await office.approver.post(f"{address}/rejection", json=REASON)) == wrong
    await assert_laws(world)


async def test_money_moves_only_by_the_right_posts(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = f"/api/payouts/{(await office.propose()).json()['id']}"
    payment = {"paid_on": "2024-06-28", "payment_reference": "x"}
    answers = [
        await office.officer.post(f"{address}/decision", json={"approve": True}),
        await office.officer.post(f"{address}/payment", json=payment),
        await office.approver.post(f"{address}/payment", json=payment),
        await office.approver.post(f"{address}/notice"),
        await office.finance.post(f"{address}/decision", json={"approve": True}),
        await office.approver.post(
            "/api/payouts", json={"plan_id": str(uuid4()), "through": "2024-01-01", "title": "x"}
        ),
    ]
    assert [one.status_code for one in answers] == [403] * len(answers)
    assert (await office.officer.get(address)).json()["state"] == "proposed"


async def test_accrual_line_is_in_one_live_payout_only(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    first = (await office.propose()).json()
    again = await office.propose()
    assert again.status_code == 409
    assert again.json()["detail"] == "截至 2024-12-31，该方案没有已计得且尚未列入发放批次的金额。"
    await office.approver.post(f"/api/payouts/{first['id']}/decision", json={"approve": False, "reason": "重算"})
    second = (await office.propose()).json()
    assert {one["accrual_line_id"] for one in second["lines"]} == {one["accrual_line_id"] for one in first["lines"]}
    async with world() as db:
        with pytest.raises(DBAPIError, match="uq_payout_line_live"):
            await db.execute(sa.text("UPDATE payout_line SET live = true"))
        await db.rollback()
    await assert_laws(world)


async def test_refund_is_netted_and_who_is_below_zero_waits(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    await office.receive(10_000_000, kind="refund")
    made = (await office.propose()).json()
    assert made["gross_fen"] == 1_125_000
    assert sorted(one["gross_fen"] for one in made["lines"]) == [-250_000, -125_000, 500_000, 1_000_000]
    assert all(one["tax_fen"] == 0 for one in made["lines"] if one["gross_fen"] < 0)
    # 7,500 yuan less 20 %, and 3,750 yuan less 800, at 20 %
    assert sum(one["tax_fen"] for one in made["lines"]) == 120_000 + 59_000
    nothing = await begin(world, client_as)
    await nothing.receive(100)
    await nothing.receive(100, kind="refund")
    assert (await nothing.propose()).status_code == 409
    await assert_laws(world)


async def test_objection_stops_the_payout_until_it_has_a_finding(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = await office.noticed()
    made = await office.officer.post(f"{address}/objections", json={"ground": "周明未参与谈判"})
    assert made.status_code == 201, made.text
    stopped = await office.officer.post(f"{address}/clearance")
    assert stopped.status_code == 409
    assert stopped.json()["type"] == "/problems/objections-open"
    async with world() as db:
        with pytest.raises(DBAPIError, match="objection open"):
            await db.execute(sa.text("UPDATE payout SET state = 'clear'"))
        await db.rollback()
    finding = f"{address}/objections/{made.json()['id']}/finding"
    assert (await office.officer.post(finding, json={"finding": "不成立"})).status_code == 403
    settled = await office.approver.post(finding, json={"finding": "经核实参与了谈判", "upheld": False})
    assert settled.json()["upheld"] is False
    twice = await office.approver.post(finding, json={"finding": "again"})
    assert twice.json()["detail"] == "该异议已有处理结论。"
    assert (await office.officer.post(f"{address}/clearance")).json()["state"] == "clear"
    await assert_laws(world)


async def test_upheld_objection_ends_the_payout_and_frees_its_lines(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = await office.noticed()
    made = (await office.officer.post(f"{address}/objections", json={"ground": "分配有误"})).json()
    await office.approver.post(f"{address}/objections/{made['id']}/finding", json={"finding": "属实", "upheld": True})
    assert (await office.officer.get(address)).json()["state"] == "rejected"
    assert (await office.propose()).status_code == 201
    await assert_laws(world)


async def test_person_named_in_it_may_object_and_nobody_else(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = await office.noticed()
    own = address.replace("/api/payouts", "/api/my/payouts") + "/objections"
    async with world() as db:
        named = await client_of(db, office.deal.managers[0].id)
        other = await client_of(db, None)
    mine, theirs = await client_as(named), await client_as(other)
    assert (await theirs.post(own, json={"ground": "x"})).status_code == 404
    assert (await mine.post(own, json={"ground": ""})).status_code == 422
    assert (await mine.post(own, json={"ground": "比例不符"})).status_code == 201
    assert (await mine.get(address)).status_code == 403
    shown = (await office.officer.get(address)).json()
    assert [one["ground"] for one in shown["objections"]] == ["比例不符"]
    assert (await office.officer.post(f"{address}/clearance")).status_code == 409


async def client_of(db: Any, person_id: Any) -> Any:
    """A holder's actor."""
    return await given.holder(db, person_id)


async def test_event_reversed_under_a_payout_stops_it(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    event = await office.receive(40_000_000)
    address = await office.cleared()
    back = {"source": "finance", "reference": "back", "effective_on": "2024-06-26", "reason": "重复入账"}
    assert (await office.officer.post(f"/api/revenue-events/{event['id']}/reversal", json=back)).status_code == 201
    payment = {"paid_on": "2024-06-28", "payment_reference": "x"}
    refused = await office.finance.post(f"{address}/payment", json=payment)
    assert refused.json()["type"] == "/problems/accrual-reversed"
    assert (await office.approver.post(f"{address}/rejection", json=REASON)).json()["state"] == "rejected"
    assert (await office.propose()).status_code == 409, "original and reversal net to nothing"
    await assert_laws(world)


async def test_approval_is_void_when_a_line_changed_after_the_proposal(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    made = (await office.propose()).json()
    async with world() as db:
        await db.execute(sa.text("UPDATE payout_line SET tax_fen = tax_fen - 1, net_fen = net_fen + 1"))
    answer = await office.approver.post(f"/api/payouts/{made['id']}/decision", json={"approve": True})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/subject-changed"


async def test_wages_are_left_to_the_payer_and_half_inclusion_needs_its_conditions(
    world: World, client_as: ClientAs
) -> None:
    office = await begin(world, client_as, {**COMMISSION, "tax_ground": "wages"})
    await office.receive(40_000_000)
    lines = (await office.propose()).json()["lines"]
    assert [(one["tax_fen"], one["net_fen"]) for one in lines] == [(None, None)] * 2
    half = await begin(world, client_as, {**COMMISSION, "tax_ground": "half_inclusion"})
    today = clock.today().isoformat()
    await half.receive(40_000_000, effective_on=today)
    refused = await half.propose(through=today)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/half-inclusion-not-open"
    assert (await half.propose(through=today, own_scientific_staff=True)).status_code == 201
    await assert_laws(world)


async def test_calendar_notice_counts_every_day(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as, {**COMMISSION, "notice_kind": "calendar", "notice_days": 20})
    await office.receive(40_000_000)
    shown = (await office.officer.get(await office.noticed())).json()
    assert date.fromisoformat(shown["notice_closes_on"]) == date(2024, 6, 23)


async def test_another_organisations_payout_is_not_found(world: World, client_as: ClientAs) -> None:
    office, stranger = await begin(world, client_as), await begin(world, client_as)
    await office.receive(40_000_000)
    address = f"/api/payouts/{(await office.propose()).json()['id']}"
    answers = [
        await stranger.officer.get(address),
        await stranger.approver.post(f"{address}/decision", json={"approve": True}),
        await stranger.officer.post(f"{address}/notice"),
        await stranger.officer.post(f"{address}/objections", json={"ground": "x"}),
        await stranger.approver.post(f"{address}/objections/{uuid4()}/finding", json={"finding": "x"}),
        await stranger.officer.post(f"{address}/clearance"),
        await stranger.finance.post(f"{address}/payment", json={"paid_on": "2024-06-28", "payment_reference": "x"}),
        await stranger.approver.post(f"{address}/rejection", json=REASON),
        await stranger.propose(plan_id=str(office.deal.version.plan_id)),
    ]
    assert [one.status_code for one in answers] == [404] * len(answers)
    assert (await stranger.officer.get("/api/payouts")).json()["rows"] == []


async def test_database_pays_nothing_before_its_notice_is_over(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    await office.approved()
    for change in (
        "state = 'clear'",
        "state = 'paid', paid_on = '2024-06-28', payment_reference = 'x'",
        "digest = 'x'",
        "through = '2030-01-01'",
    ):
        async with world() as db:
            with pytest.raises(DBAPIError):
                await db.execute(sa.text(f"UPDATE payout SET {change}"))
            await db.rollback()
