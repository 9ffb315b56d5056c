"""What happened to papers."""

from uuid import UUID

from service.foundation.announcing import Event


class DocumentRegistered(Event):
    """A paper was issued in facts; its file is still to be made."""

    document_id: UUID
    kind: str
