"""Refusals: one class each, carrying facts; the sentence is made at the edge in the reader's language."""

from collections.abc import Iterator

from service.foundation.language import later


class DomainError(Exception):
    """A refusal the service foresaw. Facts are keywords; `message` is an English message id with %(fact)s places.

    `field` is a fact with a meaning of its own: the JSON pointer or form field the refusal speaks of.
    """

    status: int = 409
    slug: str = "refused"
    message: str = later("This cannot be done.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.slug)
        self.facts = facts

    @property
    def field(self) -> str | None:
        """Which input the refusal speaks of, when it speaks of one."""
        value = self.facts.get("field")
        return str(value) if value is not None else None

    def __str__(self) -> str:
        return f"{self.slug} {self.facts}"


class NotFound(DomainError):
    """What was asked for is not there, or not the asker's: both look the same from outside."""

    status = 404
    slug = "not-found"
    message = later("Nothing was found at this address for you.")


class NotAllowed(DomainError):
    """The actor may see the thing and may not do this to it."""

    status = 403
    slug = "not-allowed"
    message = later("Your post does not allow this. It is for: %(needs)s.")


class SignInNeeded(DomainError):
    """Nobody is signed in."""

    status = 401
    slug = "sign-in-needed"
    message = later("Please sign in first.")


class InvalidInput(DomainError):
    """One input value cannot be accepted; `field` and `reason` say which and why."""

    status = 422
    slug = "invalid-input"
    message = later("%(field)s: %(reason)s")


class TooManyTries(DomainError):
    """A limit was reached; `seconds` says when to come back."""

    status = 429
    slug = "too-many-tries"
    message = later("Too many tries. Please wait %(seconds)s seconds and try again.")


class TemporarilyUnavailable(DomainError):
    """The service cannot do this now; nothing was changed."""

    status = 503
    slug = "temporarily-unavailable"
    message = later("The service is busy for a moment. Nothing was lost or changed; please try again shortly.")


class StateConflict(DomainError):
    """The thing is in a state in which this verb does not exist."""

    slug = "state-conflict"
    message = later("This is not possible while the state is “%(state)s”.")


class ContentConflict(DomainError):
    """The same reference was sent before with other content."""

    slug = "content-conflict"
    message = later("Reference %(reference)s was already used with different content.")


def every_refusal(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """All refusal classes that have been imported, base first."""
    yield base
    for child in base.__subclasses__():
        yield from every_refusal(child)
