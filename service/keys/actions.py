"""Making, rotating and condemning signing keys; private halves leave the database sealed and memory never."""

import secrets
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.keys import Ed25519Signer
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.keys.errors import KeyNotUsable, KeyStep
from service.keys.queries import active, keys_of
from service.keys.tables import KeyState, SigningKey

PUBLISHED_BEFORE_USE = timedelta(days=7)
STEPS = {
    (KeyState.NEXT, KeyState.ACTIVE),
    (KeyState.ACTIVE, KeyState.RETIRED),
    (KeyState.NEXT, KeyState.COMPROMISED),
    (KeyState.ACTIVE, KeyState.COMPROMISED),
    (KeyState.RETIRED, KeyState.COMPROMISED),
}


async def make_key(db: AsyncSession, keyring: Keyring, org_id: UUID, state: KeyState = KeyState.NEXT) -> SigningKey:
    """A new Ed25519 key pair of an issuer, named kYYYY-N; the private half sealed under the installation's keyring."""
    year = clock.today().year
    count = sum(1 for row in await keys_of(db, org_id) if row.name.startswith(f"k{year}-"))
    seed = secrets.token_bytes(32)
    row = SigningKey(
        org_id=org_id,
        name=f"k{year}-{count + 1}",
        public_multibase=Ed25519Signer(seed, "did:web:none#none").multikey,
        private_sealed=b"",
        state=state,
        state_since=clock.now(),
    )
    row.private_sealed = keyring.encrypt(seed, f"signing_key.private:{row.id}")
    db.add(row)
    await db.flush()  # the one active key per issuer is the database's word
    await note(db, "key.made", "signing_key", row.id, org_id=org_id, name=row.name, state=state.value)
    return row


async def active_key(db: AsyncSession, keyring: Keyring, org_id: UUID) -> SigningKey:
    """The key that signs for an issuer, made on first use; two first uses at once end with one key."""
    found = await active(db, org_id)
    if found is not None:
        return found
    await db.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"signing_key:{org_id}"}
    )
    return await active(db, org_id) or await make_key(db, keyring, org_id, KeyState.ACTIVE)


def signer_of(keyring: Keyring, key: SigningKey, did: str) -> Ed25519Signer:
    """The signer over a sealed key; raises KeyNotUsable unless it is active."""
    if key.state is not KeyState.ACTIVE:
        raise KeyNotUsable(name=key.name, state=key.state.value)
    seed = keyring.decrypt(key.private_sealed, f"signing_key.private:{key.id}")
    return Ed25519Signer(seed, f"{did}#{key.name}")


async def change_key_state(db: AsyncSession, key_id: UUID, state: KeyState) -> SigningKey:
    """Move a key one step. Raises KeyStep; becoming active retires the present active key in the same transaction."""
    row = (await db.scalars(select(SigningKey).where(col(SigningKey.id) == key_id).with_for_update())).first()
    if row is None:
        raise NotFound(what="signing_key")
    if (row.state, state) not in STEPS:
        raise KeyStep(from_state=row.state.value, to_state=state.value)
    if state is KeyState.ACTIVE:
        present = await active(db, row.org_id)
        if present is not None:
            present.state, present.state_since = KeyState.RETIRED, clock.now()
            await db.flush()  # one active key per issuer: the old one steps down first
    row.state, row.state_since = state, clock.now()
    await note(db, "key.state", "signing_key", row.id, org_id=row.org_id, state=state.value)
    return row
