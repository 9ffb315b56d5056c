"""What a step of the running total earns, and who gets how much of it, to the fen and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from service.foundation.money import allocate
from service.incentives.errors import (
    DeductionUnknown,
    LineWithoutParty,
    NegativeAmount,
    NegativeTotal,
    PartyLineUnknown,
    PartyTwice,
    PartyWeightWrong,
)
from service.incentives.rules.terms import LineKind, PlanTerms, SplitLine


@dataclass(frozen=True, slots=True)
class Party:
    """One receiver: the party's number, the split line it stands under, and its whole-number weight in that line."""

    number: int
    line: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Accrued:
    """What one event earned: `amount_fen` is total after less total before; `parts` by party number add up to it."""

    total_before_fen: int
    total_after_fen: int
    parts: Mapping[int, int]

    @property
    def amount_fen(self) -> int:
        """What is booked, below zero for a refund."""
        return self.total_after_fen - self.total_before_fen


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What each claim gets in its order, what it still misses, and what is left over, all in fen."""

    paid: tuple[int, ...]
    unpaid: tuple[int, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class YearCapped:
    """Of a change in one person's year: what is booked to the person, and what stays above the cap, in fen."""

    booked_fen: int
    above_cap_fen: int


def check_parties(terms: PlanTerms, parties: Sequence[Party]) -> None:
    """Every line has a party, every party a line of the plan.

    Raises `PartyTwice`, `PartyWeightWrong`, `PartyLineUnknown`, `LineWithoutParty`.
    """
    keys = {line.key for line in terms.lines}
    numbers: set[int] = set()
    for party in parties:
        if party.number in numbers:
            raise PartyTwice(party=party.number)
        numbers.add(party.number)
        if party.weight <= 0:
            raise PartyWeightWrong(party=party.number)
        if party.line not in keys:
            raise PartyLineUnknown(party=party.number, line=party.line)
    for line in terms.lines:
        if all(party.line != line.key for party in parties):
            raise LineWithoutParty(line=line.key)


def split_lines(lines: Sequence[SplitLine], total_fen: int) -> list[int]:
    """A running total shared among a plan's lines: fixed sums first in their order, then percentages and the rest.

    The percentages are of what the fixed sums leave; largest remainder. Raises `NegativeTotal`.
    """
    if total_fen < 0:
        raise NegativeTotal()
    left = total_fen
    parts = [0] * len(lines)
    for index, line in enumerate(lines):
        if line.kind is LineKind.FIXED:
            parts[index] = min(left, line.fixed_fen or 0)
            left -= parts[index]
    whole = lcm(*(line.rate.denominator for line in lines if line.rate is not None))
    weights = [line.rate.numerator * whole // line.rate.denominator if line.rate is not None else 0 for line in lines]
    rest = whole - sum(weights)
    weights = [rest if line.kind is LineKind.REST else weight for line, weight in zip(lines, weights, strict=True)]
    return [taken + shared for taken, shared in zip(parts, allocate(left, weights), strict=True)]


def share_out(terms: PlanTerms, parties: Sequence[Party], total_fen: int) -> dict[int, int]:
    """A running total of what is earned, by party number, lines first and then the parties of each by weight.

    Ties go to the lower party number. Raises what `check_parties` raises, and `NegativeTotal`.
    """
    check_parties(terms, parties)
    ordered = sorted(parties, key=lambda party: party.number)
    shared: dict[int, int] = {}
    for line, line_fen in zip(terms.lines, split_lines(terms.lines, total_fen), strict=True):
        inside = [party for party in ordered if party.line == line.key]
        for party, fen in zip(inside, allocate(line_fen, [party.weight for party in inside]), strict=True):
            shared[party.number] = fen
    return {party.number: shared[party.number] for party in ordered}


def accrue(terms: PlanTerms, parties: Sequence[Party], before_base_fen: int, after_base_fen: int) -> Accrued:
    """What the step from one running total of the base to another earns, for each party.

    Both totals are shared out over the same lines and the differences are booked, so that every order and cutting of
    the same events ends at the same sums, and a refund of everything brings everybody back to zero. One party's part
    of a step may be a fen below zero where a larger total gives it a smaller remainder.
    """
    before, after = terms.earned(before_base_fen), terms.earned(after_base_fen)
    shared_before, shared_after = share_out(terms, parties, before), share_out(terms, parties, after)
    return Accrued(before, after, {number: shared_after[number] - shared_before[number] for number in shared_after})


def reversed_parts(parts: Mapping[int, int]) -> dict[int, int]:
    """The stored parts of an accrual with their signs turned: a full reversal is never computed anew."""
    return {number: -fen for number, fen in parts.items()}


def within_year_cap(terms: PlanTerms, year_before_fen: int, change_fen: int) -> YearCapped:
    """How much of a change to one person's uncapped sum of the year is booked under the yearly cap.

    `year_before_fen` is the sum of the person's parts of this plan and year before the cap. A refund frees room again.
    The sum may fall below zero: what was paid in one year and refunded in the next is taken back in full.
    """
    cap = terms.cap_person_year_fen
    if cap is None:
        return YearCapped(change_fen, 0)
    booked = min(year_before_fen + change_fen, cap) - min(year_before_fen, cap)
    return YearCapped(booked, change_fen - booked)


def net_base(terms: PlanTerms, gross_fen: int, deductions: Mapping[str, int]) -> int:
    """A gross sum less the deductions the plan version lists, in fen; below zero the costs stay a claim on later income.

    Raises `DeductionUnknown` and `NegativeAmount`.
    """
    if gross_fen < 0:
        raise NegativeAmount(what="gross")
    for name, fen in deductions.items():
        if name not in terms.deductions:
            raise DeductionUnknown(deduction=name, allowed=list(terms.deductions) or "-")
        if fen < 0:
            raise NegativeAmount(what=name)
    return gross_fen - sum(deductions.values())


def waterfall(total_fen: int, claims: Sequence[int]) -> Waterfall:
    """A sum poured over claims in their order, each getting `min(what is left, its claim)`; the last is the rest.

    Raises `NegativeTotal` and `NegativeAmount`.
    """
    if total_fen < 0:
        raise NegativeTotal()
    left = total_fen
    paid: list[int] = []
    for position, claim in enumerate(claims, start=1):
        if claim < 0:
            raise NegativeAmount(what=f"#{position}")
        paid.append(min(left, claim))
        left -= paid[-1]
    return Waterfall(tuple(paid), tuple(claim - got for claim, got in zip(claims, paid, strict=True)), left)
