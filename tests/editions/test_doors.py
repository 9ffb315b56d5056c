"""Editions over HTTP and on pages: read by staff, uploaded and decided by standard owners, refused in both languages."""

import httpx
import pytest

from curricula.content import shipped
from service.editions.tables import EditionKind
from tests.conftest import ClientAs, World
from tests.editions.test_editions import NEW_SYLLABUS, OVERLAY, SYLLABUS
from tests.given.accounts import holder, organisation, staff
from tests.given.editions import shipped_blueprint, shipped_syllabus

PAGE = {"accept": "text/html"}


async def opened(client: httpx.AsyncClient, path: str, language: str = "zh-CN") -> httpx.Response:
    return await client.get(path, headers={**PAGE, "accept-language": language})


async def two_owners(world: World, client_as: ClientAs) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    async with world() as db:
        org = await organisation(db)
        await shipped_syllabus(db)
        maker = await staff(db, "standard_owner", org.id, "钱一")
        checker = await staff(db, "standard_owner", org.id, "孙二")
    return await client_as(maker), await client_as(checker)


async def test_edition_goes_from_upload_to_frozen_over_http(world: World, client_as: ClientAs) -> None:
    maker, checker = await two_owners(world, client_as)
    made = await maker.post("/api/editions", json={"file_name": "s.yaml", "text": NEW_SYLLABUS})
    assert made.status_code == 201
    address = f"/api/editions/{made.json()['edition_id']}"
    assert (await checker.post(f"{address}/decision", json={"approve": True})).json()[
        "type"
    ] == "/problems/nothing-proposed"
    assert (await maker.post(f"{address}/propose")).json()["state"] == "draft"
    own = await maker.post(f"{address}/decision", json={"approve": True}, headers={"accept-language": "en"})
    assert (own.status_code, own.json()["detail"]) == (403, "You proposed this yourself. Another person must decide.")
    frozen = await checker.post(f"{address}/decision", json={"approve": True})
    assert frozen.json()["state"] == "frozen"
    again = await maker.post("/api/editions", json={"file_name": "s.yaml", "text": NEW_SYLLABUS})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/edition-name-taken")
    assert (await maker.delete(address)).status_code == 409
    ended = await maker.post(f"{address}/end", json={"last_day": "2030-12-31"})
    assert ended.json()["effective_to"] == "2030-12-31"


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "没有任何内容被定稿"), ("en", "Nothing was frozen")])
async def test_faulty_upload_is_refused_with_its_findings_and_kept(
    world: World, client_as: ClientAs, language: str, said: str
) -> None:
    maker, _ = await two_owners(world, client_as)
    wrong = NEW_SYLLABUS.replace("periods: 4", "periods: four", 1)
    refused = await maker.post(
        "/api/editions", json={"file_name": "s.yaml", "text": wrong}, headers={"accept-language": language}
    )
    problem = refused.json()
    assert refused.status_code == 422
    assert said in problem["detail"]
    finding = next(one for one in problem["facts"]["findings"] if one["severity"] == "error")
    assert finding["field"] == "/modules/0/courses/0/periods"
    kept = await maker.get(f"/api/edition-uploads/{problem['facts']['upload_id']}")
    assert kept.json()["findings"] == problem["facts"]["findings"]
    assert kept.json()["edition_id"] is None


async def test_drafts_and_reports_of_others_are_not_found(world: World, client_as: ClientAs) -> None:
    maker, _ = await two_owners(world, client_as)
    made = (await maker.post("/api/editions", json={"text": OVERLAY})).json()
    async with world() as db:
        stranger = await staff(db, "standard_owner", (await organisation(db, "另一单位")).id)
        trainee = await holder(db)
    client = await client_as(stranger)
    address = f"/api/editions/{made['edition_id']}"
    for method, path, body in (
        ("GET", address, None),
        ("POST", f"{address}/propose", None),
        ("POST", f"{address}/decision", {"approve": True}),
        ("POST", f"{address}/end", {"last_day": "2030-01-01"}),
        ("DELETE", address, None),
        ("GET", f"/api/edition-uploads/{made['id']}", None),
    ):
        assert (await client.request(method, path, json=body)).status_code == 404, path
    assert made["edition_id"] not in {one["id"] for one in (await client.get("/api/editions")).json()}
    trainee_client = await client_as(trainee)
    assert (await trainee_client.post("/api/editions", json={"text": OVERLAY})).status_code == 403
    assert len((await trainee_client.get("/api/editions")).json()) >= 8


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_kind_of_edition_has_its_page(world: World, client_as: ClientAs, language: str) -> None:
    async with world() as db:
        await shipped_blueprint(db)
        owner = await staff(db, "standard_owner", (await organisation(db)).id)
    client = await client_as(owner)
    listed = await opened(client, "/editions", language)
    key = "zh" if language == "zh-CN" else "en"
    for one in (await client.get("/api/editions")).json():
        assert one["title"][key] in listed.text.replace("&#39;", "'")
        shown = await opened(client, f"/editions/{one['id']}", language)
        assert shown.status_code == 200
        assert one["digest"] in shown.text
        if one["kind"] == EditionKind.SYLLABUS:
            value = shipped().syllabi[("technology-manager", "2026.1", one["level"])]
            for module, course in value.courses():
                assert module.title.to_json()[key] in shown.text
                assert course.title.to_json()[key] in shown.text.replace("&#39;", "'")
            assert ("工作值" if key == "zh" else "Working values") in shown.text


