"""The demonstration's door: one button per role, and the text messages that would have been sent. Nowhere else."""

from typing import Any

from litestar import Request, Response, get, post
from sqlmodel import col, select

from service.accounts.actions import GATE, open_sign_in
from service.accounts.rules import ROLE_TITLES
from service.accounts.tables import Account
from service.foundation.database import set_scope
from service.foundation.errors import NotFound
from service.foundation.language import gettext
from service.samples.sign_ins import kept
from service.settings import get_settings
from service.web.access import PUBLIC, access
from service.web.database import Db
from service.web.limits import address_of
from service.web.signed_in import sign_in_cookie
from service.web.templating import page, redirect


def only_in_demonstration(request: Request[Any, Any, Any]) -> None:
    """Raises NotFound outside the demonstration and for callers from other machines."""
    if not get_settings().demo or address_of(request) not in ("127.0.0.1", "::1", "unknown"):
        raise NotFound


@get("/demo", **access(PUBLIC))
async def demonstration(request: Request[Any, Any, Any]) -> Response[str]:
    """One button per role."""
    only_in_demonstration(request)
    people = [
        {"login_name": one.login_name, "name": one.name, "title": gettext(ROLE_TITLES.get(one.role, one.role))}
        for one in kept(get_settings())
    ]
    messages = [text for _, text in reversed(request.app.state.short_messages.sent)]
    return page(request, "samples/demo.html", people=people, messages=messages)


@get("/demo/sign-ins.json", **access(PUBLIC))
async def demonstration_sign_ins(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """The sign-ins of the demonstration, for the walk over HTTP."""
    only_in_demonstration(request)
    return [vars(one) for one in kept(get_settings())]


@get("/demo/messages.json", **access(PUBLIC))
async def demonstration_messages(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """The last text messages that would have been sent."""
    only_in_demonstration(request)
    return [{"phone": phone, "text": text} for phone, text in request.app.state.short_messages.sent]


@post("/demo/sign-in", **access(PUBLIC))
async def demonstration_sign_in(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Sign in as a demonstration account by its button."""
    only_in_demonstration(request)
    form = await request.form()
    await set_scope(db, GATE)
    chosen = select(Account).where(col(Account.login_name) == str(form.get("login_name")), col(Account.demo).is_(True))
    account = (await db.scalars(chosen)).first()
    if account is None:
        raise NotFound(what="account")
    token = await open_sign_in(db, account, strong=True, hours=get_settings().sign_in_hours)
    answer = redirect("/")
    answer.cookies.append(sign_in_cookie(token, get_settings().sign_in_hours * 3600))
    return answer


handlers = [demonstration, demonstration_sign_ins, demonstration_messages, demonstration_sign_in]
