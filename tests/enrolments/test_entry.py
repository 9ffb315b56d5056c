"""Who is admitted where an edition asks for a certificate: holders of ours, and of what a base states when the rule says so."""

import dataclasses
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from httpx import AsyncClient
from hypothesis import given as for_all
from hypothesis import strategies as st

from curricula.content import shipped
from curricula.editions import EntryRule, Syllabus
from service.enrolments.rules import Held, admitting
from service.foundation.records import uuid7
from service.people.actions import record_qualification
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base
from tests.given.courses import published_session
from tests.given.people import person, resident_number

DAY = date(2026, 6, 1)
RULE = EntryRule("technology-manager", "intermediate", True)
held = st.builds(
    Held,
    id=st.uuids(),
    scheme=st.sampled_from(["technology-manager", "imported", "another"]),
    level=st.sampled_from(["initial", "intermediate", "senior"]),
    awarded_on=st.dates(date(2010, 1, 1), DAY),
    valid_until=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    state=st.sampled_from(["valid", "suspended", "revoked", "imported"]),
    claimed=st.booleans(),
)


@for_all(known=st.lists(held, max_size=8), claimed=st.booleans(), level=st.sampled_from(["initial", "senior"]))
def test_only_certificates_that_are_valid_and_high_enough_admit(known: list[Held], claimed: bool, level: str) -> None:
    found = admitting(EntryRule("technology-manager", level, claimed), known, DAY)
    ours = [
        one
        for one in known
        if not one.claimed and one.scheme == "technology-manager" and one.state == "valid"
        if (level == "initial" or one.level == "senior") and (one.valid_until or DAY) >= DAY
    ]
    if ours:
        assert found in ours  # one issued here comes first
    elif found is not None:
        assert found.claimed
        assert claimed
        assert found.valid_until is None or found.valid_until >= DAY
        assert level == "initial" or found.level == "senior"


def test_the_last_day_of_a_certificate_still_admits() -> None:
    one = Held(uuid7(), "technology-manager", "intermediate", date(2020, 1, 1), DAY, "valid", False)
    assert admitting(RULE, [one], DAY) == one
    assert admitting(RULE, [one], DAY + timedelta(days=1)) is None


def test_the_shipped_levels_ask_for_the_level_before_and_the_first_for_none() -> None:
    by_level = {one.level: one.entry for one in shipped().syllabi.values()}
    assert by_level["initial"] is None
    assert by_level["intermediate"] == EntryRule("technology-manager", "initial", True)
    assert by_level["senior"] == EntryRule("technology-manager", "intermediate", True)


def test_a_rule_of_entry_is_part_of_the_edition_and_of_its_digest() -> None:
    value = shipped().syllabi[("technology-manager", "2026.1", "senior")]
    assert Syllabus.from_json(value.to_json()) == value
    open_to_all = dataclasses.replace(value, entry=None)
    assert open_to_all.digest() != value.digest()
    assert "entry" not in open_to_all.to_json()


async def enrolled_by_hand(browser: AsyncClient, session_id: UUID, name: str, number: str) -> Any:
    """Enrol a person through the API; the answer."""
    new = {"name": name, "identity_kind": "resident", "identity_number": number}
    return await browser.post(f"/api/sessions/{session_id}/enrolments", json=new)


