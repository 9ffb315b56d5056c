"""Pages of incentives: a plan drawn up and approved, an agreement signed, revenue recorded and explained, reversed."""

import re
from typing import Any

from tests.conftest import ClientAs, World
from tests.given import contracts as given_contracts
from tests.given import incentives as given_incentives
from tests.given.incentives import Deal, receipt

VERSION = {
    "valid_from": "2024-01-01",
    "base": "received",
    "bands.0.up_to": "50万元",
    "bands.0.rate": "5%",
    "bands.1.rate": "1/12",
    "cap_person_year": "200,000",
    "lines.0.title": "技术经理人",
    "lines.0.role": "managers",
    "lines.0.kind": "percent",
    "lines.0.rate": "75%",
    "lines.1.title": "单位",
    "lines.1.role": "unit",
    "lines.1.kind": "rest",
    "lines.2.title": "",
    "lines.2.role": "managers",
    "lines.2.kind": "percent",
    "notice_days": "15",
    "notice_kind": "working",
    "tax_ground": "labour_service",
    "places": "浙江省",
}


async def begin(world: World, client_as: ClientAs) -> tuple[Deal, Any, Any]:
    """A deal with its officer's and its approver's browser."""
    async with world() as db:
        deal = await given_incentives.deal(db)
    return deal, await client_as(deal.officer), await client_as(deal.approver)


async def test_plan_is_drawn_up_on_pages_and_approved_by_a_second_person(world: World, client_as: ClientAs) -> None:
    _, officer, approver = await begin(world, client_as)
    made = await officer.post("/incentives/plans", data={"code": "YJ-1", "kind": "commission", "title.zh": "佣金办法"})
    assert made.status_code == 303, made.text
    taken = await officer.post("/incentives/plans", data={"code": "YJ-1", "kind": "commission", "title.zh": "又一个"})
    assert taken.status_code == 422
    assert "已有代码为 YJ-1 的方案。" in taken.text
    form = await officer.get(made.headers["location"])
    assert form.status_code == 200
    address = made.headers["location"].removesuffix("/new")
    wrong = await officer.post(address, data={**VERSION, "bands.0.rate": "5"})
    assert wrong.status_code == 422
    assert "“5”不是有效的比例" in wrong.text
    assert 'value="50万元"' in wrong.text
    unsound = await officer.post(address, data={**VERSION, "lines.0.rate": "120%"})
    assert unsound.status_code == 422
    open_end = await officer.post(address, data={**VERSION, "bands.1.up_to": "100万元"})
    assert open_end.status_code == 422, "the last band must be open"
    kept = await officer.post(address, data=VERSION)
    assert kept.status_code == 303, kept.text
    version = kept.headers["location"]
    shown = (await officer.get(version)).text
    assert "草稿" in shown
    assert "1/12" in shown
    assert "75%" in shown
    edit = await officer.get(f"{version}/edit")
    assert 'value="500000.00"' in edit.text
    assert (await officer.post(f"{version}/edit", data={**VERSION, "notice_days": "20"})).status_code == 303
    assert (await officer.post(f"{version}/propose")).status_code == 303
    assert (await officer.post(f"{version}/propose")).status_code == 422
    assert f'href="{version}"' in (await approver.get("/incentives")).text, "the approver is led to what waits"
    assert (await officer.post(f"{version}/decide", data={"approve": "true"})).status_code == 403
    assert (await approver.post(f"{version}/decide", data={"approve": "true"})).status_code == 303
    assert "生效中" in (await approver.get(version)).text
    assert "YJ-1" in (await approver.get("/incentives/plans")).text
    following = await officer.get(made.headers["location"])
    assert 'value="技术经理人"' in following.text, "the next version begins with the terms of the last"


