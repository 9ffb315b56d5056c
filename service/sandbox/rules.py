"""What every sandbox holds: the same few people, certificates and sums in each, plainly synthetic."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.serial import BASE_SLOTS, CertificateNumber
from service.foundation.errors import DomainError
from service.foundation.language import later
from service.settings import SANDBOX_PREFIX

CODE_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_SANDBOXES = len(CODE_DIGITS) ** 3
PLACES = 10  # serials of one sandbox


class SandboxesExhausted(DomainError):
    """No code is left for another sandbox."""

    slug = "sandboxes-exhausted"
    message = later("No further sandbox can be opened; please ask the system administrator.")


@dataclass(frozen=True)
class SyntheticPerson:
    """A person who is nobody: the name says so."""

    name: str
    english: str
    trainee: bool


PEOPLE = (
    SyntheticPerson("沙箱甲", "SHAXIANG Jia", True),
    SyntheticPerson("沙箱乙", "SHAXIANG Yi", True),
    SyntheticPerson("沙箱丙", "SHAXIANG Bing", True),
    SyntheticPerson("沙箱丁", "SHAXIANG Ding", True),
    SyntheticPerson("沙箱戊", "SHAXIANG Wu", False),
    SyntheticPerson("沙箱己", "SHAXIANG Ji", False),
)
STATES = ("valid", "valid", "suspended", "revoked")
"""What the trainees' certificates are worth, in their order."""

REASONS = {"suspended": "investigation", "revoked": "issued_in_error"}
"""Why, by the state."""

TAUGHT = (date(2026, 3, 2), date(2026, 3, 13))
AWARDED = date(2026, 3, 20)
SIGNED = date(2026, 2, 2)
REGISTERED = date(2026, 2, 9)
PAID = date(2026, 3, 31)
CONTRACT_FEN = 100_000_000
TRANSACTION_FEN = 80_000_000
RECEIVED_FEN = 60_000_000


def _rate(numerator: int) -> dict[str, int]:
    return {"numerator": numerator, "denominator": 100}


TERMS: dict[str, Any] = {
    "base": "received",
    "bands": [{"up_to_fen": 50_000_000, "rate": _rate(5)}, {"up_to_fen": None, "rate": _rate(8)}],
    "lines": [
        {"key": "managers", "kind": "percent", "role": "managers", "rate": _rate(75), "title": {"zh": "技术经理人"}},
        {"key": "unit", "kind": "rest", "role": "unit", "title": {"zh": "单位"}},
    ],
    "notice_days": 15,
    "notice_kind": "working",
    "tax_ground": "labour_service",
}
"""A commission of 5 % up to 500,000 yuan received and 8 % above; working values, no advice."""


def base_code(place: int) -> str:
    """The code of the `place`-th sandbox's base, S000 and on: no slot of the register. Raises SandboxesExhausted."""
    if not 0 <= place < MOST_SANDBOXES:
        raise SandboxesExhausted
    digits = len(CODE_DIGITS)
    return "S" + "".join(CODE_DIGITS[place // digits**power % digits] for power in (2, 1, 0))


def place_of(code: str) -> int:
    """Undo `base_code`."""
    value = 0
    for digit in code[1:]:
        value = value * len(CODE_DIGITS) + CODE_DIGITS.index(digit)
    return value


def number(place: int, order: int) -> CertificateNumber:
    """The number of the `order`-th certificate (from 0) of the `place`-th sandbox; no two sandboxes share one."""
    return CertificateNumber(SANDBOX_PREFIX, f"{place % BASE_SLOTS + 1:02d}", AWARDED.year, place * PLACES + order + 1)


def document_number(place: int, order: int) -> str:
    """An identity number that no document bears and no form of ours accepts."""
    return f"SANDBOX:{place}:{order}"
