"""Pages of the register of bases."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.actions import add_base, add_host, change_base, end_host, record_evidence
from service.bases.queries import base_by_code, bases, details_of, hosts_of
from service.bases.rules import Tier
from service.bases.schemas import BaseChange, BaseCreate, EvidenceCreate, HostCreate, HostEnd
from service.foundation import clock
from service.foundation.language import later
from service.organisations.queries import names_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

TIER_TITLES = {
    Tier.NATIONAL: later("National base"),
    Tier.PROVINCIAL: later("Provincial base"),
    Tier.CITY: later("City base"),
}


@get("/bases", **access("bases.read|bases.manage"))
async def register_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, tier: FromQuery[str] = ""
) -> Response[str]:
    """The register with its tiers, hosts and marks."""
    rows = await bases(db, tier or None)
    hosts = await hosts_of(db, {row.id for row in rows}, clock.today())
    names = await names_of(db, {host.org_id for found in hosts.values() for host in found})
    return page(
        request,
        "bases/register.html",
        rows=rows,
        hosts={base_id: [names.get(one.org_id, {}) for one in found] for base_id, found in hosts.items()},
        tiers=TIER_TITLES,
        tier=tier,
        verified=sum(row.verified for row in rows),
        manages=actor.may("bases.manage"),
    )


async def shown_base(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    code: str,
    manages: bool,
    form: Submission[Any] | None = None,
    part: str = "",
) -> Response[str]:
    """One base with, after a refusal, what was typed into one of its forms."""
    form = form or Submission()
    row = await base_by_code(db, code)
    others = {one.id: one for one in await bases(db)}
    return page(
        request,
        "bases/base.html",
        status=422 if form.errors else 200,
        base=await details_of(db, row),
        parent=others.get(row.parent_id) if row.parent_id else None,
        children=[one for one in others.values() if one.parent_id == row.id],
        tiers=TIER_TITLES,
        manages=manages,
        form=form,
        part=part,
    )


@get("/bases/{code:str}", **access("bases.read|bases.manage"))
async def base_page(request: Request[Any, Any, Any], db: Db, actor: Who, code: FromPath[str]) -> Response[str]:
    """One base: names, tier, hosts, evidence."""
    return await shown_base(request, db, code, actor.may("bases.manage"))


async def from_base(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    code: str,
    schema: type[BaseModel],
    part: str,
    action: Callable[[Any], Awaitable[Any]],
    message: str,
) -> Response[Any]:
    """Run one form of a base's page."""
    form = await read_form(request, schema)
    data = form.data
    if data is not None and await attempt(db, form, lambda: action(data)) is not None:
        return redirect(f"/bases/{code}", message)
    return await shown_base(request, db, code, True, form, part)


@post("/bases/{code:str}", **access("bases.manage"))
async def change_form(request: Request[Any, Any, Any], db: Db, code: FromPath[str]) -> Response[Any]:
    """Correct a base's name, province or parent."""
    return await from_base(
        request,
        db,
        code,
        BaseChange,
        "change",
        lambda data: change_base(db, code, data),
        later("The base is corrected."),
    )


@post("/bases/{code:str}/evidence", **access("bases.manage"))
async def evidence_form(request: Request[Any, Any, Any], db: Db, code: FromPath[str]) -> Response[Any]:
    """Record evidence."""
    return await from_base(
        request,
        db,
        code,
        EvidenceCreate,
        "evidence",
        lambda data: record_evidence(db, code, data),
        later("The evidence is recorded."),
    )


@post("/bases/{code:str}/hosts", **access("bases.manage"))
async def host_form(request: Request[Any, Any, Any], db: Db, code: FromPath[str]) -> Response[Any]:
    """Record a host."""
    return await from_base(
        request, db, code, HostCreate, "host", lambda data: add_host(db, code, data), later("The host is recorded.")
    )


@post("/bases/{code:str}/hosts/{host_id:uuid}/end", **access("bases.manage"))
async def host_end_form(
    request: Request[Any, Any, Any], db: Db, code: FromPath[str], host_id: FromPath[UUID]
) -> Response[Any]:
    """Say when a hosting ends."""
    return await from_base(
        request,
        db,
        code,
        HostEnd,
        "host-end",
        lambda data: end_host(db, code, host_id, data.ends_on),
        later("The end of the hosting is recorded."),
    )


@get("/bases/new", **access("bases.manage"))
async def new_page(request: Request[Any, Any, Any]) -> Response[str]:
    """An empty form for a further base."""
    form: Submission[Any] = Submission()
    return page(request, "bases/new.html", form=form, tiers=TIER_TITLES)


@post("/bases/new", **access("bases.manage"))
async def create_form(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """List a further base, unverified."""
    form = await read_form(request, BaseCreate)
    data = form.data
    if data is not None and await attempt(db, form, lambda: add_base(db, data)) is not None:
        return redirect(f"/bases/{data.code}", later("The base is listed, not verified yet."))
    return page(request, "bases/new.html", status=422, form=form, tiers=TIER_TITLES)


handlers = [
    register_page,
    base_page,
    change_form,
    evidence_form,
    host_form,
    host_end_form,
    new_page,
    create_form,
]
