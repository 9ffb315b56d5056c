"""Security headers on every answer, whatever its status: one `before_send` hook is the only place that reaches all."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from service.foundation.language import current_language
from service.settings import get_settings
from service.web.access import actor_in
from service.web.language import request_id_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)


async def secure_headers(message: Message, scope: Scope) -> None:
    """Add the headers as the answer starts; a handler's own Cache-Control or Content-Security-Policy stays."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["X-Request-ID"] = request_id_of(scope)
    headers.setdefault("Content-Language", current_language())
    headers.add("Vary", "Accept-Language, Cookie")
    actor = actor_in(scope)
    if actor is not None and actor.sandbox:
        headers["X-Sandbox"] = "true"
    if get_settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
