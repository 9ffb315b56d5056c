"""Who walks: one HTTP client per role, steps that are printed, and the first thing that is not as it should be."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import httpx
import pyotp

from service.foundation.language import current_language, gettext, sentence

TOTP_STEP = 30
WAIT_SECONDS = 90


class NotAsItShouldBe(Exception):
    """The walk ends here: what was expected, and what came."""


class Browser:
    """One signed-in role over HTTP."""

    def __init__(self, base_url: str, name: str) -> None:
        self.name = name
        self.client = httpx.Client(base_url=base_url, timeout=60, headers={"accept-language": current_language()})

    def call(
        self, method: str, path: str, expected: int | tuple[int, ...] = (200, 201, 202, 204), **sent: Any
    ) -> httpx.Response:
        """One request; raises NotAsItShouldBe when the status is not the expected one."""
        answer = self.client.request(method, path, **sent)
        wanted = expected if isinstance(expected, tuple) else (expected,)
        if answer.status_code not in wanted:
            raise NotAsItShouldBe(
                f"{self.name}: {method} {path} -> {answer.status_code}, not {wanted}\n{answer.text[:1500]}"
            )
        return answer

    def get(self, path: str, **sent: Any) -> Any:
        """The JSON at a path."""
        return self.call("GET", path, 200, **sent).json()

    def post(self, path: str, body: Any = None, **sent: Any) -> Any:
        """Send JSON; the JSON that comes back, or None."""
        answer = self.call("POST", path, json=body if body is not None else {}, **sent)
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None

    def put(self, path: str, body: Any, **sent: Any) -> Any:
        """Send JSON with PUT."""
        answer = self.call("PUT", path, json=body, **sent)
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None

    def refused(self, method: str, path: str, status: int, slug: str, **sent: Any) -> dict[str, Any]:
        """A request that must be refused with this status and slug; returns the problem."""
        problem: dict[str, Any] = self.call(method, path, status, **sent).json()
        if not problem["type"].endswith(f"/{slug}"):
            raise NotAsItShouldBe(f"{self.name}: {method} {path} refused as {problem['type']}, not {slug}")
        return problem


class Walk:
    """The walk: its roles, its steps, what it has made so far (`made`)."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.began = time.monotonic()
        self.made: dict[str, Any] = {}
        self.browsers: dict[str, Browser] = {}
        self.number = 0
        anyone = Browser(self.base_url, "anyone")
        self.anyone = anyone
        self.sign_ins = {one["login_name"]: one for one in anyone.get("/demo/sign-ins.json")}

    def role(self, login_name: str) -> Browser:
        """A staff role, signed in by password and authenticator on its first use."""
        if login_name not in self.browsers:
            kept = self.sign_ins[login_name]
            browser = Browser(self.base_url, kept["name"])
            body = {"login_name": login_name, "password": kept["password"]}
            for _ in range(3):
                code = pyotp.TOTP(kept["totp_secret"]).now()
                answer = browser.client.post("/api/sign-in/staff", json={**body, "code": code})
                if answer.status_code == 200:
                    break
                time.sleep(TOTP_STEP - time.time() % TOTP_STEP + 0.5)  # a code is good once; the next one comes soon
            else:
                raise NotAsItShouldBe(f"{login_name} cannot sign in: {answer.text[:500]}")
            browser.client.headers["x-csrf-token"] = answer.json()["csrf_token"]
            self.browsers[login_name] = browser
        return self.browsers[login_name]

    def person(self, phone: str, name: str) -> Browser:
        """A person, signed in by mobile number and the code that would have been sent."""
        if phone not in self.browsers:
            browser = Browser(self.base_url, name)
            browser.call("POST", "/api/sign-in/code", 204, json={"phone": phone})
            digits = phone[-11:]
            messages = [one for one in self.anyone.get("/demo/messages.json") if one["phone"].endswith(digits)]
            code = "".join(character for character in messages[-1]["text"] if character.isdigit())[:6]
            answer = browser.call("POST", "/api/sign-in/with-code", 200, json={"phone": phone, "code": code})
            browser.client.headers["x-csrf-token"] = answer.json()["csrf_token"]
            self.browsers[phone] = browser
        return self.browsers[phone]

    @contextmanager
    def step(self, title: str, **facts: Any) -> Iterator[Callable[..., None]]:
        """One printed step; inside, `show(name=value)` prints what was made: ids, addresses, numbers."""
        self.number += 1
        click.echo(f"{self.number:3}  {sentence(title, facts)}")

        def show(**found: Any) -> None:
            for name, value in found.items():
                click.echo(f"       {name}: {value}")

        began = time.monotonic()
        yield show
        click.echo(f"       ✓ {time.monotonic() - began:.1f} s")

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """Wait for a job's effect, at most WAIT_SECONDS; returns what `look` found."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.3)
        raise NotAsItShouldBe(f"{gettext(what)} ({WAIT_SECONDS} s)")

    def check(self, holds: bool, what: str) -> None:
        """Something that must be so."""
        if not holds:
            raise NotAsItShouldBe(what)
