"""What happens in exams that others listen to."""

from uuid import UUID

from service.foundation.announcing import Event


class SittingClosed(Event):
    """A sitting was handed in or its time ran out: it can be scored."""

    sitting_id: UUID


class SittingMarked(Event):
    """An essay of a closed sitting received a mark: it must be scored again."""

    sitting_id: UUID


class ClosingDue(Event):
    """There are open sittings past their deadline, or exam sessions past their window."""


class ResultSettled(Event):
    """A result was released by two people and stands."""

    enrolment_id: UUID
    result_id: UUID
