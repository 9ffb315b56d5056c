"""Certificate numbers with their check character, check codes, and the address printed as a QR code."""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from certificates.refusals import (
    AddressRefused,
    CheckCodeUnreadable,
    NumberCheckFails,
    NumberPartRefused,
    NumberUnreadable,
)

DEFAULT_PREFIX = "JSJL"
REFUSED_PREFIXES = frozenset({"TM"})  # read by everyone as a trade mark
BASE_SLOTS = 36
LARGEST_SERIAL = 999_999
EXAMPLE_CODE = "7K3M-9QXA-42TD"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIX = re.compile(r"[A-Z]{2,8}")
_WRITTEN = re.compile(
    r"(?P<prefix>[0-9A-Z]{2,8})(?P<base>[0-9A-Z]{2})(?P<year>[0-9A-Z]{4})(?P<serial>[0-9A-Z]{6})(?P<check>[0-9A-Z])"
)
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212_./·\u200b\u200c\u200d\u2060\ufeff]+")
_AS_DIGIT = str.maketrans({"O": "0", "I": "1", "L": "1"})
_AS_LETTER = str.maketrans({"0": "O", "1": "I"})
_CONFUSABLE = {"0": "OD", "O": "0", "D": "0", "1": "IL7", "I": "1", "L": "1", "7": "1", "5": "S", "S": "5", "8": "B", "B": "8", "2": "Z", "Z": "2", "6": "G", "G": "6", "U": "V", "V": "U"}  # fmt: skip
_QR_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")


def check_character(text: str) -> str:
    """The check character of ``text`` (digits and capital letters) by ISO 7064 MOD 37,36 (GB/T 17710).

    Catches every substitution of one character; a hybrid system, so the check character is a digit or a letter.
    """
    product = 36
    for character in text:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


@dataclass(frozen=True, slots=True, order=True)
class CertificateNumber:
    """A certificate number in its parts; ``str()`` gives the printed form ``{prefix}-{BB}-{YYYY}-{NNNNNN}-{C}``.

    ``prefix`` is two to eight capital letters (a setting, never TM), ``base_code`` the slot of the register 01 to 36,
    ``year`` of award, ``serial`` 1 to 999999 within base and year. Raises NumberPartRefused for anything else.
    """

    prefix: str
    base_code: str
    year: int
    serial: int

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix) or self.prefix in REFUSED_PREFIXES:
            raise NumberPartRefused(part="prefix", value=self.prefix, rule="two to eight capital letters, never TM")
        if not re.fullmatch(r"[0-9]{2}", self.base_code) or not 1 <= int(self.base_code) <= BASE_SLOTS:
            raise NumberPartRefused(part="base", value=self.base_code, rule="a slot from 01 to 36")
        if not 2000 <= self.year <= 9999:
            raise NumberPartRefused(part="year", value=self.year, rule="four digits, 2000 or later")
        if not 1 <= self.serial <= LARGEST_SERIAL:
            raise NumberPartRefused(part="serial", value=self.serial, rule="1 to 999999")

    @property
    def payload(self) -> str:
        """All but the hyphens and the check character."""
        return f"{self.prefix}{self.base_code}{self.year:04d}{self.serial:06d}"

    @property
    def check(self) -> str:
        """The check character."""
        return check_character(self.payload)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.base_code}-{self.year:04d}-{self.serial:06d}-{self.check}"


EXAMPLE_NUMBER = str(CertificateNumber(DEFAULT_PREFIX, "07", 2026, 128))


def _compact(text: str) -> str:
    """Capital ASCII letters and digits of ``text`` after folding full-width forms and dropping separators."""
    folded = unicodedata.normalize("NFKC", text)
    return _SEPARATORS.sub("", folded).upper()


def _numbers_like(prefix: str, digits: str, check: str) -> list[str]:
    """Fitting numbers one confusable character or one swap of neighbours away from what was written."""
    written = prefix + digits + check
    readings = [
        written[:place] + other + written[place + 1 :]
        for place, character in enumerate(written)
        for other in _CONFUSABLE.get(character, "")
    ]
    readings += [
        written[:place] + written[place + 1] + written[place] + written[place + 2 :]
        for place in range(len(written) - 1)
    ]
    found: list[str] = []
    for reading in readings:
        first, middle, last = reading[: len(prefix)], reading[len(prefix) : -1], reading[-1]
        if not middle.isdigit():
            continue
        try:
            number = CertificateNumber(first, middle[:2], int(middle[2:6]), int(middle[6:]))
        except NumberPartRefused:
            continue
        if number.check == last and str(number) not in found:
            found.append(str(number))
    return found


