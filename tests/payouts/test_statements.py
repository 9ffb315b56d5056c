"""Statements: what the books say, for the person alone, on the page and on paper to the fen."""

import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st
from pypdf import PdfReader

from service.equity.actions import vest_as_of
from service.foundation.money import capital_numerals, format_yuan
from service.incentives.tables import PlanKind
from service.payouts.errors import PeriodUnreadable
from service.payouts.rules import period_days
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import incentives as given_incentives
from tests.payouts.test_payouts import Office, begin

EQUITY = {"company": "某材料科技有限公司", "pool_shares": 10_000}
VESTING = {"start": "2024-01-31", "total_months": 48, "step_months": 12, "cliff_months": 12}


async def told(world: World, client_as: ClientAs) -> tuple[Office, Any]:
    """An office with receipts over two years, a reversal, a payment and a grant, and the first manager's browser."""
    office = await begin(world, client_as)
    await office.receive(20_000_001, effective_on="2023-12-30")  # before the agreement: not theirs
    await office.receive(40_000_003, reference="r1")
    cleared = await office.cleared()
    paid = {"paid_on": "2024-06-28", "payment_reference": "批次 0628-1"}
    assert (await office.finance.post(f"{cleared}/payment", json=paid)).status_code == 200
    wrong = await office.receive(30_000_000, reference="r2", effective_on="2024-09-10")
    back = {"source": "finance", "reference": "b1", "effective_on": "2024-10-08", "reason": "重复"}
    assert (await office.officer.post(f"/api/revenue-events/{wrong['id']}/reversal", json=back)).status_code == 201
    await office.receive(25_000_000, reference="r3", effective_on="2025-02-11")
    async with world() as db:
        version = await given_incentives.plan(db, office.deal.org_id, EQUITY, PlanKind.EQUITY)
        await given_incentives.grant(db, version, office.deal.managers[0].id, "GQ-7", 4_801, VESTING)
        await vest_as_of(db, date(2025, 3, 1))
        person = await given.holder(db, office.deal.managers[0].id)
    return office, await client_as(person)


async def test_statement_says_what_the_ledger_says(world: World, client_as: ClientAs) -> None:
    office, mine = await told(world, client_as)
    ask = f"/api/my/statement?org_id={office.deal.org_id}&period="
    first = (await mine.get(ask + "2024")).json()
    assert first["totals"] == {
        "opening_fen": 0,
        "accrued_fen": 1_000_000,
        "paid_fen": 1_000_000,
        "closing_fen": 0,
        "owed_fen": 0,
        "recoverable_fen": 0,
    }
    assert [(one["date"], one["kind"], one["accrual_kind"]) for one in first["events"]] == [
        ("2024-05-06", "receipt", "event"),
        ("2024-09-10", "receipt", "event"),
        ("2024-10-08", "reversal", "reversal"),
    ]
    assert sum(one["amount_fen"] for one in first["events"]) == first["totals"]["accrued_fen"]
    assert first["events"][0]["state"] == "paid"
    assert first["events"][0]["payment_reference"] == "批次 0628-1"
    assert first["events"][0]["registration_no"] == office.deal.contract.registration_no
    second = (await mine.get(ask + "2025")).json()
    # 5 % of the last 99,999.97 yuan below the edge and 8 % of 150,000.03 yuan above it, 75 % of it, two thirds of that
    assert second["totals"]["accrued_fen"] == second["totals"]["closing_fen"] == 850_000
    assert [(one["rate"], one["inside_fen"]) for one in second["events"][0]["bands"]] == [
        ("5%", 9_999_997),
        ("8%", 15_000_003),
    ]
    assert second["capitals"]["closing"] == capital_numerals(850_000) == "捌仟伍佰元整"
    [grant] = second["grants"]
    assert (grant["quantity"], grant["vested"]) == (4_801, 1_200)
    assert grant["next"][0] == {"day": "2026-01-31", "shares": 1_200}
    month = (await mine.get(ask + "2024-06")).json()
    assert (month["totals"]["opening_fen"], month["totals"]["closing_fen"]) == (1_000_000, 0)
    async with world() as db:
        owed = await db.scalar(
            sa.text(
                "SELECT sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END) FROM ledger_line l"
                " JOIN ledger_account a ON a.id = l.account_id WHERE a.code = 'incentive.payable' AND a.person_id = :id"
            ),
            {"id": office.deal.managers[0].id},
        )
    assert owed == second["totals"]["closing_fen"]


async def test_person_reads_only_own_statement(world: World, client_as: ClientAs) -> None:
    office, mine = await told(world, client_as)
    async with world() as db:
        stranger = await given.holder(db, None)
        other = await given.holder(db, office.deal.managers[1].id)
        elsewhere = await given.organisation(db)
    ask = f"/api/my/statement?org_id={office.deal.org_id}&period=2024"
    assert (await (await client_as(stranger)).get(ask)).status_code == 404
    theirs = (await (await client_as(other)).get(ask)).json()
    assert theirs["totals"]["accrued_fen"] == 500_000
    assert office.deal.managers[0].name not in str(theirs)
    assert (await mine.get(f"/api/my/statement?org_id={elsewhere.id}&period=2024")).status_code == 404
    assert (await mine.get(f"/api/my/statement?org_id={uuid4()}&period=2024")).status_code == 404
    wrong = await mine.get(f"/api/my/statement?org_id={office.deal.org_id}&period=2024-13")
    assert wrong.status_code == 422
    assert wrong.json()["detail"] == "“2024-13”不是有效的期间：请写年份（如 2026）或月份（如 2026-05）。"
    for address in ("/api/payouts", "/api/equity-grants", "/api/revenue-events", "/api/statements"):
        assert (await mine.get(address)).status_code == 403


