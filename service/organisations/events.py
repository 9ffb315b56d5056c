"""What happened to organisations, for the rooms above."""

from service.foundation.announcing import Event


class SandboxOpened(Event):
    """A sandbox was opened and is empty still; `org_id` is the sandbox itself."""