def parse_number(text: str) -> CertificateNumber:
    """Read a certificate number as people type it.

    Lower case, spaces, full-width characters and missing hyphens are forgiven, and so are O for 0 and I or L for 1 where
    only digits stand (0 and 1 for O and I in the prefix). Raises NumberUnreadable when it has not the form of a number,
    NumberCheckFails (with suggestions) when the check character does not fit.
    """
    match = _WRITTEN.fullmatch(_compact(text))
    if match is None:
        raise NumberUnreadable(text=text[:60], example=EXAMPLE_NUMBER)
    prefix = match["prefix"].translate(_AS_LETTER)
    digits = (match["base"] + match["year"] + match["serial"]).translate(_AS_DIGIT)
    check = match["check"]
    if not digits.isdigit() or not prefix.isalpha():
        raise NumberUnreadable(text=text[:60], example=EXAMPLE_NUMBER)
    if check_character(prefix + digits) != check:
        suggestions = tuple(_numbers_like(prefix, digits, check))
        written = f"{prefix}-{digits[:2]}-{digits[2:6]}-{digits[6:]}-{check}"
        raise NumberCheckFails(number=written, suggestions=suggestions)
    return CertificateNumber(prefix, digits[:2], int(digits[2:6]), int(digits[6:]))


def make_check_code(random_bytes: bytes) -> str:
    """A check code of 60 random bits as ``XXXX-XXXX-XXXX`` in Crockford's base 32.

    ``random_bytes`` are eight bytes from a cryptographic source; ValueError for fewer.
    """
    if len(random_bytes) < 8:
        raise ValueError("a check code needs eight random bytes")
    bits = int.from_bytes(random_bytes[:8], "big") >> 4
    symbols = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(55, -1, -5))
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8:]}"


def parse_check_code(text: str) -> str:
    """The check code in its printed form; forgives case, separators, full-width forms, O for 0, I and L for 1."""
    compact = _compact(text).translate(_AS_DIGIT)
    if len(compact) != 12 or any(symbol not in _CROCKFORD for symbol in compact):
        raise CheckCodeUnreadable(text=text[:40], example=EXAMPLE_CODE)
    return f"{compact[:4]}-{compact[4:8]}-{compact[8:]}"


def same_check_code(given: str, kept: str) -> bool:
    """Whether two check codes agree, compared in constant time; False when ``given`` is not a check code."""
    try:
        return hmac.compare_digest(parse_check_code(given), parse_check_code(kept))
    except CheckCodeUnreadable:
        return False


def verification_address(origin: str, number: str, check_code: str) -> str:
    """The address behind the QR code: ``HTTPS://HOST/V/{NUMBER}/{CODE}``, in capitals for the QR alphanumeric mode.

    ``origin`` is the public origin of the service, such as ``https://certificates.example``; plain http is accepted
    only for this machine itself (demonstrations). Raises AddressRefused otherwise.
    """
    parts = urlsplit(origin)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username or not parts.hostname:
        raise AddressRefused(address=origin, rule="give scheme and host only")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")):
        raise AddressRefused(address=origin, rule="it must begin with https://")
    address = f"{parts.scheme}://{parts.netloc}/V/{parse_number(number)}/{parse_check_code(check_code)}".upper()
    if not _QR_ALPHANUMERIC.fullmatch(address):
        raise AddressRefused(address=origin, rule="only letters, digits, dots and hyphens in the host")
    return address


def parse_verification_address(text: str) -> tuple[CertificateNumber, str]:
    """Number and check code out of a scanned address; the host is not judged."""
    match = re.search(r"/V/([^/?#]+)/([^/?#]+)/?$", text.strip(), re.IGNORECASE)
    if match is None:
        raise AddressRefused(address=text[:80], rule="a scanned address ends with /V/number/code")
    return parse_number(match[1]), parse_check_code(match[2])
