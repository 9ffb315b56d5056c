"""Refusals of maker-checker decisions."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class SamePerson(DomainError):
    """Who proposed may not decide, at any of their posts."""

    status = 403
    slug = "same-person"
    message = later("You proposed this yourself. Another person must decide.")


class SubjectChanged(DomainError):
    """What was proposed is no longer what would be decided."""

    slug = "subject-changed"
    message = later("The content has changed since it was proposed. Please propose it again.")


class AlreadyDecided(DomainError):
    """A proposal is decided once."""

    slug = "already-decided"
    message = later("This has been decided already.")


class AlreadyProposed(DomainError):
    """There is an open proposal for this."""

    slug = "already-proposed"
    message = later("This is already proposed and waits for a decision.")


class NothingProposed(DomainError):
    """There is nothing to decide."""

    slug = "nothing-proposed"
    message = later("Nothing is waiting for a decision here.")
