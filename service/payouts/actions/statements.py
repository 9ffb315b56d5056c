"""Issuing a statement: the facts as known now, frozen and sealed under the person's key; the paper follows in a job."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.documents.actions import register
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.language import current_language
from service.foundation.records import uuid7
from service.payouts.events import StatementAsked
from service.payouts.queries import payers_of, people_owed, statement_now
from service.payouts.rules import period_days
from service.payouts.tables import IncentiveStatement
from service.people.actions import personal_key

KIND = "incentive_statement"


async def ask_statement(db: AsyncSession, actor: Actor, person_id: UUID, org_id: UUID, period: str) -> None:
    """Ask for a statement as a paper: one's own, or by the unit for somebody it owes. Raises NotFound, PeriodUnreadable."""
    period_days(period)
    own = person_id == actor.person_id and org_id in {row.id for row in await payers_of(db, person_id)}
    by_unit = org_id == actor.org_id and actor.may("incentives.read")
    if not own and not (by_unit and person_id in {row.id for row in await people_owed(db, org_id)}):
        raise NotFound(what="incentive_statement")
    await announce(db, StatementAsked(org_id=org_id, person_id=person_id, period=period, language=current_language()))
    await note(db, "statement.asked", "person", person_id, person_id=person_id, org_id=org_id, period=period)


async def issue_statement(
    db: AsyncSession, keyring: Keyring, *, person_id: UUID, org_id: UUID, period: str, language: str, specimen: bool
) -> IncentiveStatement:
    """Freeze the statement as known now and register its paper. Runs as a job under the unit's scope.

    Raises StatementDisagrees when accruals and books differ, and what `personal_key` and `register` raise.
    """
    known_at = clock.now()
    facts = await statement_now(db, person_id, org_id, period, known_at)
    row_id = uuid7()
    document = await register(
        db,
        key=await personal_key(db, keyring, person_id),
        org_id=org_id,
        person_id=person_id,
        kind=KIND,
        subject_kind=KIND,
        subject_id=row_id,
        facts={**facts, "language": language, "specimen": specimen},
        specimen=specimen,
    )
    row = IncentiveStatement(
        id=row_id,
        org_id=org_id,
        person_id=person_id,
        period=period,
        known_at=known_at,
        totals=facts["totals"],
        document_id=document.id,
    )
    db.add(row)
    await db.flush()
    await note(db, "statement.issued", KIND, row.id, person_id=person_id, org_id=org_id, period=period)
    return row
