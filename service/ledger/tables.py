"""Rows of the double-entry ledger: accounts, entries, lines, in three books."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, one_of, refers_to, whole


class Book(StrEnum):
    """What is counted: money in fen, hours in minutes, shares in units."""

    MONEY = "money"
    HOURS = "hours"
    SHARES = "shares"


class Side(StrEnum):
    """The side of a line."""

    DEBIT = "debit"
    CREDIT = "credit"


class LedgerAccount(Record, table=True):
    """One row is one account of a book: a code, and whose it is (`owner_id`, by `owner_kind`).

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        one_of("book", Book),
        sa.UniqueConstraint("org_id", "book", "code", "owner_id", postgresql_nulls_not_distinct=True),
        sa.UniqueConstraint("org_id", "id"),
    )

    org_id: UUID = refers_to("organisation.id")
    book: Book = choice(Book)
    code: str = Field(max_length=60)
    owner_kind: str | None = Field(default=None, max_length=40)
    owner_id: UUID | None = Field(default=None)
    person_id: UUID | None = refers_to("person.id", optional=True)


class LedgerEntry(Record, table=True):
    """One row is one posting: what it books, its true day, and which entry it reverses if it does. Only added.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        one_of("book", Book),
        sa.UniqueConstraint("org_id", "book", "source_kind", "source_id"),
        sa.UniqueConstraint("org_id", "id"),
        sa.UniqueConstraint("reverses"),
    )

    org_id: UUID = refers_to("organisation.id")
    book: Book = choice(Book)
    source_kind: str = Field(max_length=60)
    source_id: UUID
    effective_on: date
    reverses: UUID | None = refers_to("ledger_entry.id", optional=True, index=False)
    reason: str | None = Field(default=None, max_length=200)


class LedgerLine(Record, table=True):
    """One row is one side of an entry: account, side, a positive amount in the book's unit. Only added.

    Debits equal credits per entry (deferred constraint trigger).
    Tenancy: own. Personal: none.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        one_of("side", Side),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.UniqueConstraint("entry_id", "line_no"),
        sa.ForeignKeyConstraint(
            ["org_id", "entry_id"], ["ledger_entry.org_id", "ledger_entry.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "account_id"], ["ledger_account.org_id", "ledger_account.id"], ondelete="RESTRICT"
        ),
    )

    org_id: UUID = Field(index=True)
    entry_id: UUID = Field(index=True)
    line_no: int
    account_id: UUID = Field(index=True)
    side: Side = choice(Side)
    amount: int = whole()
    module: str | None = Field(default=None, max_length=40)  # dimension of the hours book
