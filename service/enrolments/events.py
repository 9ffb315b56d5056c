"""What happened to enrolments."""

from uuid import UUID

from service.foundation.announcing import Event


class PersonEnrolled(Event):
    """A person holds a seat: at once, by hand, or moved up from the waiting list."""

    enrolment_id: UUID


class EnrolmentRefused(Event):
    """The base refused an application or took a seat back, with a reason the person reads."""

    enrolment_id: UUID
