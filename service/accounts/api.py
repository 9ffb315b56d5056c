"""The accounts room for machines: sign-in, who am I, posts, API keys."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from service.accounts.actions import (
    ask_reset,
    change_password,
    check_password,
    choose_post,
    close_sign_in,
    code_refused,
    decide_reset,
    end_post,
    give_post,
    make_api_key,
    not_oneself,
    open_sign_in,
    phone_number,
    revoke_api_key,
    send_code,
    use_code,
)
from service.accounts.queries import keys_of
from service.accounts.rules import SIGN_IN_CODE
from service.accounts.schemas import (
    AccessGiven,
    ApiKeyCreate,
    ApiKeyMade,
    ApiKeyRead,
    CodeRequest,
    OwnPost,
    PasswordChange,
    PostCreate,
    PostRead,
    ResetAsk,
    ResetDecision,
    ResetRead,
    SandboxRead,
    SignInByCode,
    SignInByPassword,
    WhoAmI,
)
from service.accounts.tables import ResetState
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext
from service.organisations.actions import open_sandbox
from service.settings import get_settings
from service.web.access import PUBLIC, SIGNED_IN, Who, access
from service.web.csrf import form_token
from service.web.database import Db
from service.web.limits import (
    CODE_BY_ADDRESS,
    CODE_BY_PHONE,
    CODE_PAUSE,
    CODE_TRIES,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ADDRESS,
    address_of,
)
from service.web.problems import problem_of, problem_responses
from service.web.signed_in import cookie_name, sign_in_cookie

REFUSALS = problem_responses(422, 429)


def signed_in_answer(token: str) -> Response[dict[str, str]]:
    """The new sign-in's cookie, and the token that further unsafe requests carry in X-CSRF-Token."""
    cookie = sign_in_cookie(token, get_settings().sign_in_hours * 3600)
    return Response({"csrf_token": form_token(("session", token))}, status_code=200, cookies=[cookie])


@post("/api/sign-in/staff", status_code=HTTP_200_OK, responses=REFUSALS, **access(PUBLIC))
async def sign_in_staff(
    request: Request[Any, Any, Any], db: Db, data: JSONBody[SignInByPassword]
) -> Response[dict[str, str]]:
    """Sign in by password and authenticator code."""
    limits = request.app.state.limits
    await limits.take(SIGN_IN_BY_ADDRESS, address_of(request))
    await limits.take(SIGN_IN_BY_ACCOUNT, data.login_name.strip().lower() + "|" + address_of(request))
    account = await check_password(
        db,
        keyring_at(get_settings().keyring_path),
        request.app.state.passwords,
        data.login_name,
        data.password,
        data.code,
    )
    return signed_in_answer(await open_sign_in(db, account, strong=True, hours=get_settings().sign_in_hours))


@post("/api/sign-in/code", status_code=HTTP_204_NO_CONTENT, responses=REFUSALS, **access(PUBLIC))
async def ask_code(request: Request[Any, Any, Any], db: Db, data: JSONBody[CodeRequest]) -> None:
    """Send a one-time code to a mobile number."""
    limits = request.app.state.limits
    await limits.take(CODE_BY_ADDRESS, address_of(request))
    await limits.take(CODE_PAUSE, phone_number(data.phone))
    await limits.take(CODE_BY_PHONE, phone_number(data.phone))
    phone, code = await send_code(db, keyring_at(get_settings().keyring_path), data.phone)
    await request.app.state.short_messages.send(phone, gettext(SIGN_IN_CODE) % {"code": code})


@post("/api/sign-in/with-code", status_code=HTTP_200_OK, responses=REFUSALS, **access(PUBLIC))
async def sign_in_with_code(request: Request[Any, Any, Any], db: Db, data: JSONBody[SignInByCode]) -> Response[Any]:
    """Sign in by the code that came; a wrong try is counted and committed, so it is answered and not raised."""
    await request.app.state.limits.take(CODE_TRIES, phone_number(data.phone))
    account = await use_code(db, keyring_at(get_settings().keyring_path), data.phone, data.code)
    if account is None:
        problem = problem_of(request, code_refused())
        return Response(
            problem.model_dump(mode="json"), status_code=problem.status, media_type="application/problem+json"
        )
    return signed_in_answer(await open_sign_in(db, account, strong=False, hours=get_settings().sign_in_hours))


@post("/api/sign-out", status_code=HTTP_204_NO_CONTENT, **access(SIGNED_IN))
async def sign_out(db: Db, actor: Who) -> Response[None]:
    """End this sign-in at once."""
    await close_sign_in(db, actor)
    answer: Response[None] = Response(None, status_code=HTTP_204_NO_CONTENT)
    answer.delete_cookie(cookie_name(), path="/")
    return answer


