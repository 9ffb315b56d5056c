"""The register of bases: shipped slots, neutral names, evidence, hosts and tiers."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from service.bases.actions import load_register
from service.bases.errors import RegisterUnreadable
from service.bases.queries import base_by_code, base_of, bases, hosts_of, listings_of
from service.bases.reading import read_register, shipped_register
from service.bases.rules import Tier
from service.foundation.language import sentence
from service.organisations.tables import Organisation
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base

SLOT = """
edition: "1"
written_on: 2026-01-01
bases:
  - {code: "P1", tier: provincial, parent: "01", name: {zh: 甲, en: A}, verified: false}
  - {code: "01", tier: national, name: {zh: 乙, en: B}, verified: true, source: S, recorded_on: 2026-01-01}
"""


async def test_register_is_loaded_once(world: World) -> None:
    async with world() as db:
        assert await load_register(db) == 36
        assert await load_register(db) == 0
        rows = await bases(db)
        assert [row.code for row in rows] == [f"{number:02d}" for number in range(1, 37)]
        neutral = await base_by_code(db, "12")
        assert neutral.name == {"zh": "基地 12（名称待核实）", "en": "Base 12 (name to be verified)"}
        assert not neutral.verified
        assert await base_of(db, neutral.org_id) is neutral
        qinghai = await base_by_code(db, "05")
        assert qinghai.verified
        assert len((await hosts_of(db, {qinghai.id}))[qinghai.id]) == 1


def test_no_slot_of_the_shipped_register_is_verified_without_source_or_named_without_it() -> None:
    for slot in shipped_register().bases:
        assert slot.tier is Tier.NATIONAL
        if slot.verified:
            assert slot.source
        else:
            assert "待核实" in slot.name.zh
            assert not slot.hosts


async def test_what_an_administrator_changed_survives_the_next_start(world: World) -> None:
    async with world() as db:
        await load_register(db)
        row = await base_by_code(db, "12")
        row.name = {"zh": "某某基地", "en": "Some base"}
        await db.flush()
        await load_register(db)
        assert (await base_by_code(db, "12")).name["zh"] == "某某基地"


async def test_a_lower_base_is_loaded_after_its_parent_wherever_it_stands(world: World) -> None:
    async with world() as db:
        assert await load_register(db, read_register(SLOT)) == 2
        lower, upper = await base_by_code(db, "P1"), await base_by_code(db, "01")
        assert lower.parent_id == upper.id


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (("tier: national", "tire: national"), "bases.1.tier", "缺少此条目。"),
        (("verified: false}", "verified: false, owner: x}"), "bases.0.owner", "无此条目。"),
        (("source: S, ", ""), "bases.1", "已核实的基地须注明来源和登记日期。"),
        (('parent: "01"', 'parent: "99"'), "bases.0.parent", "上级基地不在本名录中。"),
        (('"P1"', '"01"'), "bases.1.code", "此代码重复出现。"),
        (("bases:", "bases: {{"), "line", "内容不是 YAML 格式。"),
        (("tier: provincial", "tier: village"), "bases.0.tier", "此处不能使用该值。"),
    ],
)
def test_a_register_with_a_fault_is_refused_with_its_place(change: tuple[str, str], place: str, reason: str) -> None:
    with pytest.raises(RegisterUnreadable) as refused:
        read_register(SLOT.replace(*change))
    assert str(refused.value.facts["place"]).startswith(place)
    assert reason in sentence(refused.value.message, refused.value.facts, "zh-CN")
    assert "cannot be read" in sentence(refused.value.message, refused.value.facts, "en")


async def test_the_database_keeps_codes_and_asks_for_evidence(world: World) -> None:
    async with world() as db:
        row = await base(db, verified=False)
        for statement in (
            "UPDATE base SET code = 'ZZ' WHERE id = :id",
            "UPDATE base SET verified = true WHERE id = :id",
        ):
            with pytest.raises(DBAPIError):
                async with db.begin_nested():
                    await db.execute(sa.text(statement), {"id": row.id})


async def test_only_the_administrator_writes_and_readers_read(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        await load_register(db)
        office = await given.organisation(db, "平台")
        admin = await given.staff(db, "system_administrator", office.id)
        director = await given.staff(db, "base_director", (await base_by_code(db, "12")).org_id)
        holder = await given.holder(db)
    reader, person = await client_as(director), await client_as(holder)
    listed = await reader.get("/bases")
    assert listed.status_code == 200
    assert listed.text.count('href="/bases/') >= 36
    assert "待核实" in listed.text
    assert len((await reader.get("/api/bases")).json()) == 36
    assert (await person.get("/api/bases")).status_code == 403
    body = {"name": {"zh": "我们的基地", "en": "Our base"}, "province": "31"}
    assert (await reader.put("/api/bases/12", json=body)).status_code == 403
    desk = await client_as(admin)
    assert (await desk.put("/api/bases/12", json=body)).status_code == 200
    assert (await desk.put("/api/bases/77", json=body)).status_code == 404
    async with world() as db:
        changed = await base_by_code(db, "12")
        tenant = await db.get(Organisation, changed.org_id)
        assert tenant is not None
        assert tenant.name["zh"] == "我们的基地"
        [listing] = await listings_of(db, changed.id)
        assert "基地 12" in listing.evidence


async def test_a_base_is_verified_with_evidence_only_and_the_record_stays(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        await load_register(db)
        admin = await given.staff(db, "system_administrator", (await given.organisation(db)).id)
    desk = await client_as(admin)
    refused = await desk.post("/bases/12/evidence", data={"verified": "true", "source": "", "evidence": ""})
    assert refused.status_code == 422
    assert "核实基地须有依据" in refused.text
    english = await desk.post("/api/bases/12/evidence", json={"verified": True}, headers={"accept-language": "en"})
    assert english.json()["detail"].startswith("A base is verified only with evidence")
    done = await desk.post("/bases/12/evidence", data={"verified": "true", "source": "某文件", "evidence": "第 12 项"})
    assert done.status_code == 303, done.text
    details = (await desk.get("/api/bases/12")).json()
    assert details["verified"]
    assert details["evidence_on"]
    undone = await desk.post(
        "/api/bases/12/evidence", json={"verified": False, "source": "更正", "evidence": "名单已更新"}
    )
    assert [one["verified"] for one in undone.json()["listings"]] == [False, True]
    shown = await desk.get("/bases/12")
    assert "第 12 项" in shown.text
    assert "样章" in shown.text


async def test_hosts_follow_each_other_and_never_overlap(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        await load_register(db)
        admin = await given.staff(db, "system_administrator", (await given.organisation(db)).id)
    desk = await client_as(admin)
    host = {"organisation": "江南大学技术转移中心", "starts_on": "2020-01-01", "source": "某文件"}
    added = await desk.post("/api/bases/12/hosts", json=host)
    assert added.status_code == 201, added.text
    again = await desk.post("/api/bases/12/hosts", json={**host, "starts_on": "2022-01-01"})
    assert again.json()["type"] == "/problems/hosting-overlaps"
    backwards = await desk.post("/api/bases/12/hosts", json={**host, "ends_on": "2019-01-01"})
    assert backwards.json()["type"] == "/problems/hosting-ends-before-start"
    host_id = added.json()["hosts"][0]["id"]
    early = await desk.post(f"/api/bases/12/hosts/{host_id}/end", json={"ends_on": "2019-12-31"})
    assert early.status_code == 422
    ended = await desk.post(f"/bases/12/hosts/{host_id}/end", data={"ends_on": "2021-12-31"})
    assert ended.status_code == 303, ended.text
    later = await desk.post("/bases/12/hosts", data={**host, "starts_on": "2022-01-01"})
    assert later.status_code == 303, later.text
    assert "江南大学技术转移中心" in (await desk.get("/bases")).text
    assert (await desk.post(f"/api/bases/13/hosts/{host_id}/end", json={"ends_on": "2030-01-01"})).status_code == 404


async def test_further_bases_stand_under_higher_ones(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        await load_register(db)
        admin = await given.staff(db, "system_administrator", (await given.organisation(db)).id)
    desk = await client_as(admin)
    name = {"zh": "苏州基地", "en": "Suzhou base"}
    new = {"code": "C01", "tier": "city", "name": name, "parent": "03", "province": "32"}
    made = await desk.post("/api/bases", json=new)
    assert made.status_code == 201, made.text
    assert not made.json()["verified"]
    assert (await desk.post("/api/bases", json=new)).json()["type"] == "/problems/base-code-taken"
    wrong = await desk.post("/api/bases", json={**new, "code": "N99", "tier": "national"})
    assert wrong.json()["type"] == "/problems/wrong-parent"
    wrong = await desk.put("/api/bases/03", json={"name": name, "parent": "C01"})
    assert wrong.json()["type"] == "/problems/wrong-parent"
    assert (await desk.post("/api/bases", json={**new, "code": "c1"})).status_code == 422
    page = await desk.post(
        "/bases/new",
        data={"code": "P02", "tier": "provincial", "name.zh": "江苏基地", "name.en": "Jiangsu base", "parent": "03"},
    )
    assert page.headers["location"] == "/bases/P02"
    assert "C01" in (await desk.get("/bases/03")).text
    assert (await desk.get("/bases/new")).status_code == 200
    loaded = await desk.post("/api/bases/register", json={"text": SLOT.replace('"01"', '"X1"')})
    assert loaded.json() == {"made": 2}
    bad = await desk.post("/api/bases/register", json={"text": "bases: 3"})
    assert bad.status_code == 422
