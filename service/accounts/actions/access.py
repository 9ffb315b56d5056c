"""Access is changed by its owner, or given again by two administrators together."""

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.actions.signing_in import close_all_sign_ins, use_authenticator
from service.accounts.actions.staff import not_oneself
from service.accounts.errors import (
    NoPassword,
    PasswordUnchanged,
    ResetAsked,
    ResetBySameAdministrator,
    SignInRefused,
)
from service.accounts.events import AccessChanged
from service.accounts.passwords import Passwords
from service.accounts.schemas import PasswordChange
from service.accounts.tables import AccessReset, Account, ResetReason, ResetState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring


async def change_password(
    db: AsyncSession, keyring: Keyring, passwords: Passwords, actor: Actor, new: PasswordChange
) -> None:
    """Change one's own password, by the old one and a code of the authenticator; every other device is signed out.

    Raises NoPassword (persons sign in by code; keys have none), SignInRefused, PasswordUnchanged, PasswordTooWeak.
    """
    row = None
    if actor.account_id is not None and not actor.by_key:
        chosen = select(Account).where(col(Account.id) == actor.account_id).with_for_update()
        row = (await db.scalars(chosen)).first()
    if row is None or row.password_hash is None:
        raise NoPassword
    if not await passwords.check(row.password_hash, new.password):
        raise SignInRefused
    await use_authenticator(db, keyring, row, new.code)
    if new.new_password == new.password:
        raise PasswordUnchanged(field="new_password")
    row.password_hash = await passwords.hash(new.new_password, field="new_password")
    await close_all_sign_ins(db, row.id, but=actor.sign_in_id)
    await note(db, "account.password_changed", "account", row.id, person_id=row.person_id)
    await announce(db, AccessChanged(account_id=row.id, what="password_changed"))


async def open_reset(db: AsyncSession, account_id: UUID) -> AccessReset | None:
    """The request for new access that waits for a second administrator, or None."""
    chosen = select(AccessReset).where(
        col(AccessReset.account_id) == account_id, col(AccessReset.state) == ResetState.ASKED
    )
    return (await db.scalars(chosen)).first()


async def ask_reset(db: AsyncSession, actor: Actor, account_id: UUID, reason: ResetReason) -> AccessReset:
    """Ask that a staff account gets a new password and authenticator; another administrator decides.

    Raises OwnAccount, NotFound (also for an account without a password), ResetAsked.
    """
    not_oneself(actor, account_id)
    account = await db.get(Account, account_id)
    if account is None or account.password_hash is None:
        raise NotFound(what="account")
    assert actor.account_id is not None, "who is signed in has an account"
    row = AccessReset(account_id=account_id, asked_by=actor.account_id, reason=reason)
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:  # two at once: one request stands
        raise ResetAsked from error
    await note(db, "account.reset_asked", "account", account_id, person_id=account.person_id, reason=reason.value)
    await announce(db, AccessChanged(account_id=account_id, what="reset_asked"))
    return row


@dataclass(frozen=True)
class NewAccess:
    """What is shown once and handed over: the account, its new first password, its new authenticator's secret."""

    account: Account
    password: str
    secret: str


async def decide_reset(
    db: AsyncSession, keyring: Keyring, passwords: Passwords, actor: Actor, reset_id: UUID, approve: bool
) -> NewAccess | None:
    """Carry a reset out, or refuse it (None), by another administrator than the one who asked.

    The old password and authenticator end at once, and every device is signed out. Raises NotFound, StateConflict,
    ResetBySameAdministrator, OwnAccount.
    """
    chosen = select(AccessReset).where(col(AccessReset.id) == reset_id).with_for_update()
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="access_reset")
    not_oneself(actor, row.account_id)
    if row.state is not ResetState.ASKED:
        raise StateConflict(state=row.state.value)
    if row.asked_by == actor.account_id:
        raise ResetBySameAdministrator
    row.state = ResetState.DONE if approve else ResetState.REFUSED
    row.decided_by, row.decided_at = actor.account_id, clock.now()
    account = (await db.scalars(select(Account).where(col(Account.id) == row.account_id).with_for_update())).one()
    if not approve:
        await note(db, "account.reset_refused", "account", account.id, person_id=account.person_id)
        return None
    password, secret = secrets.token_urlsafe(12), pyotp.random_base32()
    account.password_hash = await passwords.hash(password)
    account.totp_sealed = keyring.encrypt(secret.encode(), f"account.totp:{account.id}")
    account.totp_last_step = None
    await close_all_sign_ins(db, account.id)
    await note(db, "account.authenticator_reset", "account", account.id, person_id=account.person_id)
    await announce(db, AccessChanged(account_id=account.id, what="access_reset"))
    return NewAccess(account, password, secret)
