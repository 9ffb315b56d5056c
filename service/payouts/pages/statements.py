"""Pages of statements: one's own with its papers and open notices, and the unit's for whom it owes."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.documents.queries import documents_about
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import DomainError, NotFound
from service.foundation.language import later, said
from service.organisations.tables import Organisation
from service.payouts.actions import ask_statement, object_as_person
from service.payouts.actions.statements import KIND
from service.payouts.printing import statement_context
from service.payouts.queries import (
    issued_statements,
    own_objections,
    payers_of,
    people_owed,
    statement_now,
)
from service.payouts.schemas import ObjectionCreate, OwnStatementCreate, StatementCreate
from service.payouts.tables import IncentiveStatement
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

READ = "incentives.read"


async def papers(db: AsyncSession, rows: list[IncentiveStatement]) -> list[dict[str, Any]]:
    """Issued statements with the state of their papers."""
    found = []
    for row in rows:
        documents = await documents_about(db, KIND, row.id)
        found.append({"statement": row, "state": documents[0].state.value if documents else "waiting"})
    return found


async def shown_mine(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    org: UUID | None,
    period: str,
    form: Submission[Any],
) -> Response[str]:
    """One's own statement from one unit, with the papers issued and the form to object to a notice."""
    payers: list[Organisation] = [] if actor.person_id is None else await payers_of(db, actor.person)
    chosen = next((row for row in payers if row.id == org), payers[0] if payers else None)
    if org is not None and (chosen is None or chosen.id != org):
        raise NotFound(what="organisation")
    facts = None
    if chosen is not None:
        try:
            facts = await statement_now(db, actor.person, chosen.id, period, clock.now())
        except DomainError as refusal:
            form.refuse(refusal)
    issued = [] if actor.person_id is None else await issued_statements(db, person_id=actor.person)
    return page(
        request,
        "payouts/my_statements.html",
        status=422 if form.errors else 200,
        payers=[(str(row.id), said(row.name)) for row in payers],
        payer_names={row.id: said(row.name) for row in payers},
        chosen=chosen,
        period=period,
        papers=await papers(db, issued),
        objections=[] if actor.person_id is None else await own_objections(db, actor.person),
        form=form,
        **(statement_context(facts) if facts else {"facts": None}),
    )


@get("/my/statements", **access("own.statements"))
async def my_statements_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    org: FromQuery[UUID | None] = None,
    period: FromQuery[str] = "",
) -> Response[str]:
    """One's own statement as known now."""
    return await shown_mine(request, db, actor, org, period or str(clock.today().year), Submission())


@post("/my/statements", **access("own.statements"))
async def ask_mine(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Ask for one's own statement as a paper."""
    form = await read_form(request, OwnStatementCreate)
    if form.data is not None:
        given = form.data

        async def ask() -> bool:
            await ask_statement(db, actor, actor.person, given.org_id, given.period)
            return True

        if await attempt(db, form, ask):
            told = later("Your statement is being made. It will be among the issued ones in a minute.")
            return redirect(f"/my/statements?org={given.org_id}&period={given.period}", told)
    return await shown_mine(request, db, actor, None, str(clock.today().year), form)


@post("/my/payouts/{payout_id:uuid}/objections", **access("own.statements"))
async def object_page(request: Request[Any, Any, Any], db: Db, actor: Who, payout_id: FromPath[UUID]) -> Response[Any]:
    """Object to a noticed payout in which one is named."""
    form = await read_form(request, ObjectionCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: object_as_person(db, actor, payout_id, given)):
            return redirect(
                "/my/statements", later("Your objection has been recorded. Nothing is paid before its finding.")
            )
    return await shown_mine(request, db, actor, None, str(clock.today().year), form)


async def shown_unit(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """The people the unit owes and the statements it issued."""
    people = await people_owed(db, actor.org)
    return page(
        request,
        "payouts/statements.html",
        status=422 if form.errors else 200,
        people=[(str(row.id), row.name) for row in people],
        names={row.id: row.name for row in people},
        papers=await papers(db, await issued_statements(db, org_id=actor.org)),
        form=form,
    )


@get("/payouts/statements", **access(READ))
async def statements_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Statements the unit issues."""
    form: Submission[Any] = Submission({"period": str(clock.today().year)})
    return await shown_unit(request, db, actor, form)


@post("/payouts/statements", **access(READ))
async def ask_for_person(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Ask for the statement of somebody the unit owes."""
    form = await read_form(request, StatementCreate)
    if form.data is not None:
        given = form.data

        async def ask() -> bool:
            await ask_statement(db, actor, given.person_id, actor.org, given.period)
            return True

        if await attempt(db, form, ask):
            return redirect(
                "/payouts/statements", later("The statement is being made. It will be in the list in a minute.")
            )
    return await shown_unit(request, db, actor, form)


handlers = [my_statements_page, ask_mine, object_page, statements_page, ask_for_person]