async def test_database_tells_a_persons_sums_to_nobody_else(world: World, client_as: ClientAs, acting: Any) -> None:
    office, _ = await told(world, client_as)
    async with world() as db:
        elsewhere = await given.organisation(db)
        spy = await given.staff(db, "incentive_officer", elsewhere.id)
        holder = await given.holder(db, office.deal.managers[1].id)
    asked = {"person": office.deal.managers[0].id, "org": office.deal.org_id}
    for actor, seen in ((spy, 0), (holder, 0), (office.deal.officer, 3)):
        async with acting(actor) as db:
            for name in ("events", "ledger", "shares"):
                rows = await db.execute(sa.text(f"SELECT * FROM statement_{name}(:person, :org, now())"), asked)
                assert bool(rows.all()) is bool(seen), (actor.role, name)


def text_of(content: bytes) -> str:
    """The text of a PDF without spaces and line ends."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_paper_says_the_same_sums_as_the_statement(
    world: World, client_as: ClientAs, drain: Any, language: str
) -> None:
    office, mine = await told(world, client_as)
    asked = {"org_id": str(office.deal.org_id), "period": "2024"}
    answer = await mine.post("/api/my/statements", json=asked, headers={"accept-language": language})
    assert answer.status_code == 202, answer.text
    await drain()
    [row] = (await mine.get("/api/my/statements")).json()
    shown = (await mine.get(f"/api/my/statement?org_id={office.deal.org_id}&period=2024")).json()
    assert row["totals"] == shown["totals"]
    file = await mine.get(f"/api/statements/{row['id']}/file")
    assert file.status_code == 200, file.text
    assert file.headers["content-type"] == "application/pdf"
    text = text_of(file.content)
    for fen in (shown["totals"]["accrued_fen"], shown["totals"]["paid_fen"], shown["totals"]["closing_fen"]):
        assert re.sub(r"\s", "", format_yuan(fen, language)) in text
    for one in shown["events"]:
        assert re.sub(r"\s", "", format_yuan(one["amount_fen"], language)) in text
        assert one["contract_no"] in text
        assert one["registration_no"] in text
    assert capital_numerals(shown["totals"]["accrued_fen"]) in text
    assert "GQ-7" in text
    assert ("估算" if language == "zh-CN" else "estimate") in text
    assert office.deal.managers[0].name in text
    assert office.deal.managers[1].name not in text
    officer = await office.officer.get(f"/api/statements/{row['id']}/file")
    assert officer.content == file.content
    async with world() as db:
        stranger = await given.holder(db, office.deal.managers[1].id)
    assert (await (await client_as(stranger)).get(f"/api/statements/{row['id']}/file")).status_code == 404
    again = await mine.get(f"/api/documents/{row['document_id']}/file")
    assert again.content == file.content


async def test_unit_issues_a_statement_of_whom_it_owes_and_of_nobody_else(
    world: World, client_as: ClientAs, drain: Any
) -> None:
    office, _ = await told(world, client_as)
    person = str(office.deal.managers[1].id)
    asked = await office.officer.post("/api/statements", json={"person_id": person, "period": "2024"})
    assert asked.status_code == 202, asked.text
    early = (await office.officer.get("/api/statements")).json()
    assert early == []
    await drain()
    [row] = (await office.officer.get(f"/api/statements?person_id={person}")).json()
    assert row["totals"]["accrued_fen"] == 500_000
    unknown = await office.officer.post("/api/statements", json={"person_id": str(uuid4()), "period": "2024"})
    assert unknown.status_code == 404
    elsewhere = await begin(world, client_as)
    theirs = await elsewhere.officer.post("/api/statements", json={"person_id": person, "period": "2024"})
    assert theirs.status_code == 404
    assert (await elsewhere.officer.get(f"/api/statements/{row['id']}/file")).status_code == 404


async def test_issued_statement_stays_as_it_was_known_then(world: World, client_as: ClientAs, drain: Any) -> None:
    office, mine = await told(world, client_as)
    asked = {"org_id": str(office.deal.org_id), "period": "2025"}
    await mine.post("/api/my/statements", json=asked)
    await drain()
    [row] = (await mine.get("/api/my/statements")).json()
    before = (await mine.get(f"/api/statements/{row['id']}/file")).content
    await office.receive(1_000_000, reference="late", effective_on="2025-02-12")
    [same] = (await mine.get("/api/my/statements")).json()
    assert same == row
    assert (await mine.get(f"/api/statements/{row['id']}/file")).content == before
    now = (await mine.get(f"/api/my/statement?org_id={office.deal.org_id}&period=2025")).json()
    assert now["totals"]["accrued_fen"] == row["totals"]["accrued_fen"] + 40_000


@settings(deadline=None)
@any_of(year=st.integers(2000, 2099), month=st.integers(1, 12))
def test_months_of_a_year_join_without_gap(year: int, month: int) -> None:
    first, last = period_days(f"{year}-{month:02d}")
    assert first.day == 1
    assert (first.month, first.year) == (month, year)
    following = date(year + month // 12, month % 12 + 1, 1)
    assert (following - last).days == 1
    assert period_days(str(year)) == (date(year, 1, 1), date(year, 12, 31))


@pytest.mark.parametrize("wrong", ["", "24", "2024-00", "2024-1", "1999", "2024-05-06", "二〇二四", "2024\n"])
def test_other_texts_are_no_period(wrong: str) -> None:
    with pytest.raises(PeriodUnreadable):
        period_days(wrong)
