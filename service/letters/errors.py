"""Refusals of the letters room."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class NobodyToWriteTo(DomainError):
    """A letter without account and without person would reach nobody."""

    slug = "nobody-to-write-to"
    message = later("This letter names nobody to reach.")


class ChannelUnknown(DomainError):
    """No such way for letters to go."""

    status = 422
    slug = "letter-channel-unknown"
    message = later("There is no way “%(channel)s” for letters.")


class MessageNotSent(DomainError):
    """The gateway did not take a message; nothing was kept of the wish to send it."""

    status = 503
    slug = "message-not-sent"
    message = later("The text message could not be sent. Please try again in a minute.")
