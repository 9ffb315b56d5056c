"""Pages of revenue events: the overview, the form, one event with how each sum came about, its reversal."""

import secrets
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.queries import contract_for, contracts_by_id, contracts_of
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.incentives.actions import record_event, reverse_event
from service.incentives.forms import DEDUCTIONS, EventForm
from service.incentives.pages.plans import READ, RECORD, options, titles
from service.incentives.presenting import story_of
from service.incentives.queries import agreements_of, event_for, events_of, reversal_of, versions_waiting
from service.incentives.rules.naming import ACCRUAL_TITLES, EVENT_TITLES
from service.incentives.schemas import ReversalCreate
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

SOURCE = "page"


@get("/incentives", **access(READ))
async def incentives_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    contract: FromQuery[UUID | None] = None,
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """Agreements and revenue events, of the organisation or of one contract."""
    chosen = None if contract is None else await contract_for(db, actor, contract)
    bounds = await agreements_of(db, actor, contract)
    rows, following = await events_of(db, actor, contract_id=contract, after=after)
    named = {one.agreement.contract_id for one in bounds} | {row.contract_id for row in rows}
    return page(
        request,
        "incentives/overview.html",
        contract=chosen,
        bounds=bounds,
        rows=rows,
        following=following,
        waiting=await versions_waiting(db, actor) if contract is None else [],
        contracts=await contracts_by_id(db, named),
        event_titles=EVENT_TITLES,
        may_record=actor.may(RECORD),
        **titles(),
    )


async def shown_form(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """The form of a revenue event."""
    rows, _ = await contracts_of(db, actor, limit=200)
    return page(
        request,
        "incentives/event_form.html",
        status=422 if form.errors else 200,
        form=form,
        contract_options=[(str(row.id), f"{row.contract_no} {said(row.title)}") for row in rows if row.state != "void"],
        kind_options=[one for one in options(EVENT_TITLES) if one[0] != "reversal"],
        deductions=range(DEDUCTIONS),
        names=sorted({name for one in await agreements_of(db, actor) for name in one.terms.deductions}),
    )


@get("/incentives/events/new", **access(RECORD))
async def new_event_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, contract: FromQuery[UUID | None] = None
) -> Response[str]:
    """The form of a revenue event; its reference is fixed when the form is opened, so that sending twice records once."""
    form: Submission[EventForm] = Submission(
        {
            "contract_id": str(contract or ""),
            "source": SOURCE,
            "reference": f"{clock.today():%Y%m%d}-{secrets.token_hex(4)}",
            "kind": "receipt",
            "effective_on": clock.today().isoformat(),
        }
    )
    return await shown_form(request, db, actor, form)


@post("/incentives/events/new", **access(RECORD))
async def new_event(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Record a revenue event."""
    form = await read_form(request, EventForm)
    if form.data is not None:
        given = form.data
        recorded = await attempt(db, form, lambda: record_event(db, actor, given.create()))
        if recorded is not None:
            row, fresh = recorded
            told = (
                later("The event has been recorded.")
                if fresh
                else later("This event was recorded before; nothing was added.")
            )
            return redirect(f"/incentives/events/{row.id}", told, kind="ok" if fresh else "info")
    return await shown_form(request, db, actor, form)


async def shown_event(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, event_id: UUID, form: Submission[Any]
) -> Response[str]:
    """One event with every step of every sum."""
    row = await event_for(db, actor, event_id)
    return page(
        request,
        "incentives/event.html",
        status=422 if form.errors else 200,
        event=row,
        contract=await contract_for(db, actor, row.contract_id),
        stories=await story_of(db, row),
        reversal=await reversal_of(db, row.id),
        form=form,
        event_titles=EVENT_TITLES,
        accrual_titles=ACCRUAL_TITLES,
        may_record=actor.may(RECORD),
        **titles(),
    )


@get("/incentives/events/{event_id:uuid}", **access(READ))
async def event_page(request: Request[Any, Any, Any], db: Db, actor: Who, event_id: FromPath[UUID]) -> Response[str]:
    """One event."""
    form: Submission[Any] = Submission(
        {"source": SOURCE, "reference": f"back-{event_id.hex[-12:]}", "effective_on": clock.today().isoformat()}
    )
    return await shown_event(request, db, actor, event_id, form)


@post("/incentives/events/{event_id:uuid}/reverse", **access(RECORD))
async def reverse_page(request: Request[Any, Any, Any], db: Db, actor: Who, event_id: FromPath[UUID]) -> Response[Any]:
    """Reverse a wrong event."""
    form = await read_form(request, ReversalCreate)
    if form.data is not None:
        given = form.data
        reversed_now = await attempt(db, form, lambda: reverse_event(db, actor, event_id, given))
        if reversed_now is not None:
            return redirect(f"/incentives/events/{reversed_now[0].id}", later("The event has been reversed."))
    return await shown_event(request, db, actor, event_id, form)


handlers = [incentives_page, new_event_page, new_event, event_page, reverse_page]
