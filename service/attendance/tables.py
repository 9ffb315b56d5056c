"""Rows of attendance."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of, refers_to


class Presence(StrEnum):
    """What the list says."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    EXCUSED = "excused"


class Attendance(Record, table=True):
    """One row is what is known of one person at one meeting now: presence, minutes counted, evidence; posted as hours.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("presence", Presence),
        sa.UniqueConstraint("meeting_id", "enrolment_id"),
        sa.ForeignKeyConstraint(["org_id", "meeting_id"], ["meeting.org_id", "meeting.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["org_id", "enrolment_id"], ["enrolment.org_id", "enrolment.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        sa.CheckConstraint("minutes = 0 OR presence IN ('present', 'late')", name="minutes_for_the_present_only"),
    )

    org_id: UUID = refers_to("organisation.id")
    meeting_id: UUID = Field(index=True)
    enrolment_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    presence: Presence = choice(Presence)
    minutes: int
    source: str = Field(max_length=20)  # list, page, platform
    evidence: dict[str, Any] = document()
    revision: int = Field(default=1)  # rises with each correction; names the posting in the ledger
    ledger_entry_id: UUID | None = refers_to("ledger_entry.id", optional=True)
