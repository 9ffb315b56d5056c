"""A write that did not come from a page of this service, or not from this sign-in, is refused on every route that writes."""

import itertools
from collections.abc import Iterator

from litestar.handlers import HTTPRouteHandler

from service.accounts.rules import HOLDER, PERMISSIONS, permissions_of
from service.app import create_app
from service.foundation.actor import Actor
from service.foundation.database import make_engine
from service.settings import Settings
from service.web.access import PUBLIC, SIGNED_IN
from service.web.csrf import SAFE, form_token
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.house.test_strangers import filled, handlers_of

REFUSED = "/problems/foreign-request"
EVIL = "https://evil.example"

# Each way a foreign page can reach for a route: what it sends beside the cookie that the browser adds.
WAYS: dict[str, dict[str, str]] = {
    "no token": {},
    "another sign-in's token": {"x-csrf-token": "OTHER"},
    "nobody's token": {"x-csrf-token": "NOBODY"},
    "a form from another site": {"x-csrf-token": "OWN", "sec-fetch-site": "cross-site"},
    "a form from a sister site": {"x-csrf-token": "OWN", "sec-fetch-site": "same-site"},
    "another origin": {"x-csrf-token": "OWN", "origin": EVIL},
    "an origin that hides itself": {"x-csrf-token": "OWN", "origin": "null"},
    "plain text that is JSON": {"content-type": "text/plain"},
    "a form without its token": {"content-type": "application/x-www-form-urlencoded"},
}


def writing() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every unsafe route of the application."""
    engine = make_engine("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    for method, path, handler in handlers_of(create_app(Settings(database_url=None), engine=engine)):
        if method not in SAFE:
            yield method, path, handler


ROUTES = sorted(writing(), key=lambda one: (one[1], one[0]))


def role_for(rule: str) -> str:
    """A role that a route with this rule lets in, so that nothing but the token stands in the way."""
    if rule in (PUBLIC, SIGNED_IN):
        return HOLDER
    return next(role for role in PERMISSIONS if any(one in permissions_of(role) for one in rule.split("|")))


def test_unsafe_routes_are_found_from_the_route_table() -> None:
    assert len(ROUTES) > 100
    assert {method for method, _, _ in ROUTES} == {"POST", "PUT", "DELETE"}


async def test_every_unsafe_route_refuses_every_way(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        roles = {role_for(str(handler.opt["access"])) for _, _, handler in ROUTES}
        actors: dict[str, Actor] = {
            role: await (given.holder(db) if role == HOLDER else given.staff(db, role, home.id))
            for role in sorted(roles)
        }
        other = await given.holder(db)
    others = (await client_as(other)).headers["x-csrf-token"]
    nobodys = form_token(None)
    browsers = {role: await client_as(actor) for role, actor in actors.items()}
    own = {role: browser.headers.pop("x-csrf-token") for role, browser in browsers.items()}
    for way, (method, path, handler) in itertools.product(WAYS, ROUTES):
        role = role_for(str(handler.opt["access"]))
        headers = {"accept": "application/json", **WAYS[way]}
        if "x-csrf-token" in headers:
            headers["x-csrf-token"] = {"OWN": own[role], "OTHER": others, "NOBODY": nobodys}[headers["x-csrf-token"]]
        content = b'{"revision": 1, "response": "A"}' if handler.opt.get("no_session") else b"{}"
        answer = await browsers[role].request(method, filled(path), headers=headers, content=content)
        told = f"{way}: {method} {path}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code == 403, told
        assert answer.json()["type"] == REFUSED, told


async def test_an_address_is_not_turned_into_a_write_by_a_header(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        person = await given.holder(db)
    browser = await client_as(person)
    for name in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = await browser.get("/api/me", headers={name: "DELETE"}, params={"_method": "DELETE"})
        assert answer.status_code == 200
        assert (await browser.get("/api/sign-out", headers={name: "POST"})).status_code == 405
    assert (await browser.get("/api/me")).status_code == 200


async def test_a_nobody_from_another_site_cannot_sign_a_browser_in(client_as: ClientAs) -> None:
    browser = await client_as(None)
    for path in ("/api/sign-in/staff", "/api/sign-in/with-code", "/sign-in/staff", "/sign-in/with-code"):
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": EVIL}):
            answer = await browser.post(path, headers={"accept": "application/json", **headers}, content=b"{}")
            assert answer.status_code == 403, path
            assert answer.json()["type"] == REFUSED
