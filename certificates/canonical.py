"""JSON read strictly and written canonically (RFC 8785), with its SHA-256 digest."""

import hashlib
import json
from typing import Any, NoReturn

import rfc8785

from certificates.refusals import DuplicateMember, JsonTooLarge, JsonUnreadable

LARGEST_DOCUMENT = 262_144
"""Bytes of JSON read from a stranger."""

Json = dict[str, Any]


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members: Json = {}
    for name, value in pairs:
        if name in members:
            raise DuplicateMember(member=name[:80])
        members[name] = value
    return members


def _not_json(constant: str) -> NoReturn:
    raise JsonUnreadable(reason=f"{constant} is not a JSON value")


def read_json(data: bytes | str, limit: int = LARGEST_DOCUMENT) -> Json:
    """A JSON object out of UTF-8 bytes.

    Refused: more than ``limit`` bytes (JsonTooLarge), a member named twice (DuplicateMember), and anything else that is
    not one JSON object of finite depth without NaN, infinities or lone surrogates (JsonUnreadable).
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > limit:
        raise JsonTooLarge(size=len(raw), limit=limit)
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_not_json)
    except UnicodeDecodeError as error:
        raise JsonUnreadable(reason=f"byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise JsonUnreadable(reason="it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise JsonUnreadable(reason=f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError:  # an integer of thousands of digits
        raise JsonUnreadable(reason="a number is too long") from None
    if not isinstance(value, dict):
        raise JsonUnreadable(reason="it is not an object")
    canonical(value)
    return value


def canonical(value: Any) -> bytes:
    """The canonical form of a JSON value by RFC 8785; JsonUnreadable for what the scheme cannot express."""
    try:
        return bytes(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise JsonUnreadable(reason="it holds a number or a character that has no canonical form") from None
    except RecursionError:
        raise JsonUnreadable(reason="it is nested too deeply") from None


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
