"""A revenue event recorded: once, split to the fen, balanced in the ledger, reversed by swapping what is stored."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.actions import make_api_key
from service.accounts.schemas import ApiKeyCreate
from service.incentives.queries import INVARIANTS, bucket_faults
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from service.ledger.queries import balance
from service.ledger.tables import Book
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import incentives as given_incentives
from tests.given.incentives import COMMISSION, SHARE, Deal, rate, receipt


async def owed(db: AsyncSession, deal: Deal) -> list[int]:
    """What the unit owes each manager by the ledger, in fen."""
    found = []
    for person in deal.managers:
        total = await balance(db, org_id=deal.org_id, book=Book.MONEY, code="incentive.payable", owner_id=person.id)
        found.append(-total)
    return found


async def assert_laws(world: World) -> None:
    """Every invariant of the room and of the ledger holds."""
    async with world() as db:
        for name, sql in {**INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name
        assert await bucket_faults(db) == []


async def begin(world: World, client_as: ClientAs, terms: dict[str, Any] | None = None) -> tuple[Deal, Any]:
    """A deal and its officer's browser."""
    async with world() as db:
        deal = await given_incentives.deal(db, terms)
    return deal, await client_as(deal.officer)


async def test_a_bucket_that_lost_a_fen_is_found(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    event = (await browser.post("/api/revenue-events", json=receipt(deal, 40_000_001))).json()
    await assert_laws(world)
    async with world() as db:
        await db.execute(sa.text("UPDATE bucket SET earned_fen = earned_fen - 1"))
        assert [str(one) for one in await bucket_faults(db)] == [event["accruals"][0]["agreement_id"]]


@pytest.mark.parametrize("amount", [True, "100", 100.0, "一百", None])
async def test_only_a_whole_number_is_an_amount(world: World, client_as: ClientAs, amount: object) -> None:
    deal, browser = await begin(world, client_as)
    answer = await browser.post("/api/revenue-events", json={**receipt(deal, 100), "amount_fen": amount})
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/amount_fen"]
    deducted = {**receipt(deal, 100), "deductions": {"tax": "3"}}
    assert (await browser.post("/api/revenue-events", json=deducted)).status_code == 422


async def test_receipt_earns_by_band_and_is_split_and_posted(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    first = await browser.post("/api/revenue-events", json=receipt(deal, 40_000_001))
    assert first.status_code == 201, first.text
    [accrual] = first.json()["accruals"]
    # 5 % of 400,000.01 yuan, rounded once; 75 % of it to the managers, 2:1
    assert accrual["amount_fen"] == 2_000_000
    assert [line["amount_fen"] for line in accrual["lines"]] == [1_000_000, 500_000, 500_000]
    second = await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000))
    # the band's edge is passed: 5 % of 99,999.99 and 8 % of 100,000.01 yuan more
    [accrual] = second.json()["accruals"]
    assert (accrual["base_before_fen"], accrual["base_after_fen"]) == (40_000_001, 60_000_001)
    assert accrual["amount_fen"] == 3_300_000 - 2_000_000
    async with world() as db:
        assert await owed(db, deal) == [1_650_000, 825_000]
        expense = await balance(
            db, org_id=deal.org_id, book=Book.MONEY, code="incentive.expense", owner_id=deal.contract.id
        )
        assert expense == 3_300_000
        assert await balance(db, org_id=deal.org_id, book=Book.MONEY, code="incentive.retained") == -825_000
    shown = (await browser.get(f"/api/contracts/{deal.contract.id}")).json()
    assert shown["received_fen"] == 60_000_001
    await assert_laws(world)


