"""What the room of bases refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class RegisterUnreadable(DomainError):
    """A register file does not say what a register says; `place` is where."""

    status = 422
    slug = "register-unreadable"
    message = later("The register cannot be read at %(place)s: %(reason)s")


class EvidenceMissing(DomainError):
    """A base is called verified without evidence."""

    status = 422
    slug = "evidence-missing"
    message = later("A base is verified only with evidence: please give the source and what it says.")


class BaseCodeTaken(DomainError):
    """The code is another base's."""

    slug = "base-code-taken"
    message = later("The code %(code)s is already another base's.")


class WrongParent(DomainError):
    """A base's parent is of no higher tier."""

    status = 422
    slug = "wrong-parent"
    message = later(
        "A parent must be of a higher tier: a provincial base stands under a national one, a city base under either."
    )


class HostingOverlaps(DomainError):
    """The organisation hosts the base already in that time."""

    slug = "hosting-overlaps"
    message = later("This organisation is already recorded as host in that time.")


class HostingEndsBeforeStart(DomainError):
    """A hosting ends before it begins."""

    status = 422
    slug = "hosting-ends-before-start"
    message = later("The last day, %(ends_on)s, lies before the first day, %(starts_on)s.")
