"""Frozen editions, for tests of other rooms."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.editions.actions import load_shipped
from service.editions.tables import Edition, EditionKind, EditionState


async def shipped_syllabus(db: AsyncSession, level: str = "initial", owner_org_id: UUID | None = None) -> Edition:
    """The shipped syllabus of a level (initial, intermediate, senior), frozen; loads everything shipped. Needs `world()`."""
    await load_shipped(db, owner_org_id)
    return await _frozen(db, EditionKind.SYLLABUS, f"technology-manager-{level}")


async def shipped_blueprint(db: AsyncSession, level: str = "initial") -> Edition:
    """The shipped blueprint of a level's written paper, frozen. Needs `world()`."""
    await load_shipped(db)
    return await _frozen(db, EditionKind.BLUEPRINT, f"technology-manager-2026-{level}-written")


async def _frozen(db: AsyncSession, kind: EditionKind, code: str) -> Edition:
    chosen = select(Edition).where(
        col(Edition.kind) == kind, col(Edition.code) == code, col(Edition.state) == EditionState.FROZEN
    )
    return (await db.scalars(chosen)).one()
