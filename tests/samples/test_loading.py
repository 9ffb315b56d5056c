"""Who teaches in the demonstration can be chosen for meetings."""

from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from service.accounts.tables import Account
from service.bases.actions import load_register
from service.courses.queries import lecturers
from service.foundation import clock
from service.people.rules import IdentityKind, check_identity
from service.people.tables import Person
from service.samples.loading import load_roles, made_up_number
from service.samples.roles import ROLES
from service.settings import Settings
from tests.conftest import World


async def test_the_demonstrations_teachers_are_listed_and_stay_one_person_each(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    own = settings.model_copy(update={"var_dir": tmp_path})
    async with world() as db:
        await load_register(db)
        await load_roles(db, own)
    async with world() as db:
        await load_roles(db, own)
        people = await db.scalar(sa.select(sa.func.count()).select_from(Person))
        account = (await db.scalars(select(Account).where(col(Account.login_name) == "lecturer"))).one()
        base = await db.scalar(sa.text("SELECT org_id FROM post WHERE account_id = :one"), {"one": account.id})
        assert base is not None
        listed = await lecturers(db, base)
    assert people == 2
    assert sorted(one.name for one in listed) == ["何川", "沈岩"]
    assert account.person_id in {one.person_id for one in listed}


def test_made_up_numbers_are_well_formed_and_differ() -> None:
    numbers = {made_up_number(one.login_name) for one in ROLES}
    assert len(numbers) == len(ROLES)
    for number in numbers:
        assert check_identity(IdentityKind.RESIDENT, number, clock.today()).number == number
