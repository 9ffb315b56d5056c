"""What a technology contract may become, and how its kinds, states and roles are called."""

from datetime import date

from service.contracts.errors import DateAhead, RegisteredBeforeSigned, TransactionAboveContract
from service.foundation.errors import StateConflict
from service.foundation.language import later

KIND_TITLES = {
    "development": later("Technology development"),
    "transfer": later("Technology transfer"),
    "licence": later("Technology licence"),
    "consulting": later("Technology consulting"),
    "service": later("Technology service"),
}

STATE_TITLES = {
    "signed": later("signed"),
    "registered": later("registered"),
    "void": later("void"),
    "ended": later("ended"),
}

ROLE_TITLES = {
    "lead": later("Leading the deal"),
    "sourcing": later("Matching supply and demand"),
    "valuation": later("Valuation"),
    "negotiation": later("Negotiation"),
    "follow_up": later("Follow-up after signing"),
    "contributor": later("Completing the result"),
}

MOVES = {"signed": {"registered", "void", "ended"}, "registered": {"void", "ended"}, "void": set(), "ended": {"void"}}
"""Which state may follow which; an ended contract can still be found void, a void one stays void."""


def move(present: str, following: str) -> None:
    """Refuse (StateConflict) a change of state that does not exist."""
    if following not in MOVES[present]:
        raise StateConflict(state=STATE_TITLES[present])


def check_amounts(contract_fen: int, transaction_fen: int) -> None:
    """The technology transaction amount (without equipment and material) lies within the contract amount."""
    if transaction_fen > contract_fen:
        raise TransactionAboveContract(field="transaction_fen")


def check_signed(signed_on: date, today: date) -> None:
    """A contract is recorded when it has been signed."""
    if signed_on > today:
        raise DateAhead(field="signed_on", day=signed_on.isoformat())


def check_registered(signed_on: date, registered_on: date, today: date) -> None:
    """A registration lies between signing and today."""
    if registered_on < signed_on:
        raise RegisteredBeforeSigned(field="registered_on", signed_on=signed_on.isoformat())
    if registered_on > today:
        raise DateAhead(field="registered_on", day=registered_on.isoformat())
