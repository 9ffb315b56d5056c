"""One byte sequence for one value (RFC 8785), its SHA-256, and exact numbers as text."""

import hashlib
import re
from fractions import Fraction
from typing import Any

import rfc8785

EXACT = re.compile(r"-?\d{1,12}(\.\d{1,12}|/[1-9]\d{0,11})?")


def canonical_bytes(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value; whole numbers beyond 2**53 and floats are not used in this package."""
    return bytes(rfc8785.dumps(value))


def digest(value: Any) -> str:
    """The SHA-256 of the canonical bytes as 64 hexadecimal characters; the order of keys does not matter."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def fraction_text(number: Fraction) -> str:
    """An exact number as JSON text: `3`, `7/2`."""
    return str(number)


def exact_json(number: Fraction) -> int | str:
    """An exact number as content writes it: a whole number as such, any other as text."""
    return int(number) if number.denominator == 1 else str(number)


def exact(value: object) -> Fraction | None:
    """An exact number from an integer, `7/2` or `3.5`; None when it is none of these. Floats are none of these."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and EXACT.fullmatch(value) and value.isascii():
        return Fraction(value)
    return None
