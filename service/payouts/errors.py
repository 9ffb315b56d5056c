"""What the room of payouts refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class PayoutStepWrong(DomainError):
    """A payout cannot go from its state to the one asked for."""

    slug = "payout-step-wrong"
    message = later("A payout that is “%(state)s” cannot become “%(to)s”.")


class NoticeTooShort(DomainError):
    """A notice is shorter than the plan or the law asks."""

    status = 422
    slug = "notice-too-short"
    message = later("The notice of %(days)s days is shorter than the %(least)s days required.")


class NoticeStillOpen(DomainError):
    """Money would move before the public notice is over."""

    slug = "notice-still-open"
    message = later("The public notice runs until the end of %(closes_on)s; nothing can be paid before.")


class ObjectionsOpen(DomainError):
    """Money would move while an objection waits for its finding."""

    slug = "objections-open"
    message = later("%(count)s objections wait for a finding; nothing can be paid before.")


class NoticeMissing(DomainError):
    """A payout was never put up for public notice."""

    slug = "notice-missing"
    message = later("The payout was not put up for public notice yet.")


class PaymentNotPositive(DomainError):
    """A payment is of nothing, or of less than nothing."""

    status = 422
    slug = "payment-not-positive"
    message = later(
        "A payment must be above zero; what a refund took back too much is a claim on the person, not a payment."
    )


class HalfInclusionNotOpen(DomainError):
    """Half inclusion is claimed without its conditions."""

    status = 422
    slug = "half-inclusion-not-open"
    message = later("Including half of the award in wages is not open here: %(missing)s.")
