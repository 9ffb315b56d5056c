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


class NothingToPay(DomainError):
    """No accrued sum of the plan is above zero and not in a payout yet."""

    slug = "nothing-to-pay"
    message = later("Up to %(through)s nothing of this plan is accrued and not yet in a payout.")


class AccrualReversed(DomainError):
    """An event behind a payout was reversed after the payout was drawn up."""

    slug = "accrual-reversed"
    message = later("An event behind this payout was reversed since. Reject the payout and propose it again.")


class PaidBeforeClear(DomainError):
    """The day of payment lies inside the notice, or has not come."""

    status = 422
    slug = "paid-before-clear"
    message = later("The day of payment must lie after the notice, which closed on %(closes_on)s, and not after today.")


class ObjectionSettled(DomainError):
    """An objection has one finding."""

    slug = "objection-settled"
    message = later("This objection has its finding already.")


class ObjectionClosed(DomainError):
    """Objections are taken while the notice stands."""

    slug = "objection-closed"
    message = later("Objections can be made while the payout is on public notice; it is “%(state)s”.")


class PeriodUnreadable(DomainError):
    """A statement's period is neither a year nor a month."""

    status = 422
    slug = "period-unreadable"
    message = later("“%(period)s” is not a period: write a year such as 2026 or a month such as 2026-05.")
