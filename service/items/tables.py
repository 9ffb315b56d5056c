"""Rows of the item bank."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of, refers_to


class ItemState(StrEnum):
    """The way of an item version: written, reviewed by another person, in use, retired."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"


class ItemBank(Record, table=True):
    """One row is one bank of items of an organisation; a public bank may be read by all, a secret one never leaves it.

    Tenancy: nation (org_id). Personal: none.
    """

    __tablename__ = "item_bank"
    # No organisation learns from a refusal which codes another one uses.
    __table_args__ = (sa.UniqueConstraint("org_id", "code", postgresql_nulls_not_distinct=True),)

    org_id: UUID | None = refers_to("organisation.id", optional=True)
    code: str = Field(max_length=80)
    title: dict[str, str] = document()
    public: bool = Field(default=False)


class Item(Record, table=True):
    """One row is one version of an item with its key and rationale; frozen when approved. Secret unless its bank is public.

    Tenancy: bank. Personal: none.
    """

    __tablename__ = "item"
    __table_args__ = (
        one_of("state", ItemState),
        sa.UniqueConstraint("bank_id", "code", "version"),
        sa.CheckConstraint(
            "reviewer_account_id IS NULL OR reviewer_account_id IS DISTINCT FROM author_account_id",
            name="reviewer_is_another",
        ),
        sa.Index("uq_item_approved", "bank_id", "code", unique=True, postgresql_where=sa.text("state = 'approved'")),
    )

    bank_id: UUID = refers_to("item_bank.id")
    org_id: UUID | None = refers_to("organisation.id", optional=True)
    public: bool = Field(default=False)
    code: str = Field(max_length=40)
    version: int
    kind: str = Field(max_length=20)
    unit: str = Field(max_length=40)
    module: str = Field(max_length=40)
    difficulty: int
    content: dict[str, Any] = document()
    digest: str = Field(max_length=64)
    state: ItemState = choice(ItemState, ItemState.DRAFT)
    author_account_id: UUID | None = refers_to("account.id", optional=True)
    reviewer_account_id: UUID | None = refers_to("account.id", optional=True)
    review_note: str | None = Field(default=None, max_length=500)  # what the reviewer asks for
