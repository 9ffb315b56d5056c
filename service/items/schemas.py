"""What goes into and out of the item bank."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class BilingualText(BaseModel):
    """Chinese, and English where there is one."""

    model_config = ConfigDict(extra="forbid")

    zh: str = Field(min_length=1, max_length=200)
    en: Annotated[str | None, Field(max_length=200)] = None


class BankCreate(BaseModel):
    """A new secret bank of the actor's organisation."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=3, max_length=60, pattern=CODE)
    title: BilingualText


class BankRead(BaseModel):
    """A bank."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    org_id: UUID | None
    code: str
    title: dict[str, str]
    public: bool


class ItemWrite(BaseModel):
    """An item as YAML or JSON text in the format of shipped banks (one entry of `items`), for one bank."""

    model_config = ConfigDict(extra="forbid")

    bank_id: UUID
    text: str = Field(min_length=10, max_length=100_000)


class ItemReview(BaseModel):
    """A review of the content with this digest: approved, or sent back with the reason."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(min_length=64, max_length=64)
    approve: bool
    note: Annotated[str | None, Field(max_length=500)] = None


class ItemSummary(BaseModel):
    """An item version in a list, without its content."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    bank_id: UUID
    code: str
    version: int
    kind: str
    unit: str
    module: str
    difficulty: int
    public: bool
    state: str
    created_at: datetime


class ItemRead(ItemSummary):
    """An item version with its content, key included; each look at a secret one is journaled."""

    content: dict[str, Any]
    digest: str
    author_account_id: UUID | None
    reviewer_account_id: UUID | None
    review_note: str | None
