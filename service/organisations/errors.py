"""What the room of organisations refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class CreditCodeRefused(DomainError):
    """A text cannot be a unified social credit code."""

    status = 422
    slug = "credit-code-refused"
    message = later("This is not a unified social credit code: %(reason)s")


class CreditCodeOfAnother(DomainError):
    """A credit code is on record under another name; names of organisations are public."""

    slug = "credit-code-of-another"
    message = later("The credit code %(uscc)s is on record for “%(known)s”. Please check code and name.")


class OrganisationAmbiguous(DomainError):
    """Several organisations bear the name; only the credit code tells them apart."""

    status = 422
    slug = "organisation-ambiguous"
    message = later("%(count)s organisations bear the name “%(name)s”. Please give the unified social credit code.")