async def test_same_event_again_is_answered_as_the_first_time(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    sent = receipt(deal, 12_345_678, "2024-05/1")
    first = await browser.post("/api/revenue-events", json=sent)
    again = await browser.post("/api/revenue-events", json=sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    by_number = {**sent, "contract_no": deal.contract.contract_no}
    del by_number["contract_id"]
    assert (await browser.post("/api/revenue-events", json=by_number)).json() == first.json()
    for change in ({"amount_fen": 12_345_679}, {"effective_on": "2024-05-07"}, {"kind": "refund"}, {"evidence": "x"}):
        other = await browser.post("/api/revenue-events", json={**sent, **change})
        assert other.status_code == 409, change
        assert other.json()["type"] == "/problems/content-conflict"
        assert "2024-05/1" in other.json()["detail"]
    assert len((await browser.get("/api/revenue-events")).json()["rows"]) == 1
    await assert_laws(world)


async def test_refund_of_everything_brings_everybody_back_to_zero(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    for fen in (33_333_333, 33_333_334, 1):
        assert (await browser.post("/api/revenue-events", json=receipt(deal, fen))).status_code == 201
    for fen in (50_000_000, 16_666_667, 1):
        answer = await browser.post("/api/revenue-events", json=receipt(deal, fen, kind="refund"))
        assert answer.status_code == 201, answer.text
    async with world() as db:
        assert await owed(db, deal) == [0, 0]
    too_much = await browser.post("/api/revenue-events", json=receipt(deal, 1, kind="refund"))
    assert too_much.status_code == 409
    assert too_much.json()["detail"] == "该合同仅到账 0.00 元，无法退回或撤销这么多。"
    await assert_laws(world)


async def test_reversal_swaps_the_stored_parts_and_is_made_once(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    wrong = (await browser.post("/api/revenue-events", json=receipt(deal, 10_000_001))).json()
    back = {"source": "finance", "reference": "back-1", "effective_on": "2024-06-01", "reason": "录错金额"}
    made = await browser.post(f"/api/revenue-events/{wrong['id']}/reversal", json=back)
    assert made.status_code == 201, made.text
    [accrual] = made.json()["accruals"]
    assert accrual["kind"] == "reversal"
    assert [line["amount_fen"] for line in accrual["lines"]] == [
        -line["amount_fen"] for line in wrong["accruals"][0]["lines"]
    ]
    again = await browser.post(f"/api/revenue-events/{wrong['id']}/reversal", json=back)
    assert (again.status_code, again.json()) == (200, made.json())
    twice = await browser.post(f"/api/revenue-events/{wrong['id']}/reversal", json={**back, "reference": "back-2"})
    assert twice.status_code == 409
    assert twice.json()["detail"] == "该事件已经冲销过。"
    of_it = await browser.post(f"/api/revenue-events/{made.json()['id']}/reversal", json={**back, "reference": "b3"})
    assert of_it.json()["detail"] == "冲销本身不能再冲销，请重新录入该事件。"
    async with world() as db:
        assert await owed(db, deal) == [0, 0]
    await assert_laws(world)


async def test_reversal_under_later_events_lets_them_earn_from_the_lower_band(
    world: World, client_as: ClientAs
) -> None:
    deal, browser = await begin(world, client_as)
    wrong = (await browser.post("/api/revenue-events", json=receipt(deal, 50_000_000))).json()
    await browser.post("/api/revenue-events", json=receipt(deal, 10_000_000))  # earned 8 % above the wrong one
    back = {"source": "finance", "reference": "back", "effective_on": "2024-06-01", "reason": "重复"}
    made = (await browser.post(f"/api/revenue-events/{wrong['id']}/reversal", json=back)).json()
    assert [(one["kind"], one["amount_fen"]) for one in made["accruals"]] == [
        ("reversal", -2_500_000),
        ("adjustment", 500_000 - 800_000),
    ]
    async with world() as db:
        assert await owed(db, deal) == [250_000, 125_000]
    await assert_laws(world)


async def test_correction_reverses_and_records_both_or_neither(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    wrong = (await browser.post("/api/revenue-events", json=receipt(deal, 10_000_000))).json()
    back = {"source": "finance", "reference": "back", "effective_on": "2024-06-01", "reason": "录错金额"}
    address = f"/api/revenue-events/{wrong['id']}/correction"
    void = {"reversal": back, "event": receipt(deal, 1, "right", contract_id=str(uuid4()))}
    assert (await browser.post(address, json=void)).status_code == 404
    assert len((await browser.get("/api/revenue-events")).json()["rows"]) == 1, "nothing half-written"
    same = {"reversal": back, "event": {**receipt(deal, 1, "back"), "source": "finance"}}
    assert (await browser.post(address, json=same)).status_code == 409
    right = {"reversal": back, "event": receipt(deal, 1_000_000, "right")}
    made = await browser.post(address, json=right)
    assert made.status_code == 201, made.text
    assert made.json()["accruals"][0]["amount_fen"] == 50_000
    again = await browser.post(address, json=right)
    assert (again.status_code, again.json()) == (200, made.json())
    async with world() as db:
        assert await owed(db, deal) == [25_000, 12_500]
    await assert_laws(world)


async def test_finance_system_records_by_its_key(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        deal = await given_incentives.deal(db)
        manager = await given.staff(db, "security_administrator", deal.org_id)
        key = await make_api_key(db, manager, ApiKeyCreate(name="财务系统", scopes=["incentives.record"]))
    system = await client_as(None)
    system.headers["authorization"] = f"Bearer {key.key}"
    made = await system.post("/api/revenue-events", json=receipt(deal, 1_000_000, "slip-1"))
    assert made.status_code == 201, made.text
    assert (await system.post("/api/revenue-events", json=receipt(deal, 1_000_000, "slip-1"))).status_code == 200
    assert (await system.get("/api/payouts")).status_code == 403
    await assert_laws(world)


async def test_yearly_cap_of_a_person_holds_and_a_refund_frees_room(world: World, client_as: ClientAs) -> None:
    capped = {**COMMISSION, "cap_person_year_fen": 600_000}
    deal, browser = await begin(world, client_as, capped)
    answer = (await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000, "a"))).json()
    lines = answer["accruals"][0]["lines"]
    assert [(one["earned_fen"], one["amount_fen"]) for one in lines] == [
        (500_000, 500_000),
        (250_000, 250_000),
        (250_000, 250_000),
    ]
    lines = (await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000, "b"))).json()["accruals"][0][
        "lines"
    ]
    assert [one["amount_fen"] for one in lines] == [100_000, 250_000, 250_000]
    next_year = receipt(deal, 4_000_000, "c", effective_on="2025-01-02")
    lines = (await browser.post("/api/revenue-events", json=next_year)).json()["accruals"][0]["lines"]
    assert lines[0]["amount_fen"] == 100_000, "a new year has its own room"
    refund = receipt(deal, 20_000_000, "d", kind="refund")
    lines = (await browser.post("/api/revenue-events", json=refund)).json()["accruals"][0]["lines"]
    assert lines[0]["amount_fen"] == -100_000
    await assert_laws(world)


@pytest.mark.parametrize("cap", [None, 600_000])
async def test_refund_in_the_next_year_is_taken_back_in_full(
    world: World, client_as: ClientAs, cap: int | None
) -> None:
    deal, browser = await begin(world, client_as, {**COMMISSION, "cap_person_year_fen": cap})
    await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000))
    refund = receipt(deal, 20_000_000, kind="refund", effective_on="2025-02-03")
    assert (await browser.post("/api/revenue-events", json=refund)).status_code == 201
    async with world() as db:
        assert await owed(db, deal) == [0, 0]
    await assert_laws(world)


