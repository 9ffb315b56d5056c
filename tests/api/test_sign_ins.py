"""Sign-ins under real commits: out while a request is slow, in twice at once, and rights gone in the middle."""

import asyncio
import secrets

import asyncpg
import pyotp
import pytest
import sqlalchemy as sa

from service.accounts.actions import create_staff_account, give_post
from service.accounts.passwords import Passwords
from service.accounts.schemas import PostCreate
from service.app import dsn_of
from service.foundation.keyring import Keyring
from service.settings import get_settings
from service.web.signed_in import cookie_name, sign_in_cookie
from tests.given import accounts as given
from tests.given.people import person as given_person
from tests.given.timetable import room as given_room
from tests.live import Live

PASSWORD = "correct horse 电池"
WAIT_SECONDS = 10


async def test_a_slow_request_does_not_bring_an_ended_sign_in_back(live: Live) -> None:
    async with live.world() as db:
        home = await given.organisation(db)
        scheduler = await given.staff(db, "scheduler", home.id)
        hall = await given_room(db, home.id)
    async with live.client(scheduler) as browser:
        ended = browser.cookies["tmc"]
        holding = await asyncpg.connect(**dsn_of(live.owner_url))
        try:
            async with holding.transaction():
                await holding.execute("SELECT 1 FROM room WHERE id = $1 FOR UPDATE", hall.id)
                slow = asyncio.create_task(browser.put(f"/api/rooms/{hall.id}", json={"name": "102", "seats": 30}))
                await waiting_for_lock(live)
                assert (await browser.post("/api/sign-out")).status_code == 204
                assert not slow.done()
        finally:
            await holding.close()
        # It was let in before the sign-in ended, and is answered as a whole; nothing after it is.
        assert (await slow).status_code == 200
        browser.cookies.set("tmc", ended)
        assert (await browser.get("/api/me")).status_code == 401
        assert (await browser.put(f"/api/rooms/{hall.id}", json={"name": "103", "seats": 30})).status_code == 401


async def waiting_for_lock(live: Live) -> None:
    """Until some request waits for a lock in this database."""
    watching = await asyncpg.connect(**dsn_of(live.owner_url))
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await watching.fetchval(
                "SELECT EXISTS (SELECT 1 FROM pg_locks AS held JOIN pg_stat_activity AS one USING (pid)"
                " WHERE NOT held.granted AND one.datname = current_database())"
            ):
                await asyncio.sleep(0.02)
    finally:
        await watching.close()


async def test_one_authenticator_code_signs_in_once_of_many_at_once(live: Live, keyring: Keyring) -> None:
    login = f"at.once.{secrets.token_hex(4)}"
    async with live.world() as db:
        home = await given.organisation(db)
        account, secret = await create_staff_account(db, keyring, Passwords(), login, "陈同时", PASSWORD)
        await give_post(
            db, PostCreate(account_id=account.id, org_id=home.id, role="scheduler", starts_on=given.LONG_AGO)
        )
    good = {"login_name": login, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
    async with live.client(None) as browser:
        answers = await asyncio.gather(*(browser.post("/api/sign-in/staff", json=good) for _ in range(6)))
    statuses = sorted(one.status_code for one in answers)
    assert statuses == [200, 422, 422, 422, 422, 422]


async def test_two_sign_ins_of_one_account_live_and_end_apart(live: Live) -> None:
    async with live.world() as db:
        person = await given.holder(db)
    async with live.client(person) as phone, live.client(person) as desk:
        assert phone.cookies["tmc"] != desk.cookies["tmc"]
        crossed = await phone.post("/api/sign-out", headers={"x-csrf-token": desk.headers["x-csrf-token"]})
        assert crossed.status_code == 403
        assert (await phone.post("/api/sign-out")).status_code == 204
        assert (await desk.get("/api/me")).status_code == 200


async def test_rights_withdrawn_are_gone_at_the_next_request(live: Live) -> None:
    async with live.world() as db:
        home = await given.organisation(db)
        scheduler = await given.staff(db, "scheduler", home.id)
        security = await given.staff(db, "security_administrator", home.id)
        hall = await given_room(db, home.id)
    change = {"name": "201", "seats": 40}
    async with live.client(scheduler) as browser, live.client(security) as office:
        assert (await browser.put(f"/api/rooms/{hall.id}", json=change)).status_code == 200
        assert (await office.delete(f"/api/posts/{scheduler.post_id}")).status_code == 204
        refused = await browser.put(f"/api/rooms/{hall.id}", json=change)
        assert refused.status_code == 403
        assert (await browser.get("/api/rooms")).status_code == 403


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE account SET state = 'locked' WHERE id = :account",
        "UPDATE sign_in SET expires_at = now() WHERE account_id = :account",
        "UPDATE sign_in SET ended_at = now() WHERE account_id = :account",
    ],
)
async def test_locked_expired_and_ended_are_refused_at_the_next_request(live: Live, ending: str) -> None:
    async with live.world() as db:
        person = await given_person(db)
        actor = await given.holder(db, person.id)
    async with live.client(actor) as browser:
        assert (await browser.get("/api/my/profile")).status_code == 200
        async with live.world() as db:
            await db.execute(sa.text(ending), {"account": actor.account_id})
        assert (await browser.get("/api/my/profile")).status_code == 401
        assert (await browser.post("/api/sign-out")).status_code in (401, 403)


def test_cookie_is_for_this_host_and_no_script(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = sign_in_cookie("TOKEN", 60)
    assert cookie.httponly
    assert cookie.samesite == "lax"
    assert cookie.path == "/"
    assert cookie.domain is None
    behind_https = get_settings().model_copy(update={"base_url": "https://tmc.example"})
    monkeypatch.setattr("service.web.signed_in.get_settings", lambda: behind_https)
    assert cookie_name() == "__Host-tmc"
    assert sign_in_cookie("TOKEN", 60).secure
