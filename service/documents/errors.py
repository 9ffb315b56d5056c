"""Refusals of papers."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class PaperNotReady(DomainError):
    """The file is still being made, or making it failed."""

    status = 409
    slug = "paper-not-ready"
    message = later("The document is still being made. Please come back in a minute.")


class PaperErased(DomainError):
    """The person's key was destroyed: what it sealed cannot be read again."""

    status = 410
    slug = "paper-erased"
    message = later("The personal content of this document was erased. Number and state remain on record.")
