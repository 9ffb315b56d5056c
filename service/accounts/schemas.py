"""What goes in and out of the accounts room."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.accounts.tables import ResetReason, ResetState


class SignInByPassword(BaseModel):
    """Staff: sign-in name, password, and the six digits of the authenticator."""

    model_config = ConfigDict(extra="forbid")

    login_name: str = Field(min_length=1, max_length=60)
    password: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=6, max_length=8)
    next: str = Field(default="/", max_length=500)


class CodeRequest(BaseModel):
    """Persons: the mobile number that gets a one-time code."""

    model_config = ConfigDict(extra="forbid")

    phone: str = Field(min_length=1, max_length=30)  # what is no number is told by phone_number
    next: str = Field(default="/", max_length=500)


class SignInByCode(BaseModel):
    """Persons: the number again and the code that came."""

    model_config = ConfigDict(extra="forbid")

    phone: str = Field(min_length=1, max_length=30)  # what is no number is told by phone_number
    code: str = Field(min_length=6, max_length=12)
    next: str = Field(default="/", max_length=500)


class PostRead(BaseModel):
    """A post as shown to its holder and to administrators."""

    id: UUID
    account_id: UUID
    org_id: UUID
    role: str
    starts_on: date
    ends_on: date | None


class PostCreate(BaseModel):
    """A new post for an account."""

    model_config = ConfigDict(extra="forbid")

    account_id: UUID
    org_id: UUID
    role: str = Field(max_length=40)
    starts_on: date
    ends_on: date | None = None


class OwnPost(BaseModel):
    """One of one's own posts."""

    id: UUID
    role: str
    org_id: UUID
    organisation_name: dict[str, str]
    current: bool


class WhoAmI(BaseModel):
    """Who is signed in and what the present post allows."""

    account_id: UUID | None
    person_id: UUID | None
    org_id: UUID | None
    role: str
    name: str
    permissions: list[str]
    posts: list[OwnPost]


class ApiKeyCreate(BaseModel):
    """A new API key of the actor's organisation."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=10)
    sandbox: bool = False
    expires_at: datetime | None = None


class ApiKeyMade(BaseModel):
    """The key itself, shown this once."""

    id: UUID
    key: str
    prefix: str


class ApiKeyRead(BaseModel):
    """An API key without its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    sandbox: bool
    expires_at: datetime | None
    revoked_at: datetime | None


class PasswordChange(BaseModel):
    """One's own new password, with the present one and the six digits of the authenticator."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=6, max_length=8)
    new_password: str = Field(min_length=1, max_length=200)


class ResetAsk(BaseModel):
    """Why an account needs a new password and authenticator."""

    model_config = ConfigDict(extra="forbid")

    reason: ResetReason


class ResetDecision(BaseModel):
    """The second administrator's word."""

    model_config = ConfigDict(extra="forbid")

    approve: bool


class ResetRead(BaseModel):
    """A request for new access."""

    id: UUID
    account_id: UUID
    asked_by: UUID
    reason: ResetReason
    state: ResetState
    decided_by: UUID | None


class AccessGiven(BaseModel):
    """What became of a request: with approval the new password and authenticator secret, shown this once."""

    state: ResetState
    password: str | None
    secret: str | None


class SandboxRead(BaseModel):
    """The sandbox that sandbox keys act for: an organisation of its own, filled with synthetic data."""

    org_id: UUID


class StaffCreate(BaseModel):
    """A new staff account with its first post; `organisation` is a credit code or an exact Chinese name."""

    model_config = ConfigDict(extra="forbid")

    login_name: str = Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")
    display_name: str = Field(min_length=1, max_length=100)
    organisation: str = Field(min_length=2, max_length=200)
    role: str = Field(max_length=40)
    starts_on: date | None = None
    ends_on: date | None = None


class PostForm(BaseModel):
    """A further post of an account, as the page asks for it."""

    model_config = ConfigDict(extra="forbid")

    organisation: str = Field(min_length=2, max_length=200)
    role: str = Field(max_length=40)
    starts_on: date
    ends_on: date | None = None


class Nothing(BaseModel):
    """A form of one button."""

    model_config = ConfigDict(extra="forbid")
