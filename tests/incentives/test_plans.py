"""Plans: drafted, held against the cited law, approved by a second person, frozen; agreements pin them at signing."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from service.accounts.tables import Post
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import contracts as given_contracts
from tests.given import incentives as given_incentives
from tests.given.incentives import COMMISSION, SHARE, Deal

PLAN = {"code": "YJ-2024", "kind": "commission", "title": {"zh": "佣金办法", "en": "Commission rules"}}


async def people(world: World, client_as: ClientAs) -> tuple[Deal, Any, Any]:
    """A deal, its officer's and its approver's browser."""
    async with world() as db:
        deal = await given_incentives.deal(db)
    return deal, await client_as(deal.officer), await client_as(deal.approver)


async def drafted(officer: Any, terms: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A drafted first version of a new plan."""
    plan = await officer.post("/api/plans", json={**PLAN, "code": f"P{uuid4().hex[:8]}"})
    assert plan.status_code == 201, plan.text
    sent = {"valid_from": "2024-01-01", "terms": terms or COMMISSION, **more}
    made = await officer.post(f"/api/plans/{plan.json()['id']}/versions", json=sent)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_version_goes_from_draft_to_force_by_two_people(world: World, client_as: ClientAs) -> None:
    _, officer, approver = await people(world, client_as)
    version = await drafted(officer)
    assert (version["version"], version["state"]) == (1, "draft")
    address = f"/api/plan-versions/{version['id']}"
    early = await approver.post(f"{address}/decision", json={"approve": True})
    assert early.status_code == 409
    assert "“草稿”" in early.json()["detail"]
    assert (await officer.post(f"{address}/proposal")).json()["state"] == "proposed"
    changed = await officer.put(address, json={"valid_from": "2024-02-01", "terms": COMMISSION})
    assert changed.status_code == 409
    assert "“待审批”" in changed.json()["detail"]
    assert (await officer.post(f"{address}/decision", json={"approve": True})).status_code == 403
    decided = await approver.post(f"{address}/decision", json={"approve": True})
    assert decided.status_code == 200, decided.text
    assert decided.json()["state"] == "in_force"
    again = await approver.post(f"{address}/decision", json={"approve": True})
    assert again.status_code == 409


