"""Refusals of files that come in: of the file, and of single rows."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ImportKindUnknown(DomainError):
    """There is no import of this kind."""

    status = 404
    slug = "import-kind-unknown"
    message = later("There is no import of this kind.")


class ImportNotOpen(DomainError):
    """The upload was applied or dropped before."""

    slug = "import-not-open"
    message = later("This upload is already %(state)s. Nothing was changed now.")


class FileForgotten(DomainError):
    """The file itself was deleted after its keeping time."""

    status = 410
    slug = "import-file-forgotten"
    message = later("The uploaded file was deleted after %(days)s days; the results by row are kept.")


class RowRefused(DomainError):
    """A row cannot be kept for a reason of its own; `reason` is a sentence."""

    status = 422
    slug = "row-refused"
    message = later("Row %(row)s, “%(column)s”: %(reason)s")


class WholeRowRefused(DomainError):
    """A row cannot be kept, and no single column is to blame."""

    status = 422
    slug = "whole-row-refused"
    message = later("Row %(row)s: %(reason)s")


class RowRepeated(DomainError):
    """The same person or thing stands in the file twice."""

    status = 422
    slug = "row-repeated"
    message = later("says the same as row %(first)s; the first one counts.")


class FormulaWithoutResult(DomainError):
    """The cell holds a formula that was never calculated, or whose result is an error."""

    status = 422
    slug = "formula-without-result"
    message = later("the cell holds a formula without a usable result. Please replace it by its value.")


class IdentityKindUnknown(DomainError):
    """The kind of document is none of the known ones."""

    status = 422
    slug = "identity-kind-unknown"
    message = later("this kind of document is not known. Choose one of the template's list.")


class PersonNotEnrolled(DomainError):
    """Nobody of this name or number holds a seat in the session."""

    status = 422
    slug = "person-not-enrolled"
    message = later("nobody of this name and number holds a seat in the session.")


class NameAmbiguous(DomainError):
    """Several people of the session bear the name, and no number tells them apart."""

    status = 422
    slug = "name-ambiguous"
    message = later("%(count)s people of the session bear this name. Add the document number.")


class CodeUnknown(DomainError):
    """The learner's code of a downloaded list is none of this session, or another person's."""

    status = 422
    slug = "learner-code-unknown"
    message = later("this code and name together are none of this session. Download the list again and fill it in.")


class NumberNeeded(DomainError):
    """A score is matched by more than a name."""

    status = 422
    slug = "number-needed"
    message = later("a score needs the document number, or the learner's code of the downloaded list.")


class MeetingUnknown(DomainError):
    """The session has no such meeting; `meetings` are the nearest it has."""

    status = 422
    slug = "meeting-unknown"
    message = later("the session has no such meeting. It has: %(meetings)s.")


class MeetingAmbiguous(DomainError):
    """Several meetings fit what the row says."""

    status = 422
    slug = "meeting-ambiguous"
    message = later("%(count)s meetings fit: %(meetings)s. Add the meeting's number, course or time.")


class MeetingNumberUnreadable(DomainError):
    """The cell says no number of a meeting."""

    status = 422
    slug = "meeting-number-unreadable"
    message = later("write the meeting's number, such as 3 or 第3次.")


class ScoresConflict(DomainError):
    """The file says two different things of one person; neither is taken."""

    status = 422
    slug = "scores-conflict"
    message = later("rows %(first)s and %(second)s say different things of the same person, so neither is kept.")


class ListTooLong(DomainError):
    """The list of all meetings would have more rows than a file that comes back may have."""

    status = 422
    slug = "own-list-too-long"
    message = later("The list of all meetings has %(rows)s rows, more than %(limit)s. Download it meeting by meeting.")


class DayAhead(DomainError):
    """A day that lies in the future cannot have happened."""

    status = 422
    slug = "day-ahead"
    message = later("%(day)s has not come yet.")


class DaysReversed(DomainError):
    """A day that ends something lies before the day that began it."""

    status = 422
    slug = "days-reversed"
    message = later("%(last)s lies before %(first)s.")


class CertificateRecordedDifferently(DomainError):
    """A certificate of this number was taken in before with other facts."""

    slug = "certificate-recorded-differently"
    message = later("a certificate of this number is on record with other facts. Nothing was overwritten.")


class ContractRecordedDifferently(DomainError):
    """A contract of this number is on record with other facts."""

    slug = "contract-recorded-differently"
    message = later("a contract of this number is on record with other facts (%(fields)s). Nothing was overwritten.")


class AmountOutOfReach(DomainError):
    """An amount is negative or larger than any contract."""

    status = 422
    slug = "amount-out-of-reach"
    message = later("the amount is negative or larger than this service can hold.")
