"""Whether a document, a phone number or a spelling can be right, decided from its places alone."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

import phonenumbers
import yaml

from certificates.check_characters import resident_check_character
from service.foundation.language import later
from service.foundation.names import english_name, name_syllables, readings, spell, split_name, surnames
from service.people.errors import (
    IdentityNumberMissing,
    WrongCheckCharacter,
    WrongEnglishName,
    WrongIdentityDate,
    WrongIdentityForm,
    WrongIdentityRegion,
    WrongMobileNumber,
)


class IdentityKind(StrEnum):
    """Kinds of identity document; the kind is chosen first, and the number is checked by the rule of its kind."""

    RESIDENT = "resident"
    HK_MACAO_RESIDENCE = "hk_macao_residence"
    TAIWAN_RESIDENCE = "taiwan_residence"
    PERMANENT_RESIDENT = "permanent_resident"
    PASSPORT = "passport"
    HK_MACAO_TRAVEL = "hk_macao_travel"
    TAIWAN_TRAVEL = "taiwan_travel"


IDENTITY_NAMES = {
    IdentityKind.RESIDENT: {"zh": "居民身份证", "en": "Resident identity card"},
    IdentityKind.HK_MACAO_RESIDENCE: {
        "zh": "港澳居民居住证",
        "en": "Residence permit for Hong Kong and Macao residents",
    },
    IdentityKind.TAIWAN_RESIDENCE: {"zh": "台湾居民居住证", "en": "Residence permit for Taiwan residents"},
    IdentityKind.PERMANENT_RESIDENT: {"zh": "外国人永久居留身份证", "en": "Foreign permanent resident identity card"},
    IdentityKind.PASSPORT: {"zh": "护照", "en": "Passport"},
    IdentityKind.HK_MACAO_TRAVEL: {
        "zh": "港澳居民来往内地通行证",
        "en": "Mainland travel permit for Hong Kong and Macao residents",
    },
    IdentityKind.TAIWAN_TRAVEL: {"zh": "台湾居民来往大陆通行证", "en": "Mainland travel permit for Taiwan residents"},
}

IDENTITY_ALIASES = {
    **{names["zh"]: kind for kind, names in IDENTITY_NAMES.items()},
    **{names["en"].casefold(): kind for kind, names in IDENTITY_NAMES.items()},
    **{kind.value: kind for kind in IdentityKind},
    "身份证": IdentityKind.RESIDENT,
    "中华人民共和国居民身份证": IdentityKind.RESIDENT,
    "二代身份证": IdentityKind.RESIDENT,
    "港澳居住证": IdentityKind.HK_MACAO_RESIDENCE,
    "台湾居住证": IdentityKind.TAIWAN_RESIDENCE,
    "外国人永久居留证": IdentityKind.PERMANENT_RESIDENT,
    "永居证": IdentityKind.PERMANENT_RESIDENT,
    "普通护照": IdentityKind.PASSPORT,
    "港澳通行证": IdentityKind.HK_MACAO_TRAVEL,
    "回乡证": IdentityKind.HK_MACAO_TRAVEL,
    "台胞证": IdentityKind.TAIWAN_TRAVEL,
    "台湾通行证": IdentityKind.TAIWAN_TRAVEL,
}
"""How rosters name the kinds; look up with `identity_kind`."""

_KEPT = re.compile(r"[^0-9A-Z]+")
_EARLIEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A document whose number can be right: its stored form, and what the number itself says of its holder."""

    kind: IdentityKind
    number: str
    born: date | None = None
    female: bool | None = None


