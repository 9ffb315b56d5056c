"""Technology contracts: recorded once, registered, ended or void, their managers seen on a recorded ground."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from service.contracts.queries import INVARIANTS
from service.contracts.rules import MOVES, move
from service.contracts.tables import ManagerPart
from service.foundation.errors import StateConflict
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import contracts as given_contracts

NUMBER = "11010519491231002X"  # the example number of GB 11643

CONTRACT: dict[str, Any] = {
    "contract_no": "HT-2024-001",
    "title": {"zh": "某材料技术开发", "en": "Development of a material"},
    "kind": "development",
    "seller": "某大学",
    "buyer": "某公司",
    "signed_on": "2024-03-01",
    "contract_fen": 120_000_000,
    "transaction_fen": 100_000_000,
}
REGISTRATION = {
    "registration_no": "2024 沪技登 字第 3 号",
    "registration_office": "上海",
    "registered_on": "2024-03-09",
}
MANAGER = {"name": "周明", "identity_kind": "resident", "identity_number": NUMBER, "role": "lead", "weight": 2}


async def office(world: World, client_as: ClientAs, role: str = "incentive_officer") -> Any:
    """A browser of an incentive officer of a university."""
    async with world() as db:
        home = await given.organisation(db)
        actor = await given.staff(db, role, home.id)
    return await client_as(actor)


async def test_contract_goes_its_way_with_registration_as_it_was_written(world: World, client_as: ClientAs) -> None:
    browser = await office(world, client_as)
    made = await browser.post("/api/contracts", json=CONTRACT)
    assert made.status_code == 201, made.text
    address = f"/api/contracts/{made.json()['id']}"
    assert made.json()["state"] == "signed"
    assert made.json()["received_fen"] == 0
    registered = await browser.post(f"{address}/registration", json=REGISTRATION)
    assert registered.status_code == 200, registered.text
    assert registered.json()["registration_no"] == REGISTRATION["registration_no"]
    again = await browser.post(f"{address}/registration", json=REGISTRATION)
    assert again.status_code == 409
    assert "“已登记”" in again.json()["detail"]
    ended = await browser.post(f"{address}/end")
    assert ended.json()["state"] == "ended"
    void = await browser.post(f"{address}/void", json={"ground": "法院判决无效"})
    assert void.json()["state"] == "void"
    assert void.json()["managers_at_fault"] is False
    assert (await browser.post(f"{address}/end")).status_code == 409


async def test_contract_is_refused_with_a_sentence_in_the_readers_language(world: World, client_as: ClientAs) -> None:
    browser = await office(world, client_as)
    assert (await browser.post("/api/contracts", json=CONTRACT)).status_code == 201
    twice = await browser.post("/api/contracts", json=CONTRACT)
    assert twice.status_code == 409
    assert twice.json()["type"] == "/problems/contract-number-taken"
    assert twice.json()["detail"] == "已有编号为 HT-2024-001 的合同。"
    above = {**CONTRACT, "contract_no": "HT-2", "transaction_fen": 120_000_001}
    refused = await browser.post("/api/contracts", json=above, headers={"accept-language": "en"})
    assert refused.status_code == 422
    assert refused.json()["detail"] == "The technology transaction amount cannot be more than the contract amount."
    ahead = await browser.post("/api/contracts", json={**CONTRACT, "contract_no": "HT-3", "signed_on": "2999-01-01"})
    assert ahead.json()["detail"] == "日期 2999-01-01 尚未到来。"
    for wrong in ({"contract_fen": 1.5}, {"contract_fen": "100"}, {"contract_fen": -1}, {"kind": "sale"}, {"more": 1}):
        answer = await browser.post("/api/contracts", json={**CONTRACT, "contract_no": "HT-4", **wrong})
        assert answer.status_code == 422, wrong
    made = await browser.post("/api/contracts", json={**CONTRACT, "contract_no": "HT-5"})
    early = {**REGISTRATION, "registered_on": "2024-02-28"}
    answer = await browser.post(f"/api/contracts/{made.json()['id']}/registration", json=early)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "合同签订于 2024-03-01，登记日期不能早于该日。"


async def test_manager_is_found_by_document_and_seen_on_the_ground_of_the_contract(
    world: World, client_as: ClientAs, connection: AsyncConnection
) -> None:
    browser = await office(world, client_as)
    first = (await browser.post("/api/contracts", json=CONTRACT)).json()["id"]
    other = (await browser.post("/api/contracts", json={**CONTRACT, "contract_no": "HT-2"})).json()["id"]
    named = await browser.post(f"/api/contracts/{first}/managers", json=MANAGER)
    assert named.status_code == 201, named.text
    twice = await browser.post(f"/api/contracts/{first}/managers", json=MANAGER)
    assert twice.status_code == 409
    assert twice.json()["type"] == "/problems/manager-named-twice"
    again = await browser.post(f"/api/contracts/{other}/managers", json=MANAGER)
    assert again.json()["person_id"] == named.json()["person_id"], "one human, one person"
    shown = (await browser.get(f"/api/contracts/{first}")).json()["managers"]
    assert [(one["name"], one["role"], one["weight"]) for one in shown] == [("周明", "lead", 2)]
    async with world() as db:
        grounds = await db.execute(
            sa.text("SELECT ground, source_id FROM person_access WHERE person_id = :person ORDER BY source_id"),
            {"person": UUID(named.json()["person_id"])},
        )
        assert {(row.ground, str(row.source_id)) for row in grounds} == {("contract", first), ("contract", other)}
    wrong = await browser.post(
        f"/api/contracts/{first}/managers", json={**MANAGER, "identity_number": "110105194912310021"}
    )
    assert wrong.status_code == 422
    dropped = await browser.delete(f"/api/contracts/{first}/managers/{named.json()['id']}")
    assert dropped.status_code == 204
    assert (await browser.get(f"/api/contracts/{first}")).json()["managers"] == []
    assert (await browser.delete(f"/api/contracts/{first}/managers/{named.json()['id']}")).status_code == 404


async def test_void_contract_takes_no_further_manager(world: World, client_as: ClientAs) -> None:
    browser = await office(world, client_as)
    made = (await browser.post("/api/contracts", json=CONTRACT)).json()["id"]
    await browser.post(f"/api/contracts/{made}/void", json={"ground": "撤销", "managers_at_fault": True})
    answer = await browser.post(f"/api/contracts/{made}/managers", json=MANAGER)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "合同 HT-2024-001 当前状态为“无效”，不能再进行此操作。"


async def test_another_organisations_contract_is_not_found_by_any_way(world: World, client_as: ClientAs) -> None:
    browser = await office(world, client_as)
    made = (await browser.post("/api/contracts", json=CONTRACT)).json()["id"]
    stranger = await office(world, client_as)
    address = f"/api/contracts/{made}"
    answers = [
        await stranger.get(address),
        await stranger.post(f"{address}/registration", json=REGISTRATION),
        await stranger.post(f"{address}/void", json={"ground": "x"}),
        await stranger.post(f"{address}/end"),
        await stranger.post(f"{address}/managers", json=MANAGER),
        await stranger.delete(f"{address}/managers/{uuid4()}"),
        await stranger.get(f"/contracts/{made}"),
    ]
    assert [one.status_code for one in answers] == [404] * len(answers)
    assert (await stranger.get("/api/contracts")).json()["rows"] == []
    reader = await office(world, client_as, role="scheduler")
    assert (await reader.get("/api/contracts")).status_code == 403
    assert (await (await client_as(None)).get("/api/contracts")).status_code == 401


async def test_pages_record_a_contract_with_amounts_as_people_write_them(world: World, client_as: ClientAs) -> None:
    browser = await office(world, client_as)
    sent = {
        "contract_no": "HT-9",
        "title.zh": "某专利许可",
        "kind": "licence",
        "seller": "甲",
        "buyer": "乙",
        "signed_on": "2024-03-01",
        "contract_fen": "1.2万元",
        "transaction_fen": "12,000.01",
    }
    refused = await browser.post("/contracts/new", data=sent)
    assert refused.status_code == 422
    assert "技术交易额不能大于合同金额。" in refused.text
    assert 'value="1.2万元"' in refused.text, "what was typed is shown again"
    unreadable = await browser.post("/contracts/new", data={**sent, "transaction_fen": "1,23"})
    assert unreadable.status_code == 422
    assert "“1,23”不是" in unreadable.text
    made = await browser.post("/contracts/new", data={**sent, "transaction_fen": "12,000.00"})
    assert made.status_code == 303, made.text
    shown = await browser.get(made.headers["location"])
    assert shown.text.count("¥12,000.00") == 2
    listed = await browser.get("/contracts?q=HT-9&show=signed")
    assert "HT-9" in listed.text
    assert "HT-9" not in (await browser.get("/contracts?q=HT-9&show=void")).text.split("<main")[1].split("</form>")[1]
    address = made.headers["location"]
    assert (await browser.post(f"{address}/registration", data=REGISTRATION)).status_code == 303
    named = await browser.post(f"{address}/managers", data={**MANAGER, "weight": "2"})
    assert named.status_code == 303, named.text
    assert "周明" in (await browser.get(address)).text
    assert NUMBER not in (await browser.get(address)).text
    twice = await browser.post(f"{address}/managers", data={**MANAGER, "weight": "2"})
    assert twice.status_code == 422
    assert "此人在本合同中已有记录。" in twice.text
    assert (await browser.post(f"{address}/end")).status_code == 303
    assert (await browser.post(f"{address}/end")).status_code == 422
    assert (
        await browser.post(f"{address}/void", data={"ground": "判决", "managers_at_fault": "true"})
    ).status_code == 303
    assert "认定技术经理人有过错。" in (await browser.get(address)).text


async def test_list_goes_on_by_cursor_without_losing_a_row(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        officer = await given.staff(db, "incentive_officer", home.id)
        made = {str((await given_contracts.contract(db, home.id)).id) for _ in range(5)}
    browser = await client_as(officer)
    seen: list[str] = []
    cursor = ""
    while True:
        answer = (await browser.get(f"/api/contracts?limit=2{cursor}")).json()
        seen += [one["id"] for one in answer["rows"]]
        if answer["next"] is None:
            break
        cursor = f"&after={answer['next']}"
    assert len(seen) == 5
    assert set(seen) == made


async def test_invariants_name_what_breaks_them(world: World) -> None:
    async with world() as db:
        home = await given.organisation(db)
        row = await given_contracts.contract(db, home.id)
        person = await given_contracts.manager(db, home.id)
        await given_contracts.part(db, row, person.id)
        for sql in INVARIANTS.values():
            assert (await db.execute(sa.text(sql))).all() == []
        await db.execute(sa.text("DELETE FROM person_access WHERE person_id = :id"), {"id": person.id})
        broken = await db.execute(sa.text(INVARIANTS["every manager of a contract is seen on a recorded ground"]))
        part = (await db.scalars(sa.select(ManagerPart))).one()
        assert [one.id for one in broken] == [part.id]


@pytest.mark.parametrize("present", sorted(MOVES))
def test_states_move_only_as_the_table_says(present: str) -> None:
    for following in MOVES:
        if following in MOVES[present]:
            move(present, following)
        else:
            with pytest.raises(StateConflict):
                move(present, following)
