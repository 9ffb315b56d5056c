"""The port for text messages and its console adapter; a carrier's adapter has the same one method."""

import structlog

log = structlog.get_logger("letters")


class ConsoleMessages:
    """Writes messages to this process's standard error instead of sending them: for one's own machine and tests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send(self, phone: str, text: str) -> None:
        """Keep the last hundred messages and print the newest."""
        self.sent = [*self.sent[-99:], (phone, text)]
        log.info("message.console", text=text)
