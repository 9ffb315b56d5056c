"""Who is asking: session cookie or API key looked up at each request; rights are never kept in the cookie."""

from typing import Any

from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from service.foundation.database import set_scope
from service.foundation.language import LANGUAGES, set_language
from service.settings import get_settings
from service.web.cookies import cookie_in
from service.web.database import session_of


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host, behind https only."""
    return "__Host-tmc" if get_settings().secure_cookies else "tmc"


def sign_in_cookie(token: str, seconds: int) -> Cookie:
    """The cookie that carries a sign-in token: HttpOnly, SameSite=Lax, Secure behind https."""
    return Cookie(
        key=cookie_name(),
        value=token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=get_settings().secure_cookies,
    )


def token_in(scope: Scope) -> tuple[str, str] | None:
    """What the caller shows: ("key", API key) from the Authorization header, or ("session", token) from the cookie."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.decode("latin-1").partition(" ")
            return ("key", key.strip()) if kind.lower() == "bearer" and key else None
    token = cookie_in(scope, cookie_name())
    return ("session", token) if token else None


class SignInMiddleware(ASGIMiddleware):
    """Looks up who is asking, tells the database the scope and speaks the actor's language."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "no_session"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """One look-up a request, none for callers who show nothing."""
        shown = token_in(scope)
        changing: dict[str, Any] = scope  # type: ignore[assignment]
        changing["tmc_actor"] = None
        if shown is not None:
            db = session_of(scope)
            actor = await scope["litestar_app"].state.actor_of(db, *shown)
            if actor is not None:
                await set_scope(db, actor.scope)
                changing["tmc_actor"] = actor
                changing["tmc_shown"] = shown
                if actor.language in LANGUAGES and not cookie_in(scope, "language"):
                    set_language(actor.language)
        await next_app(scope, receive, send)
