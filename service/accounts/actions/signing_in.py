"""Signing in and out: codes, passwords, the authenticator, devices, the post and language chosen."""

import hmac
import secrets
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import phonenumbers
import pyotp
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.errors import (
    CodeRefused,
    PhoneRefused,
    SignInRefused,
)
from service.accounts.passwords import Passwords
from service.accounts.queries import account_by_login, account_by_phone, posts_of
from service.accounts.rules import holds_on
from service.accounts.tables import Account, AccountState, PhoneCode, SignIn
from service.foundation import clock
from service.foundation.actor import Actor, Reach, Scope
from service.foundation.database import scope_of, set_scope
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring, digest_of

GATE = Scope(reach=Reach.GATE)
CODE_SECONDS = 300
CODE_TRIES = 5
TOTP_STEP = 30


class ShortMessages(Protocol):
    """The port by which text messages leave."""

    async def send(self, phone: str, text: str) -> None:
        """Send one message to a number in international form; raises TemporarilyUnavailable."""


def phone_number(given: str) -> str:
    """A mobile number in international form (E.164); raises PhoneRefused. Mainland numbers need no country code."""
    try:
        number = phonenumbers.parse(given.strip(), "CN")
    except phonenumbers.NumberParseException as error:
        raise PhoneRefused(field="phone") from error
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        raise PhoneRefused(field="phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


async def send_code(db: AsyncSession, keyring: Keyring, given_phone: str) -> tuple[str, str]:
    """Make a one-time code of six digits for a number; returns (number, code) for the message port to send."""
    phone = phone_number(given_phone)
    await set_scope(db, GATE)
    lookup = keyring.lookup("phone", phone)
    code = f"{secrets.randbelow(1_000_000):06d}"
    expires = clock.now() + timedelta(seconds=CODE_SECONDS)
    await db.execute(
        sa.update(PhoneCode)
        .where(col(PhoneCode.phone_lookup) == lookup, col(PhoneCode.used_at).is_(None))
        .values(used_at=clock.now())
    )
    db.add(PhoneCode(phone_lookup=lookup, code_hash=_code_hash(keyring, lookup, code), expires_at=expires))
    await db.flush()  # a code exists before it is sent
    return phone, code


def _code_hash(keyring: Keyring, lookup: bytes, code: str) -> bytes:
    return bytes.fromhex(keyring.token("phone-code", lookup.hex() + code))


async def use_code(db: AsyncSession, keyring: Keyring, given_phone: str, code: str) -> Account | None:
    """Use a code: the account of the number, made on its first use; None when the code is wrong, used or old.

    A wrong try is counted on the row, so the caller must commit and not raise.
    """
    phone = phone_number(given_phone)
    await set_scope(db, GATE)
    lookup = keyring.lookup("phone", phone)
    row = (
        await db.scalars(
            select(PhoneCode)
            .where(col(PhoneCode.phone_lookup) == lookup, col(PhoneCode.used_at).is_(None))
            .order_by(col(PhoneCode.created_at).desc())
            .limit(1)
            .with_for_update()
        )
    ).first()
    if row is None or row.expires_at <= clock.now() or row.tries >= CODE_TRIES:
        return None
    if not hmac.compare_digest(row.code_hash, _code_hash(keyring, lookup, code.strip())):
        row.tries += 1
        return None
    row.used_at = clock.now()
    account = await account_by_phone(db, lookup)
    if account is None:
        account = Account(display_name=phone[:-8] + "****" + phone[-4:], phone_lookup=lookup)
        account.phone_sealed = keyring.encrypt(phone.encode(), f"account.phone:{account.id}")
        db.add(account)
    await db.flush()
    return account if account.state == AccountState.ACTIVE else None


async def check_password(
    db: AsyncSession, keyring: Keyring, passwords: Passwords, login_name: str, password: str, code: str
) -> Account:
    """Staff sign-in: password and a TOTP code never used before (RFC 6238, one step either side). Raises SignInRefused."""
    await set_scope(db, GATE)
    account = await account_by_login(db, login_name)
    fits = await passwords.check(account.password_hash if account else None, password)
    if account is None or not fits or account.state != AccountState.ACTIVE or account.totp_sealed is None:
        raise SignInRefused
    await use_authenticator(db, keyring, account, code)
    return account


async def use_authenticator(db: AsyncSession, keyring: Keyring, account: Account, code: str) -> None:
    """Use a code of the account's authenticator; of two uses of one code the second is refused. Raises SignInRefused."""
    if account.totp_sealed is None:
        raise SignInRefused
    secret = keyring.decrypt(account.totp_sealed, f"account.totp:{account.id}").decode()
    step = _totp_step(secret, code)
    if step is None:
        raise SignInRefused
    used = await db.scalar(
        sa.update(Account)
        .where(
            col(Account.id) == account.id,
            sa.or_(col(Account.totp_last_step).is_(None), col(Account.totp_last_step) < step),
        )
        .values(totp_last_step=step)
        .returning(col(Account.id))
    )
    if used is None:
        raise SignInRefused


def _totp_step(secret: str, code: str) -> int | None:
    given = code.strip().replace(" ", "")
    present = int(clock.now().timestamp()) // TOTP_STEP
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).at(step * TOTP_STEP).encode(), given.encode()):
            return step
    return None


