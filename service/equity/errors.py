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


class GrantReferenceTaken(DomainError):
    """The organisation has another grant of this reference."""

    slug = "grant-reference-taken"
    message = later("There is already a grant with the reference %(reference)s.")


class PlanNotOfEquity(DomainError):
    """Shares are granted under a version of an equity plan that is in force."""

    slug = "plan-not-of-equity"
    message = later("Shares are granted under an equity plan that is in force on %(day)s.")


class HolderUnknown(DomainError):
    """The person is not one this organisation sees."""

    status = 422
    slug = "holder-unknown"
    message = later("This is not a person your organisation sees on a recorded ground.")


class VestingUnreadable(DomainError):
    """The vesting terms lack something or hold a value out of place."""

    status = 422
    slug = "vesting-unreadable"
    message = later("The vesting terms cannot be read at “%(place)s”: %(problem)s")


class VestingBeforeGrant(DomainError):
    """A vesting schedule starts long before its grant."""

    status = 422
    slug = "vesting-before-grant"
    message = later("The vesting starts on %(start)s, more than ten years away from the day of the grant.")


class GrantNotInForce(DomainError):
    """Only what was granted can end, and only once."""

    slug = "grant-not-in-force"
    message = later("The grant %(reference)s is not in force, or its ending is already proposed.")


class EndingBeforeGrant(DomainError):
    """A grant ends on or after its day, and not in time to come."""

    status = 422
    slug = "ending-before-grant"
    message = later("The last day must lie between the day of the grant, %(granted)s, and today.")


class VestedBeyondEnding(DomainError):
    """Shares were booked as vested after the day on which the grant would end."""

    slug = "vested-beyond-ending"
    message = later(
        "By %(day)s only %(due)s shares are vested, but %(booked)s are booked already. Shares that vested are not taken back here."
    )
