"""One person for the country, found by identity document and seen only on a recorded ground."""

import pytest
from sqlmodel import col, select

from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring
from service.people.actions import person_for, personal_key
from service.people.errors import NameDiffers
from service.people.queries import identity_of, person, persons
from service.people.tables import IdentityDocument
from tests.conftest import As, World
from tests.given import accounts as given
from tests.given.people import resident_number


async def test_two_bases_that_enter_one_document_share_one_person(world: World, acting: As, keyring: Keyring) -> None:
    async with world() as db:
        first = await given.staff(db, "scheduler", (await given.organisation(db, "甲基地")).id)
        second = await given.staff(db, "scheduler", (await given.organisation(db, "乙基地")).id)
    number = resident_number()
    async with acting(first) as db:
        entered = await person_for(
            db, keyring, name="张 三", kind="resident", number=number, ground="enrolment", org_id=first.org
        )
        assert entered.name == "张三"
        shown = await identity_of(db, entered.id)
        assert shown is not None
        assert shown.masked == number[:4] + "*" * 10 + number[-4:]
        assert number.encode() not in shown.number_sealed
    async with acting(second) as db:
        assert await persons(db, [entered.id]) == {}
        with pytest.raises(NotFound):
            await person(db, entered.id)
        again = await person_for(
            db, keyring, name="张三", kind="resident", number=number.lower(), ground="enrolment", org_id=second.org
        )
        assert again.id == entered.id
        with pytest.raises(NameDiffers):
            await person_for(
                db, keyring, name="李四", kind="resident", number=number, ground="enrolment", org_id=second.org
            )
    async with world() as db:
        assert (
            len(list(await db.scalars(select(IdentityDocument).where(col(IdentityDocument.person_id) == entered.id))))
            == 1
        )


async def test_personal_key_is_made_once_and_stays(world: World, acting: As, keyring: Keyring) -> None:
    async with world() as db:
        clerk = await given.staff(db, "scheduler", (await given.organisation(db)).id)
    async with acting(clerk) as db:
        someone = await person_for(
            db, keyring, name="张三", kind="resident", number=resident_number(), ground="enrolment", org_id=clerk.org
        )
        key = await personal_key(db, keyring, someone.id)
        assert len(key) == 32
        assert await personal_key(db, keyring, someone.id) == key
