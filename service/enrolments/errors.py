"""What the enrolments room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class IdentityNeeded(DomainError):
    """Applying needs a declared identity document: a seat and a certificate belong to one person."""

    status = 422
    slug = "identity-needed"
    message = later("Please give your identity document first; the seat and the certificate are in that name.")


class ConsentNeeded(DomainError):
    """The consent for the administration of the training was not given."""

    status = 422
    slug = "consent-needed"
    message = later("Without your consent the base cannot enrol you. Please read it and tick the box.")


class SignUpNotOpen(DomainError):
    """Sign-up has not begun by the database's clock."""

    slug = "sign-up-not-open"
    message = later("Sign-up for this session opens on %(opens)s (Beijing time).")


class SignUpClosed(DomainError):
    """Sign-up is over by the database's clock, or the session takes nobody any more."""

    slug = "sign-up-closed"
    message = later("Sign-up for this session is closed. The base can still enrol you by hand.")


class SessionTakesNobody(DomainError):
    """The session is not published, or it is closed or cancelled."""

    slug = "session-takes-nobody"
    message = later("Nobody can be enrolled while the session is not published or is already closed.")


class AlreadyEnrolled(DomainError):
    """The person has a place, or a place in the waiting list, in this session."""

    slug = "already-enrolled"
    message = later("There is already an enrolment of this person in this session.")


class SessionFull(DomainError):
    """A transfer needs a free seat at once, so that nobody loses a seat for a place in a line."""

    slug = "session-full"
    message = later("Session %(code)s has no free seat. Nothing was changed.")


class OtherSyllabus(DomainError):
    """A transfer keeps the edition the enrolment began with."""

    slug = "other-syllabus"
    message = later("Session %(code)s is taught from another syllabus; enrol the person there anew.")


class HoursAlreadyPosted(DomainError):
    """Hours were posted to this enrolment; they stay with the session in which they were earned."""

    slug = "hours-already-posted"
    message = later("Hours were already recorded in this session, so the enrolment cannot move or end this way.")


class EnrolmentEnded(DomainError):
    """The enrolment was withdrawn, refused or settled before."""

    slug = "enrolment-ended"
    message = later("This enrolment is no longer open (%(state)s).")


class EntryUnmet(DomainError):
    """The edition admits holders of a certificate the person is not known to hold."""

    slug = "entry-requirement-unmet"
    message = later(
        "This course admits holders of a %(level)s certificate or above, and none that is valid is known. %(claimed)s"
    )


class TeachesHere(DomainError):
    """A lecturer of a session is not also taught and examined in it."""

    slug = "teaches-here"
    message = later("Who teaches in a course session cannot be enrolled in it.")
