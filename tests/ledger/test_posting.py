"""The ledger: balanced, once per source, reversed by swapping, only added to; the database says so too."""

from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.ledger.actions import Line, post, reverse
from service.ledger.errors import AlreadyPosted, AlreadyReversed, Unbalanced
from service.ledger.queries import INVARIANTS, balance, by_module
from service.ledger.tables import Book, LedgerAccount, LedgerEntry, LedgerLine, Side
from tests.conftest import As, World
from tests.given import accounts as given

DAY = date(2026, 11, 23)


async def officer(world: World) -> Actor:
    """An officer of an organisation."""
    async with world() as db:
        home = await given.organisation(db)
        return await given.staff(db, "incentive_officer", home.id)


async def posted(db: AsyncSession, org_id: UUID, amount: int = 900, source: UUID | None = None) -> LedgerEntry:
    """An entry of one amount from expense to a payable."""
    lines = [Line("expense", Side.DEBIT, amount), Line("payable", Side.CREDIT, amount)]
    return await post(
        db,
        org_id=org_id,
        book=Book.MONEY,
        source_kind="test",
        source_id=source or uuid4(),
        effective_on=DAY,
        lines=lines,
    )


async def test_a_posting_moves_both_balances(world: World, acting: As) -> None:
    who = await officer(world)
    async with acting(who) as db:
        await posted(db, who.org)
        assert await balance(db, org_id=who.org, book=Book.MONEY, code="expense") == 900
        assert await balance(db, org_id=who.org, book=Book.MONEY, code="payable") == -900


async def test_unbalanced_postings_are_refused_before_the_database(world: World, acting: As) -> None:
    who = await officer(world)
    async with acting(who) as db:
        lines = [Line("expense", Side.DEBIT, 900), Line("payable", Side.CREDIT, 899)]
        with pytest.raises(Unbalanced):
            await post(
                db, org_id=who.org, book=Book.MONEY, source_kind="t", source_id=uuid4(), effective_on=DAY, lines=lines
            )


async def test_the_database_refuses_an_entry_that_does_not_balance(world: World, acting: As) -> None:
    who = await officer(world)
    with pytest.raises(DBAPIError, match="does not balance"):
        async with acting(who) as db:
            entry = LedgerEntry(org_id=who.org, book=Book.MONEY, source_kind="t", source_id=uuid4(), effective_on=DAY)
            account = LedgerAccount(org_id=who.org, book=Book.MONEY, code="x")
            db.add_all([entry, account])
            await db.flush()
            db.add(
                LedgerLine(
                    org_id=who.org, entry_id=entry.id, line_no=1, account_id=account.id, side=Side.DEBIT, amount=5
                )
            )


async def test_one_source_is_posted_once(world: World, acting: As) -> None:
    who = await officer(world)
    source = uuid4()
    async with acting(who) as db:
        await posted(db, who.org, source=source)
        with pytest.raises(AlreadyPosted):
            await posted(db, who.org, source=source)


async def test_a_reversal_swaps_the_stored_lines_and_happens_once(world: World, acting: As) -> None:
    who = await officer(world)
    async with acting(who) as db:
        entry = await posted(db, who.org, 12_345)
        await reverse(db, entry.id, source_kind="undo", source_id=uuid4(), effective_on=DAY, reason="entered twice")
        assert await balance(db, org_id=who.org, book=Book.MONEY, code="payable") == 0
        with pytest.raises(AlreadyReversed):
            await reverse(db, entry.id, source_kind="undo", source_id=uuid4(), effective_on=DAY, reason="again")


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_line SET amount = 1", "DELETE FROM ledger_line", "TRUNCATE ledger_line"]
)
async def test_lines_are_never_changed(world: World, acting: As, statement: str) -> None:
    who = await officer(world)
    async with acting(who) as db:
        await posted(db, who.org)
    with pytest.raises((DBAPIError, IntegrityError)):
        async with acting(who) as db:
            await db.execute(sa.text(statement))


async def test_hours_are_summed_by_module(world: World, acting: As) -> None:
    who = await officer(world)
    enrolment = uuid4()
    async with acting(who) as db:
        for module, minutes in (("public_knowledge", 90), ("public_knowledge", 45), ("capability", 30)):
            lines = [
                Line("hours.earned", Side.DEBIT, minutes, "enrolment", enrolment, module=module),
                Line("hours.given", Side.CREDIT, minutes, module=module),
            ]
            await post(
                db, org_id=who.org, book=Book.HOURS, source_kind="t", source_id=uuid4(), effective_on=DAY, lines=lines
            )
        assert await by_module(db, org_id=who.org, owner_id=enrolment) == {"public_knowledge": 135, "capability": 30}


async def test_another_organisation_sees_nothing_of_the_books(world: World, acting: As) -> None:
    who, stranger = await officer(world), await officer(world)
    async with acting(who) as db:
        await posted(db, who.org)
    async with acting(stranger) as db:
        for table in (LedgerEntry, LedgerLine, LedgerAccount):
            assert await db.scalar(sa.select(sa.func.count()).select_from(table)) == 0


async def test_invariants_find_nothing_in_good_books(world: World, acting: As) -> None:
    who = await officer(world)
    async with acting(who) as db:
        entry = await posted(db, who.org)
        await reverse(db, entry.id, source_kind="undo", source_id=uuid4(), effective_on=DAY, reason="x")
        for name, statement in INVARIANTS.items():
            assert (await db.execute(sa.text(statement))).all() == [], name
