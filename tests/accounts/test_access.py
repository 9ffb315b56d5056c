"""Staff change their own password; lost access is given again by two administrators; who is concerned is told."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from uuid import UUID

import httpx
import pyotp
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from service.accounts.actions import create_staff_account, give_post
from service.accounts.passwords import Passwords
from service.accounts.schemas import PostCreate
from service.accounts.tables import AccessReset, Account, ResetReason
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import JournalEntry
from service.foundation.keyring import Keyring
from service.letters.tables import Letter
from tests.conftest import ClientAs, World
from tests.given import accounts as given

Drain = Callable[[], Awaitable[int]]
OLD, NEW = "correct horse 电池", "another horse 马厩 9"


class Staff:
    """A staff account whose password and authenticator are known, and a browser that signs in."""

    def __init__(self, account: Account, secret: str, open_client: ClientAs) -> None:
        self.id: UUID = account.id
        self.login = account.login_name
        self.secret = secret
        self.open_client = open_client

    def code(self, steps: int = 0) -> str:
        """The authenticator's code; one step ahead or back is still taken."""
        return pyotp.TOTP(self.secret).at(clock.now() + timedelta(seconds=30 * steps))

    async def sign_in(self, password: str, code: str) -> httpx.AsyncClient | None:
        """A signed-in browser with its form token, or None when refused."""
        browser = await self.open_client(None)
        answer = await browser.post(
            "/api/sign-in/staff", json={"login_name": self.login, "password": password, "code": code}
        )
        if answer.status_code != 200:
            assert answer.json()["type"] == "/problems/sign-in-refused"
            return None
        browser.headers["x-csrf-token"] = answer.json()["csrf_token"]
        return browser


@pytest.fixture
async def staff(keyring: Keyring, world: World, client_as: ClientAs) -> Staff:
    """A scheduler with password and authenticator."""
    async with world() as db:
        home = await given.organisation(db)
        login = f"s{secrets.token_hex(4)}"
        account, secret = await create_staff_account(db, keyring, Passwords(), login, "陈排课", OLD)
        await give_post(
            db, PostCreate(account_id=account.id, org_id=home.id, role="scheduler", starts_on=given.LONG_AGO)
        )
    return Staff(account, secret, client_as)


async def letters_to(world: World, account_id: UUID) -> list[str]:
    """Kinds of letters, oldest first."""
    async with world() as db:
        chosen = select(Letter).where(col(Letter.account_id) == account_id).order_by(col(Letter.id))
        return [one.kind for one in await db.scalars(chosen)]


async def acts_on(world: World, account_id: UUID) -> list[str]:
    """What the journal says of an account, oldest first."""
    async with world() as db:
        chosen = select(JournalEntry).where(col(JournalEntry.subject_id) == account_id).order_by(col(JournalEntry.id))
        return [one.action for one in await db.scalars(chosen)]


async def test_a_changed_password_ends_other_devices_and_is_told_and_written_down(
    staff: Staff, world: World, drain: Drain
) -> None:
    here, there = await staff.sign_in(OLD, staff.code(-1)), await staff.sign_in(OLD, staff.code())
    assert here is not None
    assert there is not None
    change = {"password": OLD, "code": staff.code(1), "new_password": NEW}
    assert (await here.post("/api/me/password", json=change)).status_code == 204
    assert (await here.get("/api/me")).status_code == 200
    assert (await there.get("/api/me")).status_code == 401
    await drain()
    assert await letters_to(world, staff.id) == ["account.password_changed"]
    assert "account.password_changed" in await acts_on(world, staff.id)
    again = await here.post("/api/me/password", json={**change, "password": NEW, "new_password": OLD})
    assert again.json()["type"] == "/problems/sign-in-refused"  # the code is worth nothing a second time
    async with world() as db:  # time passes
        await db.execute(sa.update(Account).where(col(Account.id) == staff.id).values(totp_last_step=None))
    assert await staff.sign_in(OLD, staff.code()) is None
    assert await staff.sign_in(NEW, staff.code()) is not None


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"password": "wrong horse 电池"}, "sign-in-refused"),
        ({"code": "000000"}, "sign-in-refused"),
        ({"new_password": OLD}, "password-unchanged"),
        ({"new_password": "password1234"}, "password-too-weak"),
        ({"new_password": "short"}, "password-too-weak"),
    ],
)
async def test_a_password_is_changed_by_whoever_knows_the_old_one_and_holds_the_device(
    change: dict[str, str], slug: str, staff: Staff
) -> None:
    browser = await staff.sign_in(OLD, staff.code(-1))
    assert browser is not None
    asked = {"password": OLD, "code": staff.code(), "new_password": NEW, **change}
    answer = await browser.post("/api/me/password", json=asked)
    assert (answer.json()["type"], answer.status_code) == (f"/problems/{slug}", 422)
    page = await browser.post("/my/password", data=asked)
    assert page.status_code == 422
    for one in (asked["password"], asked["new_password"], asked["code"]):
        assert f'value="{one}"' not in unescape(page.text)
    assert await staff.sign_in(OLD, staff.code(1)) is not None