async def test_reversal_under_a_cap_books_what_the_later_events_may_now_have(world: World, client_as: ClientAs) -> None:
    capped = {**COMMISSION, "cap_person_year_fen": 600_000}
    deal, browser = await begin(world, client_as, capped)
    first = (await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000))).json()
    await browser.post("/api/revenue-events", json=receipt(deal, 20_000_000))
    back = {"source": "finance", "reference": "back", "effective_on": "2024-06-01", "reason": "重复"}
    made = (await browser.post(f"/api/revenue-events/{first['id']}/reversal", json=back)).json()
    booked = [[line["amount_fen"] for line in one["lines"]] for one in made["accruals"]]
    assert booked == [[-500_000, -250_000, -250_000], [400_000, 0, 0]], "500,000 earned, 100,000 booked under the cap"
    async with world() as db:
        assert await owed(db, deal) == [500_000, 250_000]
    await assert_laws(world)


async def test_net_income_takes_only_the_deductions_of_the_plan(world: World, client_as: ClientAs) -> None:
    terms = {**SHARE, "lines": COMMISSION["lines"]}
    deal, browser = await begin(world, client_as, terms)
    sent = receipt(deal, 10_000_000, deductions={"tax": 600_000, "upkeep": 400_000})
    accrual = (await browser.post("/api/revenue-events", json=sent)).json()["accruals"][0]
    assert (accrual["base_after_fen"], accrual["amount_fen"]) == (9_000_000, 6_300_000)
    cost = receipt(deal, 100_000, kind="cost", deductions={"upkeep": 100_000})
    accrual = (await browser.post("/api/revenue-events", json=cost)).json()["accruals"][0]
    assert accrual["amount_fen"] == -70_000
    unknown = receipt(deal, 100_000, deductions={"research": 1})
    refused = await browser.post("/api/revenue-events", json=unknown)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/deduction-unknown"
    nameless = await browser.post("/api/revenue-events", json=receipt(deal, 100_000, kind="cost"))
    assert nameless.json()["detail"] == "请写明该成本由哪些扣除项组成，其合计应等于该成本。"
    above = receipt(deal, 5, deductions={"tax": 6})
    assert (await browser.post("/api/revenue-events", json=above)).json()["detail"] == "扣除项合计大于金额。"
    await assert_laws(world)


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("operating_profit", "profit"),
        ("pool", "pool"),
        ("contract_amount", "contract_concluded"),
        ("transaction_amount", "transaction_concluded"),
    ],
)
async def test_each_base_is_moved_by_its_own_kind_of_event(
    world: World, client_as: ClientAs, base: str, kind: str
) -> None:
    terms = {**COMMISSION, "base": base, "bands": [{"up_to_fen": None, "rate": rate(10)}]}
    deal, browser = await begin(world, client_as, terms)
    answer = (await browser.post("/api/revenue-events", json=receipt(deal, 1_000_000))).json()
    assert answer["accruals"] == [], "a receipt is not this plan's base"
    answer = (await browser.post("/api/revenue-events", json=receipt(deal, 1_000_000, kind=kind))).json()
    assert answer["accruals"][0]["amount_fen"] == 100_000
    assert (await browser.get(f"/api/contracts/{deal.contract.id}")).json()["received_fen"] == 1_000_000
    await assert_laws(world)


