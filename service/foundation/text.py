"""Text people typed: made clean before it is stored, and masked where strangers see it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from service.foundation.errors import DomainError
from service.foundation.language import later

NAME_LENGTH = 100
_INVISIBLE = dict.fromkeys(
    (
        0x00AD,
        0x034F,
        0x061C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        0xFEFF,
    )
)
"""Zero-width characters, direction marks and overrides, variation selectors: nobody sees them, searches trip over them."""

FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(0x5E)} | {0x3000: 0x20}
MIDDLE_DOTS = str.maketrans(
    dict.fromkeys("•．・‧∙⋅●･᛫", "·") | dict.fromkeys("’‘ʼ`´＇", "'") | dict.fromkeys("‐‑－", "-")
)
_GB18030_PRIVATE = str.maketrans(
    {
        0xE81E: 0x9FB4,
        0xE826: 0x9FB5,
        0xE82B: 0x9FB6,
        0xE82C: 0x9FB7,
        0xE832: 0x9FB8,
        0xE843: 0x9FB9,
        0xE854: 0x9FBA,
        0xE864: 0x9FBB,
    }
)
"""Eight characters that the 2000 edition of GB 18030 kept in the private area and the 2005 edition gave a true place."""


class ForbiddenCharacter(DomainError):
    """A text holds a control character or half a character."""

    status = 422
    slug = "forbidden-character"
    message = later("The text holds the character %(character)s at place %(place)s, which cannot be stored or printed.")


class TextTooLong(DomainError):
    """A text is longer than its field."""

    status = 422
    slug = "text-too-long"
    message = later("The text has %(length)s characters; at most %(limit)s fit.")


class TextMissing(DomainError):
    """A text that must be given is empty."""

    status = 422
    slug = "text-missing"
    message = later("This must be filled in.")


class NotInAName(DomainError):
    """A person's name holds something that is in nobody's name."""

    status = 422
    slug = "not-in-a-name"
    message = later(
        "A name cannot hold “%(character)s”. Letters, Chinese characters, ·, hyphen, apostrophe and spaces can stand in it."
    )


def _place(refusal: type[DomainError], field: str | None, **facts: object) -> DomainError:
    return refusal(**facts) if field is None else refusal(field=field, **facts)


def _unprintable(character: str, *, lines: bool) -> bool:
    if lines and character in "\n\t":
        return False
    code = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
        or code == 0xFFFD
    )


def clean(
    text: str,
    max_length: int,
    *,
    min_length: int = 0,
    lines: bool = False,
    fold_width: bool = False,
    field: str | None = None,
) -> str:
    """A text as it is stored: NFC, edges trimmed, invisible characters gone, one kind of line end.

    `lines` lets line ends and tabs stand (else they become spaces); `fold_width` turns full-width digits, letters and
    signs into ASCII, for numbers and codes. Lengths count code points after cleaning. Raises `ForbiddenCharacter`
    (NUL, other controls, halves of characters, U+FFFD left by a wrong decoding), `TextTooLong`, `TextMissing`.
    """
    folded = unicodedata.normalize("NFC", text.translate(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n"))
    folded = re.sub("[\u2028\u2029\u0085]", "\n", folded)
    if fold_width:
        folded = folded.translate(FULL_WIDTH)
    folded = "\n".join(line.rstrip() for line in folded.split("\n")) if lines else re.sub(r"[\n\t]", " ", folded)
    folded = folded.strip()
    for place, character in enumerate(folded, start=1):
        if _unprintable(character, lines=lines):
            raise _place(ForbiddenCharacter, field, character=f"U+{ord(character):04X}", place=place)
    if len(folded) > max_length:
        raise _place(TextTooLong, field, length=len(folded), limit=max_length)
    if len(folded) < min_length:
        raise _place(TextMissing, field)
    return folded


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, including 〇 and the rare ones beyond the basic plane."""
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFD
        or 0xF900 <= code <= 0xFAFF
        or code == 0x3007
    )


