"""What happened to editions."""

from uuid import UUID

from service.foundation.announcing import Event


class EditionFrozen(Event):
    """An edition was approved by a second person and frozen."""

    edition_id: UUID


class EditionEnded(Event):
    """The last effective day of an edition was set."""

    edition_id: UUID
