"""What may be done with course sessions and their meetings."""

from service.courses.actions.copying import copy_session
from service.courses.actions.meetings import add_meeting, cancel_meeting, change_meeting
from service.courses.actions.sessions import (
    cancel_session,
    change_session,
    close_session,
    organisation_named,
    plan_session,
    publish,
)

__all__ = [
    "add_meeting",
    "cancel_meeting",
    "cancel_session",
    "change_meeting",
    "change_session",
    "close_session",
    "copy_session",
    "organisation_named",
    "plan_session",
    "publish",
]
