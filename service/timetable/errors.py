"""What the timetable refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class RoomTaken(DomainError):
    """The room is held for something else; `alternatives` lists what is free."""

    slug = "room-taken"
    message = later("%(room)s is taken from %(starts)s to %(ends)s by “%(title)s”. Nothing was booked.")


class PersonTaken(DomainError):
    """The person is held for something else; what it is stays hidden when it is another organisation's."""

    slug = "person-taken"
    message = later("%(person)s has “%(title)s” from %(starts)s to %(ends)s. Nothing was booked.")


class RoomNotUsed(DomainError):
    """The room is closed for new bookings."""

    slug = "room-not-used"
    message = later("%(room)s is no longer in use. Choose another room.")


class RoomTooSmall(DomainError):
    """The room has fewer seats than are needed."""

    slug = "room-too-small"
    message = later("%(room)s has %(seats)s seats; %(needed)s are needed.")


class RoomNameTaken(DomainError):
    """A venue names each room once."""

    slug = "room-name-taken"
    message = later("This venue already has a room named %(room)s.")


class TimesReversed(DomainError):
    """The end does not lie after the start, or too far after it."""

    status = 422
    slug = "times-reversed"
    message = later("The end must lie after the start, within 24 hours of it.")


class AlreadyCancelled(DomainError):
    """What was cancelled cannot be moved."""

    slug = "booking-cancelled"
    message = later("This booking was cancelled. Make a new one.")


class RoomHasBookings(DomainError):
    """A room with bookings to come cannot be closed."""

    slug = "room-has-bookings"
    message = later("%(room)s still has %(count)s bookings to come. Move or cancel them first.")
