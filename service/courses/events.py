"""What happened to course sessions."""

from uuid import UUID

from service.foundation.announcing import Event


class SessionPublished(Event):
    """A course session is open to everyone."""

    session_id: UUID


class SessionCancelled(Event):
    """A course session will not take place; its rooms and people are free again."""

    session_id: UUID


class SeatsAdded(Event):
    """A published course session has more seats than before."""

    session_id: UUID


class SessionClosed(Event):
    """A course session is over and handed to certification."""

    session_id: UUID


class MeetingChanged(Event):
    """A meeting of a published session has another time, room or lecturer, or was cancelled."""

    session_id: UUID
    meeting_id: UUID
