"""Names made findable, sortable and readable in English."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import yaml

from service.foundation.text import FULL_WIDTH, MIDDLE_DOTS, is_han

SORT_KEY_LENGTH = 300


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
    return [_lettered(found[0]) for found in _readings(text, "NORMAL")]


def readings(character: str) -> list[str]:
    """Every reading of one character without tones, with ü, usual first."""
    found = _readings(character, "NORMAL", every=True)
    return list(dict.fromkeys(map(_lettered, found[0]))) if found else []


def _readings(text: str, style: str, *, every: bool = False) -> list[list[str]]:
    """The readings of each character by the dictionary; with `every`, of those read in several ways all."""
    # Its dictionaries take a third of a second to load: the first name pays, not each start of the service.
    from pypinyin import Style, pinyin  # noqa: PLC0415 - for the reason above

    return pinyin(text, style=getattr(Style, style), heteronym=every) if text else []


def _lettered(syllable: str) -> str:
    return syllable.replace("v", "ü").replace("ê", "e")


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
        r"[·\s\-'.]+", "", unicodedata.normalize("NFC", text).translate(MIDDLE_DOTS).translate(FULL_WIDTH).lower()
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
    return [found[0] for found in _readings(text, "TONE3")]