async def open_sign_in(db: AsyncSession, account: Account, strong: bool, hours: int) -> str:
    """A new sign-in with a new token of 256 bits; returns the token for the cookie. Never reuses what the caller showed."""
    await set_scope(db, Scope(reach=Reach.GATE, account_id=account.id))
    token = secrets.token_urlsafe(32)
    post_id = None
    if strong:
        today = clock.today()
        post_id = next(
            (one.id for one in await posts_of(db, account.id) if holds_on(one.starts_on, one.ends_on, today)), None
        )
    row = SignIn(
        account_id=account.id,
        token_hash=digest_of(token),
        post_id=post_id,
        strong=strong,
        expires_at=clock.now() + timedelta(hours=hours),
    )
    db.add(row)
    await note(db, "account.signed_in", "account", account.id, person_id=account.person_id, strong=strong)
    return token


async def close_sign_in(db: AsyncSession, actor: Actor) -> None:
    """Sign out this device: at once and for good."""
    await set_scope(db, GATE)
    await db.execute(sa.update(SignIn).where(col(SignIn.id) == actor.sign_in_id).values(ended_at=clock.now()))


async def close_all_sign_ins(db: AsyncSession, account_id: UUID, but: UUID | None = None) -> None:
    """Sign out every device of an account, `but` one sign-in when it is given."""
    ended = sa.update(SignIn).where(col(SignIn.account_id) == account_id, col(SignIn.ended_at).is_(None))
    if but is not None:
        ended = ended.where(col(SignIn.id) != but)
    await db.execute(ended.values(ended_at=clock.now()))


async def choose_post(db: AsyncSession, actor: Actor, post_id: UUID | None) -> None:
    """Work at another post of one's own, or as oneself (None). Raises NotFound for a post that is not held today."""
    if post_id is not None and post_id not in {post.id for post in actor.posts}:
        raise NotFound(what="post")
    await db.execute(sa.update(SignIn).where(col(SignIn.id) == actor.sign_in_id).values(post_id=post_id))


async def choose_language(db: AsyncSession, actor: Actor, language: str) -> None:
    """Keep the account's language for letters and later sign-ins."""
    await db.execute(sa.update(Account).where(col(Account.id) == actor.account_id).values(language=language))


async def link_person(db: AsyncSession, account_id: UUID, person_id: UUID, display_name: str) -> None:
    """Say whose account this is; kept under the gate's scope and given back to the caller's."""
    before = scope_of(db)
    await set_scope(db, GATE)
    account = await db.get(Account, account_id)
    if account is None:
        raise NotFound(what="account")
    account.person_id = person_id
    account.display_name = display_name
    await db.flush()
    await set_scope(db, before)


def code_refused() -> CodeRefused:
    """The one refusal of a wrong, used or old code."""
    return CodeRefused(field="code")
