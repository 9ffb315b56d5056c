"""Rows of messages out and of the inbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import WRITE_ONLY, Record, choice, document, moment, one_of


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Letter(Record, table=True):
    """One row is one message to one account's inbox, mail or phone; the text is made from `kind` and `facts` when shown.

    Tenancy: letter. Personal: none (facts hold ids, dates, numbers).
    """

    __tablename__ = "letter"
    __mapper_args__ = WRITE_ONLY
    __table_args__ = (one_of("state", LetterState), sa.Index("ix_letter_account_created", "account_id", "created_at"))

    org_id: UUID | None = Field(default=None)
    account_id: UUID | None = Field(default=None)
    person_id: UUID | None = Field(default=None, index=True)
    kind: str = Field(max_length=60)
    facts: dict[str, Any] = document()
    channel: str = Field(default="inbox", max_length=20)
    state: LetterState = choice(LetterState, LetterState.WAITING)
    sent_at: datetime | None = moment(optional=True)
    read_at: datetime | None = moment(optional=True)
