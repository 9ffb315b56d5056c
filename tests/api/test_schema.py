"""Schemathesis against the running service, once per role: no lies in the description, no server errors, no doors left open."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.app import create_app
from service.foundation.database import make_engine
from service.settings import Settings
from service.web.access import PUBLIC, SIGNED_IN
from service.web.description import operation_name
from tests.api.world import Caller, callers, known_ids
from tests.fault.serving import rounds
from tests.house.test_strangers import handlers_of
from tests.live import Live

# One fixed seed in every run of the tests; a free one, shown with a failure, and more examples under `make fault`.
ROUNDS = rounds()
SEED = int(os.environ.get("SEED") or (20260515 if ROUNDS == 1 else secrets.randbits(32)))
EXAMPLES = 3
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)
RUN_SECONDS = 180

pytestmark = pytest.mark.slow

# Operations that would end the run's own sign-in; they have tests of their own in test_sign_ins.py.
ENDING = {"accounts.sign_out.post"}
ROLES = (
    "anonymous",
    "holder",
    "candidate",
    "scheduler",
    "base_director",
    "exam_scheduler",
    "marker",
    "appeal_panellist",
    "item_author",
    "item_reviewer",
    "certification_decider",
    "employer_hr",
    "university_verifier",
    "incentive_officer",
    "incentive_approver",
    "finance_officer",
    "standard_owner",
    "security_administrator",
    "system_administrator",
    "ministry_reader",
    "auditor",
)
# Callers whose world differs in some rooms only; their other operations are run as somebody else.
ONLY = {"exam_scheduler": ("exams.", "items."), "candidate": ("exams.", "enrolments.")}

# Whose runs go through what everybody signed in may do; the others leave it out.
PERSONS = ("holder", "candidate")


@dataclass
class Service:
    """The running service, the world's callers by name, and the keys of its rows."""

    live: Live
    people: dict[str, Caller]
    known: dict[str, list[str]]


@pytest.fixture(scope="module")
async def service(live: Live) -> Service:
    """The running service with its world."""
    async with live.world() as db:
        people = {one.label: one for one in await callers(db)}
        known = dict(await known_ids(db))
    assert set(people) == set(ROLES)
    return Service(live, people, known)


async def description(live: Live, caller: Caller) -> dict[str, Any]:
    """The description as the service gives it to this caller."""
    async with live.client(caller.actor) as client:
        answer = await client.get("/schema/openapi.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rules_of(described: dict[str, Any]) -> dict[str, str]:
    """The access rule of every described operation, from the route table."""
    app = create_app(
        Settings(database_url=None), engine=make_engine("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    )
    rules = {}
    for method, _, handler in handlers_of(app):
        rules[operation_name(handler, method, [])] = str(handler.opt["access"])
    names = {
        one["operationId"]
        for item in described["paths"].values()
        for place, one in item.items()
        if place != "parameters"
    }
    assert names <= set(rules)
    return {name: rules[name] for name in sorted(names)}


def open_to(rules: dict[str, str], caller: Caller) -> list[str]:
    """The operations this caller may use; those of everybody signed in only for the two persons among the roles."""
    chosen = []
    for name, rule in rules.items():
        own = rule == SIGNED_IN or rule.startswith("own.")
        left_out = caller.actor is not None and (rule == PUBLIC or (own and caller.label not in PERSONS))
        left_out = left_out or not name.startswith(ONLY.get(caller.label, ("",)))
        if caller.may(rule) and not left_out and name not in ENDING:
            chosen.append(name)
    return chosen


def configuration(known: dict[str, list[str]], examples: int) -> str:
    """The tool's configuration: every parameter that names a thing is given a real one two times in three."""
    lines = [
        f"[generation]\nmax-examples = {examples}\nno-shrink = true\ndatabase = 'none'\nallow-x00 = true",
        "[phases.coverage]\nunexpected-methods = []",
        f"[phases.stateful.generation]\nmax-examples = {examples}",
    ]
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in known.items()]
    lines.append("[parameters]")
    for name in known:
        for place in ("path", "query", "body"):
            lines.append(f'"{place}.{name}" = {{ dictionary = "{name}", probability = 0.66 }}')
    return "\n".join(lines) + "\n"


async def run(service: Service, role: str, folder: Path, seed: int, examples: int) -> None:
    """One run of the tool as one role; fails with what it found."""
    live, people, known = service.live, service.people, service.known
    caller = people[role]
    described = await description(live, caller if caller.actor else people["auditor"])
    chosen = open_to(rules_of(described), caller)
    assert chosen, role
    (folder / "openapi.json").write_text(json.dumps(described))
    (folder / "schemathesis.toml").write_text(configuration(known, examples))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    command += [str(folder / "openapi.json"), "--url", live.base_url, "--seed", str(seed), "--no-color"]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
    command += ["--warnings", "off", "--continue-on-failure", "--suppress-health-check", "all"]
    command += ["--request-timeout", "20", "--output-truncate", "true"]
    for one in chosen:
        command += ["--include-operation-id", one]
    if caller.actor is not None:
        token, csrf = await live.sign_in(caller.actor)
        command += ["-H", f"Cookie: tmc={token}", "-H", f"x-csrf-token: {csrf}"]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=RUN_SECONDS * ROUNDS)
    (folder / "report.txt").write_text(finished.stdout + finished.stderr)
    assert finished.returncode == 0, f"{role}, seed {seed}:\n{finished.stdout[-12000:]}{finished.stderr[-3000:]}"
    if caller.actor is not None:
        async with httpx.AsyncClient(base_url=live.base_url, cookies={"tmc": token}) as client:
            assert (await client.get("/api/me")).status_code == 200, "the sign-in ended on the way: nothing was tested"


@pytest.mark.parametrize("role", ROLES)
async def test_description_holds_for(service: Service, role: str, tmp_path: Path) -> None:
    await run(service, role, tmp_path, SEED, EXAMPLES * ROUNDS)
