"""What every answer carries, what refusals look like, and that a failed commit is never a success."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar, get, post
from litestar.params import JSONBody
from pydantic import BaseModel, ConfigDict, Field

from service.foundation.errors import ContentConflict, TooManyTries
from service.organisations.tables import Organisation, OrganisationKind
from service.settings import Settings
from service.web.access import PUBLIC, SIGNED_IN, access
from service.web.database import Db
from service.web.problems import shown_size
from tests.conftest import ClientAs, World, made_app
from tests.database import TestServer
from tests.given import accounts as given

NEEDED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "x-request-id",
    "cache-control",
    "vary",
)


class Made(BaseModel):
    """What a write answers with: a model, as the rooms do."""

    id: UUID


class Size(BaseModel):
    """A body for the tests."""

    model_config = ConfigDict(extra="forbid")
    seats: int = Field(gt=0)


@get("/api/test/broken", **access(PUBLIC))
async def broken() -> None:
    """Fails as code may."""
    raise ZeroDivisionError("secret 13800138000")


@get("/test/refused", **access(PUBLIC))
async def refused() -> None:
    """Refuses."""
    raise ContentConflict(reference="A-1")


@get("/api/test/limited", **access(PUBLIC))
async def limited() -> None:
    """Asks to wait."""
    raise TooManyTries(seconds=7)


@post("/api/test/sized", **access(PUBLIC))
async def sized(data: JSONBody[Size]) -> dict[str, int]:
    """Takes a body."""
    return {"seats": data.seats}


@post("/api/test/counted", **access(SIGNED_IN))
async def counted(db: Db) -> Made:
    """Writes one organisation each time it runs."""
    row = Organisation(kind=OrganisationKind.FIRM, name={"zh": "计数"})
    db.add(row)
    await db.flush()
    return Made(id=row.id)


@pytest.fixture(scope="module")
def whole_app(settings: Settings, server: TestServer, database: str) -> Iterator[Litestar]:
    """An application of these tests' own, with routes for them."""
    app = made_app(settings, server, database)
    for handler in (broken, refused, limited, sized, counted):
        app.register(handler)
    yield app
    app.state.rendering.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/", 405),
        ("GET", "/api/me", 401),
        ("GET", "/api/test/broken", 500),
        ("GET", "/test/refused", 409),
        ("GET", "/api/test/limited", 429),
        ("POST", "/api/test/sized", 422),
        ("GET", "/health/live", 200),
        ("GET", "/static/css/tmc.css", 200),
        ("GET", "/static/../pyproject.toml", 404),
    ],
)
async def test_security_headers_are_on_every_answer(client_as: ClientAs, method: str, path: str, status: int) -> None:
    browser = await client_as(None)
    answer = await browser.request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    for header in NEEDED:
        assert answer.headers.get(header), header
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_unexpected_errors_leave_a_log_line_with_the_request_id(
    client_as: ClientAs, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await (await client_as(None)).get("/api/test/broken")
    problem = answer.json()
    assert problem["status"] == 500
    assert "ZeroDivision" not in answer.text
    assert problem["request_id"] == answer.headers["x-request-id"]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("event") == "problem.unexpected"]
    assert [line["request_id"] for line in told] == [problem["request_id"]]
    assert "ZeroDivisionError" in told[0]["exception"]
    assert "13800138000" not in json.dumps(lines), "no number of a person in the log, tracebacks included"


