"""Signing in and out: codes, passwords with TOTP, planted and ended sessions."""

import pyotp
from litestar import Litestar

from service.accounts.actions import create_staff_account, give_post
from service.accounts.passwords import Passwords
from service.accounts.schemas import PostCreate
from service.foundation.keyring import Keyring
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given

PHONE = "138 0013 8000"
PASSWORD = "correct horse 电池"


async def staff_account(world: World, keyring: Keyring) -> str:
    """A staff account with a scheduler's post; returns its TOTP secret."""
    async with world() as db:
        home = await given.organisation(db)
        account, secret = await create_staff_account(db, keyring, Passwords(), "scheduler.one", "陈排课", PASSWORD)
        await give_post(
            db, PostCreate(account_id=account.id, org_id=home.id, role="scheduler", starts_on=given.LONG_AGO)
        )
    return secret


async def test_person_signs_in_with_the_code_that_came(app: Litestar, client_as: ClientAs) -> None:
    browser = await client_as(None)
    answer = await browser.post("/sign-in/code", data={"phone": PHONE, "next": "/courses"})
    assert answer.status_code == 200, answer.text
    phone, text = app.state.short_messages.sent[-1]
    assert phone == "+8613800138000"
    code = "".join(character for character in text if character.isdigit())[:6]
    answer = await browser.post("/sign-in/with-code", data={"phone": PHONE, "code": code, "next": "//evil.example"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    me = await browser.get("/api/me")
    assert me.json()["role"] == "holder"
    again = await browser.post("/sign-in/with-code", data={"phone": PHONE, "code": code})
    assert again.status_code in (403, 422)


async def test_wrong_code_is_counted_and_refused_in_one_sentence(app: Litestar, client_as: ClientAs) -> None:
    browser = await client_as(None)
    await browser.post("/sign-in/code", data={"phone": PHONE})
    code = "".join(one for one in app.state.short_messages.sent[-1][1] if one.isdigit())[:6]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        answer = await browser.post("/sign-in/with-code", data={"phone": PHONE, "code": wrong})
        assert answer.status_code == 422
        assert "验证码" in answer.text
    answer = await browser.post("/sign-in/with-code", data={"phone": PHONE, "code": code})
    assert answer.status_code == 422, "after five wrong tries the right code is worth nothing"


async def test_staff_needs_password_and_a_code_never_used_before(
    keyring: Keyring, world: World, client_as: ClientAs
) -> None:
    secret = await staff_account(world, keyring)
    browser = await client_as(None)
    code = pyotp.TOTP(secret).now()
    good = {"login_name": "Scheduler.One", "password": PASSWORD, "code": code}
    assert (await browser.post("/api/sign-in/staff", json={**good, "password": "wrong wrong wrong"})).status_code == 422
    answer = await browser.post("/api/sign-in/staff", json=good)
    assert answer.status_code == 200, answer.text
    assert (await browser.get("/api/me")).json()["role"] == "scheduler"
    other = await client_as(None)
    replayed = await other.post("/api/sign-in/staff", json=good)
    assert replayed.status_code == 422
    assert replayed.json()["type"] == "/problems/sign-in-refused"


async def test_planted_session_is_never_adopted(keyring: Keyring, world: World, client_as: ClientAs) -> None:
    secret = await staff_account(world, keyring)
    browser = await client_as(None)
    browser.cookies.set("tmc", "ATTACKERCHOSEN")
    answer = await browser.post(
        "/api/sign-in/staff",
        json={"login_name": "scheduler.one", "password": PASSWORD, "code": pyotp.TOTP(secret).now()},
    )
    assert answer.status_code == 200
    assert answer.cookies["tmc"] != "ATTACKERCHOSEN"
    attacker = await client_as(None)
    attacker.cookies.set("tmc", "ATTACKERCHOSEN")
    assert (await attacker.get("/api/me")).status_code == 401


async def test_signing_out_ends_the_token_for_good(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        person = await given.holder(db)
    browser = await client_as(person)
    token = browser.cookies["tmc"]
    assert (await browser.post("/api/sign-out")).status_code == 204
    browser.cookies.set("tmc", token)
    assert (await browser.get("/api/me")).status_code == 401


async def test_a_post_taken_away_is_gone_at_the_next_request(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        scheduler = await given.staff(db, "scheduler", home.id)
        security = await given.staff(db, "security_administrator", home.id)
    browser, office = await client_as(scheduler), await client_as(security)
    assert "courses.plan" in (await browser.get("/api/me")).json()["permissions"]
    assert (await office.delete(f"/api/posts/{scheduler.post_id}")).status_code == 204
    assert "courses.plan" not in (await browser.get("/api/me")).json()["permissions"]


async def test_writes_from_another_site_are_refused(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        person = await given.holder(db)
    browser = await client_as(person)
    crossed = await browser.post("/api/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert crossed.status_code == 403
    foreign = await browser.post("/api/sign-out", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    stolen = await browser.post("/api/sign-out", headers=[("x-csrf-token", "é".encode())])
    assert stolen.status_code == 403
    assert (await browser.get("/api/me")).status_code == 200
