"""The language of a request: cookie, else Accept-Language, else Chinese; and the request's id for every log line."""

import re
import uuid

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from service.foundation.language import CHINESE, ENGLISH, LANGUAGES, set_language
from service.web.cookies import cookie_in

REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


def wanted_language(scope: Scope) -> str:
    """`zh-CN` or `en` by the reader's choice, the browser's list, or the house's default."""
    chosen = cookie_in(scope, "language")
    if chosen in LANGUAGES:
        return chosen
    for name, value in scope["headers"]:
        if name == b"accept-language":
            for part in value.decode("latin-1").split(","):
                tag = part.split(";")[0].strip().lower()
                if tag.startswith("zh"):
                    return CHINESE
                if tag.startswith("en"):
                    return ENGLISH
    return CHINESE


def introduce(scope: Scope) -> None:
    """Set language and request id once per request; unknown addresses pass no middleware and come here when refused."""
    if "tmc_request_id" in scope:
        return
    set_language(wanted_language(scope))
    request_id = uuid.uuid4().hex
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.match(value.decode("latin-1")):
            request_id = value.decode("latin-1")
    scope["tmc_request_id"] = request_id  # type: ignore[typeddict-unknown-key]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


class LanguageMiddleware(ASGIMiddleware):
    """Sets the language and the request id, before anything can be refused."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Speak the wanted language and bind the request id to the logs."""
        introduce(scope)
        await next_app(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    """The id that the user sees on an error page and the log line carries."""
    return str(scope.get("tmc_request_id", ""))
