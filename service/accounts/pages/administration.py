"""Pages of the security administrator: accounts, their posts, their locks, their devices."""

from typing import Any
from uuid import UUID

import pyotp
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from service.accounts.actions import (
    add_post,
    ask_reset,
    change_state,
    create_staff,
    decide_reset,
    end_post,
    not_oneself,
    organisation_named,
    sign_out_everywhere,
)
from service.accounts.actions.access import NewAccess, open_reset
from service.accounts.queries import account_shown, accounts
from service.accounts.rules import RESET_REASONS, ROLE_TITLES, STAFF_ROLES
from service.accounts.schemas import Nothing, PostForm, ResetAsk, ResetDecision, StaffCreate
from service.accounts.tables import AccountState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later
from service.foundation.paging import cursor_of, key_of
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

PAGE = 50
STATES = {
    "active": ("ok", later("May sign in")),
    "locked": ("err", later("Locked")),
    "closed": ("closed", later("Account closed")),
}


def roles() -> list[tuple[str, str]]:
    """Every staff role with its title in the reader's language."""
    return [(role, gettext(ROLE_TITLES[role])) for role in STAFF_ROLES]


def otpauth(login_name: str, secret: str) -> str:
    """The address an authenticator reads from the QR code (Key URI Format of Google Authenticator)."""
    return pyotp.TOTP(secret).provisioning_uri(
        name=login_name, issuer_name=gettext(later("Technology Manager Service"))
    )


def qr_svg(content: str) -> str:
    """A QR code as SVG markup without styles, dark on white in every theme."""
    made: str = segno.make(content, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)
    return made


@get("/accounts", **access("posts.manage|accounts.manage"))
async def accounts_page(
    request: Request[Any, Any, Any],
    db: Db,
    q: FromQuery[str] = "",
    show: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """Accounts with the posts they hold today."""
    found = await accounts(db, q, key_of(after), PAGE + 1, staff_only=show != "all")
    following = cursor_of(found[PAGE - 1].account.id) if len(found) > PAGE else None
    return page(
        request,
        "accounts/list.html",
        rows=found[:PAGE],
        following=following,
        q=q,
        show=show,
        states=STATES,
        titles=ROLE_TITLES,
    )


@get("/accounts/new", **access("accounts.manage"))
async def new_account_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form of a staff account."""
    form: Submission[Any] = Submission({"starts_on": clock.today().isoformat()})
    return page(request, "accounts/new.html", form=form, roles=roles())


@post("/accounts/new", **access("accounts.manage"))
async def new_account(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Make a staff account; its first password and its authenticator's secret are shown this once."""
    form = await read_form(request, StaffCreate)
    if form.data is not None:
        given = form.data
        keyring = keyring_at(get_settings().keyring_path)
        made = await attempt(db, form, lambda: create_staff(db, keyring, request.app.state.passwords, given))
        if made is not None:
            return await shown_once(request, NewAccess(*made), False, 201)
    return page(request, "accounts/new.html", status=422, form=form, roles=roles())


async def shown_account(
    request: Request[Any, Any, Any], db: Db, actor: Actor, account_id: UUID, form: Submission[Any], status: int = 200
) -> Response[str]:
    """The page of one account."""
    waiting = await open_reset(db, account_id)
    return page(
        request,
        "accounts/one.html",
        status=status,
        shown=await account_shown(db, account_id),
        form=form,
        roles=roles(),
        states=STATES,
        titles=ROLE_TITLES,
        waiting=waiting,
        asked_by=None if waiting is None else (await account_shown(db, waiting.asked_by)).account.display_name,
        own_request=waiting is not None and waiting.asked_by == actor.account_id,
        oneself=account_id == actor.account_id,
        resets=actor.may("accounts.manage"),
        reasons={name: gettext(title) for name, title in RESET_REASONS.items()},
    )


@get("/accounts/{account_id:uuid}", **access("posts.manage|accounts.manage"))
async def account_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID]
) -> Response[str]:
    """One account with all its posts."""
    form: Submission[Any] = Submission({"starts_on": clock.today().isoformat()})
    return await shown_account(request, db, actor, account_id, form)


