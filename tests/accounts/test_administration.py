"""Accounts, posts and API keys as the security administrator manages them on pages."""

import re
from datetime import timedelta
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlmodel import col, select

from service.accounts.tables import Account, AccountState, ApiKey, Post
from service.foundation import clock
from service.foundation.journal import JournalEntry
from service.organisations.tables import Organisation
from tests.conftest import ClientAs, World
from tests.given import accounts as given


async def test_a_staff_account_is_made_and_signs_in_with_what_was_shown_once(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db, "独一无二研究院")
        security = await given.staff(db, "security_administrator", home.id)
    office = await client_as(security)
    made = await office.post(
        "/accounts/new",
        data={
            "login_name": "New.Marker",
            "display_name": "新阅卷员",
            "organisation": "独一无二研究院",
            "role": "marker",
        },
    )
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert "<svg" in made.text
    assert "style=" not in made.text.split("<svg", 1)[1].split("</svg>")[0]
    shown = re.findall(r'data-copy="([^"]+)"', made.text) or re.findall(r"<code[^>]*>([^<]+)</code>", made.text)
    secret = next(one for one in shown if re.fullmatch(r"[A-Z2-7]{32}", one))
    password = next(one for one in shown if one not in (secret, "new.marker"))
    nobody = await client_as(None)
    code = pyotp.TOTP(secret).now()
    given_in = {"login_name": "new.marker", "password": password, "code": code}
    assert (await nobody.post("/api/sign-in/staff", json=given_in)).status_code == 200
    me = (await nobody.get("/api/me")).json()
    assert (me["role"], me["org_id"]) == ("marker", str(home.id))
    account = me["account_id"]
    again = (await office.get(f"/accounts/{account}")).text
    assert secret not in again
    assert password not in again
    assert "新阅卷员" in (await office.get("/accounts?q=新阅卷")).text


async def test_forms_are_refused_at_their_field_in_both_languages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        security = await given.staff(db, "security_administrator", home.id)
    office = await client_as(security)
    form = {"login_name": "ab", "display_name": "某", "organisation": "没有这个单位", "role": "marker"}
    refused = await office.post("/accounts/new", data=form)
    assert refused.status_code == 422
    assert "“没有这个单位”不能唯一确定一个单位" in refused.text
    english = await office.post("/accounts/new", data=form, headers={"accept-language": "en"})
    assert "is not exactly one organisation" in english.text
    async with world() as db:
        assert await db.scalar(sa.select(sa.func.count()).where(col(Account.login_name) == "ab")) == 0
    bad = await office.post("/accounts/new", data=form | {"login_name": "张三"})
    assert bad.status_code == 422


async def test_posts_are_given_and_ended_but_never_ones_own(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db, "岗位大学")
        security = await given.staff(db, "security_administrator", home.id)
        other = await given.staff(db, "lecturer", home.id, "何老师")
        third = await given.staff(db, "marker", home.id, "马老师")
    office = await client_as(security)
    today = clock.today().isoformat()
    form = {"organisation": "岗位大学", "role": "practice_mentor", "starts_on": today}
    assert (await office.post(f"/accounts/{other.account_id}/posts", data=form)).status_code == 303
    reversed_dates = form | {"ends_on": (clock.today() - timedelta(days=1)).isoformat()}
    assert "早于开始日期" in (await office.post(f"/accounts/{other.account_id}/posts", data=reversed_dates)).text
    apart = await office.post(f"/accounts/{other.account_id}/posts", data=form | {"role": "certification_decider"})
    assert apart.status_code == 422
    own = await office.post(f"/accounts/{security.account_id}/posts", data=form)
    assert own.status_code == 422
    assert "任何人不得变更自己的账号或岗位" in own.text
    api = {"account_id": str(security.account_id), "org_id": str(home.id), "role": "auditor", "starts_on": today}
    assert (await office.post("/api/posts", json=api)).status_code == 409
    assert (await office.delete(f"/api/posts/{security.post_id}")).status_code == 409
    wrong = await office.post(f"/accounts/{third.account_id}/posts/{security.post_id}/end")
    assert wrong.status_code in (404, 409)
    assert (await office.post(f"/accounts/{other.account_id}/posts/{other.post_id}/end")).status_code == 303
    async with world() as db:
        held = {
            row.role: row.ends_on
            for row in await db.scalars(select(Post).where(col(Post.account_id) == other.account_id))
        }
        assert security.post_id is not None
        assert (await db.get_one(Post, security.post_id)).ends_on is None
    assert held["lecturer"] == clock.today() - timedelta(days=1)
    assert held["practice_mentor"] is None