async def test_upload_on_the_page_shows_the_report_and_then_the_draft(world: World, client_as: ClientAs) -> None:
    maker, checker = await two_owners(world, client_as)
    wrong = NEW_SYLLABUS.replace("periods: 4", "periods: four", 1)
    files = {"file": ("大纲.yaml", wrong.encode(), "application/yaml")}
    refused = await maker.post("/editions/upload", files=files, data={"text": ""}, headers=PAGE)
    assert refused.status_code == 422
    assert "大纲.yaml有错误" in refused.text
    assert "/modules/0/courses/0/periods" in refused.text
    listed = await opened(maker, "/editions")
    assert "大纲.yaml" in listed.text
    report = listed.text.split('href="/editions/uploads/')[1].split('"')[0]
    kept = await opened(maker, f"/editions/uploads/{report}", "en")
    assert "        periods: four" in kept.text
    nothing = await maker.post("/editions/upload", data={"text": ""}, headers=PAGE)
    assert nothing.status_code == 422
    assert "请选择文件或粘贴文本" in nothing.text
    made = await maker.post("/editions/upload", data={"text": NEW_SYLLABUS}, headers=PAGE)
    assert made.status_code == 303
    address = made.headers["location"]
    assert "提交定稿" in (await opened(maker, address)).text
    assert (await maker.post(f"{address}/propose", headers=PAGE)).status_code == 303
    own = await opened(maker, address)
    assert "此草稿由您提交" in own.text
    refused = await maker.post(f"{address}/decide", data={"approve": "true"}, headers=PAGE)
    assert refused.status_code == 422
    assert "须由另一人决定" in refused.text
    assert 'value="true"' in (await opened(checker, address)).text
    assert (
        await checker.post(f"{address}/decide", data={"approve": "true", "reason": ""}, headers=PAGE)
    ).status_code == 303
    frozen = await opened(checker, address)
    assert "有效" in frozen.text
    assert "提交定稿" not in frozen.text
    early = await checker.post(
        f"{address}/end", data={"last_day": "2020-01-01"}, headers={**PAGE, "accept-language": "en"}
    )
    assert early.status_code == 422
    assert "The last day cannot lie before" in early.text
    assert (await checker.post(f"{address}/end", data={"last_day": "2031-01-01"}, headers=PAGE)).status_code == 303
    assert "2031-01-01" in (await opened(checker, address)).text


async def test_draft_is_given_up_on_the_page(world: World, client_as: ClientAs) -> None:
    maker, checker = await two_owners(world, client_as)
    made = await maker.post("/editions/upload", data={"text": OVERLAY.replace("\n", "\r\n")}, headers=PAGE)
    address = made.headers["location"]
    await maker.post(f"{address}/propose", headers=PAGE)
    sent_back = await checker.post(f"{address}/decide", data={"approve": "false", "reason": "来源不清"}, headers=PAGE)
    assert sent_back.status_code == 303
    assert (await maker.post(f"{address}/give-up", headers=PAGE)).status_code == 303
    assert "浙江" not in (await opened(checker, "/editions")).text


async def test_frozen_syllabus_uploaded_again_is_refused_on_the_page(world: World, client_as: ClientAs) -> None:
    maker, _ = await two_owners(world, client_as)
    refused = await maker.post("/editions/upload", data={"text": SYLLABUS}, headers=PAGE)
    assert refused.status_code == 422
    assert "请为新文本使用新的版本号" in refused.text
