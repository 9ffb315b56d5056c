"""The port for text messages, its console adapter, and the adapter for a carrier's gateway over HTTP."""

from typing import Protocol
from urllib.parse import urlsplit

import structlog

from service.letters.errors import MessageNotSent

log = structlog.get_logger("letters")

CONSOLE = "console"
SEND_SECONDS = 5.0


class ShortMessages(Protocol):
    """What sends a text message to a mobile number."""

    async def send(self, phone: str, text: str) -> None:
        """Send one message. Raises MessageNotSent."""


class ConsoleMessages:
    """Writes messages to this process's standard error instead of sending them: for one's own machine and tests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send(self, phone: str, text: str) -> None:
        """Keep the last hundred messages and print the newest."""
        self.sent = [*self.sent[-99:], (phone, text)]
        log.info("message.console", text=text)


class GatewayMessages:
    """Hands messages to a gateway: POST of `{"phone", "text"}` as JSON with a bearer token; 2xx means taken."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token

    async def send(self, phone: str, text: str) -> None:
        """Send one message within five seconds. Raises MessageNotSent; the log names the status, never the number."""
        import httpx  # noqa: PLC0415 - a fifth of a second that only a start with a gateway pays

        try:
            async with httpx.AsyncClient(timeout=SEND_SECONDS, follow_redirects=False) as client:
                answer = await client.post(
                    self.address,
                    json={"phone": phone, "text": text},
                    headers={"authorization": f"Bearer {self.token}"},
                )
        except httpx.HTTPError as error:
            log.warning("message.gateway_away", reason=type(error).__name__)
            raise MessageNotSent from error
        if not answer.is_success:
            log.warning("message.refused", status=answer.status_code)
            raise MessageNotSent


def sends(address: str) -> bool:
    """Whether a setting names a gateway: https, or http on this machine; anything but that and `console` is refused."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def messages_of(address: str, token: str) -> ShortMessages:
    """What a setting asks for. Raises ValueError for what is neither `console` nor a gateway's address."""
    if address == CONSOLE:
        return ConsoleMessages()
    if not sends(address):
        raise ValueError("TMC_SMS is `console` or the https address of a gateway")
    return GatewayMessages(address, token)
