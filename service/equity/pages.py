"""Pages of equity: the grants with what is vested and what is to come, and the form of a grant."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.queries import contracts_of, people_named
from service.equity.actions import decide_ending, decide_grant, propose_ending, propose_grant, vest_as_of
from service.equity.naming import ENDING_TITLES, INSTRUMENT_TITLES, STATE_CHIPS, STATE_TITLES
from service.equity.queries import grant_for, grants_of, to_come, vested_by_books
from service.equity.schemas import EndingCreate, GrantCreate, GrantDecision
from service.equity.tables import Instrument
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import gettext, later, said
from service.incentives.queries import versions_in_force
from service.incentives.tables import PlanKind
from service.people.queries import persons
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

RECORD = "equity.record"
READ = "incentives.read"
APPROVE = "incentives.approve"
LIST = "/incentives/equity"


class GrantForm(BaseModel):
    """A grant from a page."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    plan_version_id: UUID
    person_id: UUID
    reference: str = Field(min_length=1, max_length=80)
    instrument: Instrument
    quantity: int = Field(ge=1, le=10**15)
    granted_on: date
    start: date
    total_months: int
    step_months: int
    cliff_months: int
    contract_id: UUID | None = None

    def create(self) -> GrantCreate:
        """As the API takes it."""
        vesting = {"start", "total_months", "step_months", "cliff_months"}
        return GrantCreate(**self.model_dump(exclude=vesting), terms=self.model_dump(include=vesting))


@get("/incentives/equity", **access(READ))
async def equity_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The organisation's grants."""
    rows = await grants_of(db, actor)
    today = clock.today()
    return page(
        request,
        "equity/grants.html",
        rows=rows,
        names=await persons(db, [row.person_id for row in rows]),
        vested=await vested_by_books(db, [row.id for row in rows]),
        coming={row.id: to_come(row, today)[:3] for row in rows},
        instruments=INSTRUMENT_TITLES,
        states=STATE_TITLES,
        chips=STATE_CHIPS,
        may_record=actor.may(RECORD),
    )


async def shown_form(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """The form of a grant."""
    contracts, _ = await contracts_of(db, actor, limit=200)
    return page(
        request,
        "equity/grant_form.html",
        status=422 if form.errors else 200,
        form=form,
        plan_options=[
            (str(version.id), f"{plan.code} {said(plan.title)} · {version.content['company']}")
            for version, plan in await versions_in_force(db, actor)
            if plan.kind is PlanKind.EQUITY
        ],
        person_options=[(str(row.id), row.name) for row in await people_named(db, actor)],
        instrument_options=[(value, gettext(title)) for value, title in INSTRUMENT_TITLES.items()],
        contract_options=[("", "—"), *((str(row.id), f"{row.contract_no} {said(row.title)}") for row in contracts)],
    )


@get("/incentives/equity/new", **access(RECORD))
async def new_grant_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The form of a grant, with four years, a cliff of one, and monthly steps to begin with."""
    today = clock.today().isoformat()
    form: Submission[GrantForm] = Submission(
        {"granted_on": today, "start": today, "total_months": 48, "step_months": 1, "cliff_months": 12}
    )
    return await shown_form(request, db, actor, form)


@post("/incentives/equity/new", **access(RECORD))
async def new_grant(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Propose a grant."""
    form = await read_form(request, GrantForm)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: propose_grant(db, actor, given.create())):
            return redirect(LIST, later("The grant waits for the approval of a second person."))
    return await shown_form(request, db, actor, form)


async def shown_grant(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, grant_id: UUID, form: Submission[Any]
) -> Response[str]:
    """One grant: what was promised, what is vested, what is still to come, and what may be done with it."""
    row = await grant_for(db, actor, grant_id)
    return page(
        request,
        "equity/grant.html",
        status=422 if form.errors else 200,
        form=form,
        grant=row,
        name=next((one.name for one in (await persons(db, [row.person_id])).values()), "—"),
        vested=(await vested_by_books(db, [row.id]))[row.id],
        coming=to_come(row, clock.today()),
        instruments=INSTRUMENT_TITLES,
        states=STATE_TITLES,
        chips=STATE_CHIPS,
        endings=ENDING_TITLES,
        ending_options=[(value, gettext(title)) for value, title in ENDING_TITLES.items()],
        may_record=actor.may(RECORD),
        may_approve=actor.may(APPROVE),
    )


@get("/incentives/equity/{grant_id:uuid}", **access(READ))
async def grant_page(request: Request[Any, Any, Any], db: Db, actor: Who, grant_id: FromPath[UUID]) -> Response[str]:
    """One grant."""
    return await shown_grant(request, db, actor, grant_id, Submission({"ending_on": clock.today().isoformat()}))


@post("/incentives/equity/{grant_id:uuid}/decide", **access(APPROVE))
async def decide_page(request: Request[Any, Any, Any], db: Db, actor: Who, grant_id: FromPath[UUID]) -> Response[Any]:
    """Grant what was proposed, or refuse it."""
    form = await read_form(request, GrantDecision)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: decide_grant(db, actor, grant_id, given)):
            told = later("The shares have been granted.") if given.approve else later("The grant was not approved.")
            return redirect(f"{LIST}/{grant_id}", told)
    return await shown_grant(request, db, actor, grant_id, form)


@post("/incentives/equity/{grant_id:uuid}/end", **access(RECORD))
async def end_page(request: Request[Any, Any, Any], db: Db, actor: Who, grant_id: FromPath[UUID]) -> Response[Any]:
    """Propose the ending of a grant."""
    form = await read_form(request, EndingCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: propose_ending(db, actor, grant_id, given)):
            return redirect(f"{LIST}/{grant_id}", later("The ending waits for the approval of a second person."))
    return await shown_grant(request, db, actor, grant_id, form)


@post("/incentives/equity/{grant_id:uuid}/end/decide", **access(APPROVE))
async def decide_end_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, grant_id: FromPath[UUID]
) -> Response[Any]:
    """End the grant, or let it go on."""
    form = await read_form(request, GrantDecision)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: decide_ending(db, actor, grant_id, given)):
            told = later("The grant has ended.") if given.approve else later("The grant goes on.")
            return redirect(f"{LIST}/{grant_id}", told)
    return await shown_grant(request, db, actor, grant_id, form)


@post("/incentives/equity/vest", **access(RECORD))
async def vest_page(db: Db, actor: Who) -> Response[Any]:
    """Book what has vested by today; every night does the same."""
    count = await vest_as_of(db, clock.today())
    return redirect(LIST, later("Grants that vested further by today: %(count)s."), count=count)


handlers = [
    equity_page,
    new_grant_page,
    new_grant,
    grant_page,
    decide_page,
    end_page,
    decide_end_page,
    vest_page,
]
