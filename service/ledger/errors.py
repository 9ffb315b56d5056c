"""Refusals of the ledger."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class Unbalanced(DomainError):
    """Debits and credits of a posting differ, or it has fewer than two lines."""

    status = 422
    slug = "unbalanced"
    message = later("Debits and credits differ by %(difference)s.")


class AlreadyPosted(DomainError):
    """This source has its posting; it is never posted twice."""

    slug = "already-posted"
    message = later("This has been posted already.")


class AlreadyReversed(DomainError):
    """An entry is reversed once."""

    slug = "already-reversed"
    message = later("This posting has been reversed already.")
