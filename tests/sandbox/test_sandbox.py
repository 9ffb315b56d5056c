"""A sandbox key acts on synthetic data alone, real keys and the public never meet it, and a reset opens a fresh one."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import SQLModel, col, select

from service.accounts.tables import ApiKey
from service.bases.tables import Base
from service.contracts.tables import TechnologyContract
from service.courses.tables import CourseSession, SessionState
from service.credentials.tables import Credential
from service.editions.actions import load_shipped
from service.foundation.actor import Actor, Reach, Scope
from service.incentives.tables import Accrual, RevenueEvent
from service.organisations.tables import Organisation
from service.people.tables import Person
from service.sandbox import rules
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.courses import published_session
from tests.given.credentials import issued, issuing_world

Drain = Callable[[], Awaitable[int]]
SCOPES = ["verification.batch", "people.read", "incentives.record", "statistics.read_own"]


async def security_of(world: World) -> Actor:
    """A security administrator of an organisation, with the shipped editions there."""
    async with world() as db:
        await load_shipped(db)
        home = await given.organisation(db, "测试大学")
        return await given.staff(db, "security_administrator", home.id)


async def key_of(browser: httpx.AsyncClient, sandbox: bool = True) -> dict[str, str]:
    """The header of a new key."""
    made = await browser.post("/api/api-keys", json={"name": "试用", "scopes": SCOPES, "sandbox": sandbox})
    assert made.status_code == 201, made.text
    assert made.json()["key"].startswith("tmc_test_" if sandbox else "tmc_")
    return {"authorization": f"Bearer {made.json()['key']}"}


async def twin_of(world: World, org_id: UUID) -> Organisation:
    """The sandbox in use."""
    async with world() as db:
        chosen = select(Organisation).where(
            col(Organisation.sandbox_of) == org_id, col(Organisation.sandbox_ended_at).is_(None)
        )
        return (await db.scalars(chosen)).one()


async def test_the_first_sandbox_key_opens_one_sandbox_filled_once(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    admin = await security_of(world)
    browser = await client_as(admin)
    first, second = await key_of(browser), await key_of(browser)
    await drain()
    twin = await twin_of(world, admin.org)
    machine = await client_as(None)
    for key in (first, second):
        answer = await machine.get("/api/me", headers=key)
        assert (answer.status_code, answer.json()["org_id"]) == (200, str(twin.id))
        assert answer.headers["x-sandbox"] == "true"
    people = (await machine.get("/api/people", headers=first)).json()["rows"]
    assert {one["name"] for one in people} == {one.name for one in rules.PEOPLE}
    async with world() as db:
        assert await db.scalar(sa.select(sa.func.count()).select_from(Base).where(col(Base.org_id) == twin.id)) == 1
        credentials = list(await db.scalars(select(Credential).where(col(Credential.org_id) == twin.id)))
        accruals = list(await db.scalars(select(Accrual).where(col(Accrual.org_id) == twin.id)))
    assert {one.number.split("-")[0] for one in credentials} == {"SANDBOX"}
    assert all(one.specimen for one in credentials)
    assert sorted(one.state.value for one in credentials) == ["revoked", "suspended", "valid", "valid"]
    assert [one.amount_fen for one in accruals] == [2_500_000 + 800_000]


async def test_a_sandbox_key_verifies_its_own_synthetic_certificates_and_no_real_one(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    admin = await security_of(world)
    browser = await client_as(admin)
    sandbox, live = await key_of(browser), await key_of(browser, sandbox=False)
    await drain()
    twin = await twin_of(world, admin.org)
    async with world() as db:
        synthetic = (
            await db.scalars(
                select(Credential).where(col(Credential.org_id) == twin.id, col(Credential.state) == "valid").limit(1)
            )
        ).one()
        (real,) = await issued(db, await issuing_world(db))
    items = [{"number": one.number, "code": one.check_code} for one in (synthetic, real)]
    machine = await client_as(None)

    async def states(headers: dict[str, str]) -> list[str]:
        answer = await machine.post("/api/verify/batch", json={"items": items}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert ("x-sandbox" in answer.headers) == (headers is sandbox)
        return [one["answer"]["state"] for one in answer.json()["items"]]

    assert await states(sandbox) == ["valid", "unknown"]
    assert await states(live) == ["unknown", "valid"]
    public = f"/api/verify/{synthetic.number}?code={synthetic.check_code}"
    assert (await machine.get(public)).json()["state"] == "unknown"
    assert (await machine.get(public, headers=sandbox)).json()["state"] == "valid"
    page = await machine.get(f"/credentials/{synthetic.id}", headers={"accept": "text/html"})
    assert synthetic.number not in page.text
    assert "沙箱" not in page.text
    refused = await machine.get("/api/verify/x", headers=sandbox)
    assert refused.headers["x-sandbox"] == "true"  # refusals say so too


async def test_registers_statistics_and_courses_neither_list_nor_count_a_sandbox(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    admin = await security_of(world)
    async with world() as db:
        ministry = await given.staff(db, "ministry_reader", admin.org)
        system = await given.staff(db, "system_administrator", admin.org)
    minister = await client_as(ministry)
    before = (await minister.get("/api/statistics?by=base")).json() | {"known_at": None}
    key = await key_of(await client_as(admin))
    await drain()
    twin = await twin_of(world, admin.org)
    async with world() as db:
        await db.execute(
            sa.update(CourseSession).where(col(CourseSession.org_id) == twin.id).values(state=SessionState.PUBLISHED)
        )
        base = (await db.scalars(select(Base).where(col(Base.org_id) == twin.id))).one()
        session = (await db.scalars(select(CourseSession).where(col(CourseSession.org_id) == twin.id))).one()
    assert (await minister.get("/api/statistics?by=base")).json() | {"known_at": None} == before
    own = (await (await client_as(None)).get("/api/statistics", headers=key)).json()
    assert [one["key"] for one in own["by_base"]] == [base.code]
    assert own["total"]["counts"]["enrolments"] == 4
    registrar = await client_as(system)
    for browser, path in (
        (minister, "/api/bases"),
        (registrar, "/api/bases"),
        (registrar, "/api/organisations?limit=200"),
        (registrar, "/organisations"),
        (minister, "/bases"),
        (await client_as(None), "/courses"),
        (await client_as(None), "/api/courses"),
    ):
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert "沙箱" not in answer.text, path
        assert base.code not in answer.text.split(), path
    assert (await (await client_as(None)).get(f"/api/courses/{session.code}")).status_code == 404
    assert (await (await client_as(None)).get(f"/bases/{base.code}/did.json")).status_code == 404


@pytest.mark.parametrize(
    "table", [Organisation, Base, CourseSession, Credential, TechnologyContract, RevenueEvent, Person]
)
async def test_row_level_security_keeps_both_worlds_apart(
    table: type[SQLModel], world: World, acting: As, client_as: ClientAs, drain: Drain
) -> None:
    admin = await security_of(world)
    await key_of(await client_as(admin))
    await drain()
    twin = await twin_of(world, admin.org)
    async with world() as db:
        await published_session(db, with_meetings=False)
        name = str(table.__tablename__)
        total = await db.scalar(sa.text(f"SELECT count(*) FROM {name}"))
    column = {"organisation": "id", "person": "id"}.get(name, "org_id")
    own = f"SELECT count(*) FROM {name} WHERE {column} = :twin" if name != "person" else f"SELECT count(*) FROM {name}"

    async def seen(scope: Scope, text: str) -> int:
        async with acting(scope) as db:
            return int(await db.scalar(sa.text(text), {"twin": twin.id} if ":twin" in text else {}) or 0)

    inside = Scope(reach=Reach.ORG, org_id=twin.id)
    everything = await seen(inside, f"SELECT count(*) FROM {name}")
    assert everything == await seen(inside, own) > 0
    assert everything < (total or 0) or name in ("technology_contract", "revenue_event", "credential", "person")
    for outside in (
        Scope(reach=Reach.ORG, org_id=admin.org),
        Scope(reach=Reach.NATION, org_id=admin.org),
        Scope(),
    ):
        expected = 1 if name == "organisation" and outside.org_id else 0  # an organisation sees that it has a sandbox
        counted = "SELECT count(*) FROM person WHERE name LIKE '沙箱%'" if name == "person" else own
        assert await seen(outside, counted) == expected, outside


async def test_a_sandbox_write_never_answers_a_real_one(world: World, client_as: ClientAs, drain: Drain) -> None:
    admin = await security_of(world)
    browser = await client_as(admin)
    sandbox, live = await key_of(browser), await key_of(browser, sandbox=False)
    await drain()
    machine = await client_as(None)
    body = {
        "contract_no": "SANDBOX-1",
        "source": "erp",
        "reference": "R-1",
        "kind": "receipt",
        "amount_fen": 100,
        "effective_on": "2026-04-01",
    }
    headers = {"idempotency-key": "same"}
    first = await machine.post("/api/revenue-events", json=body, headers={**sandbox, **headers})
    assert first.status_code == 201, first.text
    again = await machine.post("/api/revenue-events", json=body, headers={**sandbox, **headers})
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    real = await machine.post("/api/revenue-events", json=body, headers={**live, **headers})
    assert real.status_code == 404  # the real organisation has no such contract


async def test_a_reset_ends_the_sandbox_and_opens_another_for_the_same_keys(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    admin = await security_of(world)
    browser = await client_as(admin)
    key = await key_of(browser)
    await drain()
    old = await twin_of(world, admin.org)
    machine = await client_as(None)
    reset = await browser.post("/api/sandbox/reset")
    assert (reset.status_code, reset.headers.get("x-sandbox")) == (200, None)
    await drain()
    new = await twin_of(world, admin.org)
    assert (str(new.id), new.id != old.id) == (reset.json()["org_id"], True)
    assert (await machine.get("/api/me", headers=key)).json()["org_id"] == str(new.id)
    people = (await machine.get("/api/people", headers=key)).json()["rows"]
    assert len(people) == len(rules.PEOPLE)
    async with world() as db:
        numbers = list(await db.scalars(sa.select(col(Credential.number))))
    assert len(numbers) == len(set(numbers)) == 8
    assert (await browser.post("/api-keys/sandbox/reset")).status_code == 303
    assert "重置沙箱" in (await browser.get("/api-keys")).text
    assert (await machine.post("/api/sandbox/reset", headers=key)).status_code == 403


async def test_a_sandbox_key_sees_no_other_organisations_sandbox_and_ends_with_its_revocation(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    first, second = await security_of(world), await security_of(world)
    browser = await client_as(first)
    mine, theirs = await key_of(browser), await key_of(await client_as(second))
    await drain()
    machine = await client_as(None)
    other = (await machine.get("/api/people", headers=theirs)).json()["rows"][0]["id"]
    assert (await machine.get(f"/api/people/{other}", headers=theirs)).status_code == 200
    assert (await machine.get(f"/api/people/{other}", headers=mine)).status_code == 404
    async with world() as db:
        row = (await db.scalars(select(ApiKey).where(col(ApiKey.org_id) == first.org))).one()
    assert (await browser.delete(f"/api/api-keys/{row.id}")).status_code == 204
    assert (await machine.get("/api/people", headers=mine)).status_code == 401


def test_no_installation_may_number_real_certificates_like_synthetic_ones() -> None:
    for prefix in ("SANDBOX", "sandbox"):
        with pytest.raises(ValidationError):
            Settings(certificate_prefix=prefix)


def test_codes_and_numbers_of_sandboxes_are_told_apart_by_their_place() -> None:
    places = (0, 1, 35, 36, 1295, 1296, rules.MOST_SANDBOXES - 1)
    assert [rules.place_of(rules.base_code(place)) for place in places] == list(places)
    assert sorted(rules.base_code(place) for place in places) == [rules.base_code(place) for place in places]
    numbers = {str(rules.number(place, order)) for place in places for order in range(4)}
    assert len(numbers) == 4 * len(places)
    with pytest.raises(rules.SandboxesExhausted):
        rules.base_code(rules.MOST_SANDBOXES)