async def test_agreement_is_signed_over_the_people_of_the_contract(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await begin(world, client_as)
    async with world() as db:
        contract = await given_contracts.contract(db, deal.org_id)
        await given_contracts.part(db, contract, deal.managers[0].id)
    address = f"/incentives/agreements/new?contract={contract.id}"
    assert deal.version.content["lines"][0]["key"] not in (await officer.get(address)).text
    chosen = f"{address}&version={deal.version.id}"
    form = await officer.get(chosen)
    assert "周明" in form.text
    sent = {
        "contract_id": str(contract.id),
        "plan_version_id": str(deal.version.id),
        "signed_on": "2024-03-01",
        f"weights.0.{deal.managers[0].id}": "3",
        "weights.1.unit": "1",
    }
    nobody = {name: value for name, value in sent.items() if not name.startswith("weights")}
    refused = await officer.post(chosen, data=nobody)
    assert refused.status_code == 422
    assert "请至少为一方填写权重。" in refused.text
    missing = await officer.post(chosen, data={**nobody, "weights.1.unit": "1"})
    assert missing.status_code == 422
    signed = await officer.post(chosen, data=sent)
    assert signed.status_code == 303, signed.text
    shown = await officer.get(signed.headers["location"])
    assert "周明" in shown.text
    assert contract.contract_no in (await officer.get(f"/incentives?contract={contract.id}")).text


async def test_event_page_shows_every_step_of_every_sum(world: World, client_as: ClientAs) -> None:
    deal, officer, approver = await begin(world, client_as)
    await officer.post("/api/revenue-events", json=receipt(deal, 40_000_001, effective_on="2024-05-01"))
    form = await officer.get(f"/incentives/events/new?contract={deal.contract.id}")
    reference = re.search(r'name="reference" type="text" value="([^"]+)"', form.text)
    assert reference is not None
    sent = {
        "contract_id": str(deal.contract.id),
        "source": "page",
        "reference": reference[1],
        "kind": "receipt",
        "amount": "20万元",
        "effective_on": "2024-05-06",
    }
    made = await officer.post("/incentives/events/new", data=sent)
    assert made.status_code == 303, made.text
    again = await officer.post("/incentives/events/new", data=sent)
    assert again.headers["location"] == made.headers["location"], "sent twice, recorded once"
    other = await officer.post("/incentives/events/new", data={**sent, "amount": "1"})
    assert other.status_code == 422
    assert reference[1] in other.text
    for browser in (officer, approver):
        shown = (await browser.get(made.headers["location"])).text
        for text in (
            "¥400,000.01",  # base before
            "¥600,000.01",  # base after
            "超过 ¥500,000.00 的部分",
            "¥100,000.01",  # inside the second band
            "¥33,000.00 − ¥20,000.00 = ¥13,000.00",
            "¥9,750.00",  # the managers' line
            "周明",
            "¥6,500.00",
            "incentive.payable",
        ):
            assert text in shown, text
    assert "冲销此事件" not in (await approver.get(made.headers["location"])).text


async def test_event_is_reversed_from_its_page_with_a_reason(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await begin(world, client_as)
    made = (await officer.post("/api/revenue-events", json=receipt(deal, 40_000_000))).json()
    address = f"/incentives/events/{made['id']}"
    sent = {"source": "page", "reference": "back", "effective_on": "2024-06-01"}
    refused = await officer.post(f"{address}/reverse", data=sent)
    assert refused.status_code == 422
    done = await officer.post(f"{address}/reverse", data={**sent, "reason": "录错"})
    assert done.status_code == 303, done.text
    shown = (await officer.get(done.headers["location"])).text
    assert "按原记录反向冲回" in shown
    assert "-¥10,000.00" in shown
    assert "该事件已于 2024-06-01 冲销。" in (await officer.get(address)).text


async def test_findings_are_shown_with_citation_and_mark(world: World, client_as: ClientAs) -> None:
    deal, _, approver = await begin(world, client_as)
    async with world() as db:
        version = await given_incentives.plan(db, deal.org_id, given_incentives.SHARE)
    chinese = (await approver.get(f"/incentives/versions/{version.id}")).text
    assert "第四十五条第一款第（一）项" in chinese
    assert "已核实" in chinese
    english = (await approver.get(f"/incentives/versions/{version.id}", headers={"accept-language": "en"})).text
    assert "Law on Promoting the Transformation" in english


async def test_every_page_answers_in_english_too(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await begin(world, client_as)
    made = (await officer.post("/api/revenue-events", json=receipt(deal, 40_000_000))).json()
    for address in (
        "/incentives",
        f"/incentives?contract={deal.contract.id}",
        "/incentives/plans",
        f"/incentives/plans/{deal.version.plan_id}/versions/new",
        f"/incentives/versions/{deal.version.id}",
        f"/incentives/agreements/{deal.agreement.id}",
        f"/incentives/agreements/new?contract={deal.contract.id}&version={deal.version.id}",
        "/incentives/events/new",
        f"/incentives/events/{made['id']}",
    ):
        answer = await officer.get(address, headers={"accept-language": "en"})
        assert answer.status_code == 200, (address, answer.text[:500])
        main = answer.text.split("<main")[1].split("</main")[0]
        left = re.sub(r"[（）·、，。：；“”−→]", "", re.sub(r'lang="zh[^>]*>[^<]*', "", main))
        for name in ("周明", "吴芳", "技术经理人", "单位", "分", "浙江省", "全国"):
            left = left.replace(name, "")
        assert not re.search(r"请|确定|录入|方案|生效", left), address


async def test_strangers_find_no_page(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await begin(world, client_as)
    _, stranger, other_approver = await begin(world, client_as)
    made = (await officer.post("/api/revenue-events", json=receipt(deal, 40_000_000))).json()
    gets = (
        f"/incentives?contract={deal.contract.id}",
        f"/incentives/versions/{deal.version.id}",
        f"/incentives/versions/{deal.version.id}/edit",
        f"/incentives/plans/{deal.version.plan_id}/versions/new",
        f"/incentives/agreements/{deal.agreement.id}",
        f"/incentives/agreements/new?contract={deal.contract.id}",
        f"/incentives/events/{made['id']}",
    )
    assert [(await stranger.get(one)).status_code for one in gets] == [404] * len(gets)
    posts = (f"/incentives/versions/{deal.version.id}/propose", f"/incentives/events/{made['id']}/reverse")
    data = {"source": "s", "reference": "r", "effective_on": "2024-06-01", "reason": "x"}
    assert [(await stranger.post(one, data=data)).status_code for one in posts] == [404] * len(posts)
    decide = await other_approver.post(f"/incentives/versions/{deal.version.id}/decide", data={"approve": "true"})
    assert decide.status_code == 404
