"""How an event of each kind moves the running total of each base, and the amount received."""

from collections.abc import Mapping

from service.incentives.errors import CostWithoutName, DeductionsAboveAmount
from service.incentives.rules.accrual import net_base
from service.incentives.rules.terms import BaseKind, PlanTerms

RECEIVED = {"receipt": 1, "refund": -1}

SIGNS: Mapping[BaseKind, Mapping[str, int]] = {
    BaseKind.RECEIVED: RECEIVED,
    BaseKind.NET_INCOME: {**RECEIVED, "cost": -1},
    BaseKind.OPERATING_PROFIT: {"profit": 1, "loss": -1},
    BaseKind.POOL: {"pool": 1},
    BaseKind.CONTRACT_AMOUNT: {"contract_concluded": 1},
    BaseKind.TRANSACTION_AMOUNT: {"transaction_concluded": 1},
}
"""Which kinds of event move which base, and in which direction; others leave it where it is."""


def check_deductions(kind: str, amount_fen: int, deductions: Mapping[str, int]) -> None:
    """A cost is the sum of its named deductions; deductions of anything else stay within it.

    Raises `CostWithoutName`, `DeductionsAboveAmount`.
    """
    whole = sum(deductions.values())
    if kind == "cost":
        if whole != amount_fen:
            raise CostWithoutName(field="deductions")
    elif whole > amount_fen:
        raise DeductionsAboveAmount(field="deductions")


def received_change(kind: str, amount_fen: int) -> int:
    """By how much an event moves what has been received on its contract, in fen."""
    return RECEIVED.get(kind, 0) * amount_fen


def base_change(terms: PlanTerms, kind: str, amount_fen: int, deductions: Mapping[str, int]) -> int:
    """By how much an event moves the running total of a plan's base, in fen.

    Only net income looks at deductions, and only at those the plan version lists: raises `DeductionUnknown` for others.
    """
    sign = SIGNS[terms.base].get(kind, 0)
    if terms.base is BaseKind.NET_INCOME and kind in ("receipt", "cost"):
        return net_base(terms, amount_fen if kind == "receipt" else 0, deductions)
    return sign * amount_fen