async def test_refusals_are_problems_for_machines_and_pages_for_people(client_as: ClientAs) -> None:
    browser = await client_as(None)
    machine = await browser.get("/test/refused", headers={"accept": "application/json"})
    assert machine.headers["content-type"] == "application/problem+json"
    assert machine.json()["type"] == "/problems/content-conflict"
    assert machine.json()["detail"] == "编号 A-1 已用于内容不同的记录。"
    english = await browser.get("/test/refused", headers={"accept": "application/json", "accept-language": "en"})
    assert english.json()["detail"] == "Reference A-1 was already used with different content."
    page = await browser.get("/test/refused", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "编号 A-1 已用于内容不同的记录。" in page.text


async def test_bad_input_names_the_field_in_the_readers_language(client_as: ClientAs) -> None:
    browser = await client_as(None)
    answer = await browser.post("/api/test/sized", json={"seats": 0, "colour": "red"})
    assert answer.status_code == 422
    told = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert told == {"/seats": "应大于 0。", "/colour": "此处没有这一项。"}


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{not json", b'{"seats": "\\ud800"}', b"\xff\xfe"])
async def test_unreadable_bodies_are_the_callers_fault(client_as: ClientAs, body: bytes) -> None:
    browser = await client_as(None)
    answer = await browser.post("/api/test/sized", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


async def test_waiting_times_are_said_in_the_header(client_as: ClientAs) -> None:
    answer = await (await client_as(None)).get("/api/test/limited")
    assert answer.headers["retry-after"] == "7"
    assert "7 秒" in answer.json()["detail"]


async def test_a_repeated_write_is_answered_as_the_first_time(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        administrator = await given.staff(db, "system_administrator", home.id)
    browser = await client_as(administrator)
    first = await browser.post("/api/test/counted", headers={"idempotency-key": "k-1"})
    again = await browser.post("/api/test/counted", headers={"idempotency-key": "k-1"})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await browser.post("/api/test/counted", headers={"idempotency-key": "k-1"}, content=b"{}")
    assert other.status_code == 409
    async with world() as db:
        made = await db.scalar(
            sa.select(sa.func.count()).select_from(Organisation).where(sa.text("name->>'zh' = '计数'"))
        )
    assert made == 1


async def test_language_follows_the_reader(client_as: ClientAs) -> None:
    browser = await client_as(None)
    assert "让科技成果走向市场" in (await browser.get("/")).text
    answer = await browser.post("/preferences", data={"language": "en", "next": "/"})
    assert answer.status_code == 303
    assert "Technology managers bring research to market" in (await browser.get("/")).text


async def test_what_is_too_large_is_refused_with_the_limit_of_the_address(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        officer = await given.staff(db, "incentive_officer", home.id)
    browser = await client_as(officer)
    body = b"{" + b" " * (256 * 1024) + b"}"
    for language, words in (("zh-CN", "最大 256 KB"), ("en", "at most 256 KB")):
        headers = {"content-type": "application/json", "accept-language": language}
        answer = await browser.post("/api/plans", content=body, headers=headers)
        assert answer.status_code == 413
        assert words in answer.json()["detail"]
        assert answer.json()["facts"] == {"limit_bytes": 256 * 1024}
    assert shown_size(10 << 20) == "10 MB"
    assert shown_size((10 << 20) - 1) == "9 MB"


async def test_an_expired_form_is_said_to_be_expired_with_a_way_back(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        system = await given.staff(db, "system_administrator", home.id)
    browser = await client_as(system)
    del browser.headers["x-csrf-token"]
    stale = {"name.zh": "某公司", "kind": "firm", "_csrf": "of-an-earlier-sign-in"}
    came = {"referer": "http://testserver/organisations/new?from=list", "accept": "text/html"}
    for language, title, way in (
        ("zh-CN", "表单已过期", "重新打开页面"),
        ("en", "This form has expired", "Open the page again"),
    ):
        answer = await browser.post("/organisations/new", data=stale, headers={**came, "accept-language": language})
        assert answer.status_code == 403
        assert f'<h1 tabindex="-1">{title}</h1>' in answer.text
        assert 'href="/organisations/new?from=list"' in answer.text
        assert way in answer.text
        assert "没有权限" not in answer.text
    elsewhere = {**came, "referer": "http://evil.example/organisations/new"}
    answer = await browser.post("/organisations/new", data=stale, headers=elsewhere)
    assert "evil.example" not in answer.text
    machine = await browser.post("/api/organisations", json={}, headers={"accept": "application/json"})
    assert machine.json()["title"] == "表单已过期"


async def test_a_reloaded_choice_leads_back_to_the_pages(client_as: ClientAs) -> None:
    answer = await (await client_as(None)).get("/preferences")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("phone", ["1", "138", "abc"])
async def test_a_number_too_short_is_told_as_a_number(phone: str, client_as: ClientAs) -> None:
    browser = await client_as(None)
    page = await browser.post("/sign-in/code", data={"phone": phone})
    assert page.status_code == 422
    assert "请填写可以接收短信的手机号码" in page.text
    assert "个字符" not in page.text
    answer = await browser.post("/api/sign-in/code", json={"phone": phone})
    assert answer.json()["type"] == "/problems/phone-refused"
