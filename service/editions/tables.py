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
    WITHDRAWN = "withdrawn"


class Edition(Record, table=True):
    """One row is one edition of a standard, syllabus or blueprint: content, digest, effective date; frozen for ever.

    `scheme`, `version`, `level` identify a syllabus; enrolments keep the edition they began with.
    Tenancy: nation (owner_org_id). Personal: none.
    """

    __tablename__ = "edition"
    __table_args__ = (
        one_of("kind", EditionKind),
        one_of("state", EditionState),
        sa.UniqueConstraint("kind", "code", "version"),
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
