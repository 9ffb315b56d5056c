"""Any receipts, refunds and reversals against an oracle in exact fractions, on the real database."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.foundation.actor import Actor
from service.incentives.actions import record_event, reverse_event
from service.incentives.errors import EventReversedAlready, ReceivedBelowZero
from service.incentives.queries import INVARIANTS, bucket_faults
from service.incentives.schemas import EventCreate, ReversalCreate
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from service.ledger.queries import balance
from service.ledger.tables import Book
from tests.conftest import As, World
from tests.given import incentives as given_incentives
from tests.given.incentives import COMMISSION, Deal, rate, receipt

LIMIT = 1_000_007
TERMS: dict[str, Any] = {
    **COMMISSION,
    "bands": [{"up_to_fen": LIMIT, "rate": rate(1, 3)}, {"up_to_fen": None, "rate": rate(7, 100)}],
    "lines": [
        {"key": "managers", "kind": "percent", "role": "managers", "rate": rate(2, 3)},
        {"key": "unit", "kind": "rest", "role": "unit"},
    ],
}


def shared(total: int, weights: list[int]) -> list[int]:
    """Largest remainder by hand: floors first, then one fen each to the largest remainders, ties to the first."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [int(one) for one in exact]
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def earned(base: int) -> int:
    """A third up to the limit and seven hundredths above, rounded half up once."""
    below, above = max(min(base, LIMIT), 0), max(base - LIMIT, 0)
    return int(Fraction(below, 3) + Fraction(7 * above, 100) + Fraction(1, 2))


def parts_of(base: int) -> list[int]:
    """What two managers (2:1 of two thirds) and the unit have of a running total."""
    lines = shared(earned(base), [2, 1])
    return [*shared(lines[0], [2, 1]), lines[1]]


@dataclass
class Oracle:
    """What should be owed, kept apart from everything the service does."""

    cap: int | None
    base: int = 0
    years: dict[int, list[int]] = field(default_factory=dict)
    live: dict[int, tuple[int, int]] = field(default_factory=dict)  # place -> (signed amount, year)

    def move(self, amount: int, year: int) -> None:
        """The running total moves; what it earns counts in a year."""
        before, after = parts_of(self.base), parts_of(self.base + amount)
        kept = self.years.setdefault(year, [0, 0, 0])
        self.years[year] = [one + new - old for one, new, old in zip(kept, after, before, strict=True)]
        self.base += amount

    def owed(self) -> list[int]:
        """What each manager is owed under the yearly cap, and what the unit keeps."""
        cap = self.cap
        managers = [
            sum(one[place] if cap is None else min(one[place], cap) for one in self.years.values()) for place in (0, 1)
        ]
        return [*managers, sum(one[2] for one in self.years.values())]


amounts = st.one_of(st.integers(1, 5), st.integers(1, 3_000_000), st.sampled_from([LIMIT - 1, LIMIT, LIMIT + 1]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("receipt"), amounts, st.sampled_from([2024, 2025])),
        st.tuples(st.just("refund"), amounts, st.sampled_from([2024, 2025])),
        st.tuples(st.just("reverse"), st.integers(0, 11), st.sampled_from([2024, 2025])),
        st.tuples(st.just("again"), st.integers(0, 11), st.just(2024)),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, cap=st.sampled_from([None, 0, 100_003]))
async def test_any_sequence_ends_at_what_exact_fractions_say(
    world: World, acting: As, steps: list[tuple[str, int, int]], cap: int | None
) -> None:
    async with world() as db:
        deal = await given_incentives.deal(db, {**TERMS, "cap_person_year_fen": cap})
    oracle, sent = Oracle(cap), []
    async with acting(deal.officer) as db:
        for kind, value, year in steps:
            if kind in ("receipt", "refund"):
                content = receipt(deal, value, f"n{len(sent)}", kind=kind, effective_on=f"{year}-05-06")
                new = EventCreate.model_validate(content, strict=False)
                signed = value if kind == "receipt" else -value
                try:
                    async with db.begin_nested():
                        row, fresh = await record_event(db, deal.officer, new)
                except ReceivedBelowZero:
                    assert oracle.base + signed < 0
                    continue
                assert fresh
                oracle.live[len(sent)] = (signed, year)
                sent.append((new, row.id))
                oracle.move(signed, year)
            elif sent and kind == "again":
                new, event_id = sent[value % len(sent)]
                row, fresh = await record_event(db, deal.officer, new)
                assert (row.id, fresh) == (event_id, False)
            elif sent:
                await reversed_like(db, deal.officer, oracle, sent, value % len(sent), year)
        await assert_as_oracle(db, deal, oracle)
    async with world() as db:
        for name, sql in {**INVARIANTS, **LEDGER_INVARIANTS}.items():
            assert (await db.execute(sa.text(sql))).all() == [], name
        assert await bucket_faults(db) == []


async def reversed_like(db: Any, officer: Actor, oracle: Oracle, sent: list[Any], place: int, year: int) -> None:
    """Reverse one event in both worlds; what was earned by it leaves the year it was earned in."""
    back = ReversalCreate(source="x", reference=f"back{place}-{year}", effective_on=f"{year}-07-01", reason="wrong")
    amount = oracle.live.get(place)
    try:
        async with db.begin_nested():
            _, fresh = await reverse_event(db, officer, sent[place][1], back)
    except EventReversedAlready:
        assert amount is None
        return
    except ReceivedBelowZero:
        assert amount is not None
        assert oracle.base - amount[0] < 0
        return
    if fresh:
        assert amount is not None
        oracle.move(-amount[0], amount[1])
        del oracle.live[place]
    else:
        assert amount is None


async def assert_as_oracle(db: Any, deal: Deal, oracle: Oracle) -> None:
    """The ledger owes what the oracle owes, to the fen."""
    owed = [
        -await balance(db, org_id=deal.org_id, book=Book.MONEY, code="incentive.payable", owner_id=person.id)
        for person in deal.managers
    ]
    retained = -await balance(db, org_id=deal.org_id, book=Book.MONEY, code="incentive.retained")
    assert [*owed, retained] == oracle.owed()
    expense = await balance(
        db, org_id=deal.org_id, book=Book.MONEY, code="incentive.expense", owner_id=deal.contract.id
    )
    assert expense == sum(oracle.owed())
