"""Pages of lists: a limit on every list, an opaque cursor, the total only where it is cheap."""

import base64
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from service.foundation.errors import InvalidInput
from service.foundation.language import later

T = TypeVar("T")
MOST = 200


class Page(BaseModel, Generic[T]):
    """A page of rows; `next` is the cursor of the following page, null on the last."""

    rows: list[T]
    next: str | None


def cursor_of(key: UUID) -> str:
    """The opaque cursor after a row."""
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def key_of(cursor: str | None) -> UUID | None:
    """The key a cursor stands for; InvalidInput when it is none of ours."""
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        raise InvalidInput(field="cursor", reason=later("This page mark is not one of ours.")) from error


def bounded(limit: int) -> int:
    """A list's limit between 1 and MOST."""
    return max(1, min(limit, MOST))