@get("/api/me", responses=problem_responses(401), **access(SIGNED_IN))
async def who_am_i(actor: Who) -> WhoAmI:
    """Who is signed in, at which post, and what it allows."""
    return WhoAmI(
        account_id=actor.account_id,
        person_id=actor.person_id,
        org_id=actor.org_id,
        role=actor.role,
        name=actor.name,
        permissions=sorted(actor.permissions),
        posts=[OwnPost.model_validate(one, from_attributes=True) for one in actor.posts],
    )


@post(
    "/api/me/post/{post_id:uuid}",
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
    **access(SIGNED_IN),
)
async def work_at(db: Db, actor: Who, post_id: FromPath[UUID]) -> None:
    """Work at another of one's own posts."""
    await choose_post(db, actor, post_id)


@post("/api/posts", responses=problem_responses(409, 422), **access("posts.manage"))
async def new_post(db: Db, actor: Who, data: JSONBody[PostCreate]) -> PostRead:
    """Give another account a post."""
    not_oneself(actor, data.account_id)
    row = await give_post(db, data)
    return PostRead.model_validate(row, from_attributes=True)


@delete("/api/posts/{post_id:uuid}", responses=problem_responses(404, 409), **access("posts.manage"))
async def remove_post(db: Db, actor: Who, post_id: FromPath[UUID]) -> None:
    """End a post of another account; it is gone at that account's next request."""
    ended = await end_post(db, post_id)
    not_oneself(actor, ended.account_id)


@get("/api/api-keys", **access("keys_api.manage|keys.manage"))
async def list_keys(db: Db, actor: Who) -> list[ApiKeyRead]:
    """The organisation's API keys."""
    return [ApiKeyRead.model_validate(row, from_attributes=True) for row in await keys_of(db, actor.org)]


@post("/api/api-keys", responses=problem_responses(422), **access("keys_api.manage|keys.manage"))
async def new_key(db: Db, actor: Who, data: JSONBody[ApiKeyCreate]) -> ApiKeyMade:
    """A new API key, shown this once."""
    return await make_api_key(db, actor, data)


@delete("/api/api-keys/{key_id:uuid}", responses=problem_responses(404), **access("keys_api.manage|keys.manage"))
async def drop_key(db: Db, actor: Who, key_id: FromPath[UUID]) -> None:
    """Revoke an API key."""
    await revoke_api_key(db, actor, key_id)


@post(
    "/api/me/password", status_code=HTTP_204_NO_CONTENT, responses=problem_responses(409, 422, 429), **access(SIGNED_IN)
)
async def change_own_password(
    request: Request[Any, Any, Any], db: Db, actor: Who, data: JSONBody[PasswordChange]
) -> None:
    """Change one's own password by the present one and an authenticator code; every other device is signed out."""
    await request.app.state.limits.take(SIGN_IN_BY_ACCOUNT, f"password|{actor.account_id}")
    await change_password(db, keyring_at(get_settings().keyring_path), request.app.state.passwords, actor, data)


@post("/api/accounts/{account_id:uuid}/reset", responses=problem_responses(404, 409, 422), **access("accounts.manage"))
async def ask_access_reset(db: Db, actor: Who, account_id: FromPath[UUID], data: JSONBody[ResetAsk]) -> ResetRead:
    """Ask for a new password and authenticator for an account; another security administrator decides."""
    return ResetRead.model_validate(await ask_reset(db, actor, account_id, data.reason), from_attributes=True)


@post(
    "/api/access-resets/{reset_id:uuid}",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("accounts.manage"),
)
async def decide_access_reset(
    request: Request[Any, Any, Any], db: Db, actor: Who, reset_id: FromPath[UUID], data: JSONBody[ResetDecision]
) -> AccessGiven:
    """Give new access, told this once, or refuse it; by another administrator than the one who asked."""
    keyring = keyring_at(get_settings().keyring_path)
    made = await decide_reset(db, keyring, request.app.state.passwords, actor, reset_id, data.approve)
    if made is None:
        return AccessGiven(state=ResetState.REFUSED, password=None, secret=None)
    return AccessGiven(state=ResetState.DONE, password=made.password, secret=made.secret)


@post(
    "/api/sandbox/reset",
    status_code=HTTP_200_OK,
    responses=problem_responses(404),
    **access("keys_api.manage|keys.manage"),
)
async def reset_sandbox(db: Db, actor: Who) -> SandboxRead:
    """End the organisation's sandbox and open a fresh one, which a job fills; its sandbox keys act for the new one."""
    return SandboxRead(org_id=await open_sandbox(db, actor, again=True))


handlers = [
    sign_in_staff,
    ask_code,
    sign_in_with_code,
    sign_out,
    who_am_i,
    work_at,
    new_post,
    remove_post,
    list_keys,
    new_key,
    drop_key,
    reset_sandbox,
    change_own_password,
    ask_access_reset,
    decide_access_reset,
]
