"""Balances, summed from the lines; the invariants of the books."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.ledger.tables import Book, LedgerAccount, LedgerEntry, LedgerLine, Side

SIGNED = sa.case((col(LedgerLine.side) == Side.DEBIT, col(LedgerLine.amount)), else_=-col(LedgerLine.amount))

# Name -> SQL that returns the offending rows; run nightly and by `tmc invariants`.
INVARIANTS = {
    "every ledger entry balances": """
        SELECT entry_id FROM ledger_line GROUP BY entry_id
        HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0 OR count(*) < 2
    """,
    "every ledger entry has lines": """
        SELECT e.id FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id)
    """,
    "a reversal mirrors its entry": """
        SELECT r.id FROM ledger_entry r JOIN ledger_line rl ON rl.entry_id = r.id
        LEFT JOIN ledger_line ol ON ol.entry_id = r.reverses AND ol.line_no = rl.line_no
            AND ol.account_id = rl.account_id AND ol.amount = rl.amount AND ol.side <> rl.side
        WHERE r.reverses IS NOT NULL AND ol.id IS NULL
    """,
}


async def balance(db: AsyncSession, *, org_id: UUID, book: Book, code: str, owner_id: UUID | None = None) -> int:
    """Debits less credits of one account, in the book's unit; 0 when there is no such account."""
    total = await db.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(SIGNED), 0))
        .select_from(LedgerLine)
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerLine.account_id))
        .where(
            col(LedgerAccount.org_id) == org_id,
            col(LedgerAccount.book) == book,
            col(LedgerAccount.code) == code,
            col(LedgerAccount.owner_id).is_not_distinct_from(owner_id),
        )
    )
    return int(total or 0)


async def by_module(db: AsyncSession, *, org_id: UUID, owner_id: UUID, code: str = "hours.earned") -> dict[str, int]:
    """Minutes by module on an owner's account of the hours book."""
    rows = await db.execute(
        sa.select(col(LedgerLine.module), sa.func.sum(SIGNED))
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerLine.account_id))
        .where(
            col(LedgerAccount.org_id) == org_id,
            col(LedgerAccount.book) == Book.HOURS,
            col(LedgerAccount.code) == code,
            col(LedgerAccount.owner_id) == owner_id,
        )
        .group_by(col(LedgerLine.module))
    )
    return {str(module): int(minutes) for module, minutes in rows if minutes}


async def lines_of(db: AsyncSession, entry_id: UUID) -> list[tuple[LedgerLine, LedgerAccount]]:
    """The lines of an entry with their accounts, in order."""
    rows = await db.execute(
        sa.select(LedgerLine, LedgerAccount)
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerLine.account_id))
        .where(col(LedgerLine.entry_id) == entry_id)
        .order_by(col(LedgerLine.line_no))
    )
    return [(line, account) for line, account in rows]


async def entry_of(db: AsyncSession, org_id: UUID, book: Book, source_kind: str, source_id: UUID) -> LedgerEntry | None:
    """The entry a source was posted by."""
    found = await db.scalars(
        sa.select(LedgerEntry).where(
            col(LedgerEntry.org_id) == org_id,
            col(LedgerEntry.book) == book,
            col(LedgerEntry.source_kind) == source_kind,
            col(LedgerEntry.source_id) == source_id,
        )
    )
    return found.first()