async def test_maker_at_another_post_cannot_approve(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        maker = await given.staff(db, "incentive_officer", home.id)
        assert maker.account_id is not None
        second = Post(account_id=maker.account_id, org_id=home.id, role="incentive_approver", starts_on=given.LONG_AGO)
        db.add(second)
        same = replace(maker, role="incentive_approver", post_id=second.id)
    officer, approver = await client_as(maker), await client_as(same)
    version = await drafted(officer)
    await officer.post(f"/api/plan-versions/{version['id']}/proposal")
    answer = await approver.post(f"/api/plan-versions/{version['id']}/decision", json={"approve": True})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/same-person"


async def test_rejected_version_is_a_draft_again_and_may_be_changed(world: World, client_as: ClientAs) -> None:
    _, officer, approver = await people(world, client_as)
    version = await drafted(officer)
    address = f"/api/plan-versions/{version['id']}"
    await officer.post(f"{address}/proposal")
    back = await approver.post(f"{address}/decision", json={"approve": False, "reason": "比例偏低"})
    assert back.json()["state"] == "draft"
    changed = await officer.put(address, json={"valid_from": "2024-02-01", "terms": {**COMMISSION, "notice_days": 20}})
    assert changed.status_code == 200, changed.text
    assert changed.json()["digest"] != version["digest"]
    await officer.post(f"{address}/proposal")
    assert (await approver.post(f"{address}/decision", json={"approve": True})).json()["state"] == "in_force"


async def test_next_version_ends_the_one_before_the_day_before(world: World, client_as: ClientAs) -> None:
    _, officer, approver = await people(world, client_as)
    first = await drafted(officer)
    plan = f"/api/plans/{first['plan_id']}/versions"

    async def in_force(version: dict[str, Any]) -> Any:
        await officer.post(f"/api/plan-versions/{version['id']}/proposal")
        return await approver.post(f"/api/plan-versions/{version['id']}/decision", json={"approve": True})

    await in_force(first)
    second = (await officer.post(plan, json={"valid_from": "2025-01-01", "terms": COMMISSION})).json()
    assert (await in_force(second)).status_code == 200
    shown = (await officer.get(plan)).json()
    assert [(one["version"], one["valid_from"], one["valid_to"]) for one in shown] == [
        (2, "2025-01-01", None),
        (1, "2024-01-01", "2024-12-31"),
    ]
    between = (await officer.post(plan, json={"valid_from": "2024-06-01", "terms": COMMISSION})).json()
    refused = await in_force(between)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "该方案的另一版本自 2025-01-01 起生效；同一天不能有两个版本生效。"


async def test_terms_in_force_are_frozen_in_the_database(world: World, client_as: ClientAs) -> None:
    deal, _, _ = await people(world, client_as)
    for change in (
        "content = '{}'",
        "digest = 'x'",
        "valid_from = '2020-01-01'",
        "findings = '[1]'",
        "state = 'draft'",
    ):
        async with world() as db:
            with pytest.raises(DBAPIError, match="frozen"):
                await db.execute(sa.text(f"UPDATE plan_version SET {change} WHERE id = :id"), {"id": deal.version.id})
            await db.rollback()
    async with world() as db:
        with pytest.raises(DBAPIError, match="not a draft"):
            await db.execute(sa.text("DELETE FROM plan_version WHERE id = :id"), {"id": deal.version.id})
        await db.rollback()
    async with world() as db:
        with pytest.raises(DBAPIError, match="ex_plan_version_in_force"):
            await db.execute(
                sa.text(
                    "INSERT INTO plan_version (id, org_id, plan_id, version, content, digest, valid_from, places,"
                    " findings, state) SELECT gen_random_uuid(), org_id, plan_id, 2, content, digest, '2030-01-01',"
                    " places, findings, 'in_force' FROM plan_version WHERE id = :id"
                ),
                {"id": deal.version.id},
            )
        await db.rollback()


async def test_findings_of_the_law_are_stored_with_citation_and_mark(world: World, client_as: ClientAs) -> None:
    _, officer, _ = await people(world, client_as)
    poor = {**SHARE, "bands": [{"up_to_fen": None, "rate": given_incentives.rate(40)}]}
    version = await drafted(officer, poor, places=["浙江省"])
    found = {one["rule"]: one for one in version["findings"]}
    national = found["national-2015-45-1"]
    assert (national["outcome"], national["binding"], national["verified"]) == ("unmet", "must", True)
    assert national["article"] == "第四十五条第一款第（一）项"
    assert national["needed"] == ">= 50%"
    assert national["found"] == "40%"
    assert any(key.startswith("zhejiang") for key in found)
    assert not any(key.startswith("shandong") for key in found)


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"bands": []}, "bands-missing"),
        ({"bands_apply_to": "whole"}, "slab-refused"),
        ({"lines": []}, "split-lines-missing"),
        ({"base": "turnover"}, "terms-unreadable"),
        ({"bonus": 1}, "terms-unreadable"),
        ({"bands": [{"up_to_fen": 5, "rate": {"numerator": 1, "denominator": 10}}]}, "last-band-closed"),
        ({"cap_deal_fen": -1}, "cap-negative"),
    ],
)
async def test_unsound_terms_are_refused_in_both_languages(
    world: World, client_as: ClientAs, change: dict[str, Any], slug: str
) -> None:
    _, officer, _ = await people(world, client_as)
    plan = (await officer.post("/api/plans", json=PLAN)).json()
    sent = {"valid_from": "2024-01-01", "terms": {**COMMISSION, **change}}
    chinese = await officer.post(f"/api/plans/{plan['id']}/versions", json=sent)
    assert chinese.status_code == 422
    assert chinese.json()["type"] == f"/problems/{slug}"
    english = await officer.post(f"/api/plans/{plan['id']}/versions", json=sent, headers={"accept-language": "en"})
    assert english.json()["detail"] != chinese.json()["detail"]
    assert (await officer.get(f"/api/plans/{plan['id']}/versions")).json() == []


async def test_plan_code_is_taken_once(world: World, client_as: ClientAs) -> None:
    _, officer, _ = await people(world, client_as)
    assert (await officer.post("/api/plans", json=PLAN)).status_code == 201
    twice = await officer.post("/api/plans", json=PLAN)
    assert twice.status_code == 409
    assert twice.json()["detail"] == "已有代码为 YJ-2024 的方案。"


def agreement(deal: Deal, **change: Any) -> dict[str, Any]:
    """An agreement for the API over a deal's people."""
    return {
        "contract_id": str(deal.contract.id),
        "plan_version_id": str(deal.version.id),
        "signed_on": "2024-03-01",
        "parties": [
            {"person_id": str(deal.managers[0].id), "line": "managers", "weight": 3},
            {"person_id": None, "line": "unit"},
        ],
        **change,
    }


