"""The journal: who did what to which thing, when and why; only added to, ids and never personal text."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from service.foundation.database import scope_of
from service.foundation.records import WRITE_ONLY, Record, document


class JournalEntry(Record, table=True):
    """One row is one act or one look at protected data: subject by kind and id, actor, organisation, reason code. Only added.

    Tenancy: journal. Personal: none (ids only); kept for six years, seen by the organisation, the person and auditors.
    """

    __tablename__ = "journal_entry"
    __mapper_args__ = WRITE_ONLY
    __table_args__ = (
        Index("ix_journal_entry_subject", "subject_kind", "subject_id"),
        Index("ix_journal_entry_org_created", "org_id", "created_at"),
    )

    action: str = Field(max_length=80)
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    org_id: UUID | None = Field(default=None)
    account_id: UUID | None = Field(default=None, index=True)
    person_id: UUID | None = Field(default=None, index=True)  # whose data or standing the act concerned
    details: dict[str, Any] = document()


async def note(
    db: AsyncSession,
    action: str,
    subject_kind: str,
    subject_id: UUID,
    *,
    person_id: UUID | None = None,
    org_id: UUID | None = None,
    **details: Any,
) -> None:
    """Write one journal entry in this transaction. `details` hold ids, numbers and codes only, never names."""
    scope = scope_of(db)
    db.add(
        JournalEntry(
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            org_id=org_id or scope.org_id,
            account_id=scope.account_id,
            person_id=person_id,
            details={name: _plain(value) for name, value in details.items()},
        )
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)
