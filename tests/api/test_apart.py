"""Two tenants, one service: whatever belongs to the other is answered exactly like what is not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from service.web.access import PUBLIC
from service.web.description import description_of, operation_name
from tests.api.world import TABLES, Caller, callers
from tests.conftest import ClientAs, World
from tests.given.items import SINGLE
from tests.house.test_strangers import TEXTS, handlers_of

# Parameters that mean different tables in different rooms, beside the one in TABLES.
ALSO = {"document_id": ("identity_document",), "enrolment_id": ("issuing_entry",)}

# What both tenants may read: national standards, and the list of organisations.
SHARED = {"edition_id", "upload_id", "org_id"}

# Routes on which another tenant's thing is rightly answered, each with its reason.
OPEN_TO_ALL = {
    "/api/courses/{session_id:uuid}/apply": "anyone may apply for a published course session",
    "/courses/{session_id:uuid}/apply": "anyone may apply for a published course session",
}
ROLES = (
    "holder",
    "candidate",
    "scheduler",
    "base_director",
    "exam_scheduler",
    "marker",
    "item_author",
    "item_reviewer",
    "certification_decider",
    "employer_hr",
    "incentive_officer",
    "incentive_approver",
    "finance_officer",
)


# Bodies that a rule reads beyond their schema.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/people/documents/{document_id:uuid}/reveal"): {"reason": "original_seen"},
    ("PUT", "/api/items/{item_id:uuid}"): {"bank_id": str(uuid4()), "text": json.dumps(SINGLE, ensure_ascii=False)},
    ("POST", "/api/revenue-events/{event_id:uuid}/correction"): {
        "reversal": {"source": "erp", "reference": "R-1", "effective_on": "2030-03-04", "reason": "typed twice"},
        "event": {
            "contract_no": "HT-2030-1",
            "source": "erp",
            "reference": "E-1",
            "kind": "receipt",
            "amount_fen": 100,
            "effective_on": "2030-03-04",
        },
    },
}


@dataclass
class Compared:
    """How many answers were compared, which gave something away, and which routes refused the body first."""

    tried: int = 0
    leaks: list[str] = field(default_factory=list)
    shallow: set[str] = field(default_factory=set)


def sample(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
    """The smallest value a schema of the description accepts; `parts` are the description's components."""
    if "$ref" in schema:
        return sample(parts[schema["$ref"].rsplit("/", 1)[-1]], parts)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            real = [one for one in schema[choice] if one.get("type") != "null"]
            return sample(real[0], parts) if real else None
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample(properties[name], parts) for name in schema.get("required", ()) if name in properties}
    if kind == "array":
        return [sample(schema.get("items", {}), parts) for _ in range(schema.get("minItems", 0))]
    if kind == "integer":
        return max(int(schema.get("minimum", 1)), int(schema.get("exclusiveMinimum", 0)) + 1)
    if kind == "number":
        return 1
    if kind == "boolean":
        return True
    texts = {"uuid": str(uuid4()), "date": "2030-03-04", "date-time": "2030-03-04T09:00:00+08:00"}
    return texts.get(schema.get("format", ""), "某" * max(2, schema.get("minLength", 0)))


def places(path: str) -> list[str]:
    """The names of the path's parameters that are keys."""
    return [part.strip("{}").split(":")[0] for part in path.split("/") if part.startswith("{") and ":uuid" in part]


def filled(path: str, keys: Mapping[str, str]) -> str:
    """The path with these keys, and words nobody has elsewhere."""
    parts = []
    for part in path.split("/"):
        if part.startswith("{"):
            name, _, kind = part.strip("{}").partition(":")
            part = keys.get(name) or TEXTS.get(kind or "str", "zz-none")
        parts.append(part)
    return "/".join(parts)


