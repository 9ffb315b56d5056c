"""The public check, through its doors: one answer for each state, the same answer for everything that is not found."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from litestar import Litestar

from certificates.serial import CertificateNumber
from service.credentials.actions import decide_change, propose_change
from service.foundation import clock
from service.foundation.language import speaking
from service.verification.rules import SAID
from tests.conftest import As, ClientAs, World
from tests.given import accounts
from tests.given import credentials as given
from tests.given.credentials import IssuingWorld

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


async def changed(acting: As, house: IssuingWorld, credential_id: object, to_state: str, reason: str) -> None:
    """Two people change a credential's state."""
    async with acting(house.director) as db:
        await propose_change(db, house.director, credential_id, to_state=to_state, reason=reason)  # type: ignore[arg-type]
    async with acting(house.decider) as db:
        await decide_change(db, house.decider, credential_id, approve=True)  # type: ignore[arg-type]


async def test_qr_address_answers_in_either_case_without_a_name(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    for address in (f"/V/{made.number}/{made.check_code}", f"/v/{made.number.lower()}/{made.check_code.lower()}"):
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert "有效" in answer.text
        assert made.masked_name in answer.text
        assert "林知远" not in answer.text
        assert "no-store" in answer.headers["cache-control"]
    assert (await browser.head(f"/V/{made.number}/{made.check_code}")).status_code == 200
    assert (await browser.head("/verify")).status_code == 200


async def test_number_and_name_are_folded_and_found(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    compact = made.number.replace("-", "").lower()
    for number, name in (
        (made.number, "林知远"),
        (compact, " 林 知远 "),
        (made.number, "zhiyuan LIN"),
        (made.number, "Ｌｉｎ Zhi-yuan"),
    ):
        page = await browser.post("/verify", data={"number": number, "name": name})
        assert page.status_code == 200, page.text
        assert SAID["valid"].title == "Valid"
        assert "此证书由下列基地签发" in page.text, name
        answer = await browser.post("/api/verify", json={"number": number, "name": name})
        assert answer.json()["state"] == "valid"


async def test_wrong_name_wrong_code_and_unknown_number_answer_alike(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, code="11")
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    with clock.held_at(NOON):
        pages, answers = [], []
        unknown = str(CertificateNumber("JSJL", "36", 2029, 1))
        for asked in (
            {"number": made.number, "name": "王小明"},
            {"number": made.number, "code": "0000-0000-0000"},
            {"number": unknown, "name": "林知远"},
            {"number": unknown, "code": made.check_code},
        ):
            page = await browser.post("/verify", data=asked)
            pages.append((page.status_code, page.text))
            answer = await browser.post("/api/verify", json=asked)
            answers.append((answer.status_code, answer.json()))
    assert len({body for _, body in pages}) == 1
    assert {status for status, _ in pages} == {200}
    assert all(one == answers[0] for one in answers)
    assert answers[0][1]["state"] == "unknown"
    assert "查无此证" in pages[0][1]
    async with world() as db:
        kept = await db.execute(sa.text("SELECT credential_id, person_id, org_id, outcome FROM look_up"))
        assert {tuple(row) for row in kept} == {(None, None, None, "unknown")}


async def test_a_number_alone_and_a_mistyped_number_are_said_to_be_so(client_as: ClientAs) -> None:
    browser = await client_as(None)
    alone = await browser.post("/verify", data={"number": "JSJL-07-2026-000128-0"})
    assert alone.status_code == 422
    assert "请填写持证人姓名" in alone.text
    mistyped = await browser.post("/api/verify", json={"number": "JSJL-07-2026-000128-1", "name": "张三"})
    assert mistyped.status_code == 422
    assert mistyped.json()["type"] == "/problems/certificate-number-mistyped"
    assert mistyped.json()["errors"][0]["pointer"] == "/number"
    nothing = await browser.get("/api/verify/JSJL-07-2026-000128-0", params={"code": "no code"})
    assert nothing.json()["type"] == "/problems/check-code-mistyped"


@pytest.mark.parametrize(
    ("to_state", "reason", "word"), [("suspended", "investigation", "已暂停"), ("revoked", "fraud", "已撤销")]
)
async def test_state_is_said_first_with_its_reason_and_date(
    world: World, acting: As, client_as: ClientAs, to_state: str, reason: str, word: str
) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
    await changed(acting, house, made.id, to_state, reason)
    browser = await client_as(None)
    page = await browser.get(f"/V/{made.number}/{made.check_code}")
    assert word in page.text
    assert "此证书由下列基地签发" not in page.text
    answer = (await browser.get(f"/api/verify/{made.number}", params={"code": made.check_code})).json()
    assert (answer["state"], answer["reason"]) == (to_state, reason)


async def test_expired_is_neither_valid_nor_unknown(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, validity_years=3)
        [made] = await given.issued(db, house)
    assert made.valid_until is not None
    after = datetime(made.valid_until.year, made.valid_until.month, made.valid_until.day, 16, 0, 1, tzinfo=UTC)
    browser = await client_as(None)
    with clock.held_at(after):  # the day after in China
        answer = (await browser.get(f"/api/verify/{made.number}", params={"code": made.check_code})).json()
        assert answer["state"] == "expired"
        assert "已过期" in (await browser.get(f"/V/{made.number}/{made.check_code}")).text


async def test_a_specimen_is_said_loudly(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, verified=False)
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    page = await browser.get(f"/V/{made.number}/{made.check_code}")
    assert re.search(r"<h1>样章 SPECIMEN</h1>", page.text)
    assert "不证明任何培训、成绩或能力" in page.text
    english = await browser.get(f"/V/{made.number}/{made.check_code}", headers={"accept-language": "en"})
    assert "It proves no training" in english.text


async def test_public_pages_never_hold_name_identity_or_score(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    for answer in (
        await browser.get(f"/V/{made.number}/{made.check_code}"),
        await browser.get(f"/credentials/{made.id}"),
        await browser.get(f"/credentials/{made.id}", headers={"accept": "application/vc"}),
        await browser.get(f"/api/verify/{made.number}", params={"code": made.check_code}),
    ):
        assert answer.status_code == 200
        assert made.number in answer.text
        for secret in ("林知远", "LIN Zhiyuan", "1101", "86"):
            assert secret not in re.sub(r"[0-9a-f]{16,}|[0-9a-f\-]{36}|v=[0-9a-f]+", "", answer.text), secret


async def test_holder_sees_who_looked_and_strangers_do_not(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
        made = await given.issued(db, house)
        mine = next(one for one in made if one.person_id == house.trainees[0].person.id)
        university = await accounts.organisation(db, "某查验大学")
        verifier = await accounts.staff(db, "university_verifier", university.id)
    stranger, office = await client_as(None), await client_as(verifier)
    await stranger.get(f"/V/{mine.number}/{mine.check_code}")
    batch = await office.post(
        "/api/verify/batch",
        json={
            "items": [
                {"number": mine.number, "name": "林知远", "reference": "row 1"},
                {"number": mine.number, "name": "某某"},
                {"number": "nonsense", "name": "某某"},
                {"number": mine.number},
            ]
        },
    )
    assert batch.status_code == 200, batch.text
    first, second, third, fourth = batch.json()["items"]
    assert (first["reference"], first["answer"]["state"]) == ("row 1", "valid")
    assert second["answer"]["state"] == "unknown"
    assert third["answer"] is None
    assert "nonsense" in third["problem"]
    assert fourth["problem"]
    holder, other = await client_as(house.trainees[0].actor), await client_as(house.trainees[1].actor)
    looks = (await holder.get(f"/api/my/credentials/{mine.id}/look-ups")).json()
    by_way = {one["way"]: one for one in looks}
    assert {way: one["outcome"] for way, one in by_way.items()} == {"api": "valid", "qr": "valid"}
    assert len(looks) == 2, "what was not found is nobody's to see"
    assert by_way["api"]["verifier"]["zh"] == "某查验大学"
    assert by_way["qr"]["verifier"] is None
    page = await holder.get(f"/my/credentials/{mine.id}")
    assert page.status_code == 200, page.text
    assert "某查验大学" in page.text
    assert (await other.get(f"/api/my/credentials/{mine.id}/look-ups")).status_code == 404
    assert (await other.get(f"/my/credentials/{mine.id}")).status_code == 404


async def test_bulk_needs_the_permission_and_its_size_is_bounded(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=0)
        university = await accounts.organisation(db)
        verifier = await accounts.staff(db, "university_verifier", university.id)
    items = {"items": [{"number": "JSJL-07-2026-000128-0", "name": "张三"}]}
    assert (await (await client_as(None)).post("/api/verify/batch", json=items)).status_code == 401
    assert (await (await client_as(house.decider)).post("/api/verify/batch", json=items)).status_code == 403
    office = await client_as(verifier)
    assert (await office.post("/api/verify/batch", json={"items": items["items"] * 1001})).status_code == 422
    both = {"items": [{"number": "x", "credential": "{}"}]}
    assert (await office.post("/api/verify/batch", json=both)).status_code == 422


async def test_share_link_opens_the_whole_until_it_is_taken_back(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
        made = await given.issued(db, house)
        mine = next(one for one in made if one.person_id == house.trainees[0].person.id)
    holder, stranger, other = (
        await client_as(house.trainees[0].actor),
        await client_as(None),
        await client_as(house.trainees[1].actor),
    )
    assert (await other.post(f"/api/my/credentials/{mine.id}/share-links", json={"days": 7})).status_code == 404
    assert (await holder.post(f"/api/my/credentials/{mine.id}/share-links", json={"days": 8})).status_code == 422
    link = (await holder.post(f"/api/my/credentials/{mine.id}/share-links", json={"days": 7})).json()
    path = link["address"].split("8000", 1)[1]
    shared = await stranger.get(path)
    assert shared.status_code == 200, shared.text
    assert "林知远" in shared.text
    assert shared.headers["referrer-policy"] == "same-origin", "the token leaves in no referrer"
    assert "noindex" in shared.headers["x-robots-tag"]
    signed = await stranger.get(f"{path}/credential")
    assert signed.headers["content-type"].startswith("application/vc")
    checked = await stranger.post("/api/verify/credential", content=signed.content)
    assert checked.json()["state"] == "valid", checked.text
    assert (await stranger.get(f"{path}x")).status_code == 404
    page = await holder.post(
        f"/my/credentials/{mine.id}/share-links", data={"days": "30", "_csrf": holder.headers["x-csrf-token"]}
    )
    assert "/s/" in page.text
    ended = await holder.delete(f"/api/my/share-links/{link['id']}")
    assert ended.status_code == 204
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(f"{path}/credential")).status_code == 404
    async with world() as db:
        hashes = (await db.execute(sa.text("SELECT token_hash FROM share_link"))).all()
        assert path.removeprefix("/s/").encode() not in {bytes(row[0]) for row in hashes}


async def test_every_look_counts_and_what_is_not_found_counts_twice(
    world: World, client_as: ClientAs, app: Litestar
) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
    browser = await client_as(None)
    taken = app.state.limits.taken
    await browser.get(f"/V/{made.number}/{made.check_code}")
    assert [rule for rule, _ in taken] == ["look-up"]
    taken.clear()
    for ask in (
        browser.get(f"/V/{made.number}/0000-0000-0000"),
        browser.post("/verify", data={"number": made.number, "name": "某"}),
        browser.post("/api/verify", json={"number": made.number, "name": "某"}),
        browser.get(f"/api/verify/{made.number}", params={"code": "0000-0000-0000"}),
    ):
        await ask
        assert [rule for rule, _ in taken] == ["look-up", "look-up-wrong"]
        taken.clear()


async def test_both_languages_say_every_state() -> None:
    for said in SAID.values():
        for language in ("zh-CN", "en"):
            with speaking(language):
                assert said.title
                assert said.next_step
