"""Rows of accounts, posts, sign-ins, one-time codes and API keys."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.foundation.records import Record, choice, moment, one_of, refers_to


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    LOCKED = "locked"
    CLOSED = "closed"


class Account(Record, table=True):
    """One row is one way of signing in: staff by login name, password and TOTP; persons by mobile number and code.

    Tenancy: gate (id). Personal: phone_sealed, phone_lookup, display_name; kept while the account lives.
    """

    __tablename__ = "account"
    __table_args__ = (one_of("state", AccountState),)

    login_name: str | None = Field(default=None, max_length=60, unique=True)
    display_name: str = Field(max_length=100)
    phone_lookup: bytes | None = Field(default=None, unique=True)  # keyed digest
    phone_sealed: bytes | None = Field(default=None)
    password_hash: str | None = Field(default=None, max_length=200)
    totp_sealed: bytes | None = Field(default=None)
    totp_last_step: int | None = Field(default=None)  # a code is good once (OWASP ASVS 6.5.1)
    person_id: UUID | None = refers_to("person.id", optional=True, unique=True)
    state: AccountState = choice(AccountState, AccountState.ACTIVE)
    language: str | None = Field(default=None, max_length=10)
    demo: bool = Field(default=False)


class Post(Record, table=True):
    """One row is one role an account holds at an organisation from one day to another.

    Tenancy: gate. Personal: none.
    """

    __tablename__ = "post"
    __table_args__ = (sa.UniqueConstraint("account_id", "org_id", "role", "starts_on"),)

    account_id: UUID = refers_to("account.id")
    org_id: UUID = refers_to("organisation.id")
    role: str = Field(max_length=40)
    starts_on: date
    ends_on: date | None = Field(default=None)


class SignIn(Record, table=True):
    """One row is one signed-in device; the token's SHA-256 only. Ended by signing out, time, or withdrawal.

    Tenancy: gate. Personal: none.
    """

    __tablename__ = "sign_in"

    account_id: UUID = refers_to("account.id")
    token_hash: bytes = Field(unique=True)
    post_id: UUID | None = refers_to("post.id", optional=True)
    strong: bool = Field(default=False)  # two factors were shown
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


class PhoneCode(Record, table=True):
    """One row is one one-time code sent to a mobile number, by keyed digest; good for five minutes and once.

    Tenancy: gate (id). Personal: phone_lookup; deleted after a day.
    """

    __tablename__ = "phone_code"

    phone_lookup: bytes = Field(index=True)
    code_hash: bytes
    expires_at: datetime = moment()
    tries: int = Field(default=0)
    used_at: datetime | None = moment(optional=True)


class ApiKey(Record, table=True):
    """One row is one API key of an organisation: shown once, kept as SHA-256, limited to scopes.

    Tenancy: own. Personal: none.
    """

    __tablename__ = "api_key"

    org_id: UUID = refers_to("organisation.id")
    account_id: UUID = refers_to("account.id")  # who made it
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=12)
    key_hash: bytes = Field(unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    sandbox: bool = Field(default=False)
    expires_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)


class ResetReason(StrEnum):
    """Why an account gets a new password and authenticator."""

    DEVICE_LOST = "device_lost"
    FORGOTTEN = "password_forgotten"
    MISUSE_SUSPECTED = "misuse_suspected"


class ResetState(StrEnum):
    """Where a request for new access stands."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


class AccessReset(Record, table=True):
    """One row is one request that an account gets a new password and authenticator, asked by one and decided by another.

    Tenancy: gate. Personal: none.
    """

    __tablename__ = "access_reset"
    __table_args__ = (
        one_of("reason", ResetReason),
        one_of("state", ResetState),
        sa.Index("uq_access_reset_open", "account_id", unique=True, postgresql_where=sa.text("state = 'asked'")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
    )

    account_id: UUID = refers_to("account.id", index=False)
    asked_by: UUID = refers_to("account.id", index=False)
    reason: ResetReason = choice(ResetReason)
    state: ResetState = choice(ResetState, ResetState.ASKED)
    decided_by: UUID | None = refers_to("account.id", optional=True, index=False)
    decided_at: datetime | None = moment(optional=True)
