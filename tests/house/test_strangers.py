"""The stranger's walk: every route times every role; deny by default, nothing for who is not meant."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from service.accounts.rules import HOLDER, PERMISSIONS, ROLE_TITLES, permissions_of
from service.app import create_app
from service.foundation.database import make_engine
from service.settings import Settings
from service.web.access import PUBLIC, SIGNED_IN
from tests.conftest import ClientAs, World
from tests.given import accounts as given

NOBODYS = UUID("00000000-0000-4000-8000-000000000000")
TEXTS = {"uuid": str(NOBODYS), "int": "999999", "str": "zz-none", "path": "zz-none", "date": "2026-01-01"}

# Litestar's own description pages, which have no rule and so let nobody in; ours is /schema/openapi.json.
CLOSED = "/schema/none"

# Routes open to everybody, each with its reason. A new one must be written down here.
OPEN: dict[str, str] = {
    "/": "the home page",
    "/sign-in": "how one comes in",
    "/sign-in/code": "how one comes in",
    "/sign-in/with-code": "how one comes in",
    "/sign-in/staff": "how one comes in",
    "/api/sign-in/code": "how one comes in",
    "/api/sign-in/with-code": "how one comes in",
    "/api/sign-in/staff": "how one comes in",
    "/preferences": "language and looks",
    "/static/{path:path}": "files of the pages",
    "/health/live": "for whoever watches the service",
    "/health/ready": "for whoever watches the service",
    "/metrics": "refuses other machines itself",
    "/design": "demonstration only",
    "/demo": "demonstration only, this machine only",
    "/demo/sign-ins.json": "demonstration only, this machine only",
    "/demo/messages.json": "demonstration only, this machine only",
    "/demo/sign-in": "demonstration only, this machine only",
}
OPEN_PREFIXES = {
    "/courses": "published course sessions are public",
    "/api/courses": "published course sessions are public",
    "/verify": "anyone may verify a certificate",
    "/api/verify": "anyone may verify a certificate",
    "/V/": "the address in the QR code",
    "/v/": "the address in the QR code",
    "/s/": "a holder's share link",
    "/credentials/": "public page, status lists",
    "/bases/": "did.json and keys of an issuer",
    "/.well-known/": "keys of the programme",
    "/problems/": "explains a refusal",
    "/api/published-sessions": "published course sessions are public",
    "/api/sittings/{sitting_id:uuid}/answers/": "checks its own cookie and token, and the sign-in in the database function",
}


def handlers_of(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every (method, path template, handler) but the OPTIONS answers Litestar makes."""
    for route in app.routes:
        for method, handler in getattr(route, "route_handler_map", {}).items():
            if method != "OPTIONS" and isinstance(handler[0], HTTPRouteHandler) and not route.path.startswith(CLOSED):
                yield method, route.path_format if "{" not in route.path else route.path, handler[0]


@pytest.fixture(scope="module")
def routes() -> list[tuple[str, str, HTTPRouteHandler]]:
    """All routes of the application."""
    engine = make_engine("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    return sorted(handlers_of(create_app(Settings(database_url=None), engine=engine)), key=lambda one: (one[1], one[0]))


def filled(path: str) -> str:
    """A path with something nobody has in each place."""
    parts = []
    for part in path.split("/"):
        if part.startswith("{"):
            _, _, kind = part.strip("{}").partition(":")
            part = TEXTS.get(kind or "str", "zz-none")
        parts.append(part)
    return "/".join(parts)


def test_every_route_says_who_may_come_in(routes: list[tuple[str, str, HTTPRouteHandler]]) -> None:
    silent = [f"{method} {path}" for method, path, handler in routes if handler.opt.get("access") is None]
    assert silent == []
    assert len(routes) > 20


async def test_a_route_without_a_rule_lets_nobody_in(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        actor = await given.staff(db, "system_administrator", home.id)
    assert (await (await client_as(actor)).get(CLOSED, headers={"accept": "application/json"})).status_code in (
        403,
        404,
    )
    assert (await (await client_as(None)).get(f"{CLOSED}/openapi.json")).status_code in (401, 403)


def test_every_permission_a_route_asks_for_is_held_by_some_role(
    routes: list[tuple[str, str, HTTPRouteHandler]],
) -> None:
    held = frozenset().union(*(permissions_of(role) for role in PERMISSIONS))
    asked = {one for _, _, handler in routes for one in str(handler.opt["access"]).split("|")} - {PUBLIC, SIGNED_IN}
    assert asked <= held, asked - held


def test_open_routes_are_the_ones_written_down(routes: list[tuple[str, str, HTTPRouteHandler]]) -> None:
    found = {path for _, path, handler in routes if handler.opt["access"] == PUBLIC}
    unexplained = {
        path for path in found if path not in OPEN and not any(path.startswith(prefix) for prefix in OPEN_PREFIXES)
    }
    assert unexplained == set()


async def test_nobody_gets_in_without_signing_in(
    client_as: ClientAs, routes: list[tuple[str, str, HTTPRouteHandler]]
) -> None:
    browser = await client_as(None)
    for method, path, handler in routes:
        if handler.opt["access"] == PUBLIC:
            continue
        answer = await browser.request(method, filled(path), headers={"accept": "application/json"})
        allowed = (401, 303) if not path.startswith("/api") else (401,)
        assert answer.status_code in allowed, f"{method} {path}: {answer.status_code}"


@pytest.mark.parametrize("role", [*ROLE_TITLES])
async def test_each_role_is_refused_what_it_may_not_do(
    role: str, world: World, client_as: ClientAs, routes: list[tuple[str, str, HTTPRouteHandler]]
) -> None:
    """Without the permission: 403. With it, on things nobody has: never 200 with another's data, never a fault of ours."""
    async with world() as db:
        home = await given.organisation(db)
        actor: Any = await (given.holder(db) if role == HOLDER else given.staff(db, role, home.id))
    browser = await client_as(actor)
    allowed = permissions_of(role)
    for method, path, handler in routes:
        rule = str(handler.opt["access"])
        if rule in (PUBLIC, SIGNED_IN) or path in ("/api/sign-out", "/sign-out"):
            continue
        answer = await browser.request(method, filled(path), headers={"accept": "application/json"})
        may = any(one in allowed for one in rule.split("|"))
        if not may:
            assert answer.status_code == 403, f"{role} {method} {path}: {answer.status_code}"
        else:
            assert answer.status_code < 500, f"{role} {method} {path}: {answer.status_code} {answer.text[:300]}"
            if "{" in path and ":uuid" in path and method == "GET":
                # 403: an address for several kinds of file, of which this role may handle others
                assert answer.status_code in (404, 303, 403, 409, 422), f"{role} {method} {path}: {answer.status_code}"
