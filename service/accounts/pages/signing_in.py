"""Pages of signing in and out, of choosing language, looks and post."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery
from litestar.response import Redirect

from service.accounts.actions import (
    check_password,
    choose_language,
    choose_post,
    close_sign_in,
    code_refused,
    open_sign_in,
    phone_number,
    send_code,
    use_code,
)
from service.accounts.rules import SIGN_IN_CODE
from service.accounts.schemas import CodeRequest, SignInByCode, SignInByPassword
from service.foundation.errors import DomainError
from service.foundation.keyring import keyring_at
from service.foundation.language import LANGUAGES, gettext, later
from service.settings import get_settings
from service.web.access import PUBLIC, SIGNED_IN, Who, access, actor_in
from service.web.database import Db
from service.web.forms import Submission, read_form
from service.web.limits import (
    CODE_BY_ADDRESS,
    CODE_BY_PHONE,
    CODE_PAUSE,
    CODE_TRIES,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ADDRESS,
    address_of,
)
from service.web.signed_in import cookie_name, sign_in_cookie
from service.web.templating import page, redirect

YEAR = 365 * 24 * 3600


def inside(path: str) -> str:
    """A path of this service, or the home page: never another site's address."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def with_token(response: Response[Any], token: str) -> Response[Any]:
    """Put a new sign-in's cookie on an answer."""
    response.cookies.append(sign_in_cookie(token, get_settings().sign_in_hours * 3600))
    return response


@get("/sign-in", **access(PUBLIC))
async def sign_in_page(
    request: Request[Any, Any, Any], next: FromQuery[str] = "/", way: FromQuery[str] = "code"
) -> Response[str]:
    """The sign-in page: persons by mobile number, staff by name, password and authenticator."""
    form: Submission[Any] = Submission({"next": inside(next)})
    return page(request, "accounts/sign_in.html", form=form, way="staff" if way == "staff" else "code", sent=False)


@post("/sign-in/code", **access(PUBLIC))
async def ask_code(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Send a one-time code to a mobile number; the answer is the same whether or not an account exists."""
    form = await read_form(request, CodeRequest)
    sent = False
    if form.data is not None:
        try:
            limits = request.app.state.limits
            await limits.take(CODE_BY_ADDRESS, address_of(request))
            await limits.take(CODE_PAUSE, phone_number(form.data.phone))
            await limits.take(CODE_BY_PHONE, phone_number(form.data.phone))
            async with db.begin_nested():  # a code that could not be sent is not kept
                phone, code = await send_code(db, keyring_at(get_settings().keyring_path), form.data.phone)
                text = gettext(SIGN_IN_CODE) % {"code": code}
                await request.app.state.short_messages.send(phone, text)
            sent = True
        except DomainError as error:
            form.refuse(error)
    status = 200 if sent else 422
    return page(request, "accounts/sign_in.html", status=status, form=form, way="code", sent=sent)


@post("/sign-in/with-code", **access(PUBLIC))
async def sign_in_with_code(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Sign a person in by the code that came; a wrong try is counted and committed."""
    form = await read_form(request, SignInByCode)
    if form.data is not None:
        try:
            await request.app.state.limits.take(CODE_TRIES, phone_number(form.data.phone))
            account = await use_code(db, keyring_at(get_settings().keyring_path), form.data.phone, form.data.code)
            if account is None:
                form.refuse(code_refused())
            else:
                token = await open_sign_in(db, account, strong=False, hours=get_settings().sign_in_hours)
                return with_token(redirect(inside(form.data.next)), token)
        except DomainError as error:
            form.refuse(error)
    return page(request, "accounts/sign_in.html", status=422, form=form, way="code", sent=True)


@post("/sign-in/staff", **access(PUBLIC))
async def sign_in_staff(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Sign staff in by password and authenticator code."""
    form = await read_form(request, SignInByPassword)
    if form.data is not None:
        given = form.data
        try:
            limits = request.app.state.limits
            await limits.take(SIGN_IN_BY_ADDRESS, address_of(request))
            await limits.take(SIGN_IN_BY_ACCOUNT, given.login_name.strip().lower() + "|" + address_of(request))
            account = await check_password(
                db,
                keyring_at(get_settings().keyring_path),
                request.app.state.passwords,
                given.login_name,
                given.password,
                given.code,
            )
            token = await open_sign_in(db, account, strong=True, hours=get_settings().sign_in_hours)
            return with_token(redirect(inside(given.next)), token)
        except DomainError as error:
            form.refuse(error)
    form.values.pop("password", None)
    return page(request, "accounts/sign_in.html", status=422, form=form, way="staff", sent=False)


@post("/sign-out", **access(SIGNED_IN))
async def sign_out(db: Db, actor: Who) -> Redirect:
    """End this sign-in at once."""
    await close_sign_in(db, actor)
    answer = redirect("/sign-in", later("You have signed out."))
    answer.delete_cookie(cookie_name(), path="/")
    return answer


@get("/preferences", **access(PUBLIC))
async def no_preferences() -> Redirect:
    """A choice whose page was loaded again: nothing to choose, back to the pages."""
    return redirect("/")


@post("/preferences", **access(PUBLIC))
async def preferences(request: Request[Any, Any, Any], db: Db) -> Redirect:
    """Choose language, colours, text size or the post to work at; comes back to the same page."""
    form = await request.form()
    answer = redirect(inside(str(form.get("next") or "/")))
    actor = actor_in(request.scope)
    secure = get_settings().secure_cookies
    for name, allowed in (
        ("language", LANGUAGES),
        ("theme", ("auto", "light", "dark")),
        ("text_size", ("standard", "large", "largest")),
    ):
        value = form.get(name)
        if value in allowed:
            answer.cookies.append(
                Cookie(key=name, value=str(value), path="/", max_age=YEAR, samesite="lax", secure=secure)
            )
            if name == "language" and actor is not None:
                await choose_language(db, actor, str(value))
    chosen = form.get("post")
    if chosen is not None and actor is not None:
        try:
            post_id = UUID(str(chosen)) if chosen else None
        except ValueError:
            post_id = None
        await choose_post(db, actor, post_id)
        answer = redirect("/")
    return answer


handlers = [sign_in_page, ask_code, sign_in_with_code, sign_in_staff, sign_out, preferences, no_preferences]
