"""Rows of scores that were given outside this service."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, one_of, refers_to, whole


class PaperOutcome(StrEnum):
    """What a score list says of one person."""

    SCORED = "scored"
    ABSENT = "absent"
    DISQUALIFIED = "disqualified"  # the paper counts for nothing because of cheating


class RecordedScore(Record, table=True):
    """One row is what a score list said of one paper sitting; the highest round counts, older ones stay. Only added.

    The score is exact, as two integers; 0/1 for who was absent or disqualified. `import_id` and `row_number` say where it
    stood, so that the trail of an amendment leads back to the lists.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "recorded_score"
    __table_args__ = (
        one_of("outcome", PaperOutcome),
        sa.UniqueConstraint("sitting_id", "round"),
        sa.ForeignKeyConstraint(["org_id", "sitting_id"], ["sitting.org_id", "sitting.id"], ondelete="RESTRICT"),
        sa.CheckConstraint("score_numerator >= 0 AND score_denominator > 0", name="score_not_negative"),
        sa.CheckConstraint("outcome = 'scored' OR score_numerator = 0", name="no_score_without_paper"),
    )

    org_id: UUID = refers_to("organisation.id")
    sitting_id: UUID = Field(index=True)
    round: int = Field(default=1)
    outcome: PaperOutcome = choice(PaperOutcome)
    score_numerator: int = whole()
    score_denominator: int = whole()
    held_on: date
    account_id: UUID = refers_to("account.id")  # who brought it in, and does not release it
    import_id: UUID | None = Field(default=None)
    row_number: int | None = Field(default=None)
