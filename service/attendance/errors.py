"""What the attendance room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class NotYourMeeting(DomainError):
    """Attendance is recorded by who teaches the meeting, or by a scheduler of the base."""

    status = 403
    slug = "not-your-meeting"
    message = later("Only the lecturer of this meeting or a scheduler of the base records its attendance.")


class MeetingAhead(DomainError):
    """Nobody can have attended what has not begun."""

    slug = "meeting-ahead"
    message = later("The meeting begins on %(begins)s (Beijing time). Attendance can be recorded from an hour before.")


class MeetingNotHeld(DomainError):
    """The meeting was cancelled, or its session is closed, cancelled or not published."""

    slug = "meeting-not-held"
    message = later("The meeting was cancelled, or its session is not running; attendance cannot be recorded.")


class NotEnrolled(DomainError):
    """The person holds no seat in the session of this meeting."""

    status = 422
    slug = "not-enrolled"
    message = later("This person holds no seat in the session of this meeting.")


class LateMinutesNeeded(DomainError):
    """Being late is counted: how many minutes were missed, at least 1 and fewer than the meeting has."""

    status = 422
    slug = "late-minutes-needed"
    message = later("Give the minutes missed: at least 1 and fewer than the %(minutes)s the meeting has.")


class MinutesNeedless(DomainError):
    """Minutes are entered for the late only; all others follow from the meeting."""

    status = 422
    slug = "minutes-needless"
    message = later("Minutes are entered for those who came late only; for all others they follow from the meeting.")
