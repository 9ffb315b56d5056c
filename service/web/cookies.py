"""Reading one cookie from an ASGI scope without parsing the rest of the request."""

from http.cookies import CookieError, SimpleCookie

from litestar.types import Scope


def cookie_in(scope: Scope, name: str) -> str | None:
    """The value of a cookie, or None; a malformed cookie header counts as none."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, content = part.strip().partition("=")
                if found == name:
                    try:
                        jar: SimpleCookie = SimpleCookie(f"{name}={content}")
                    except CookieError:
                        return None
                    return jar[name].value if name in jar else None
    return None
