"""What happened to accounts, for the rooms above."""

from typing import Literal
from uuid import UUID

from service.foundation.announcing import Event


class AccessChanged(Event):
    """How an account signs in was changed, or somebody asked for it; its owner is told."""

    account_id: UUID
    what: Literal["password_changed", "reset_asked", "access_reset"]