async def test_a_locked_account_is_out_at_its_next_request(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        security = await given.staff(db, "security_administrator", home.id)
        other = await given.staff(db, "lecturer", home.id, "何老师")
    office, browser = await client_as(security), await client_as(other)
    assert (await browser.get("/api/me")).status_code == 200
    assert (await office.post(f"/accounts/{other.account_id}/lock")).status_code == 303
    assert (await browser.get("/api/me")).status_code == 401
    assert (await office.post(f"/accounts/{other.account_id}/unlock")).status_code == 303
    assert (await browser.get("/api/me")).status_code == 401  # the sign-in is gone for good
    own = await office.post(f"/accounts/{security.account_id}/lock")
    assert own.status_code == 409
    async with world() as db:
        assert other.account_id is not None
        assert (await db.get_one(Account, other.account_id)).state is AccountState.ACTIVE
        acts = [
            row.action
            for row in await db.scalars(select(JournalEntry).where(col(JournalEntry.subject_id) == other.account_id))
        ]
    assert {"account.locked", "account.active"} <= set(acts)


async def test_signing_out_everywhere_ends_every_device(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        security = await given.staff(db, "security_administrator", home.id)
        other = await given.staff(db, "lecturer", home.id)
    office, phone, desk = await client_as(security), await client_as(other), await client_as(other)
    assert (await office.post(f"/accounts/{other.account_id}/sign-out")).status_code == 303
    assert [(await one.get("/api/me")).status_code for one in (phone, desk, office)] == [401, 401, 200]


async def test_only_administrators_see_accounts(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        for_all = [
            await given.staff(db, role, home.id)
            for role in ("scheduler", "system_administrator", "audit_administrator")
        ]
    for actor in for_all:
        assert (await (await client_as(actor)).get("/accounts")).status_code == 403


async def test_an_api_key_is_shown_once_and_refused_after_its_revocation(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home, other = await given.organisation(db), await given.organisation(db)
        director = await given.staff(db, "base_director", home.id)
        stranger = await given.staff(db, "base_director", other.id)
        await db.execute(sa.update(Organisation).where(col(Organisation.id) == home.id).values(sandbox=False))
    office = await client_as(director)
    made = await office.post("/api-keys", data={"name": "人事系统", "scopes": ["statistics.read_own"]})
    assert made.status_code == 201
    key = re.search(r"tmc_[A-Za-z0-9_-]{40,}", made.text)
    assert key is not None
    machine = await client_as(None)
    bearer = {"authorization": f"Bearer {key.group()}"}
    assert (await machine.get("/api/statistics", headers=bearer)).status_code == 200
    assert (await machine.get("/api/exports", headers=bearer)).status_code == 403
    listed = (await office.get("/api-keys")).text
    assert key.group() not in listed
    assert "人事系统" in listed
    async with world() as db:
        row = (await db.scalars(select(ApiKey).where(col(ApiKey.org_id) == home.id))).one()
        key_id: UUID = row.id
    assert (await (await client_as(stranger)).post(f"/api-keys/{key_id}/revoke")).status_code == 404
    assert (await office.post(f"/api-keys/{key_id}/revoke")).status_code == 303
    assert (await machine.get("/api/statistics", headers=bearer)).status_code == 401
    none = await office.post("/api-keys", data={"name": "无权限"})
    assert none.status_code == 422
