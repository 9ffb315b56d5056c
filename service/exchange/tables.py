"""Rows of imports and exports."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, one_of, refers_to


class ImportState(StrEnum):
    """The way of an uploaded file: read and previewed, then applied or dropped."""

    PREVIEWED = "previewed"
    APPLIED = "applied"
    DROPPED = "dropped"


class FileImport(Record, table=True):
    """One row is one uploaded file with what was found in each row, and what became of it.

    The file itself is stored sealed; rows hold row numbers, findings and ids, never the file's text.
    Tenancy: own. Personal: none in the row (the file is sealed, deleted after 90 days).
    """

    __tablename__ = "file_import"
    __table_args__ = (one_of("state", ImportState),)

    org_id: UUID = refers_to("organisation.id")
    kind: str = Field(max_length=40)  # roster, attendance, scores, certificates, contracts
    target_id: UUID | None = Field(default=None)
    file_name: str = Field(max_length=200)
    file_key: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    account_id: UUID = refers_to("account.id")
    counts: dict[str, int] = document()
    rows: list[dict[str, Any]] = document()
    state: ImportState = choice(ImportState, ImportState.PREVIEWED)
    applied_at: datetime | None = moment(optional=True)


class ExportState(StrEnum):
    """The way of an export job."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class FileExport(Record, table=True):
    """One row is one export an account asked for: kind, columns, progress, the file until it expires.

    Tenancy: own. Personal: none in the row.
    """

    __tablename__ = "file_export"
    __table_args__ = (one_of("state", ExportState),)

    org_id: UUID = refers_to("organisation.id")
    account_id: UUID = refers_to("account.id")
    kind: str = Field(max_length=40)
    format: str = Field(max_length=10)  # xlsx, csv, zip
    columns: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    criteria: dict[str, Any] = document()
    state: ExportState = choice(ExportState, ExportState.WAITING)
    done: int = Field(default=0)
    total: int = Field(default=0)
    file_key: str | None = Field(default=None, max_length=200)
    sha256: str | None = Field(default=None, max_length=64)
    failure: str | None = Field(default=None, max_length=300)
    expires_at: datetime | None = moment(optional=True)