async def test_events_before_the_agreement_do_not_count(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    early = receipt(deal, 1_000_000, effective_on="2024-02-28")
    assert (await browser.post("/api/revenue-events", json=early)).json()["accruals"] == []
    ahead = await browser.post("/api/revenue-events", json=receipt(deal, 1, effective_on="2999-01-01"))
    assert ahead.json()["detail"] == "日期 2999-01-01 尚未到来。"
    await assert_laws(world)


async def test_void_contract_takes_refunds_but_no_receipts(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    await browser.post("/api/revenue-events", json=receipt(deal, 1_000_000))
    await browser.post(f"/api/contracts/{deal.contract.id}/void", json={"ground": "判决无效"})
    refused = await browser.post("/api/revenue-events", json=receipt(deal, 1))
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/contract-not-live"
    assert (await browser.post("/api/revenue-events", json=receipt(deal, 400_000, kind="refund"))).status_code == 201
    await assert_laws(world)


async def test_two_agreements_of_one_contract_both_earn(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    async with world() as db:
        version = await given_incentives.plan(db, deal.org_id, SHARE)
        inventor = await given_incentives.given_contracts.manager(db, deal.org_id, "郑发明")
        await given_incentives.agreement(
            db,
            deal.contract,
            version,
            [(inventor.id, "main", 1), (deal.managers[0].id, "managers", 1), (deal.managers[1].id, "others", 1)],
        )
    accruals = (await browser.post("/api/revenue-events", json=receipt(deal, 10_000_000))).json()["accruals"]
    assert sorted(one["amount_fen"] for one in accruals) == [500_000, 7_000_000]
    async with world() as db:
        assert await owed(db, deal) == [250_000 + 350_000, 125_000 + 1_750_000]
    await assert_laws(world)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_fen": 0},
        {"amount_fen": -5},
        {"amount_fen": 1.5},
        {"amount_fen": 10**15 + 1},
        {"kind": "reversal"},
        {"kind": "gift"},
        {"contract_no": "HT-1"},
        {"reference": ""},
        {"deductions": {"tax": -1}},
        {"note": "unknown"},
        {"effective_on": "2024-13-01"},
    ],
)
async def test_unreadable_event_is_refused_by_field(world: World, client_as: ClientAs, wrong: dict[str, Any]) -> None:
    deal, browser = await begin(world, client_as)
    answer = await browser.post("/api/revenue-events", json={**receipt(deal, 100), **wrong})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"], answer.text


async def test_strangers_and_other_roles_reach_nothing(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    made = (await browser.post("/api/revenue-events", json=receipt(deal, 1_000_000))).json()
    other, stranger = await begin(world, client_as)
    back = {"source": "s", "reference": "r", "effective_on": "2024-06-01", "reason": "x"}
    answers = [
        await stranger.get(f"/api/revenue-events/{made['id']}"),
        await stranger.post(f"/api/revenue-events/{made['id']}/reversal", json=back),
        await stranger.post("/api/revenue-events", json=receipt(deal, 5)),
        await stranger.post(
            "/api/revenue-events",
            json={**receipt(other, 5), "contract_id": None, "contract_no": deal.contract.contract_no},
        ),
        await stranger.get(f"/api/agreements/{deal.agreement.id}"),
        await stranger.get(f"/api/plans/{deal.version.plan_id}/versions"),
        await stranger.post(f"/api/plan-versions/{deal.version.id}/proposal"),
    ]
    assert [one.status_code for one in answers] == [404] * len(answers)
    assert (await stranger.get("/api/revenue-events")).json()["rows"] == []
    approver = await client_as(deal.approver)
    assert (await approver.get(f"/api/revenue-events/{made['id']}")).status_code == 200
    assert (await approver.post("/api/revenue-events", json=receipt(deal, 5))).status_code == 403
    async with world() as db:
        holder = await given.holder(db, deal.managers[0].id)
    assert (await (await client_as(holder)).get("/api/revenue-events")).status_code == 403


async def test_database_refuses_parts_that_do_not_add_up(world: World, client_as: ClientAs) -> None:
    deal, browser = await begin(world, client_as)
    made = (await browser.post("/api/revenue-events", json=receipt(deal, 1_000_000))).json()
    async with world() as db:
        await db.execute(
            sa.text(
                "INSERT INTO accrual_line (id, org_id, accrual_id, party_no, earned_fen, amount_fen)"
                " VALUES (gen_random_uuid(), :org, :accrual, 9, 1, 1)"
            ),
            {"org": deal.org_id, "accrual": UUID(made["accruals"][0]["id"])},
        )
        with pytest.raises(DBAPIError, match="do not add up"):
            await db.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        await db.rollback()