@post("/accounts/{account_id:uuid}/posts", **access("posts.manage"))
async def give(request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID]) -> Response[Any]:
    """Give an account a post."""
    await account_shown(db, account_id)
    form = await read_form(request, PostForm)
    if form.data is not None:
        given = form.data

        async def act() -> Any:
            not_oneself(actor, account_id)
            home = await organisation_named(db, given.organisation)
            return await add_post(db, account_id, home.id, given.role, given.starts_on, given.ends_on)

        if await attempt(db, form, act) is not None:
            return redirect(f"/accounts/{account_id}", later("The post has been given."))
    return await shown_account(request, db, actor, account_id, form, 422)


@post("/accounts/{account_id:uuid}/posts/{post_id:uuid}/end", **access("posts.manage"))
async def end(
    request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID], post_id: FromPath[UUID]
) -> Response[Any]:
    """End a post; it is gone at the account's next request."""
    form = await read_form(request, Nothing)

    async def act() -> Any:
        not_oneself(actor, account_id)
        ended = await end_post(db, post_id)
        if ended.account_id != account_id:
            raise NotFound(what="post")
        return ended

    if await attempt(db, form, act) is not None:
        return redirect(f"/accounts/{account_id}", later("The post has ended."))
    return await shown_account(request, db, actor, account_id, form, 409)


async def _set_state(
    request: Request[Any, Any, Any], db: Db, actor: Who, account_id: UUID, state: AccountState, said: str
) -> Response[Any]:
    form = await read_form(request, Nothing)
    if await attempt(db, form, lambda: change_state(db, actor, account_id, state)) is not None:
        return redirect(f"/accounts/{account_id}", said)
    return await shown_account(request, db, actor, account_id, form, 409)


@post("/accounts/{account_id:uuid}/lock", **access("accounts.manage"))
async def lock(request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID]) -> Response[Any]:
    """Lock an account and sign it out everywhere."""
    done = later("The account is locked and signed out everywhere.")
    return await _set_state(request, db, actor, account_id, AccountState.LOCKED, done)


@post("/accounts/{account_id:uuid}/unlock", **access("accounts.manage"))
async def unlock(request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID]) -> Response[Any]:
    """Let an account in again."""
    return await _set_state(
        request, db, actor, account_id, AccountState.ACTIVE, later("The account may sign in again.")
    )


@post("/accounts/{account_id:uuid}/sign-out", **access("accounts.manage"))
async def sign_out_all(db: Db, account_id: FromPath[UUID]) -> Response[Any]:
    """End every sign-in of an account."""
    await sign_out_everywhere(db, account_id)
    return redirect(f"/accounts/{account_id}", later("The account is signed out everywhere."))


async def shown_once(request: Request[Any, Any, Any], access: NewAccess, again: bool, status: int) -> Response[str]:
    """A password and an authenticator's secret, shown this once and kept nowhere."""
    answer = page(
        request,
        "accounts/made.html",
        status=status,
        account=access.account,
        password=access.password,
        secret=access.secret,
        again=again,
        qr=qr_svg(otpauth(access.account.login_name or "", access.secret)),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@post("/accounts/{account_id:uuid}/reset", **access("accounts.manage"))
async def reset(request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID]) -> Response[Any]:
    """Ask for new access; another administrator decides."""
    form = await read_form(request, ResetAsk)
    if form.data is not None:
        reason = form.data.reason
        if await attempt(db, form, lambda: ask_reset(db, actor, account_id, reason)) is not None:
            return redirect(f"/accounts/{account_id}", later("Asked for; another security administrator decides."))
    return await shown_account(request, db, actor, account_id, form, 409)


@post("/accounts/{account_id:uuid}/reset/{reset_id:uuid}", **access("accounts.manage"))
async def settle_reset(
    request: Request[Any, Any, Any], db: Db, actor: Who, account_id: FromPath[UUID], reset_id: FromPath[UUID]
) -> Response[Any]:
    """Give new access, shown this once, or refuse it."""
    form = await read_form(request, ResetDecision)
    if form.data is not None:
        approve = form.data.approve
        keyring = keyring_at(get_settings().keyring_path)

        async def act() -> tuple[NewAccess | None]:
            return (await decide_reset(db, keyring, request.app.state.passwords, actor, reset_id, approve),)

        done = await attempt(db, form, act)
        if done is not None:
            if done[0] is None:
                return redirect(f"/accounts/{account_id}", later("The request is refused; nothing was changed."))
            return await shown_once(request, done[0], True, 200)
    return await shown_account(request, db, actor, account_id, form, 409)


handlers = [
    accounts_page,
    new_account_page,
    new_account,
    account_page,
    give,
    end,
    lock,
    unlock,
    sign_out_all,
    reset,
    settle_reset,
]
