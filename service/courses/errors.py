"""What the courses room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class NoBase(DomainError):
    """Only a training base of the register runs course sessions."""

    status = 403
    slug = "no-base"
    message = later("Your organisation is not a training base of the register, so it cannot run course sessions.")


class SyllabusNotInForce(DomainError):
    """A session is taught from a frozen syllabus that is effective on its first day."""

    status = 422
    slug = "syllabus-not-in-force"
    message = later(
        "The syllabus is not in force on %(day)s. Choose one that is frozen and effective on the first day."
    )


class SessionCodeTaken(DomainError):
    """Codes of course sessions are unique over all bases."""

    slug = "session-code-taken"
    message = later("The code %(code)s is already in use. Choose another one.")


class DatesReversed(DomainError):
    """The last day lies before the first."""

    status = 422
    slug = "dates-reversed"
    message = later("The last day, %(ends)s, lies before the first day, %(starts)s.")


class SignUpWindowReversed(DomainError):
    """Sign-up must open before it closes."""

    status = 422
    slug = "sign-up-window-reversed"
    message = later("Sign-up must open before it closes.")


class SignUpAfterEnd(DomainError):
    """Nobody can sign up for a course that is over."""

    status = 422
    slug = "sign-up-after-end"
    message = later("Sign-up must close by the end of the last day, %(ends)s.")


class OrganisationUnknown(DomainError):
    """No organisation of the register bears this name or code."""

    status = 422
    slug = "organisation-unknown"
    message = later(
        "No organisation is registered as “%(given)s”. Give its full name or its unified social credit code."
    )


class CapacityBelowTaken(DomainError):
    """Capacity cannot fall below the seats already taken."""

    slug = "capacity-below-taken"
    message = later("%(taken)s seats are already taken; the capacity cannot be lower.")


class SessionNotPlanned(DomainError):
    """The verb exists only before publication."""

    slug = "session-not-planned"
    message = later("This is possible only before the session is published.")


class SessionNotOpen(DomainError):
    """The session is closed or cancelled."""

    slug = "session-not-open"
    message = later("The session is closed or cancelled; nothing in it can be changed any more.")


class HoursMissing(DomainError):
    """The meetings do not cover what the syllabus requires; `lacks` names each gap."""

    slug = "hours-missing"
    message = later("The session cannot be published yet. Still missing: %(lacks)s.")


class CourseNotInSyllabus(DomainError):
    """The syllabus of the session has no such course."""

    status = 422
    slug = "course-not-in-syllabus"
    message = later("The syllabus of this session has no course %(course)s.")


class FormNotOffered(DomainError):
    """The syllabus does not allow the course to be taught in this form."""

    status = 422
    slug = "form-not-offered"
    message = later("The syllabus does not allow %(course)s in this form. Allowed: %(forms)s.")


class MeetingOutsideSession(DomainError):
    """A meeting lies within the days of its session."""

    status = 422
    slug = "meeting-outside-session"
    message = later("The meeting must lie between %(starts)s and %(ends)s, the days of the session.")


class BreakTooLong(DomainError):
    """The breaks leave no time that counts."""

    status = 422
    slug = "break-too-long"
    message = later("The breaks leave no minutes that count.")


class LecturerUnknown(DomainError):
    """Lecturers hold a teaching post at the base or are seen by it on a recorded ground."""

    status = 422
    slug = "lecturer-unknown"
    message = later("This person holds no teaching post at your organisation. Give them a post as lecturer first.")


class RoomNeedless(DomainError):
    """An online meeting holds no room."""

    status = 422
    slug = "room-needless"
    message = later("An online meeting needs no room. Leave the room empty.")


class FeeOutOfRange(DomainError):
    """A fee is between nothing and a million yuan."""

    status = 422
    slug = "fee-out-of-range"
    message = later("The fee must lie between 0 and 1,000,000 yuan.")


class MeetingsOverlap(DomainError):
    """One class cannot sit in two meetings at once; practice in groups may."""

    slug = "meetings-overlap"
    message = later(
        "This session already meets from %(starts)s to %(ends)s. Only practice in groups may run side by side."
    )
