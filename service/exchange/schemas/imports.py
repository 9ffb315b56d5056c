"""What goes out of imports: an upload with its counts and rows."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from service.exchange.rules.imports import Outcome
from service.exchange.tables import ImportState


class ImportRowRead(BaseModel):
    """One row of a file: what it is, why it is wrong, what it concerns, what was done with it."""

    row: int
    outcome: Outcome
    reasons: list[str]
    ref: UUID | None
    result: str | None


class ImportRead(BaseModel):
    """One uploaded file."""

    id: UUID
    kind: str
    target_id: UUID | None
    file_name: str
    sha256: str
    state: ImportState
    counts: dict[str, int]
    applied_at: datetime | None
    rows: list[ImportRowRead]