async def test_a_past_certificate_stated_by_the_base_admits_with_its_provenance_and_verifies_as_nothing(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        home = await base(db)
        session = await published_session(db, home, level="intermediate", with_meetings=False)
        office = await given.staff(db, "scheduler", home.org_id)
    browser = await client_as(office)
    name, number = "凭旧证", resident_number()
    refused = await enrolled_by_hand(browser, session.id, name, number)
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "本班招收持有初级技术经理人及以上证书的人员，未查到本人的有效证书。以前取得的证书，可由培训基地在“以往证书”中导入。"
    )
    async with world() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM enrolment")) == 0
    content = f"姓名,证件号码,证书编号,等级,发证日期\r\n{name},{number},JL-2021-0001,初级技术经纪人,2021-06-01\r\n"
    upload = await browser.post(
        "/api/imports?kind=certificates", files={"data": ("证书.csv", content.encode("utf-8-sig"))}
    )
    confirmed = await browser.post(f"/api/imports/{upload.json()['id']}/confirm")
    assert confirmed.json()["rows"][0]["result"] == "recorded"
    admitted = await enrolled_by_hand(browser, session.id, name, number)
    assert admitted.status_code == 201, admitted.text
    (listed,) = (await browser.get(f"/api/sessions/{session.id}/enrolments")).json()
    assert (listed["admitted_by_number"], listed["admitted_by_claim"]) == ("JL-2021-0001", True)
    assert "凭证书 JL-2021-0001 入学" in (page := (await browser.get(f"/sessions/{session.id}/enrolments")).text)
    assert "基地申报，非本平台颁发" in page
    details = (await browser.get(f"/people/{listed['person_id']}")).text
    assert "非本平台颁发，不能在此核验" in details
    nobody = await client_as(None)
    assert (await nobody.get("/api/verify/JL-2021-0001")).json().get("state") != "valid"
    async with world() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM credential")) == 0
        claimed = (await db.execute(sa.text("SELECT claimed_by_org_id, state FROM qualification"))).one()
    assert tuple(claimed) == (home.org_id, "imported")


@pytest.mark.parametrize(
    ("level", "state", "scheme", "claimed", "admitted"),
    [
        ("intermediate", "valid", "technology-manager", False, True),
        ("senior", "valid", "technology-manager", False, True),
        ("initial", "valid", "technology-manager", False, False),
        ("intermediate", "revoked", "technology-manager", False, False),
        ("intermediate", "suspended", "technology-manager", False, False),
        ("intermediate", "valid", "another-scheme", False, False),
        ("intermediate", "imported", "imported", True, True),
        ("initial", "imported", "imported", True, False),
    ],
)
async def test_an_application_is_held_against_the_rule_of_entry(
    world: World, client_as: ClientAs, level: str, state: str, scheme: str, claimed: bool, admitted: bool
) -> None:
    async with world() as db:
        home = await base(db)
        session = await published_session(db, home, level="senior", with_meetings=False)
        human = await person(db)
        await record_qualification(
            db,
            person_id=human.id,
            credential_id=uuid7(),
            number="JL-1",
            scheme=scheme,
            level=level,
            awarded_on=date(2024, 5, 1),
            state=state,
            claimed_by_org_id=home.org_id if claimed else None,
        )
        holder = await given.holder(db, human.id)
    browser = await client_as(holder)
    page = (await browser.get(f"/courses/{session.code}/apply")).text
    assert "本班招收持有中级技术经理人及以上证书的人员" in page
    assert ("您 2024-05-01 取得的证书符合要求" in page) is admitted
    answer = await browser.post(f"/api/courses/{session.id}/apply", json={"consent": True})
    assert (answer.status_code == 201) is admitted, answer.text
    if not admitted:
        assert answer.json()["type"].endswith("entry-requirement-unmet")


async def test_a_roster_says_before_it_is_kept_who_is_not_admitted(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await base(db)
        session = await published_session(db, home, level="intermediate", with_meetings=False)
        office = await given.staff(db, "scheduler", home.org_id)
    browser = await client_as(office)
    content = f"姓名,证件号码\r\n新人,{resident_number()}\r\n".encode()
    upload = await browser.post(f"/api/imports?kind=roster&target={session.id}", files={"data": ("名单.csv", content)})
    (row,) = upload.json()["rows"]
    assert row["outcome"] == "wrong"
    assert row["reasons"][0].startswith("第 2 行“姓名”：本班招收持有初级技术经理人及以上证书的人员")
