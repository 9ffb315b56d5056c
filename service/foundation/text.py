"""Text people typed: made clean before it is stored, and names made findable, sortable and readable in English."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Annotated

import yaml
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from pypinyin import Style, lazy_pinyin, pinyin

from service.foundation.errors import DomainError
from service.foundation.language import later

NAME_LENGTH = 100
SORT_KEY_LENGTH = 300
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

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(0x5E)} | {0x3000: 0x20}
_MIDDLE_DOTS = str.maketrans(
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
        folded = folded.translate(_FULL_WIDTH)
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
    folded = text.translate(_MIDDLE_DOTS).translate(_FULL_WIDTH).translate(_GB18030_PRIVATE)
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


@dataclass(frozen=True, slots=True)
class Surnames:
    """Readings of surnames: single character -> readings, usual first; two characters -> one syllable each."""

    single: dict[str, tuple[str, ...]]
    compound: dict[str, tuple[str, str]]


@cache
def surnames() -> Surnames:
    """The shipped table of surnames (`data/surnames.yaml`)."""
    text = (resources.files("service.foundation") / "data" / "surnames.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    return Surnames(
        single={surname: tuple(readings) for surname, readings in table["single"].items()},
        compound={surname: (first, second) for surname, (first, second) in table["compound"].items()},
    )


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a Chinese name; a name with `·`, a blank or other letters is not split: ("", name)."""
    if not name or not all(is_han(character) for character in name):
        return "", name
    size = 2 if len(name) > 2 and name[:2] in surnames().compound else 1
    return name[:size], name[size:]


def surname_syllables(surname: str) -> list[str]:
    """The usual reading of a surname, one syllable a character, with ü."""
    table = surnames()
    if surname in table.compound:
        return list(table.compound[surname])
    if surname in table.single:
        return [table.single[surname][0]]
    return _syllables(surname)


def _syllables(text: str) -> list[str]:
    """One reading a Chinese character, with ü; a character without a reading stays itself."""
    return (
        [syllable.replace("v", "ü").replace("ê", "e") for syllable in lazy_pinyin(text, style=Style.NORMAL)]
        if text
        else []
    )


def name_syllables(name: str) -> list[str] | None:
    """Syllables of a whole name, surname by its table; None when a Chinese character has no known reading."""
    surname, given = split_name(name)
    syllables = surname_syllables(surname) + _syllables(given) if surname else _syllables(name)
    return None if any(is_han(character) for syllable in syllables for character in syllable) else syllables


def spell(family: list[str], personal: list[str], umlaut: str = "yu") -> str:
    """Syllables of surname and given name as GB/T 28039-2011 writes them; ü becomes `umlaut`."""
    surname = "".join(family).replace("ü", umlaut).upper()
    return f"{surname} {_joined(personal).replace('ü', umlaut).capitalize()}".strip()


def _joined(syllables: list[str]) -> str:
    """Syllables as one word; an apostrophe keeps a, e, o from running into the syllable before (Xi'an)."""
    word = ""
    for syllable in syllables:
        word += ("'" if word and syllable[0] in "aeo" else "") + syllable
    return word


def english_name(name: str) -> str | None:
    """A Chinese name in letters as GB/T 28039-2011 has it, surname first in capitals: `OUYANG Nana`, `LYU Buwei`.

    ü is written yu. Names with `·` keep their order, each part capitalised; names in letters come back as they are.
    None when a character has no known reading: the holder must spell it. Always a proposal that the holder confirms.
    """
    surname, _given = split_name(name)
    if surname:
        syllables = name_syllables(name)
        return None if syllables is None else spell(syllables[: len(surname)], syllables[len(surname) :])
    words = []
    for part in re.split(r"[·\s]+", name):
        if any(is_han(character) for character in part):
            syllables = _readings_of_part(part)
            if syllables is None:
                return None
            words.append(_joined(syllables).replace("ü", "yu").capitalize())
        else:
            words.append(part)
    return " ".join(words)


def _readings_of_part(part: str) -> list[str] | None:
    syllables = _syllables(part)
    return None if any(is_han(character) for syllable in syllables for character in syllable) else syllables


def _spellings(syllables: list[str]) -> set[str]:
    """A word of pinyin as people type it: ü as v, yu or u."""
    word = "".join(syllables).lower()
    return {word} if "ü" not in word else {word.replace("ü", letters) for letters in ("v", "yu", "u")}


def name_keys(name: str) -> list[str]:
    """Every key under which a name is found, for a `text[]` column under a GIN index; the order is stable.

    Each Chinese character and each pair of neighbours, the whole name, each word or part, full pinyin and its initials
    (by the surname table and by the usual reading), all in lower case. Ask with `search_keys`.
    """
    folded = _compact(name)
    keys: dict[str, None] = dict.fromkeys([folded, name.lower().strip()])
    for part in re.split(r"[·\s\-]+", name.lower().strip()):
        keys[part.replace("'", "")] = None
    for run in re.findall(r"[^\x00-\x7f]+", folded):
        han = [character for character in run if is_han(character)]
        keys.update(dict.fromkeys(han))
        keys.update(dict.fromkeys(first + second for first, second in pairwise(run)))
    if any(is_han(character) for character in folded):
        for syllables in (name_syllables(folded), _syllables(folded)):
            if syllables is not None:
                keys.update(dict.fromkeys(sorted(_spellings(syllables))))
                keys["".join(syllable[0] for syllable in syllables).replace("ü", "v")] = None
    return [key for key in keys if key]


def _compact(text: str) -> str:
    return re.sub(
        r"[·\s\-'.]+", "", unicodedata.normalize("NFC", text).translate(_MIDDLE_DOTS).translate(_FULL_WIDTH).lower()
    )


def search_keys(query: str) -> list[str]:
    """Keys that must all be among a name's `name_keys` for the name to answer a query; empty for an empty query."""
    keys: dict[str, None] = {}
    for run in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", _compact(query)):
        if len(run) > 2 and not run.isascii():
            keys.update(dict.fromkeys(first + second for first, second in pairwise(run)))
        else:
            keys[run] = None
    return list(keys)


def sort_key(name: str) -> str:
    """A text that puts names into pinyin order under byte comparison: syllables with tones, then the name itself."""
    surname, given = split_name(name)
    if surname in surnames().compound or surname in surnames().single:
        spoken = [syllable.replace("ü", "v") for syllable in surname_syllables(surname)] + _toned(given)
    else:
        spoken = _toned(name)
    return (" ".join(spoken).lower() + "  " + name)[:SORT_KEY_LENGTH]


def _toned(text: str) -> list[str]:
    """Syllables with the number of their tone: `zhang1`, `lv3`."""
    return [readings[0] for readings in pinyin(text, style=Style.TONE3)] if text else []


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