@cache
def identity_regions() -> dict[str, dict[str, str]]:
    """Regions inside numbers: provinces by two digits (`resident`), whole codes (`residence_permit`)."""
    text = (resources.files("service.people") / "data" / "identity_regions.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    return {"resident": table["resident"], "residence_permit": table["residence_permit"]}


def identity_kind(text: str, number: str = "") -> IdentityKind | None:
    """The kind a roster names, None when unknown; the shared name 港澳台居民居住证 is settled by the number's region."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()
    if name in ("港澳台居民居住证", "港澳台居住证"):
        return (
            IdentityKind.TAIWAN_RESIDENCE if fold_number(number).startswith("83") else IdentityKind.HK_MACAO_RESIDENCE
        )
    return IDENTITY_ALIASES.get(name)


def fold_number(text: str) -> str:
    """A document number or code with full-width places folded, letters in capitals, blanks, hyphens and dots gone."""
    return _KEPT.sub("", re.sub(r"[\s\-.·'‐‑–—]+", "", unicodedata.normalize("NFKC", text)).upper())


def check_identity(kind: IdentityKind, number: str, today: date) -> Identity:
    """Check a document number by the rule of its kind; the answer holds the form in which it is stored.

    Resident cards (GB 11643), residence permits (81, 82, 83) and the 18-place cards of foreign permanent residents:
    region, a day of birth between 1900 and `today`, check character. The permanent residents' earlier 15-place cards,
    passports and travel permits carry no check place that could be relied on: their form only. Raises
    `IdentityNumberMissing`, `WrongIdentityForm`, `WrongIdentityRegion`, `WrongIdentityDate`, `WrongCheckCharacter`.
    """
    odd = re.search(r"[^0-9A-Z]", re.sub(r"[\s\-.·'‐‑–—]+", "", unicodedata.normalize("NFKC", number)).upper())
    folded = fold_number(number)
    if not folded and not odd:
        raise IdentityNumberMissing(field="identity_number")
    if odd:
        raise _wrong_form(kind, later("it holds a character that is neither digit nor letter."))
    match kind:
        case IdentityKind.RESIDENT | IdentityKind.HK_MACAO_RESIDENCE | IdentityKind.TAIWAN_RESIDENCE:
            return _citizen_number(kind, folded, today)
        case IdentityKind.PERMANENT_RESIDENT:
            return _permanent_resident(folded, today)
        case IdentityKind.PASSPORT:
            return _passport(folded)
        case IdentityKind.HK_MACAO_TRAVEL:
            if not re.fullmatch(r"[HM][0-9]{8}(?:[0-9]{2})?", folded):
                raise _wrong_form(kind, later("it begins with H or M, followed by 8 digits (older cards: 10)."))
            return Identity(kind, folded[:9])  # the two further digits of older cards count renewals
        case IdentityKind.TAIWAN_TRAVEL:
            if not re.fullmatch(r"[0-9]{8}|[0-9]{10}[A-Z]?", folded):
                raise _wrong_form(kind, later("it has 8 digits (older booklets: 10, sometimes with a letter)."))
            return Identity(kind, folded)


def _wrong_form(kind: IdentityKind, reason: str) -> WrongIdentityForm:
    return WrongIdentityForm(field="identity_number", kind=IDENTITY_NAMES[kind], reason=reason)


def _citizen_number(kind: IdentityKind, number: str, today: date) -> Identity:
    if re.fullmatch(r"[0-9]{15}", number) and kind is IdentityKind.RESIDENT:
        raise _wrong_form(kind, later("it has 15 digits; cards with 15 digits ended in 2013."))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _wrong_form(kind, later("it has 17 digits and a last place that is a digit or X."))
    region = number[:6]
    regions = identity_regions()
    if kind is IdentityKind.RESIDENT:
        known = region[:2] in regions["resident"] and (1 <= int(region[2:4]) <= 70 or region[2:4] == "90")
    else:
        known = region in regions["residence_permit"] and (region == "830000") == (
            kind is IdentityKind.TAIWAN_RESIDENCE
        )
    if not known:
        raise WrongIdentityRegion(field="identity_number", region=region, kind=IDENTITY_NAMES[kind])
    return _with_birth(kind, number, today)


def _permanent_resident(number: str, today: date) -> Identity:
    kind = IdentityKind.PERMANENT_RESIDENT
    if re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        if number[1:3] not in identity_regions()["resident"]:
            raise WrongIdentityRegion(field="identity_number", region=number[:6], kind=IDENTITY_NAMES[kind])
        return _with_birth(kind, number, today)
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        two_digit_year = number[7:13]
        if not any(_day(century + two_digit_year, today) for century in ("19", "20")):
            raise WrongIdentityDate(field="identity_number", date=two_digit_year)
        return Identity(kind, number)
    raise _wrong_form(kind, later("it has 18 places beginning with 9 (older cards: 3 letters and 12 digits)."))


def _passport(number: str) -> Identity:
    kind = IdentityKind.PASSPORT
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _wrong_form(kind, later("it has the 18 places of an identity card; please choose that kind."))
    if not re.fullmatch(r"(?=.*[0-9])[0-9A-Z]{5,15}", number):
        raise _wrong_form(kind, later("it has 5 to 15 letters and digits, at least one of them a digit."))
    return Identity(kind, number)


def _day(text: str, today: date) -> date | None:
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
    return born if _EARLIEST_BIRTH <= born <= today else None


def _with_birth(kind: IdentityKind, number: str, today: date) -> Identity:
    born = _day(number[6:14], today)
    if born is None:
        raise WrongIdentityDate(field="identity_number", date=f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    if resident_check_character(number[:17]) != number[17]:
        raise WrongCheckCharacter(field="identity_number")
    return Identity(kind, number, born, female=int(number[16]) % 2 == 0)


def check_mobile(text: str) -> str:
    """A mobile number in its stored form `+8613812345678`; without a country's code it is taken as a mainland one.

    Mainland China, Hong Kong, Macao and Taiwan. Raises `WrongMobileNumber` for fixed lines and everything else.
    """
    folded = re.sub(r"[\s\-()]+", "", unicodedata.normalize("NFKC", text))
    try:
        number = phonenumbers.parse(folded, "CN")
    except phonenumbers.NumberParseException as error:
        raise WrongMobileNumber(field="mobile") from error
    mobile = phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    known = number.country_code in (86, 852, 853, 886) and not number.extension
    if not (known and mobile and phonenumbers.is_valid_number(number)):
        raise WrongMobileNumber(field="mobile")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def check_english_name(text: str) -> str:
    """A spelling in English as it is stored: letters, single blanks, hyphens, apostrophes. Raises `WrongEnglishName`."""
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")).strip()
    if len(folded) > 100 or not re.fullmatch(r"[A-Za-z]+(?:[ '\-]{1,2}[A-Za-z]+)*[.]?", folded):
        raise WrongEnglishName(field="english_name")
    return folded


def english_name_choices(name: str, limit: int = 8) -> list[str]:
    """Spellings a holder may choose from, the standard's own first; empty when a character has no known reading.

    After the standard's: other readings of the surname and of each character of the given name, without the
    apostrophe, and ü as in passports before 2012 (V, U).
    """
    standard = english_name(name)
    if standard is None:
        return []
    surname, given = split_name(name)
    if not surname:
        return [standard]
    syllables = name_syllables(name) or []
    family, personal = syllables[: len(surname)], syllables[len(surname) :]
    spellings = [(family, personal)]
    if len(surname) == 1:
        known = surnames().single.get(surname) or readings(surname)
        spellings += [([reading], personal) for reading in known]
    for place, character in enumerate(given):
        for reading in readings(character):
            spellings.append((family, [*personal[:place], reading, *personal[place + 1 :]]))
    choices = [standard]
    choices += [spell(*pair) for pair in spellings]
    choices += [choice.replace("'", "") for choice in choices]
    if "ü" in "".join(syllables):
        choices += [spell(family, personal, umlaut=letter) for letter in ("v", "u")]
    return list(dict.fromkeys(choices))[:limit]
