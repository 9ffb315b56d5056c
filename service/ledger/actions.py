"""Posting and reversing: entries are only added, balanced, and posted once per source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.foundation.records import uuid7
from service.ledger.errors import AlreadyPosted, AlreadyReversed, Unbalanced
from service.ledger.tables import Book, LedgerAccount, LedgerEntry, LedgerLine, Side


@dataclass(frozen=True)
class Line:
    """One side of a posting: the account by code and owner, a positive amount in the book's unit."""

    code: str
    side: Side
    amount: int
    owner_kind: str | None = None
    owner_id: UUID | None = None
    person_id: UUID | None = None
    module: str | None = None


async def post(
    db: AsyncSession,
    *,
    org_id: UUID,
    book: Book,
    source_kind: str,
    source_id: UUID,
    effective_on: date,
    lines: Sequence[Line],
    reverses: UUID | None = None,
    reason: str | None = None,
) -> LedgerEntry:
    """Post one balanced entry. Lines of amount 0 are left out. Raises Unbalanced and AlreadyPosted."""
    kept = [line for line in lines if line.amount != 0]
    difference = sum(line.amount if line.side is Side.DEBIT else -line.amount for line in kept)
    if difference != 0 or len(kept) < 2 or any(line.amount < 0 for line in kept):
        raise Unbalanced(difference=difference)
    entry = LedgerEntry(
        org_id=org_id,
        book=book,
        source_kind=source_kind,
        source_id=source_id,
        effective_on=effective_on,
        reverses=reverses,
        reason=reason,
    )
    added = await db.scalar(
        insert(LedgerEntry)
        .values(**entry.model_dump(exclude={"created_at"}))
        .on_conflict_do_nothing()
        .returning(col(LedgerEntry.id))
    )
    if added is None:
        raise AlreadyReversed if reverses is not None else AlreadyPosted
    for number, line in enumerate(kept, start=1):
        account_id = await account_for(db, org_id, book, line)
        db.add(
            LedgerLine(
                org_id=org_id,
                entry_id=entry.id,
                line_no=number,
                account_id=account_id,
                side=line.side,
                amount=line.amount,
                module=line.module,
            )
        )
    await db.flush()  # the lines are there when the caller reads balances
    return entry


async def account_for(db: AsyncSession, org_id: UUID, book: Book, line: Line) -> UUID:
    """The account a line names, made on its first use; two at once end with one account."""
    wanted = select(LedgerAccount).where(
        col(LedgerAccount.org_id) == org_id,
        col(LedgerAccount.book) == book,
        col(LedgerAccount.code) == line.code,
        col(LedgerAccount.owner_id).is_not_distinct_from(line.owner_id),
    )
    found = (await db.scalars(wanted)).first()
    if found is not None:
        return found.id
    made = insert(LedgerAccount).values(
        id=uuid7(),
        org_id=org_id,
        book=book,
        code=line.code,
        owner_kind=line.owner_kind,
        owner_id=line.owner_id,
        person_id=line.person_id,
    )
    await db.execute(made.on_conflict_do_nothing())
    return (await db.scalars(wanted)).one().id


async def reverse(
    db: AsyncSession, entry_id: UUID, *, source_kind: str, source_id: UUID, effective_on: date, reason: str
) -> LedgerEntry:
    """Swap the stored lines of an entry; nothing is recomputed. Raises NotFound and AlreadyReversed."""
    entry = await db.get(LedgerEntry, entry_id)
    if entry is None:
        raise NotFound(what="ledger_entry")
    stored = await db.execute(
        select(LedgerLine, LedgerAccount)
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerLine.account_id))
        .where(col(LedgerLine.entry_id) == entry_id)
        .order_by(col(LedgerLine.line_no))
    )
    swapped = [
        Line(
            code=account.code,
            side=Side.CREDIT if line.side is Side.DEBIT else Side.DEBIT,
            amount=line.amount,
            owner_kind=account.owner_kind,
            owner_id=account.owner_id,
            person_id=account.person_id,
            module=line.module,
        )
        for line, account in stored
    ]
    return await post(
        db,
        org_id=entry.org_id,
        book=entry.book,
        source_kind=source_kind,
        source_id=source_id,
        effective_on=effective_on,
        lines=swapped,
        reverses=entry.id,
        reason=reason,
    )
