"""Who acts: the account, its person, its present post, and how far it may see."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from service.foundation.errors import NotAllowed, NotFound


class Reach(StrEnum):
    """How far the database lets this actor see. Policies read it as `app.reach`."""

    NOBODY = ""
    PERSON = "person"  # own rows only
    ORG = "org"  # the organisation's rows and own rows
    NATION = "nation"  # reads all organisations' rows that are not personal: ministry, auditor
    AUTHORITY = "authority"  # writes the nation's registers: system, security administrators, ministry
    GATE = "gate"  # sign-in itself: the accounts room only
    SYSTEM = "system"  # a job; only the worker's database role is believed


@dataclass(frozen=True)
class Scope:
    """What the database is told of the actor at the begin of each transaction."""

    reach: Reach = Reach.NOBODY
    account_id: UUID | None = None
    person_id: UUID | None = None
    org_id: UUID | None = None


SYSTEM = Scope(reach=Reach.SYSTEM)
ANONYMOUS = Scope()


@dataclass(frozen=True)
class PostHeld:
    """One post of the account, as the page header shows it."""

    id: UUID
    role: str
    org_id: UUID
    organisation_name: dict[str, str]
    current: bool = False


@dataclass(frozen=True)
class Actor:
    """Who is signed in, at which post. `role` is `holder` for a person without a chosen post."""

    account_id: UUID | None
    person_id: UUID | None
    org_id: UUID | None
    role: str
    permissions: frozenset[str]
    reach: Reach
    name: str
    language: str | None = None
    sign_in_id: UUID | None = None
    post_id: UUID | None = None
    organisation_name: dict[str, str] = field(default_factory=dict)
    posts: tuple[PostHeld, ...] = ()
    strong: bool = False
    by_key: bool = False
    sandbox: bool = False

    @property
    def scope(self) -> Scope:
        """What the database is told of this actor."""
        return Scope(self.reach, self.account_id, self.person_id, self.org_id)

    def may(self, permission: str) -> bool:
        """Whether the present post carries this permission."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Refuse (NotAllowed) when the present post lacks the permission."""
        if permission not in self.permissions:
            raise NotAllowed(needs=permission)

    @property
    def org(self) -> UUID:
        """The organisation the actor acts for; NotFound when there is none."""
        if self.org_id is None:
            raise NotFound(what="organisation")
        return self.org_id

    @property
    def person(self) -> UUID:
        """The actor's own person; NotFound when the account has none."""
        if self.person_id is None:
            raise NotFound(what="person")
        return self.person_id
