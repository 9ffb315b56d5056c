"""Rows of standards, syllabi, blueprints and plan rules as frozen editions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, moment, one_of, refers_to


class EditionKind(StrEnum):
    """What an edition is an edition of."""

    STANDARD = "standard"
    SYLLABUS = "syllabus"
    BLUEPRINT = "blueprint"
    LAWS = "laws"


class EditionState(StrEnum):
    """The way of an edition: uploaded, checked, approved by a second person, frozen."""

    DRAFT = "draft"
    FROZEN = "frozen"
    WITHDRAWN = "withdrawn"  # a draft given up; a frozen edition ends by its last effective day


class Edition(Record, table=True):
    """One row is one edition of a standard, syllabus, blueprint or law register: content, digest, effective days.

    Once frozen only its last effective day may still be set; a trigger refuses everything else, the owner included.
    `scheme`, `version`, `level` identify a syllabus; enrolments keep the edition they began with.
    Tenancy: nation, drafts apart (owner_org_id). Personal: none.
    """

    __tablename__ = "edition"
    __table_args__ = (
        one_of("kind", EditionKind),
        one_of("state", EditionState),
        sa.Index(
            "uq_edition_kind_code_version",
            "kind",
            "code",
            "version",
            unique=True,
            postgresql_where=sa.text("state <> 'withdrawn'"),
        ),
        sa.CheckConstraint(
            "state <> 'frozen' OR (frozen_at IS NOT NULL AND effective_from IS NOT NULL)", name="frozen_is_dated"
        ),
        sa.CheckConstraint("effective_to >= effective_from", name="effective_days_in_order"),
    )

    kind: EditionKind = choice(EditionKind)
    code: str = Field(max_length=80)
    version: str = Field(max_length=40)
    scheme: str | None = Field(default=None, max_length=60)
    level: str | None = Field(default=None, max_length=40)
    title: dict[str, str] = document()
    content: dict[str, Any] = document()
    digest: str = Field(max_length=64)
    state: EditionState = choice(EditionState, EditionState.DRAFT)
    shipped: bool = Field(default=False)
    owner_org_id: UUID | None = refers_to("organisation.id", optional=True)
    effective_from: date | None = Field(default=None)
    effective_to: date | None = Field(default=None)
    findings: list[dict[str, Any]] = document()  # what the checker said of the upload
    frozen_at: datetime | None = moment(optional=True)


class EditionUpload(Record, table=True):
    """One row is one file sent to be checked, with what the checker said of it; `edition_id` is the draft it became.

    Only added.
    Tenancy: own. Personal: none.
    """

    __tablename__ = "edition_upload"

    org_id: UUID = refers_to("organisation.id")
    account_id: UUID | None = Field(default=None)
    file_name: str = Field(max_length=200)
    text: str = Field(sa_type=sa.Text)
    sha256: str = Field(max_length=64)
    findings: list[dict[str, Any]] = document()
    edition_id: UUID | None = refers_to("edition.id", optional=True)
