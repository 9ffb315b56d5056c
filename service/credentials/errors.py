"""What the credentials room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ListNotDraft(DomainError):
    """A list that was proposed or decided is not drawn up again."""

    slug = "issuing-list-not-draft"
    message = later("An issuing list of this kind is already waiting for a decision or for issue.")


class ListEmpty(DomainError):
    """Nobody on the list is eligible: there is nothing to propose."""

    slug = "issuing-list-empty"
    message = later("Nobody on this list is eligible yet, so there is nothing to propose.")


class ListChanged(DomainError):
    """Hours, results or identities changed since the list was drawn up."""

    slug = "issuing-list-changed"
    message = later("Hours, results or persons have changed since this list was drawn up. Please draw it up again.")


class DeciderTookPart(DomainError):
    """Who taught or marked these people does not decide on their certificates."""

    status = 403
    slug = "decider-took-part"
    message = later("You taught or marked people on this list (%(part)s). Another decider must decide.")


class NoNumberSlot(DomainError):
    """Only the slots 01 to 36 of the register have certificate numbers."""

    slug = "no-number-slot"
    message = later("The base %(code)s has no slot of its own for certificate numbers (01 to 36), so it cannot issue.")


class NumbersExhausted(DomainError):
    """The last serial of this base and year was given."""

    slug = "numbers-exhausted"
    message = later("The base has no certificate numbers left in %(year)s.")


class StateStep(DomainError):
    """Credentials go from valid to suspended and back, and to revoked for ever."""

    slug = "credential-state-step"
    message = later("A certificate cannot go from “%(from_state)s” to “%(to_state)s”.")


class ReasonUnknown(DomainError):
    """Each change of state has its own reason classes."""

    status = 422
    slug = "credential-reason-unknown"
    message = later("Please choose a reason that belongs to this change.")


class CredentialErased(DomainError):
    """The person's key was destroyed: the content cannot be read again."""

    status = 410
    slug = "credential-erased"
    message = later("The personal content of this certificate was erased. Number and state remain on record.")