async def test_agreement_pins_version_parties_and_weights_for_ever(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await people(world, client_as)
    async with world() as db:
        contract = await given_contracts.contract(db, deal.org_id)
    made = await officer.post("/api/agreements", json=agreement(deal, contract_id=str(contract.id)))
    assert made.status_code == 201, made.text
    assert [(one["party_no"], one["line"], one["weight"]) for one in made.json()["parties"]] == [
        (1, "managers", 3),
        (2, "unit", 1),
    ]
    assert (await officer.get(f"/api/agreements/{made.json()['id']}")).json() == made.json()
    twice = await officer.post("/api/agreements", json=agreement(deal, contract_id=str(contract.id)))
    assert twice.status_code == 409
    assert twice.json()["detail"] == "该合同在此方案下已有协议。"
    async with world() as db:
        with pytest.raises(DBAPIError, match=r"only added|permission denied"):
            await db.execute(sa.text("UPDATE agreement_party SET weight = weight + 1"))
        await db.rollback()


async def test_agreement_is_refused_for_each_of_its_reasons(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await people(world, client_as)
    async with world() as db:
        contract = await given_contracts.contract(db, deal.org_id)
        elsewhere = await given.organisation(db)
        stranger = await given_contracts.manager(db, elsewhere.id)
        void = await given_contracts.contract(db, deal.org_id, number="HT-void")
    person = str(deal.managers[0].id)
    unit = {"person_id": None, "line": "unit"}
    manager = {"person_id": person, "line": "managers"}
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"signed_on": "2023-12-31"}, 409, "plan-not-in-force"),
        ({"signed_on": "2999-01-01"}, 422, "date-ahead"),
        ({"parties": [manager]}, 422, "line-without-party"),
        ({"parties": [manager, unit, {"person_id": person, "line": "friends"}]}, 422, "party-line-unknown"),
        ({"parties": [{"person_id": None, "line": "managers"}, unit]}, 422, "party-out-of-place"),
        ({"parties": [manager, {"person_id": person, "line": "unit"}]}, 422, "party-out-of-place"),
        ({"parties": [{"person_id": str(stranger.id), "line": "managers"}, unit]}, 422, "party-unknown"),
        ({"parties": [{**manager, "weight": 0}, unit]}, 422, "invalid-request"),
        ({"parties": []}, 422, "invalid-request"),
        ({"contract_id": str(uuid4())}, 404, "not-found"),
        ({"plan_version_id": str(uuid4())}, 404, "not-found"),
    ]
    for change, status, slug in cases:
        answer = await officer.post(
            "/api/agreements", json=agreement(deal, **{"contract_id": str(contract.id), **change})
        )
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), change
    await officer.post(f"/api/contracts/{void.id}/void", json={"ground": "x"})
    answer = await officer.post("/api/agreements", json=agreement(deal, contract_id=str(void.id)))
    assert answer.json()["type"] == "/problems/contract-not-live"
    equity = (await officer.post("/api/plans", json={**PLAN, "kind": "equity"})).json()
    terms = {"company": "某公司", "pool_shares": 1000}
    version = await officer.post(
        f"/api/plans/{equity['id']}/versions", json={"valid_from": "2024-01-01", "terms": terms}
    )
    sent = agreement(deal, contract_id=str(contract.id), plan_version_id=version.json()["id"])
    assert (await officer.post("/api/agreements", json=sent)).json()["type"] == "/problems/plan-without-split"


async def test_agreement_comes_before_the_events_it_covers(world: World, client_as: ClientAs) -> None:
    deal, officer, _ = await people(world, client_as)
    async with world() as db:
        contract = await given_contracts.contract(db, deal.org_id)
    event = {**given_incentives.receipt(deal, 500), "contract_id": str(contract.id)}
    made = (await officer.post("/api/revenue-events", json=event)).json()
    sent = agreement(deal, contract_id=str(contract.id))
    refused = await officer.post("/api/agreements", json=sent)
    assert refused.status_code == 409
    assert "2024-05-06" in refused.json()["detail"]
    back = {"source": "finance", "reference": "b", "effective_on": "2024-06-01", "reason": "先签协议"}
    assert (await officer.post(f"/api/revenue-events/{made['id']}/reversal", json=back)).status_code == 201
    assert (await officer.post("/api/agreements", json=sent)).status_code == 201
