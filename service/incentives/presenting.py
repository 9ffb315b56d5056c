"""How each sum came about, put together for a page: the event, each agreement's steps, each party's part, the entry."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.incentives.queries import Bound, accruals_of, agreements_bound
from service.incentives.rules.explaining import LineStep, TotalSteps, line_steps, total_steps
from service.incentives.tables import Accrual, AccrualKind, AccrualLine, Agreement, AgreementParty, RevenueEvent
from service.ledger.queries import lines_of
from service.ledger.tables import LedgerAccount, LedgerLine
from service.people.queries import persons


@dataclass(frozen=True)
class PartShown:
    """One party's part: who, under which line with which weight, earned and booked."""

    name: str | None
    party: AgreementParty
    line: AccrualLine


@dataclass(frozen=True)
class AccrualStory:
    """One accrual with every step behind it; `before`, `after` and `lines` only where the event earned by the terms."""

    accrual: Accrual
    bound: Bound
    before: TotalSteps | None
    after: TotalSteps | None
    lines: list[LineStep]
    parts: list[PartShown]
    entry: list[tuple[LedgerLine, LedgerAccount]]


async def story_of(db: AsyncSession, event: RevenueEvent) -> list[AccrualStory]:
    """The story of every accrual of an event, in the order they were booked."""
    found = await accruals_of(db, [event.id])
    ids = {accrual.agreement_id for accrual, _ in found}
    bounds = {one.agreement.id: one for one in await agreements_bound(db, col(Agreement.id).in_(list(ids)))}
    people = await persons(db, [line.person_id for _, lines in found for line in lines if line.person_id])
    names = {person_id: row.name for person_id, row in people.items()}
    return [await _story(db, accrual, lines, bounds[accrual.agreement_id], names) for accrual, lines in found]


async def _story(
    db: AsyncSession, accrual: Accrual, lines: list[AccrualLine], bound: Bound, names: dict[UUID, str]
) -> AccrualStory:
    parties = {party.party_no: party for party in bound.parties}
    by_terms = accrual.kind is AccrualKind.EVENT
    return AccrualStory(
        accrual=accrual,
        bound=bound,
        before=total_steps(bound.terms, accrual.base_before_fen) if by_terms else None,
        after=total_steps(bound.terms, accrual.base_after_fen) if by_terms else None,
        lines=line_steps(bound.terms, accrual.total_before_fen, accrual.total_after_fen) if by_terms else [],
        parts=[
            PartShown(names.get(line.person_id) if line.person_id else None, parties[line.party_no], line)
            for line in lines
        ],
        entry=await lines_of(db, accrual.ledger_entry_id) if accrual.ledger_entry_id else [],
    )
