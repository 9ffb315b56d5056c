"""Pages of payouts and statements: drawn up, approved, noticed, objected to, cleared, paid, and read by the person."""

from typing import Any
from uuid import uuid4

from service.foundation.clock import held_at
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.payouts.test_payouts import NOTICED, Office, begin
from tests.payouts.test_statements import told


async def drawn_up(office: Office) -> str:
    """A payout drawn up on its page; its address."""
    sent = {"plan_id": str(office.deal.version.plan_id), "through": "2024-12-31", "title": "2024 年佣金"}
    made = await office.officer.post("/payouts/new", data=sent)
    assert made.status_code == 303, made.text
    found: str = made.headers["location"]
    return found


async def test_payout_goes_its_way_on_pages(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    empty = await office.officer.post(
        "/payouts/new",
        data={"plan_id": str(office.deal.version.plan_id), "through": "2024-12-31", "title": "空"},
    )
    assert empty.status_code == 422
    assert "没有已计得且尚未列入发放批次的金额" in empty.text
    await office.receive(40_000_000)
    address = await drawn_up(office)
    shown = (await office.officer.get(address)).text
    for text in ("周明", "¥10,000.00", "¥1,600.00", "劳务报酬", "估算", office.deal.contract.contract_no, "待审批"):
        assert text in shown, text
    assert 'name="approve"' not in shown, "the maker is not offered to approve"
    approver = (await office.approver.get(address)).text
    assert 'name="approve" value="true"' in approver
    assert (await office.approver.post(f"{address}/decide", data={"approve": "true"})).status_code == 303
    with held_at(NOTICED):
        assert (await office.officer.post(f"{address}/notice")).status_code == 303
    notice = (await office.officer.get(f"{address}/notice")).text
    for text in ("公示期自 2024年6月3日 起至 2024年6月25日 止", "周明", "吴芳", "¥5,000.00"):
        assert text in notice, text
    assert (await office.officer.post(f"{address}/objections", data={"ground": "金额有误"})).status_code == 303
    stopped = await office.officer.post(f"{address}/clear")
    assert stopped.status_code == 422
    assert "异议" in stopped.text
    objection = (await office.officer.get(f"/api{address}")).json()["objections"][0]["id"]
    settle = f"{address}/objections/{objection}/settle"
    assert (await office.approver.post(settle, data={"finding": ""})).status_code == 422
    assert (await office.approver.post(settle, data={"finding": "不成立"})).status_code == 303
    assert (await office.officer.post(f"{address}/clear")).status_code == 303
    assert (
        await office.finance.post(f"{address}/pay", data={"paid_on": "2024-06-25", "payment_reference": "x"})
    ).status_code == 422
    paid = await office.finance.post(f"{address}/pay", data={"paid_on": "2024-06-28", "payment_reference": "批 1"})
    assert paid.status_code == 303
    assert "已支付" in (await office.finance.get(address)).text
    assert "2024 年佣金" in (await office.finance.get("/payouts?show=paid")).text
    assert "2024 年佣金" not in (await office.finance.get("/payouts?show=noticed")).text


async def test_payout_is_rejected_on_its_page(world: World, client_as: ClientAs) -> None:
    office = await begin(world, client_as)
    await office.receive(40_000_000)
    address = await drawn_up(office)
    assert (
        await office.approver.post(f"{address}/decide", data={"approve": "false", "reason": "重算"})
    ).status_code == 303
    rejected = (await office.officer.get(address)).text
    assert "已退回" in rejected
    assert "重算" in rejected
    address = await drawn_up(office)
    await office.approver.post(f"{address}/decide", data={"approve": "true"})
    assert (await office.approver.post(f"{address}/reject", data={})).status_code == 422
    assert (await office.approver.post(f"{address}/reject", data={"reason": "重算"})).status_code == 303


async def test_person_reads_the_statement_objects_and_takes_the_paper(
    world: World, client_as: ClientAs, drain: Any
) -> None:
    office, mine = await told(world, client_as)
    page = await mine.get(f"/my/statements?org={office.deal.org_id}&period=2024")
    assert page.status_code == 200, page.text
    for text in ("¥10,000.00", "壹万元整", "批次 0628-1", "5% × ¥400,000.03", "GQ-7", "1,200", "期末应付"):
        assert text in page.text, text
    assert "吴芳" not in page.text
    wrong = await mine.get(f"/my/statements?org={office.deal.org_id}&period=lately")
    assert wrong.status_code == 422
    assert "“lately”不是有效的期间" in wrong.text
    assert (await mine.get(f"/my/statements?org={uuid4()}")).status_code == 404
    asked = await mine.post("/my/statements", data={"org_id": str(office.deal.org_id), "period": "2024"})
    assert asked.status_code == 303, asked.text
    await drain()
    listed = (await mine.get("/my/statements")).text
    assert "下载 PDF" in listed
    again = await office.propose(through="2025-12-31")
    address = f"/api/payouts/{again.json()['id']}"
    await office.approver.post(f"{address}/decision", json={"approve": True})
    with held_at(NOTICED):
        await office.officer.post(f"{address}/notice")
    letters = (await mine.get("/api/inbox")).json()
    assert "payout.noticed" in str(letters)
    noticed = (await mine.get(f"/my/statements?org={office.deal.org_id}&period=2025")).text
    assert "对公示提出异议" in noticed
    own = address.replace("/api/payouts", "/my/payouts") + "/objections"
    assert (await mine.post(own, data={"ground": "权重有误"})).status_code == 303
    assert "权重有误" in (await mine.get("/my/statements")).text


async def test_who_has_nothing_sees_what_will_be_here(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        nobody = await given.holder(db)
    page = await (await client_as(nobody)).get("/my/statements")
    assert page.status_code == 200
    assert "还没有为您计得的金额" in page.text


async def test_unit_issues_statements_on_its_page(world: World, client_as: ClientAs, drain: Any) -> None:
    office, _ = await told(world, client_as)
    sent = {"person_id": str(office.deal.managers[1].id), "period": "2024"}
    assert (await office.finance.post("/payouts/statements", data={**sent, "period": "x"})).status_code == 422
    assert (await office.finance.post("/payouts/statements", data=sent)).status_code == 303
    await drain()
    shown = (await office.officer.get("/payouts/statements")).text
    assert "吴芳" in shown
    assert "下载 PDF" in shown


async def test_pages_answer_in_english_and_strangers_find_none(world: World, client_as: ClientAs) -> None:
    office, stranger = await begin(world, client_as), await begin(world, client_as)
    await office.receive(40_000_000)
    address = await drawn_up(office)
    english = {"accept-language": "en"}
    for path in ("/payouts", "/payouts/new", address, f"{address}/notice", "/payouts/statements"):
        answer = await office.officer.get(path, headers=english)
        assert answer.status_code == 200, path
        assert "公示" not in answer.text.split("<main")[1].split("</main")[0], path
    for path in (address, f"{address}/notice"):
        assert (await stranger.officer.get(path)).status_code == 404
    for verb in ("notice", "clear", "objections"):
        assert (await stranger.officer.post(f"{address}/{verb}", data={"ground": "x"})).status_code == 404, verb
    for verb in ("decide", "reject"):
        sent = {"approve": "true", "reason": "x"} if verb == "decide" else {"reason": "x"}
        assert (await stranger.approver.post(f"{address}/{verb}", data=sent)).status_code == 404
