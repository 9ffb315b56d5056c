"""Rows of scoring runs and of what was released."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, document, refers_to, whole


class Result(Record, table=True):
    """One row is one scoring run of one sitting: exact score as a fraction, the whole record and its digest. Only added.

    The digest is the SHA-256 of the record's canonical JSON, computed from frozen form, answers and marks alone.

    Tenancy: own, released to person. Personal: person_id, record.
    """

    __tablename__ = "result"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "run"),
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
    )

    org_id: UUID = refers_to("organisation.id")
    sitting_id: UUID = Field(index=True)
    enrolment_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    run: int
    score_numerator: int = whole()
    score_denominator: int = whole()
    full_marks: int = whole()
    passed: bool
    complete: bool  # false while a mark is missing
    record: dict[str, Any] = document()
    digest: str = Field(max_length=64)


class ResultRelease(Record, table=True):
    """One row says that a result stands and may be seen by its person, decided by two people. Only added.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "result_release"

    org_id: UUID = refers_to("organisation.id")
    result_id: UUID = refers_to("result.id", unique=True)
    exam_session_id: UUID = refers_to("exam_session.id")
    enrolment_id: UUID = refers_to("enrolment.id")
    person_id: UUID = refers_to("person.id")
    approval_id: UUID = refers_to("approval.id")
