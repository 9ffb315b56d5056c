"""What happened to persons, for the rooms above."""

from uuid import UUID

from service.foundation.announcing import Event


class ConsentWithdrawn(Event):
    """A person withdrew a consent; whoever works on it stops."""

    person_id: UUID
    consent_id: UUID
    purpose: str


class PersonalDataErased(Event):
    """A person was erased; rooms above blank what they hold in clear."""

    person_id: UUID


class EmployerAsked(Event):
    """An employer recorded a person as its own, who is asked."""

    person_id: UUID
    affiliation_id: UUID
