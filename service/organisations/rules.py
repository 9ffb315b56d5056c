"""Kinds of legal entities, and whether a credit code can be right."""

import re
import unicodedata
from enum import StrEnum

from certificates.check_characters import CREDIT_ALPHABET, credit_check_character
from service.foundation.language import later
from service.organisations.errors import CreditCodeRefused


class OrganisationKind(StrEnum):
    """What kind of legal entity this is."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    FIRM = "firm"
    HOSPITAL = "hospital"
    TRANSFER_INSTITUTION = "transfer_institution"
    INCUBATOR = "incubator"
    PARK = "park"
    FINANCE = "finance"
    EXCHANGE = "exchange"
    GOVERNMENT = "government"
    TRAINING_BASE = "training_base"


KIND_TITLES = {
    "university": later("University"),
    "institute": later("Research institute"),
    "firm": later("Firm"),
    "hospital": later("Hospital"),
    "transfer_institution": later("Technology transfer institution"),
    "incubator": later("Incubator"),
    "park": later("Science park"),
    "finance": later("Financial institution"),
    "exchange": later("Technology exchange"),
    "government": later("Government body"),
    "training_base": later("Training base"),
}


def credit_code(text: str, field: str = "uscc") -> str:
    """A unified social credit code (统一社会信用代码, GB 32100-2015) in its stored form of 18 places.

    Full-width places, small letters, blanks and hyphens are folded. Raises CreditCodeRefused.
    """
    code = re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != 18:
        raise CreditCodeRefused(field=field, reason=later("it must have 18 places."))
    if any(place not in CREDIT_ALPHABET for place in code):
        reason = later("the letters I, O, S, V and Z are never used; perhaps a digit is meant.")
        raise CreditCodeRefused(field=field, reason=reason)
    if not code[2:8].isdigit():
        raise CreditCodeRefused(field=field, reason=later("places 3 to 8 name a region and are digits."))
    if credit_check_character(code[:17]) != code[17]:
        raise CreditCodeRefused(field=field, reason=later("at least one place is mistyped."))
    return code


def compact_name(name: str) -> str:
    """A name for comparing: width and case folded, blanks, brackets and the words for the legal form gone."""
    folded = re.sub(r"[\s()（）·.,，。]+", "", unicodedata.normalize("NFKC", name)).casefold()
    return re.sub(r"(?:集团)?(?:股份|有限责任|有限)*公司$", "", folded) or folded
