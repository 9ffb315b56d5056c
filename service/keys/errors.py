"""Refusals of signing keys."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class KeyNotUsable(DomainError):
    """A key in this state signs nothing."""

    slug = "key-not-usable"
    message = later("The key %(name)s is %(state)s and signs nothing.")


class KeyStep(DomainError):
    """Keys go from next to active to retired, and to compromised from anywhere; never back."""

    slug = "key-step"
    message = later("A key cannot go from %(from_state)s to %(to_state)s.")
