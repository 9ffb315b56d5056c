"""Rows of marks given to essays."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, document, refers_to


class Mark(Record, table=True):
    """One row is one marker's mark of one essay by rubric; the highest round counts, older ones stay. Only added.

    `place` is the slot (`7`) or the part of a case (`7.b`).

    Tenancy: own. Personal: comment.
    """

    __tablename__ = "mark"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "place", "round"),
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    sitting_id: UUID = Field(index=True)
    place: str = Field(max_length=24)
    round: int = Field(default=1)
    marker_account_id: UUID = refers_to("account.id")
    points: dict[str, Any] = document()  # rubric line -> exact points: 3 or "5/2"
    comment: str | None = Field(default=None, max_length=2000)
