"""Check characters of the identifiers a certificate's facts are looked through for: GB 32100-2015 and GB 11643-1999."""

import re
from datetime import date

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 places of a unified social credit code: without I, O, S, V and Z."""
_RESIDENT_PLACES = "10X98765432"


def credit_check_character(places: str) -> str:
    """The 18th place for 17 places of a unified social credit code by GB 32100-2015 (weights 3**i mod 31)."""
    whole = sum(CREDIT_ALPHABET.index(place) * pow(3, index, 31) for index, place in enumerate(places))
    return CREDIT_ALPHABET[-whole % 31]


def resident_check_character(places: str) -> str:
    """The 18th place for 17 digits by ISO 7064 MOD 11-2, as GB 11643-1999 prescribes it: `0`-`9` or `X`."""
    return _RESIDENT_PLACES[sum(int(digit) * pow(2, 17 - index, 11) for index, digit in enumerate(places)) % 11]


def is_resident_number(text: str) -> bool:
    """Whether 18 characters have the form, a day of birth that exists and the check character of a resident number."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return resident_check_character(text[:17]) == text[17].upper()
