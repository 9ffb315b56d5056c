"""What happened to exports."""

from uuid import UUID

from service.foundation.announcing import Event


class ExportRequested(Event):
    """Somebody asked for a file; the job that makes it reads everything else from its row."""

    export_id: UUID
