"""Text as it may stand on a certificate: printable, single-spaced at the ends, without hidden characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from certificates.check_characters import credit_check_character, is_resident_number

_EIGHTEEN = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")


def _plain(text: str) -> str:
    if text != text.strip():
        raise ValueError("it begins or ends with a space")
    if any(_hidden(character) for character in text):
        raise ValueError("it holds a hidden or unprintable character")
    return text


def _hidden(character: str) -> bool:
    """Control, format (bidirectional overrides, joiners), surrogate, private, unassigned characters and line breaks.

    Planes 2 and 3 hold Han only, and a newer Unicode than Python's assigns more of it: left to the typefaces to judge.
    """
    category = unicodedata.category(character)
    if category == "Cn" and 0x20000 <= ord(character) <= 0x3FFFD:
        return False
    return category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _social_credit_code(text: str) -> str:
    if not text[2:8].isdigit() or credit_check_character(text[:17]) != text[17]:
        raise ValueError("it is not a unified social credit code")
    return text


def holds_identity_number(text: str) -> bool:
    """Whether the text holds a resident identity number: 18 characters of which GB 11643's date and check hold."""
    return any(is_resident_number(found) for found in _EIGHTEEN.findall(text))


def strings_in(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside a JSON value with its place as a JSON pointer, member names not included."""
    if isinstance(value, str):
        yield place or "/", value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from strings_in(inner, f"{place}/{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from strings_in(inner, f"{place}/{index}")


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
"""One line of printed text."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_plain)]
"""The name of a person."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,79}$")]
"""A short code of a scheme, level, module, unit or session."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 as 64 hexadecimal digits."""
ExactNumber = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,5})(\.[0-9]{0,3}[1-9])?$")]
"""A number as exact text without trailing zeros, such as 86.5."""
SocialCreditCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), AfterValidator(_social_credit_code)
]
"""统一社会信用代码 (GB 32100), 18 characters with its check character."""
