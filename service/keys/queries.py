"""Signing keys of an issuer, as published."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates import keys as published
from certificates.keys import PublishedKey
from service.keys.tables import KeyState, SigningKey


async def keys_of(db: AsyncSession, org_id: UUID) -> list[SigningKey]:
    """All keys of an issuer, oldest first."""
    return list(
        await db.scalars(
            select(SigningKey).where(col(SigningKey.org_id) == org_id).order_by(col(SigningKey.created_at))
        )
    )


async def published_keys(db: AsyncSession, org_id: UUID) -> list[PublishedKey]:
    """The public halves with their states, for did.json, JWKS and verification."""
    return [
        PublishedKey(row.name, row.public_multibase, published.KeyState(row.state.value))
        for row in await keys_of(db, org_id)
    ]


async def active(db: AsyncSession, org_id: UUID) -> SigningKey | None:
    """The one key that signs."""
    chosen = select(SigningKey).where(col(SigningKey.org_id) == org_id, col(SigningKey.state) == KeyState.ACTIVE)
    return (await db.scalars(chosen)).first()