def person_name(text: str, *, field: str | None = None) -> str:
    """A person's name as it is stored, 1 to 100 characters.

    The dots `•．・` become the `·` of U+00B7, blanks between Chinese characters (张　三) go, other blanks become one.
    Raises `NotInAName`, `TextTooLong`, `TextMissing`, `ForbiddenCharacter`.
    """
    folded = text.translate(MIDDLE_DOTS).translate(FULL_WIDTH).translate(_GB18030_PRIVATE)
    folded = re.sub(r"\s+", " ", clean(folded, 10_000, field=field))
    folded = re.sub(r"\s*·\s*", "·", folded)
    kept = [
        character
        for index, character in enumerate(folded)
        if not (character == " " and is_han(folded[index - 1]) and is_han(folded[index + 1]))
    ]
    name = clean("".join(kept), NAME_LENGTH, min_length=1, field=field)
    letters = 0
    for character in name:
        if unicodedata.category(character)[0] in "LM" or is_han(character):
            letters += 1
        elif character not in "·-'. ":
            raise _place(
                NotInAName, field, character=character if character.isprintable() else f"U+{ord(character):04X}"
            )
    if not letters or name[0] in "·-'." or name[-1] in "·-'":
        raise _place(NotInAName, field, character=name[0] if name[0] in "·-'." else name[-1])
    return name


def as_pydantic(refusal: DomainError) -> PydanticCustomError:
    """A refusal in the form Pydantic collects; `ctx` keeps the refusal for the reader's language."""
    sentence = refusal.message % refusal.facts
    return PydanticCustomError(
        refusal.slug,
        "{sentence}",
        {"sentence": sentence, "error": refusal},
    )


@dataclass(frozen=True, slots=True)
class Clean:
    """Annotation for schemas: `Annotated[str, Clean(200)]` is cleaned as by `clean` when the schema is read."""

    max_length: int
    min_length: int = 0
    lines: bool = False
    fold_width: bool = False

    def __call__(self, text: str) -> str:
        try:
            return clean(
                text, self.max_length, min_length=self.min_length, lines=self.lines, fold_width=self.fold_width
            )
        except DomainError as refusal:
            raise as_pydantic(refusal) from refusal

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            **handler(schema),
            "maxLength": self.max_length,
            **({"minLength": self.min_length} if self.min_length else {}),
        }


@dataclass(frozen=True, slots=True)
class CleanName:
    """Annotation for schemas: a person's name, cleaned as by `person_name`."""

    def __call__(self, text: str) -> str:
        try:
            return person_name(text)
        except DomainError as refusal:
            raise as_pydantic(refusal) from refusal

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "minLength": 1, "maxLength": NAME_LENGTH}


CleanStr = Annotated[str, Clean(200)]
"""One line of at most 200 characters; may be empty."""
FilledStr = Annotated[str, Clean(200, min_length=1)]
"""One line of 1 to 200 characters."""
CleanText = Annotated[str, Clean(20_000, lines=True)]
"""Running text of at most 20,000 characters."""
CodeStr = Annotated[str, Clean(64, min_length=1, fold_width=True)]
"""A number or code of 1 to 64 characters, full-width digits and letters folded."""
PersonName = Annotated[str, CleanName()]
"""A person's name, 1 to 100 characters."""


def mask_identity(number: str) -> str:
    """An identity number as it may be shown: `1101**********002X`; shorter documents keep one or two places each end."""
    keep = 4 if len(number) >= 16 else 2 if len(number) >= 8 else 1 if len(number) >= 4 else 0
    return number[:keep] + "*" * (len(number) - 2 * keep) + number[len(number) - keep :]


def mask_phone(number: str) -> str:
    """A phone number as it may be shown: `138****5678`, `+852****4567`."""
    digits = number.removeprefix("+86")
    if re.fullmatch(r"1[0-9]{10}", digits):
        return f"{digits[:3]}****{digits[-4:]}"
    if match := re.fullmatch(r"(\+[0-9]{3})[0-9]+([0-9]{4})", number):
        return f"{match[1]}****{match[2]}"
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else "*" * len(number)


def mask_name(name: str) -> str:
    """A name as it may be shown to strangers: `张*`, `张*丰`, `欧**娜`; of each word in letters the first letter."""
    if re.search(r"[·\s]", name):
        return re.sub(r"[^·\s]+", lambda word: mask_name(word[0])[:1] + "*" * (len(word[0]) - 1), name)
    if len(name) <= 2 or not is_han(name[0]):
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]
