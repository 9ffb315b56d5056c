"""Signing keys: one active at a time, never back, the private half sealed, the public half where everyone finds it."""

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlmodel import col, select

from certificates.keys import did_of_base, public_bytes_of
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring
from service.foundation.records import uuid7
from service.keys.actions import active_key, change_key_state, make_key, signer_of
from service.keys.errors import KeyNotUsable, KeyStep
from service.keys.queries import published_keys
from service.keys.tables import KeyState, SigningKey
from tests.conftest import As, World
from tests.given import accounts

DID = did_of_base("certificates.example", "07")


async def test_first_use_makes_the_key_and_later_uses_find_it(world: World, keyring: Keyring) -> None:
    async with world() as db:
        home = await accounts.organisation(db)
        first = await active_key(db, keyring, home.id)
        assert (await active_key(db, keyring, home.id)).id == first.id
        assert signer_of(keyring, first, DID).multikey == first.public_multibase
        assert signer_of(keyring, first, DID).verification_method == f"{DID}#{first.name}"
        assert len(public_bytes_of(first.public_multibase)) == 32


async def test_private_half_is_sealed_and_bound_to_its_row(world: World, keyring: Keyring) -> None:
    async with world() as db:
        home = await accounts.organisation(db)
        one, other = await active_key(db, keyring, home.id), await make_key(db, keyring, home.id)
        seed = keyring.decrypt(one.private_sealed, f"signing_key.private:{one.id}")
        assert seed not in one.private_sealed
        with pytest.raises(InvalidTag):
            keyring.decrypt(one.private_sealed, f"signing_key.private:{other.id}")


@pytest.mark.parametrize("state", [KeyState.NEXT, KeyState.RETIRED, KeyState.COMPROMISED])
async def test_only_an_active_key_signs(world: World, keyring: Keyring, state: KeyState) -> None:
    async with world() as db:
        home = await accounts.organisation(db)
        key = await make_key(db, keyring, home.id)
        if state is not KeyState.NEXT:
            await change_key_state(db, key.id, KeyState.ACTIVE)
            await change_key_state(db, key.id, state)
        with pytest.raises(KeyNotUsable):
            signer_of(keyring, key, DID)


async def test_keys_never_go_back(world: World, keyring: Keyring) -> None:
    allowed = {
        ("next", "active"),
        ("active", "retired"),
        ("next", "compromised"),
        ("active", "compromised"),
        ("retired", "compromised"),
    }
    async with world() as db:
        home = await accounts.organisation(db)
        for before in KeyState:
            for after in KeyState:
                point = await db.begin_nested()
                key = await make_key(db, keyring, home.id, before)
                try:
                    await change_key_state(db, key.id, after)
                    happened = True
                except KeyStep:
                    happened = False
                assert happened == ((before.value, after.value) in allowed), (before, after)
                await point.rollback()
        with pytest.raises(NotFound):
            await change_key_state(db, uuid7(), KeyState.ACTIVE)


async def test_the_next_key_takes_over_and_the_old_one_retires(world: World, keyring: Keyring) -> None:
    async with world() as db:
        home = await accounts.organisation(db)
        old, new = await active_key(db, keyring, home.id), await make_key(db, keyring, home.id)
        await change_key_state(db, new.id, KeyState.ACTIVE)
        assert (await active_key(db, keyring, home.id)).id == new.id
        assert (await db.get_one(SigningKey, old.id)).state is KeyState.RETIRED
        assert [one.state.value for one in await published_keys(db, home.id)] == ["retired", "active"]


async def test_another_organisation_cannot_write_an_issuers_keys(world: World, acting: As, keyring: Keyring) -> None:
    async with world() as db:
        home, other = await accounts.organisation(db), await accounts.organisation(db, "另一单位")
        key = await active_key(db, keyring, home.id)
        stranger = await accounts.staff(db, "base_director", other.id)
    async with acting(stranger) as db:
        changed = await db.execute(sa.update(SigningKey).where(col(SigningKey.id) == key.id).values(name="x"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
        with pytest.raises(NotFound):
            await change_key_state(db, key.id, KeyState.COMPROMISED)
    async with world() as db:
        assert (await db.scalars(select(SigningKey))).one().state is KeyState.ACTIVE
