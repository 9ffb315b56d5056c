"""What the public check refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class NumberMistyped(DomainError):
    """What was typed is no certificate number: its form or its check character is wrong."""

    status = 422
    slug = "certificate-number-mistyped"
    message = later("%(sentence)s")


class NameOrCodeNeeded(DomainError):
    """A number alone opens nothing."""

    status = 422
    slug = "name-or-code-needed"
    message = later("Please give the holder's name, or the check code printed under the QR code.")


class CodeMistyped(DomainError):
    """What was typed is no check code."""

    status = 422
    slug = "check-code-mistyped"
    message = later("The check code has twelve letters and digits, like %(example)s.")


class TooManyItems(DomainError):
    """A batch has its size."""

    status = 422
    slug = "too-many-items"
    message = later("At most %(limit)s certificates can be checked at once.")


class LinkEnded(DomainError):
    """The share link was taken back, has ended, or never was."""

    status = 404
    slug = "share-link-ended"
    message = later("This link has ended or was taken back by the holder. Please ask for a new one.")


class NothingPasted(DomainError):
    """Neither a list nor a file."""

    status = 422
    slug = "nothing-to-check"
    message = later("Please paste a list of numbers and names, or choose a file.")


class TooManyToday(DomainError):
    """An organisation has its look-ups a day."""

    status = 429
    slug = "too-many-look-ups-today"
    message = later(
        "Your organisation can check %(left)s more certificates today, of %(limit)s a day. You asked for %(asked)s."
    )


class AnswersGone(DomainError):
    """The answers of a check are kept for some days only."""

    status = 410
    slug = "answers-gone"
    message = later("The answers of this check were kept for %(days)s days and are deleted. Please check again.")