def told(answer: httpx.Response) -> Any:
    """What an answer says, without its own number and address."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        said = answer.json()
        return {name: said[name] for name in ("type", "title", "detail", "errors", "facts")}
    return None


async def keys_of(db: AsyncSession) -> dict[str, set[UUID]]:
    """All keys now there by table."""
    tables = {*TABLES.values(), *(one for more in ALSO.values() for one in more)}
    return {table: set(await db.scalars(sa.text(f"SELECT id FROM {table}"))) for table in tables}


async def neighbours(world: World) -> tuple[dict[str, Caller], dict[str, list[str]]]:
    """The callers of the first world, and up to three keys a table of everything that is only in the second."""
    async with world() as db:
        mine = {one.label: one for one in await callers(db)}
        before = await keys_of(db)
    async with world() as db:
        await callers(db)
        after = await keys_of(db)
    others = {table: sorted(map(str, after[table] - before[table]))[-3:] for table in after}
    return mine, others


def routes_for(app: Litestar, caller: Caller) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Routes with keys in their address that let this caller in."""
    return sorted(
        (
            (method, path, handler)
            for method, path, handler in handlers_of(app)
            if set(places(path)) - SHARED
            and handler.opt["access"] != PUBLIC
            and path not in OPEN_TO_ALL
            and caller.may(str(handler.opt["access"]))
        ),
        key=lambda one: (one[1], one[0]),
    )


async def compare(
    caller: Caller, browser: httpx.AsyncClient, app: Litestar, others: Mapping[str, list[str]]
) -> Compared:
    """Every route with keys that lets this caller in, with the other tenant's keys and with keys of nothing."""
    described = description_of(app)
    bodies = {
        one["operationId"]: one["requestBody"]["content"]
        for item in described["paths"].values()
        for one in item.values()
        if isinstance(one, dict) and "requestBody" in one
    }
    found = Compared()
    for method, path, handler in routes_for(app, caller):
        content = bodies.get(operation_name(handler, method, []), {})
        sent: dict[str, Any] = {}
        if "application/json" in content:
            parts = described["components"]["schemas"]
            sent["json"] = BODIES.get((method, path)) or sample(content["application/json"]["schema"], parts)
        missing = await browser.request(method, filled(path, {name: str(uuid4()) for name in places(path)}), **sent)
        if missing.status_code == 422:
            found.shallow.add(f"{method} {path}")
        *before, last = places(path)
        for key in (one for table in (TABLES[last], *ALSO.get(last, ())) for one in others[table]):
            keys = {last: key, **{name: (others[TABLES[name]] or [str(uuid4())])[0] for name in before}}
            answer = await browser.request(method, filled(path, keys), **sent)
            found.tried += 1
            same = answer.status_code == missing.status_code and told(answer) == told(missing)
            if answer.is_success or not same or (method == "GET" and answer.status_code not in (403, 404)):
                found.leaks.append(
                    f"{caller.label} {method} {path} {keys}: {answer.status_code} {answer.text[:300]}"
                    f" - missing: {missing.status_code} {missing.text[:300]}"
                )
    return found


async def test_what_is_the_others_is_answered_like_what_is_not_there(
    app: Litestar, world: World, client_as: ClientAs
) -> None:
    mine, others = await neighbours(world)
    leaks: list[str] = []
    shallow: set[str] = set()
    tried = 0
    for role in ROLES:
        browser = await client_as(mine[role].actor)
        browser.headers["accept"] = "application/json"
        found = await compare(mine[role], browser, app, others)
        assert found.tried, f"{role}: nothing was tried"
        leaks += found.leaks
        shallow |= found.shallow
        tried += found.tried
    assert not leaks, "\n".join(leaks)
    assert tried > 300
    unread = sorted(one for one in shallow if " /api/" in one)
    assert unread == [], f"refused for their bodies before anything was looked up: {unread}"


def test_every_key_in_an_address_is_of_a_known_table(app: Litestar) -> None:
    names = {name for _, path, _ in handlers_of(app) for name in places(path)}
    assert names <= set(TABLES), names - set(TABLES)
