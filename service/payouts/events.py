"""What happened in the payouts room."""

from uuid import UUID

from service.foundation.announcing import Event


class StatementAsked(Event):
    """A person, or the unit that owes them, asked for the statement of a period as a paper."""

    person_id: UUID
    period: str
    language: str
