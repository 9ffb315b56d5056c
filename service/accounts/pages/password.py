"""The page on which staff change their own password."""

from typing import Any

from litestar import Request, Response, get, post

from service.accounts.actions import change_password
from service.accounts.errors import NoPassword
from service.accounts.schemas import PasswordChange
from service.foundation.keyring import keyring_at
from service.foundation.language import later
from service.settings import get_settings
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import SIGN_IN_BY_ACCOUNT
from service.web.templating import page, redirect


@get("/my/password", **access(SIGNED_IN))
async def password_page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form: present password, authenticator code, new password. Raises NoPassword for who signs in by code."""
    if not actor.strong or actor.by_key:
        raise NoPassword
    return page(request, "accounts/password.html", form=Submission())


@post("/my/password", **access(SIGNED_IN))
async def change(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Change the password; every other device is signed out."""
    form = await read_form(request, PasswordChange)
    if form.data is not None:
        given = form.data
        keyring = keyring_at(get_settings().keyring_path)

        async def act() -> bool:
            await request.app.state.limits.take(SIGN_IN_BY_ACCOUNT, f"password|{actor.account_id}")
            await change_password(db, keyring, request.app.state.passwords, actor, given)
            return True

        if await attempt(db, form, act):
            return redirect("/", later("Your password is changed; every other device is signed out."))
    form.values.clear()  # nothing secret comes back
    return page(request, "accounts/password.html", status=422, form=form)


handlers = [password_page, change]
