"""Pages of payouts: the list, drawing one up, one with its lines, notice and objections, and each step."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.approvals.queries import approvals_of
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import gettext, later, said
from service.incentives.queries import plan_for, plans_of
from service.incentives.rules.naming import DAY_KIND_TITLES, TAX_TITLES
from service.incentives.tables import PlanKind
from service.payouts.actions import (
    clear_payout,
    decide_payout,
    open_notice,
    pay_payout,
    propose_payout,
    record_objection,
    reject_payout,
    settle_objection,
)
from service.payouts.queries import contracts_behind, lines_of, objections_of, payout_for, payouts_of
from service.payouts.rules import STATE_TITLES
from service.payouts.schemas import (
    DecisionCreate,
    FindingCreate,
    ObjectionCreate,
    PaymentCreate,
    PayoutCreate,
    RejectionCreate,
)
from service.payouts.tables import PayoutLine, PayoutState
from service.people.queries import persons
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

READ = "payouts.propose|payouts.approve|payouts.pay"
CHIPS = {
    "draft": "draft",
    "proposed": "pending",
    "approved": "info",
    "noticed": "pending",
    "clear": "brand",
    "paid": "ok",
    "rejected": "closed",
}


@get("/payouts", **access(READ))
async def payouts_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    show: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """The organisation's payouts."""
    state = PayoutState(show) if show in STATE_TITLES else None
    rows, following = await payouts_of(db, actor, state=state, after=after)
    return page(
        request,
        "payouts/list.html",
        rows=rows,
        following=following,
        show=show if state else "",
        state_options=[
            ("", gettext(later("All"))),
            *((one, gettext(title)) for one, title in STATE_TITLES.items() if one != "draft"),
        ],
        states=STATE_TITLES,
        chips=CHIPS,
        may_propose=actor.may("payouts.propose"),
        may_read_statements=actor.may("incentives.read"),
    )


async def shown_form(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """The form that draws up a payout."""
    plans = [
        (str(row.id), f"{row.code} {said(row.title)}")
        for row in await plans_of(db, actor)
        if row.kind is not PlanKind.EQUITY
    ]
    return page(request, "payouts/new.html", status=422 if form.errors else 200, form=form, plan_options=plans)


@get("/payouts/new", **access("payouts.propose"))
async def new_payout_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The form that draws up a payout."""
    form: Submission[PayoutCreate] = Submission({"through": clock.today().isoformat()})
    return await shown_form(request, db, actor, form)


@post("/payouts/new", **access("payouts.propose"))
async def new_payout(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Draw up and propose a payout."""
    form = await read_form(request, PayoutCreate)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: propose_payout(db, actor, given))
        if row is not None:
            return redirect(f"/payouts/{row.id}", later("Proposed. Another person must approve it."))
    return await shown_form(request, db, actor, form)


def by_person(lines: list[PayoutLine]) -> list[dict[str, Any]]:
    """A payout's sums by person, in fen: gross, tax estimate and net (None where only the payer can tell)."""
    sums: dict[UUID, dict[str, Any]] = {}
    for one in lines:
        row = sums.setdefault(
            one.person_id,
            {"person_id": one.person_id, "gross": 0, "tax": 0, "net": 0, "ground": one.tax_ground, "line_ids": []},
        )
        row["gross"] += one.gross_fen
        row["tax"] = None if one.tax_fen is None or row["tax"] is None else row["tax"] + one.tax_fen
        row["net"] = None if one.net_fen is None or row["net"] is None else row["net"] + one.net_fen
        row["line_ids"].append(one.accrual_line_id)
    return list(sums.values())


async def shown_payout(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    payout_id: UUID,
    form: Submission[Any] | None = None,
    template: str = "payouts/one.html",
) -> Response[str]:
    """One payout with what may be done with it now."""
    row = await payout_for(db, actor, payout_id)
    lines = await lines_of(db, row.id)
    blank: Submission[Any] = Submission({"paid_on": clock.today().isoformat()})
    return page(
        request,
        template,
        status=422 if form and form.errors else 200,
        payout=row,
        plan=await plan_for(db, actor, row.plan_id),
        people=by_person(lines),
        names={person_id: one.name for person_id, one in (await persons(db, [one.person_id for one in lines])).items()},
        contracts=await contracts_behind(db, row.id),
        objections=await objections_of(db, row.id),
        approvals=await approvals_of(db, "payout", row.id),
        over=row.notice_closes_on is not None and row.notice_closes_on < clock.today(),
        form=form or blank,
        states=STATE_TITLES,
        chips=CHIPS,
        grounds=TAX_TITLES,
        day_kinds=DAY_KIND_TITLES,
        may_propose=actor.may("payouts.propose"),
        may_approve=actor.may("payouts.approve"),
        may_pay=actor.may("payouts.pay"),
    )


