"""What an installation starts with (register, editions, public bank), and the demonstration's people."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.check_characters import resident_check_character
from service.accounts.actions import create_staff_account, give_post, link_person
from service.accounts.passwords import Passwords
from service.accounts.queries import account_by_login
from service.accounts.schemas import PostCreate
from service.accounts.tables import Account
from service.bases.actions import load_register
from service.bases.tables import Base
from service.editions.actions import load_shipped
from service.foundation.actor import SYSTEM
from service.foundation.database import make_engine, make_sessions
from service.foundation.keyring import Keyring, keyring_at
from service.foundation.names import name_keys
from service.items.actions import load_public_bank
from service.organisations.tables import Organisation
from service.people.actions import person_for
from service.people.rules import IdentityKind
from service.samples.roles import (
    BASE,
    BASE_CODE,
    DEMO_PROVINCE,
    ORGANISATIONS,
    ROLES,
    TEACHING,
    DemoOrganisation,
    DemoRole,
)
from service.samples.sign_ins import SignIn, keep, kept, new_password
from service.settings import Settings

SINCE = date(2026, 1, 1)


async def load(settings: Settings, owner_url: str, worker_url: str, demo: bool) -> None:
    """Load the register, the shipped editions and the public bank; with `demo`, one account per role. Idempotent."""
    engine = make_engine(worker_url, 2)
    try:
        sessions = make_sessions(engine)
        for part in (load_register, load_shipped, load_public_bank):
            async with sessions.begin() as db:
                db.info["scope"] = SYSTEM
                await part(db)
        if demo:
            async with sessions.begin() as db:
                db.info["scope"] = SYSTEM
                await load_roles(db, settings)
    finally:
        await engine.dispose()


async def load_roles(db: AsyncSession, settings: Settings) -> None:
    """One demonstration account per role; those that exist stay as they are."""
    organisations = {one.key: await demo_organisation(db, one) for one in ORGANISATIONS}
    base = (await db.scalars(select(Base).where(col(Base.code) == BASE_CODE))).one()
    organisations[BASE] = base.org_id
    base.province = base.province or DEMO_PROVINCE
    known = {one.login_name: one for one in kept(settings)}
    password = next(iter(known.values())).password if known else new_password()
    keyring, passwords = keyring_at(settings.keyring_path), Passwords()
    for role in ROLES:
        held = await account_by_login(db, role.login_name)
        if held is not None:
            await make_person(db, keyring, held, role, organisations[role.organisation])
            continue
        account, secret = await create_staff_account(
            db, keyring, passwords, role.login_name, role.name, password, demo=True
        )
        await give_post(
            db,
            PostCreate(account_id=account.id, org_id=organisations[role.organisation], role=role.role, starts_on=SINCE),
        )
        await make_person(db, keyring, account, role, organisations[role.organisation])
        known[role.login_name] = SignIn(role.role, role.name, role.login_name, password, secret)
    keep(settings, list(known.values()))


async def make_person(db: AsyncSession, keyring: Keyring, account: Account, role: DemoRole, org_id: UUID) -> None:
    """Who teaches in the demonstration is a person its base sees; others, and who is a person already, stay as they are."""
    if role.role not in TEACHING or account.person_id is not None:
        return
    person = await person_for(
        db,
        keyring,
        name=role.name.split()[-1],
        kind=IdentityKind.RESIDENT,
        number=made_up_number(role.login_name),
        ground="teaching",
        org_id=org_id,
        source_id=account.id,
    )
    await link_person(db, account.id, person.id, role.name)


def made_up_number(login_name: str) -> str:
    """A resident number, the same for the same name, with a right check character (GB 11643) and a region given to nobody."""
    chance = int.from_bytes(hashlib.sha256(login_name.encode()).digest()[:4])
    born = date(1970, 1, 1) + timedelta(days=chance % 7000)
    seventeen = f"110199{born:%Y%m%d}{chance // 7000 % 1000:03d}"
    return seventeen + resident_check_character(seventeen)


async def demo_organisation(db: AsyncSession, one: DemoOrganisation) -> UUID:
    """An organisation of the demonstration, found by its name or made."""
    found = (await db.scalars(select(Organisation).where(col(Organisation.name)["zh"].astext == one.zh))).first()
    if found is None:
        found = Organisation(
            kind=one.kind, name={"zh": one.zh, "en": one.en}, name_keys=name_keys(one.zh), province=one.province
        )
        db.add(found)
        await db.flush()
    return found.id
