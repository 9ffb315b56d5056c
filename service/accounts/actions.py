"""Signing in and out, codes, posts and API keys."""

import hmac
import secrets
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

import phonenumbers
import pyotp
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.errors import (
    CodeRefused,
    KeyAlreadyExpired,
    LoginNameTaken,
    OwnAccount,
    PhoneRefused,
    PostDatesReversed,
    PostOrganisationUnknown,
    RolesSeparated,
    RoleUnknown,
    ScopeUnknown,
    SignInRefused,
)
from service.accounts.passwords import Passwords
from service.accounts.queries import account_by_login, account_by_phone, posts_of
from service.accounts.rules import API_SCOPES, PERMISSIONS, forbidden_together, holds_on
from service.accounts.schemas import ApiKeyCreate, ApiKeyMade, PostCreate, StaffCreate
from service.accounts.tables import Account, AccountState, ApiKey, PhoneCode, Post, SignIn
from service.foundation import clock
from service.foundation.actor import Actor, Reach, Scope
from service.foundation.database import scope_of, set_scope
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring, digest_of
from service.organisations.actions import open_sandbox
from service.organisations.queries import by_credit_code, by_exact_name
from service.organisations.tables import Organisation

GATE = Scope(reach=Reach.GATE)
CODE_SECONDS = 300
CODE_TRIES = 5
TOTP_STEP = 30
KEY_PREFIX = "tmc_"


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
    return account


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


async def close_all_sign_ins(db: AsyncSession, account_id: UUID) -> None:
    """Sign out every device of an account."""
    await db.execute(
        sa.update(SignIn)
        .where(col(SignIn.account_id) == account_id, col(SignIn.ended_at).is_(None))
        .values(ended_at=clock.now())
    )


async def choose_post(db: AsyncSession, actor: Actor, post_id: UUID | None) -> None:
    """Work at another post of one's own, or as oneself (None). Raises NotFound for a post that is not held today."""
    if post_id is not None and post_id not in {post.id for post in actor.posts}:
        raise NotFound(what="post")
    await db.execute(sa.update(SignIn).where(col(SignIn.id) == actor.sign_in_id).values(post_id=post_id))


async def choose_language(db: AsyncSession, actor: Actor, language: str) -> None:
    """Keep the account's language for letters and later sign-ins."""
    await db.execute(sa.update(Account).where(col(Account.id) == actor.account_id).values(language=language))


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


async def give_post(db: AsyncSession, new: PostCreate) -> Post:
    """Give an account a post; raises RoleUnknown and RolesSeparated."""
    if new.role not in PERMISSIONS:
        raise RoleUnknown(role=new.role, field="role")
    held = {
        post.role
        for post in await posts_of(db, new.account_id)
        if post.org_id == new.org_id and holds_on(post.starts_on, post.ends_on, new.starts_on)
    }
    pair = forbidden_together(held | {new.role})
    if pair is not None:
        raise RolesSeparated(roles=sorted(pair), field="role")
    post = Post.model_validate(new.model_dump())
    db.add(post)
    await note(db, "post.given", "post", post.id, org_id=new.org_id, role=new.role, account_id=new.account_id)
    return post


async def end_post(db: AsyncSession, post_id: UUID) -> Post:
    """End a post yesterday: the account loses it at its next request."""
    post = await db.get(Post, post_id)
    if post is None:
        raise NotFound(what="post")
    post.ends_on = clock.today() - timedelta(days=1)
    await note(db, "post.ended", "post", post.id, org_id=post.org_id, role=post.role)
    return post


async def make_api_key(db: AsyncSession, actor: Actor, new: ApiKeyCreate) -> ApiKeyMade:
    """An API key of the actor's organisation, shown this once; its first sandbox key opens the organisation's sandbox.

    Raises ScopeUnknown, KeyAlreadyExpired.
    """
    for scope in new.scopes:
        if scope not in API_SCOPES:
            raise ScopeUnknown(scope=scope, field="scopes")
    if new.expires_at is not None and new.expires_at <= clock.now():
        raise KeyAlreadyExpired(field="expires_at")
    if new.sandbox:
        await open_sandbox(db, actor)
    secret = KEY_PREFIX + ("test_" if new.sandbox else "") + secrets.token_urlsafe(32)
    row = ApiKey(
        org_id=actor.org,
        account_id=actor.account_id,  # type: ignore[arg-type]
        name=new.name,
        prefix=secret[:12],
        key_hash=digest_of(secret),
        scopes=new.scopes,
        sandbox=new.sandbox,
        expires_at=new.expires_at,
    )
    db.add(row)
    await note(db, "api_key.made", "api_key", row.id, scopes=new.scopes, sandbox=new.sandbox)
    return ApiKeyMade(id=row.id, key=secret, prefix=row.prefix)


async def revoke_api_key(db: AsyncSession, actor: Actor, key_id: UUID) -> None:
    """Revoke a key of the actor's organisation: refused from the next request on."""
    row = await db.get(ApiKey, key_id)
    if row is None or row.org_id != actor.org:
        raise NotFound(what="api_key")
    row.revoked_at = clock.now()
    await note(db, "api_key.revoked", "api_key", row.id)


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


async def organisation_named(db: AsyncSession, given: str) -> Organisation:
    """The one organisation of a credit code or an exact Chinese name; raises PostOrganisationUnknown."""
    found = await by_credit_code(db, given.strip().upper())
    if found is not None:
        return found
    named = await by_exact_name(db, given.strip())
    if len(named) != 1:
        raise PostOrganisationUnknown(given=given, field="organisation")
    return named[0]


def not_oneself(actor: Actor, account_id: UUID) -> None:
    """Raises OwnAccount when the actor means their own account."""
    if actor.account_id == account_id:
        raise OwnAccount


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


async def add_post(
    db: AsyncSession, account_id: UUID, org_id: UUID, role: str, starts_on: date, ends_on: date | None
) -> Post:
    """Give a post from-to; raises PostDatesReversed and what `give_post` raises."""
    if ends_on is not None and ends_on < starts_on:
        raise PostDatesReversed(ends=ends_on.isoformat(), starts=starts_on.isoformat(), field="ends_on")
    return await give_post(
        db, PostCreate(account_id=account_id, org_id=org_id, role=role, starts_on=starts_on, ends_on=ends_on)
    )


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