@get("/payouts/{payout_id:uuid}", **access(READ))
async def payout_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[str]:
    """One payout."""
    return await shown_payout(request, db, actor, payout_id)


@get("/payouts/{payout_id:uuid}/notice", **access(READ))
async def notice_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[str]:
    """The public notice as it is put up: names, sums, contract registration, days, and where to object."""
    return await shown_payout(request, db, actor, payout_id, template="payouts/notice.html")


async def step(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    payout_id: UUID,
    form: Submission[Any],
    act: Callable[[], Awaitable[Any]] | None,
    told: str,
) -> Response[Any]:
    """One step of a payout: done and back to its page, or its page with the refusal."""
    if act is not None and await attempt(db, form, act) is not None:
        return redirect(f"/payouts/{payout_id}", told)
    return await shown_payout(request, db, actor, payout_id, form)


@post("/payouts/{payout_id:uuid}/decide", **access("payouts.approve"))
async def decide_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[Any]:
    """Approve or reject."""
    form = await read_form(request, DecisionCreate)
    given = form.data
    told = later("The payout is approved.") if given and given.approve else later("The payout was rejected.")
    act = None if given is None else lambda: decide_payout(db, actor, payout_id, given)
    return await step(request, db, actor, payout_id, form, act, told)


@post("/payouts/{payout_id:uuid}/notice", **access("payouts.propose"))
async def open_notice_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]
) -> Response[Any]:
    """Put on public notice."""
    told = later("The public notice stands from today.")
    return await step(request, db, actor, payout_id, Submission(), lambda: open_notice(db, actor, payout_id), told)


@post("/payouts/{payout_id:uuid}/objections", **access("payouts.propose|payouts.approve"))
async def objection_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]
) -> Response[Any]:
    """Record an objection the unit received."""
    form = await read_form(request, ObjectionCreate)
    given = form.data
    act = None if given is None else lambda: record_objection(db, actor, payout_id, given)
    return await step(request, db, actor, payout_id, form, act, later("The objection has been recorded."))


@post("/payouts/{payout_id:uuid}/objections/{objection_id:uuid}/settle", **access("payouts.approve"))
async def settle_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID], objection_id: FromPath[UUID]
) -> Response[Any]:
    """Give an objection its finding."""
    form = await read_form(request, FindingCreate)
    given = form.data
    act = None if given is None else lambda: settle_objection(db, actor, payout_id, objection_id, given)
    return await step(request, db, actor, payout_id, form, act, later("The finding has been recorded."))


@post("/payouts/{payout_id:uuid}/clear", **access("payouts.propose|payouts.approve"))
async def clear_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[Any]:
    """Clear a payout whose notice is over."""
    told = later("The payout is clear and may be paid.")
    return await step(request, db, actor, payout_id, Submission(), lambda: clear_payout(db, actor, payout_id), told)


@post("/payouts/{payout_id:uuid}/pay", **access("payouts.pay"))
async def pay_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[Any]:
    """Record that it was paid."""
    form = await read_form(request, PaymentCreate)
    given = form.data
    act = None if given is None else lambda: pay_payout(db, actor, payout_id, given)
    return await step(request, db, actor, payout_id, form, act, later("The payment has been recorded and booked."))


@post("/payouts/{payout_id:uuid}/reject", **access("payouts.approve"))
async def reject_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[Any]:
    """Give a payout up."""
    form = await read_form(request, RejectionCreate)
    given = form.data
    act = None if given is None else lambda: reject_payout(db, actor, payout_id, given)
    return await step(request, db, actor, payout_id, form, act, later("The payout was rejected."))


handlers = [
    payouts_page,
    new_payout_page,
    new_payout,
    payout_page,
    notice_page,
    decide_page,
    open_notice_page,
    objection_page,
    settle_page,
    clear_page,
    pay_page,
    reject_page,
]
