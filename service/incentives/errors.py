"""What the room of incentives refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class SplitLinesMissing(DomainError):
    """A plan says nothing of who gets what."""

    status = 422
    slug = "split-lines-missing"
    message = later("The plan must say who receives what: at least one line is needed.")


class SplitLineTwice(DomainError):
    """Two split lines have the same key."""

    status = 422
    slug = "split-line-twice"
    message = later("The line “%(key)s” stands in the plan twice.")


class SplitLineIncomplete(DomainError):
    """A split line lacks the number its kind needs, or has one its kind does not take."""

    status = 422
    slug = "split-line-incomplete"
    message = later("The line “%(key)s” needs: %(needs)s")


class SharesAboveWhole(DomainError):
    """The percentages of a plan add up to more than the whole."""

    status = 422
    slug = "shares-above-whole"
    message = later("The percentages of the plan add up to %(sum)s, more than the whole.")


class SharesBelowWhole(DomainError):
    """The percentages do not reach the whole, and no line takes the rest."""

    status = 422
    slug = "shares-below-whole"
    message = later("The percentages of the plan add up to %(sum)s; a line must take the rest.")


class TwoRestLines(DomainError):
    """Two split lines both take the rest."""

    status = 422
    slug = "two-rest-lines"
    message = later("Only one line can take the rest.")


class PartyLineUnknown(DomainError):
    """A party is named under a line the plan does not have."""

    status = 422
    slug = "party-line-unknown"
    message = later("Party %(party)s is named under the line “%(line)s”, which the plan does not have.")


class LineWithoutParty(DomainError):
    """A line of the plan has nobody to receive it."""

    status = 422
    slug = "line-without-party"
    message = later("Nobody is named under the line “%(line)s”.")


class PartyTwice(DomainError):
    """Two parties bear the same number."""

    status = 422
    slug = "party-twice"
    message = later("Party %(party)s is named twice.")


class PartyWeightWrong(DomainError):
    """A party's weight is not above zero."""

    status = 422
    slug = "party-weight-wrong"
    message = later("The weight of party %(party)s must be above zero.")


class NegativeTotal(DomainError):
    """A sum to be shared out is below zero."""

    status = 422
    slug = "negative-total"
    message = later("A sum below zero cannot be shared; book the difference of two sums instead.")


class DeductionUnknown(DomainError):
    """A deduction is claimed that the plan version does not list."""

    status = 422
    slug = "deduction-unknown"
    message = later("“%(deduction)s” is not among the deductions of this plan: %(allowed)s.")


class NegativeAmount(DomainError):
    """A gross sum, a deduction or a claim is below zero."""

    status = 422
    slug = "negative-amount"
    message = later("“%(what)s” cannot be below zero.")


class RuleFileWrong(DomainError):
    """A file of cited rules has an unknown key, lacks one, or holds a value out of place."""

    status = 422
    slug = "rule-file-wrong"
    message = later("Rule %(rule)s: %(reason)s (%(detail)s)")


class PlanCodeTaken(DomainError):
    """The organisation has another plan of this code."""

    slug = "plan-code-taken"
    message = later("There is already a plan with the code %(code)s.")


class TermsUnreadable(DomainError):
    """The terms of a plan version lack something or hold a value out of place."""

    status = 422
    slug = "terms-unreadable"
    message = later("The terms cannot be read at “%(place)s”: %(problem)s")


class PlanVersionsOverlap(DomainError):
    """Two versions of a plan would be in force on one day."""

    slug = "plan-versions-overlap"
    message = later("Another version of this plan is in force from %(day)s; two cannot be in force on one day.")


class PlanNotInForce(DomainError):
    """An agreement pins a version that is not in force on the day of signing."""

    slug = "plan-not-in-force"
    message = later("Version %(version)s of the plan is not in force on %(day)s.")


class PlanWithoutSplit(DomainError):
    """An equity plan is granted under, not split by agreement."""

    status = 422
    slug = "plan-without-split"
    message = later("Under an equity plan shares are granted; it has no agreement about revenue.")


class AgreementTwice(DomainError):
    """The contract is bound to this plan already."""

    slug = "agreement-twice"
    message = later("This contract already has an agreement under this plan.")


class EventsBeforeAgreement(DomainError):
    """Events that the agreement would cover are recorded already."""

    slug = "events-before-agreement"
    message = later(
        "Revenue of %(day)s is already recorded for this contract. Reverse it, sign the agreement, then record it again."
    )


class PartyUnknown(DomainError):
    """A party is a person this organisation does not see."""

    status = 422
    slug = "party-unknown"
    message = later("Party %(party)s is not a person your organisation sees on a recorded ground.")


class PartyOutOfPlace(DomainError):
    """A line for people names the unit, or the unit's line a person."""

    status = 422
    slug = "party-out-of-place"
    message = later("The line “%(line)s” is for %(whom)s.")


class ReceivedBelowZero(DomainError):
    """More would be paid back than was ever received."""

    slug = "received-below-zero"
    message = later("Only %(received)s yuan has been received on this contract; that much cannot be taken back.")


class CostWithoutName(DomainError):
    """A cost must say which deductions it is made of, adding up to it."""

    status = 422
    slug = "cost-without-name"
    message = later("Name the deductions the cost is made of; they must add up to it.")


class DeductionsAboveAmount(DomainError):
    """The deductions of a receipt are more than the receipt."""

    status = 422
    slug = "deductions-above-amount"
    message = later("The deductions are more than the amount.")


class EventReversedAlready(DomainError):
    """An event is reversed once."""

    slug = "event-reversed-already"
    message = later("This event has been reversed already.")


class ReversalStays(DomainError):
    """A reversal is not itself reversed."""

    slug = "reversal-stays"
    message = later("A reversal is not reversed; record the event again.")


class NobodyNamed(DomainError):
    """An agreement's form has no weight at all."""

    status = 422
    slug = "nobody-named"
    message = later("Give at least one party a weight.")
