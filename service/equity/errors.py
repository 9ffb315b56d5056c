"""What the room of equity refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class GrantWithoutShares(DomainError):
    """A grant is not of at least one whole share."""

    status = 422
    slug = "grant-without-shares"
    message = later("A grant needs at least one whole share.")


class VestingWrong(DomainError):
    """The months of a vesting schedule do not fit together."""

    status = 422
    slug = "vesting-wrong"
    message = later("The vesting schedule does not fit: %(reason)s")


class VestingTooLong(DomainError):
    """A vesting schedule is longer than fifty years."""

    status = 422
    slug = "vesting-too-long"
    message = later("A vesting schedule can last at most %(limit)s months.")


class PoolExceeded(DomainError):
    """A grant is larger than what the pool has left."""

    slug = "pool-exceeded"
    message = later("The pool has %(left)s shares left; the grant is of %(quantity)s.")


class PersonLimitExceeded(DomainError):
    """A grant takes a person above the limit for one person."""

    slug = "person-limit-exceeded"
    message = later("One person may hold at most %(limit)s shares of this pool; with the grant it would be %(total)s.")
