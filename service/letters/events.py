"""What happened in the letters room."""

from uuid import UUID

from service.foundation.announcing import Event


class LetterWritten(Event):
    """A letter that leaves the house was written: it waits to be sent."""

    letter_id: UUID
