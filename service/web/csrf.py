"""Writes from another site are refused: fetch metadata and origin first, then a token bound to the sign-in."""

import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import UploadFile

from service.foundation.errors import DomainError, InvalidInput
from service.foundation.keyring import keyring_at
from service.foundation.language import later
from service.settings import get_settings

FORM_FIELD = "_csrf"
HEADER = "x-csrf-token"
SAFE = {"GET", "HEAD", "OPTIONS"}


class ForeignRequest(DomainError):
    """A write that did not come from a page of this service."""

    status = 403
    slug = "foreign-request"
    title = later("This form has expired")
    message = later("This form is no longer valid. Please load the page again and repeat the last step.")


def form_token(shown: tuple[str, str] | None) -> str:
    """The token of this sign-in's forms; of nobody's when nobody is signed in."""
    return keyring_at(get_settings().keyring_path).token("form", shown[1] if shown else "nobody")


class AddressUnreadable(DomainError):
    """The address holds a character no text of ours can hold; PostgreSQL would refuse it later and less kindly."""

    status = 400
    slug = "address-unreadable"
    message = later("This address cannot be read. Please check it, or go back and choose again.")


def refuse_unreadable(request: Request[Any, Any, Any]) -> None:
    """Refuse an address with a NUL in its path or query. Raises AddressUnreadable."""
    query: bytes = request.scope["query_string"]
    if "\x00" in request.scope["path"] or b"%00" in query or b"\x00" in query:
        raise AddressUnreadable


async def refuse_missing_file(request: Request[Any, Any, Any]) -> None:
    """Refuse a form without a file where a file is asked for: the framework looks for one and falls over its absence."""
    asked = request.route_handler.parsed_data_field
    if asked is None or asked.annotation is not UploadFile:
        return
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return
    held = await request.form()  # kept by the request: it is read once
    if not any(isinstance(one, UploadFile) for one in held.values()):
        raise InvalidInput(field="file", reason=later("please choose a file."))


async def refuse_foreign(request: Request[Any, Any, Any]) -> None:
    """The app's `before_request` check for every unsafe method; API keys carry no cookie and need none.

    Raises ForeignRequest.
    """
    if request.method in SAFE:
        return
    shown: tuple[str, str] | None = request.scope.get("tmc_shown")  # type: ignore[assignment]
    if shown is not None and shown[0] == "key":
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignRequest
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise ForeignRequest
    if shown is None:
        return
    given = request.headers.get(HEADER)
    if given is None and request.content_type[0] in ("application/x-www-form-urlencoded", "multipart/form-data"):
        field = (await request.form()).get(FORM_FIELD)
        given = None if isinstance(field, UploadFile) else field
    if given is None or not hmac.compare_digest(given.encode(), form_token(shown).encode()):
        raise ForeignRequest