async def test_persons_and_keys_have_no_password(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        person = await given.holder(db)
        director = await given.staff(db, "base_director", home.id)
    browser = await client_as(person)
    change = {"password": OLD, "code": "123456", "new_password": NEW}
    for answer in (
        await browser.post("/api/me/password", json=change),
        await browser.get("/my/password", headers={"accept": "application/json"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-password")
    made = await (await client_as(director)).post("/api/api-keys", json={"name": "x", "scopes": ["people.read"]})
    bearer = {"authorization": f"Bearer {made.json()['key']}"}
    answer = await (await client_as(None)).post("/api/me/password", json=change, headers=bearer)
    assert answer.json()["type"] == "/problems/no-password"


async def administrators(world: World) -> tuple[Actor, Actor, Actor]:
    """Two security administrators, and a system administrator."""
    async with world() as db:
        home = await given.organisation(db)
        return (
            await given.staff(db, "security_administrator", home.id, "安一"),
            await given.staff(db, "security_administrator", home.id, "安二"),
            await given.staff(db, "system_administrator", home.id),
        )


async def test_two_administrators_together_give_new_access(
    staff: Staff, world: World, client_as: ClientAs, drain: Drain
) -> None:
    first, second, _ = await administrators(world)
    one, two = await client_as(first), await client_as(second)
    device = await staff.sign_in(OLD, staff.code(-1))
    assert device is not None
    asked = await one.post(f"/accounts/{staff.id}/reset", data={"reason": "device_lost"})
    assert asked.status_code == 303
    shown = (await one.get(f"/accounts/{staff.id}")).text
    assert "须由另一位安全管理员决定" in shown
    async with world() as db:
        row = (await db.scalars(select(AccessReset).where(col(AccessReset.account_id) == staff.id))).one()
    refused = await one.post(f"/api/access-resets/{row.id}", json={"approve": True})
    assert refused.json()["type"] == "/problems/reset-by-same-administrator"
    assert (await device.get("/api/me")).status_code == 200  # nothing has happened yet
    assert f'href="/accounts/{staff.id}"' in (await two.get("/")).text  # the other's home page leads there
    assert f'href="/accounts/{staff.id}"' not in (await one.get("/")).text
    shown = (await two.get(f"/accounts/{staff.id}")).text
    assert "安一" in shown
    assert "装有验证器的设备丢失或损坏" in shown
    given_again = await two.post(f"/accounts/{staff.id}/reset/{row.id}", data={"approve": "true"})
    assert (given_again.status_code, given_again.headers["cache-control"]) == (200, "no-store")
    assert (await device.get("/api/me")).status_code == 401
    _, password, secret = re.findall(r'data-copy="([^"]+)"', given_again.text)
    assert await staff.sign_in(OLD, staff.code(1)) is None
    staff.secret = secret
    assert await staff.sign_in(password, staff.code()) is not None
    await drain()
    assert await letters_to(world, staff.id) == ["account.reset_asked", "account.access_reset"]
    acts = await acts_on(world, staff.id)
    assert acts.index("account.reset_asked") < acts.index("account.authenticator_reset")
    late = await two.post(f"/api/access-resets/{row.id}", json={"approve": True})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/state-conflict")


async def test_a_refused_reset_changes_nothing_and_may_be_asked_again(
    staff: Staff, world: World, client_as: ClientAs
) -> None:
    first, second, system = await administrators(world)
    one, two = await client_as(first), await client_as(second)
    asked = await one.post(f"/api/accounts/{staff.id}/reset", json={"reason": "password_forgotten"})
    assert asked.status_code == 201, asked.text
    twice = await two.post(f"/api/accounts/{staff.id}/reset", json={"reason": "misuse_suspected"})
    assert twice.json()["type"] == "/problems/reset-asked"
    path = f"/accounts/{staff.id}/reset/{asked.json()['id']}"
    assert (await two.post(path, data={"approve": "false"})).status_code == 303
    assert await staff.sign_in(OLD, staff.code()) is not None
    assert "account.reset_refused" in await acts_on(world, staff.id)
    again = await two.post(f"/api/accounts/{staff.id}/reset", json={"reason": "misuse_suspected"})
    assert again.status_code == 201
    operator = await client_as(system)
    assert (await operator.post(f"/api/accounts/{staff.id}/reset", json={"reason": "device_lost"})).status_code == 403
    assert (await operator.post(f"/api/access-resets/{again.json()['id']}", json={"approve": True})).status_code == 403


async def test_nobody_resets_their_own_access_nor_that_of_an_account_without_password(
    world: World, client_as: ClientAs
) -> None:
    first, second, _ = await administrators(world)
    async with world() as db:
        person = await given.holder(db)
        row = AccessReset(account_id=second.account_id, asked_by=first.account_id, reason=ResetReason.DEVICE_LOST)
        db.add(row)
        await db.flush()
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(sa.update(AccessReset).values(decided_by=first.account_id, state="done"))
    one, two = await client_as(first), await client_as(second)
    own = await one.post(f"/api/accounts/{first.account_id}/reset", json={"reason": "device_lost"})
    assert own.json()["type"] == "/problems/own-account"
    decides = await two.post(f"/api/access-resets/{row.id}", json={"approve": True})
    assert decides.json()["type"] == "/problems/own-account"
    nobody = await one.post(f"/api/accounts/{person.account_id}/reset", json={"reason": "device_lost"})
    assert nobody.status_code == 404
    assert "重置密码和验证器" not in (await one.get(f"/accounts/{first.account_id}")).text
