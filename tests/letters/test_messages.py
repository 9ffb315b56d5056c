"""Text messages go to the carrier's gateway as it asks for them; what it does not take is said, and nothing is kept."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar

from service.letters.errors import MessageNotSent
from service.letters.messages import ConsoleMessages, GatewayMessages, messages_of
from tests.conftest import ClientAs, World


class Gateway:
    """A gateway on this machine that answers with `status` and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 202
        self.taken: list[tuple[str, dict[str, Any]]] = []
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.taken.append((self.headers["authorization"], json.loads(body)))
                self.send_response(kept.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/send"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that runs during one test."""
    made = Gateway()
    thread = Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


async def codes(world: World) -> int:
    """How many one-time codes are kept."""
    async with world() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM phone_code")) or 0)


async def test_a_code_goes_to_the_gateway_with_its_token(
    app: Litestar, client_as: ClientAs, world: World, gateway: Gateway
) -> None:
    app.state.short_messages = messages_of(gateway.address, "secret-token")
    browser = await client_as(None)
    answer = await browser.post("/api/sign-in/code", json={"phone": "13900001111"})
    assert answer.status_code == 204, answer.text
    [(token, body)] = gateway.taken
    assert token == "Bearer secret-token"
    assert set(body) == {"phone", "text"}
    assert body["phone"].endswith("13900001111")
    assert await codes(world) == 1


async def test_what_the_gateway_refuses_is_said_and_no_code_is_kept(
    app: Litestar, client_as: ClientAs, world: World, gateway: Gateway
) -> None:
    gateway.status = 500
    app.state.short_messages = GatewayMessages(gateway.address, "x")
    browser = await client_as(None)
    answer = await browser.post("/api/sign-in/code", json={"phone": "13900001111"})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "短信未能发出，请一分钟后再试。"
    assert await codes(world) == 0
    page = await browser.post("/sign-in/code", data={"phone": "13900001111"})
    assert await codes(world) == 0
    assert "短信未能发出" in page.text


async def test_a_gateway_that_is_away_is_said() -> None:
    with pytest.raises(MessageNotSent):
        await GatewayMessages("http://127.0.0.1:9/send", "x").send("+8613900001111", "text")


def test_only_the_console_or_a_gateway_is_taken_as_a_setting() -> None:
    assert isinstance(messages_of("console", ""), ConsoleMessages)
    assert isinstance(messages_of("https://sms.example/send", "x"), GatewayMessages)
    for wrong in ("", "aliyun", "http://sms.example/send", "ftp://127.0.0.1/x"):
        with pytest.raises(ValueError, match="TMC_SMS"):
            messages_of(wrong, "x")
