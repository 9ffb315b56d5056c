"""Staff accounts are made, locked and signed out."""

import secrets
from uuid import UUID

import pyotp
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.actions.posts import add_post, organisation_named
from service.accounts.actions.signing_in import close_all_sign_ins
from service.accounts.errors import (
    LoginNameTaken,
    OwnAccount,
)
from service.accounts.passwords import Passwords
from service.accounts.schemas import StaffCreate
from service.accounts.tables import Account, AccountState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring


def not_oneself(actor: Actor, account_id: UUID) -> None:
    """Raises OwnAccount when the actor means their own account."""
    if actor.account_id == account_id:
        raise OwnAccount


async def create_staff_account(
    db: AsyncSession,
    keyring: Keyring,
    passwords: Passwords,
    login_name: str,
    display_name: str,
    password: str,
    demo: bool = False,
) -> tuple[Account, str]:
    """A staff account with password and a new TOTP secret; returns (account, secret to show once). Raises LoginNameTaken."""
    account = Account(login_name=login_name.strip().lower(), display_name=display_name, demo=demo)
    account.password_hash = await passwords.hash(password)
    secret = pyotp.random_base32()
    account.totp_sealed = keyring.encrypt(secret.encode(), f"account.totp:{account.id}")
    db.add(account)
    try:
        await db.flush()  # the name's uniqueness is the database's word
    except IntegrityError as error:
        raise LoginNameTaken(field="login_name") from error
    await note(db, "account.created", "account", account.id)
    return account, secret


async def create_staff(
    db: AsyncSession, keyring: Keyring, passwords: Passwords, new: StaffCreate
) -> tuple[Account, str, str]:
    """A staff account with its first post: (account, first password, TOTP secret), both shown once and kept as digests.

    Raises LoginNameTaken, PostOrganisationUnknown, RoleUnknown, PostDatesReversed.
    """
    home = await organisation_named(db, new.organisation)
    password = secrets.token_urlsafe(12)
    account, secret = await create_staff_account(db, keyring, passwords, new.login_name, new.display_name, password)
    starts_on = new.starts_on or clock.today()
    await add_post(db, account.id, home.id, new.role, starts_on, new.ends_on)
    return account, password, secret


async def change_state(db: AsyncSession, actor: Actor, account_id: UUID, state: AccountState) -> Account:
    """Lock an account, which signs it out everywhere at once, or let it in again. Raises NotFound, OwnAccount."""
    not_oneself(actor, account_id)
    row = await db.get(Account, account_id)
    if row is None:
        raise NotFound(what="account")
    row.state = state
    if state is not AccountState.ACTIVE:
        await close_all_sign_ins(db, account_id)
    await note(db, f"account.{state.value}", "account", account_id, person_id=row.person_id)
    return row


async def sign_out_everywhere(db: AsyncSession, account_id: UUID) -> None:
    """End every sign-in of an account, and write it down. Raises NotFound."""
    row = await db.get(Account, account_id)
    if row is None:
        raise NotFound(what="account")
    await close_all_sign_ins(db, account_id)
    await note(db, "account.signed_out_everywhere", "account", account_id, person_id=row.person_id)
