"""Editions as rows and as the values they hold."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from curricula.editions import Shelf, Standard, Syllabus
from curricula.laws import Act, Register
from curricula.papers import Blueprint
from service.editions.errors import EditionOfAnotherKind
from service.editions.rules import REGISTER_CODE
from service.editions.tables import Edition, EditionKind, EditionState, EditionUpload
from service.foundation.actor import Actor
from service.foundation.errors import NotFound

READ_ONCE = 64  # parsed editions kept by digest; what is frozen never changes


async def edition(db: AsyncSession, edition_id: UUID) -> Edition:
    """One edition. Raises NotFound."""
    found = await db.get(Edition, edition_id)
    if found is None:
        raise NotFound(what="edition")
    return found


async def edition_for(db: AsyncSession, actor: Actor, edition_id: UUID) -> Edition:
    """One edition the actor may see: frozen ones everybody, drafts their owner. Raises NotFound."""
    found = await edition(db, edition_id)
    if found.state != EditionState.FROZEN and found.owner_org_id != actor.org_id:
        raise NotFound(what="edition")
    return found


async def own_edition(db: AsyncSession, actor: Actor, edition_id: UUID) -> Edition:
    """One edition of the actor's organisation, locked for a change. Raises NotFound."""
    chosen = select(Edition).where(col(Edition.id) == edition_id, col(Edition.owner_org_id) == actor.org)
    found = (await db.scalars(chosen.with_for_update().execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound(what="edition")
    return found


def _in_force_on(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Edition.state) == EditionState.FROZEN,
        col(Edition.effective_from) <= day,
        sa.or_(col(Edition.effective_to).is_(None), col(Edition.effective_to) >= day),
    )


async def in_force(db: AsyncSession, kind: EditionKind, day: date) -> list[Edition]:
    """The frozen editions of a kind that are effective on a day, by code and the newest first; without their content."""
    chosen = (
        select(Edition)
        .where(col(Edition.kind) == kind, _in_force_on(day))
        .order_by(col(Edition.code), col(Edition.effective_from).desc(), col(Edition.version).desc())
        .options(defer(Edition.content, raiseload=True))  # type: ignore[arg-type]
    )
    return list(await db.scalars(chosen))


def is_in_force(row: Edition, day: date) -> bool:
    """Whether an edition is frozen and effective on a day."""
    return (
        row.state == EditionState.FROZEN
        and row.effective_from is not None
        and row.effective_from <= day
        and (row.effective_to is None or day <= row.effective_to)
    )


async def visible(db: AsyncSession, actor: Actor) -> list[Edition]:
    """What the actor may see: every frozen edition and the organisation's own drafts; without their content."""
    mine = sa.and_(col(Edition.state) == EditionState.DRAFT, col(Edition.owner_org_id) == actor.org_id)
    chosen = (
        select(Edition)
        .where(sa.or_(col(Edition.state) == EditionState.FROZEN, mine))
        .order_by(col(Edition.kind), col(Edition.code), col(Edition.effective_from).desc())
        .limit(500)
        .options(defer(Edition.content, raiseload=True))  # type: ignore[arg-type]
    )
    return list(await db.scalars(chosen))


async def find(db: AsyncSession, kind: EditionKind, code: str, version: str) -> Edition | None:
    """The edition of this name that was not given up, draft or frozen."""
    chosen = select(Edition).where(
        col(Edition.kind) == kind,
        col(Edition.code) == code,
        col(Edition.version) == version,
        col(Edition.state) != EditionState.WITHDRAWN,
    )
    return (await db.scalars(chosen)).first()


async def syllabus_of(db: AsyncSession, edition_id: UUID) -> Syllabus:
    """The syllabus an edition holds. Raises NotFound, EditionOfAnotherKind."""
    return syllabus_in(await _of_kind(db, edition_id, EditionKind.SYLLABUS))


async def blueprint_of(db: AsyncSession, edition_id: UUID) -> Blueprint:
    """The blueprint an edition holds. Raises NotFound, EditionOfAnotherKind."""
    return Blueprint.from_json((await _of_kind(db, edition_id, EditionKind.BLUEPRINT)).content)


async def standard_of(db: AsyncSession, edition_id: UUID) -> Standard:
    """The competence standard an edition holds. Raises NotFound, EditionOfAnotherKind."""
    return Standard.from_json((await _of_kind(db, edition_id, EditionKind.STANDARD)).content)


async def blueprint_for(db: AsyncSession, syllabus: Syllabus) -> Edition | None:
    """The frozen blueprint that a syllabus names, as an edition."""
    code, version = syllabus.blueprint
    found = await find(db, EditionKind.BLUEPRINT, code, str(version))
    return found if found is not None and found.state == EditionState.FROZEN else None


async def register_in_force(db: AsyncSession, day: date) -> Register:
    """The citation register effective on a day; empty when none was loaded."""
    chosen = (
        select(Edition)
        .where(col(Edition.kind) == EditionKind.LAWS, col(Edition.code) == REGISTER_CODE, _in_force_on(day))
        .order_by(col(Edition.effective_from).desc(), col(Edition.id).desc())
        .limit(1)
    )
    found = (await db.scalars(chosen)).first()
    return register_in(found) if found is not None else Register.of([])


def syllabus_in(row: Edition) -> Syllabus:
    """The syllabus in a row; read once for each digest."""
    return _syllabus(row.digest, _Content(row.content))


def register_in(row: Edition) -> Register:
    """The citation register in a row; read once for each digest."""
    return _register(row.digest, _Content(row.content))


class _Content:
    """Content that compares as equal, so that a cache is keyed by the digest alone."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content)

    def __hash__(self) -> int:
        return 0


@lru_cache(READ_ONCE)
def _syllabus(digest: str, content: _Content) -> Syllabus:
    return Syllabus.from_json(content.value)


@lru_cache(READ_ONCE)
def _register(digest: str, content: _Content) -> Register:
    return Register.of(Act.from_json(one) for one in content.value["acts"])


async def _of_kind(db: AsyncSession, edition_id: UUID, kind: EditionKind) -> Edition:
    found = await edition(db, edition_id)
    if found.kind != kind:
        raise EditionOfAnotherKind
    return found


async def shelf(db: AsyncSession, org_id: UUID | None, day: date) -> Shelf:
    """What an edition of an organisation may point at: frozen standards and syllabi, blueprints also as its drafts."""
    wanted = (EditionKind.STANDARD, EditionKind.SYLLABUS)
    rows = await db.scalars(
        select(Edition).where(col(Edition.state) == EditionState.FROZEN, col(Edition.kind).in_(wanted))
    )
    standards: dict[tuple[str, str], Standard] = {}
    syllabi: dict[tuple[str, str, str], Syllabus] = {}
    for row in rows:
        if row.kind == EditionKind.STANDARD:
            standard = Standard.from_json(row.content)
            standards[standard.name] = standard
        else:
            syllabus = syllabus_in(row)
            syllabi[syllabus.name] = syllabus
    names = await db.execute(
        sa.select(col(Edition.code), col(Edition.version)).where(
            col(Edition.kind) == EditionKind.BLUEPRINT,
            sa.or_(
                col(Edition.state) == EditionState.FROZEN,
                sa.and_(col(Edition.state) == EditionState.DRAFT, col(Edition.owner_org_id) == org_id),
            ),
        )
    )
    blueprints = frozenset((code, int(version)) for code, version in names)
    return Shelf(standards, syllabi, blueprints, await register_in_force(db, day))


async def upload_for(db: AsyncSession, actor: Actor, upload_id: UUID) -> EditionUpload:
    """One checked upload of the actor's organisation. Raises NotFound."""
    chosen = select(EditionUpload).where(col(EditionUpload.id) == upload_id, col(EditionUpload.org_id) == actor.org)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="edition upload")
    return found


async def uploads_of(db: AsyncSession, org_id: UUID, limit: int = 20) -> Sequence[EditionUpload]:
    """The latest checked uploads of an organisation, without their text."""
    chosen = (
        select(EditionUpload)
        .where(col(EditionUpload.org_id) == org_id)
        .order_by(col(EditionUpload.created_at).desc())
        .limit(limit)
        .options(defer(EditionUpload.text, raiseload=True))  # type: ignore[arg-type]
    )
    return list(await db.scalars(chosen))
