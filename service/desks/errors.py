"""Refusals of the desks."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class SearchRefused(DomainError):
    """A field of a search cannot be read."""

    status = 422
    slug = "search-refused"
    message = later("%(field)s cannot be searched by “%(given)s”: %(reason)s")


class JobNotHeld(DomainError):
    """The job runs again already, or was never held."""

    slug = "job-not-held"
    message = later("This job is no longer held; it was queued again or has run.")


class ActsUnreadable(DomainError):
    """The shipped sentences of the journal cannot be read."""

    status = 500
    slug = "acts-unreadable"
    message = later("The journal's sentences cannot be read at %(place)s.")


class JournalTooLong(DomainError):
    """More entries are asked for than one file holds."""

    status = 422
    slug = "journal-too-long"
    message = later("One file holds at most %(limit)s entries. Please choose a shorter period or fewer acts.")
