"""Payouts, objections and statements for machines."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED
from sqlalchemy.ext.asyncio import AsyncSession

from service.documents.queries import paper
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.paging import Page
from service.payouts.actions import (
    ask_statement,
    clear_payout,
    decide_payout,
    object_as_person,
    open_notice,
    pay_payout,
    propose_payout,
    record_objection,
    reject_payout,
    settle_objection,
)
from service.payouts.queries import (
    issued_statements,
    lines_of,
    objections_of,
    payers_of,
    payout_for,
    payouts_of,
    statement_for,
    statement_now,
)
from service.payouts.schemas import (
    DecisionCreate,
    FindingCreate,
    ObjectionCreate,
    ObjectionRead,
    OwnStatementCreate,
    PaymentCreate,
    PayoutCreate,
    PayoutLineRead,
    PayoutRead,
    RejectionCreate,
    StatementAccepted,
    StatementCreate,
    StatementRead,
)
from service.payouts.tables import Payout, PayoutState
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses

READ = "payouts.propose|payouts.approve|payouts.pay"


async def payout_read(db: AsyncSession, row: Payout) -> PayoutRead:
    """A payout as it is answered."""
    lines = await lines_of(db, row.id)
    return PayoutRead(
        **row.model_dump(exclude={"created_at", "org_id"}),
        gross_fen=sum(one.gross_fen for one in lines),
        lines=[PayoutLineRead.model_validate(one, from_attributes=True) for one in lines],
        objections=[ObjectionRead.model_validate(one, from_attributes=True) for one in await objections_of(db, row.id)],
    )


@get("/api/payouts", **access(READ))
async def list_payouts(
    db: Db,
    actor: Who,
    payout_state: FromQuery[PayoutState | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[PayoutRead]:
    """The organisation's payouts, newest first."""
    rows, following = await payouts_of(db, actor, state=payout_state, after=after, limit=limit)
    return Page(rows=[await payout_read(db, row) for row, _, _ in rows], next=following)


@post("/api/payouts", responses=problem_responses(404, 409, 422), **access("payouts.propose"))
async def new_payout(db: Db, actor: Who, data: JSONBody[PayoutCreate]) -> PayoutRead:
    """Draw up and propose a payout."""
    return await payout_read(db, await propose_payout(db, actor, data))


@get("/api/payouts/{payout_id:uuid}", responses=problem_responses(404), **access(READ))
async def one_payout(db: Db, actor: Who, payout_id: FromPath[UUID]) -> PayoutRead:
    """One payout."""
    return await payout_read(db, await payout_for(db, actor, payout_id))


@post(
    "/api/payouts/{payout_id:uuid}/decision",
    status_code=200,
    responses=problem_responses(403, 404, 409),
    **access("payouts.approve"),
)
async def decide_this(db: Db, actor: Who, payout_id: FromPath[UUID], data: JSONBody[DecisionCreate]) -> PayoutRead:
    """Approve or reject a proposed payout."""
    return await payout_read(db, await decide_payout(db, actor, payout_id, data))


@post(
    "/api/payouts/{payout_id:uuid}/notice",
    status_code=200,
    responses=problem_responses(404, 409),
    **access("payouts.propose"),
)
async def notice_this(db: Db, actor: Who, payout_id: FromPath[UUID]) -> PayoutRead:
    """Put an approved payout on public notice from today."""
    return await payout_read(db, await open_notice(db, actor, payout_id))


@post(
    "/api/payouts/{payout_id:uuid}/objections",
    responses=problem_responses(404, 409, 422),
    **access("payouts.propose|payouts.approve"),
)
async def new_objection(
    db: Db, actor: Who, payout_id: FromPath[UUID], data: JSONBody[ObjectionCreate]
) -> ObjectionRead:
    """Record an objection the unit received."""
    return ObjectionRead.model_validate(await record_objection(db, actor, payout_id, data), from_attributes=True)


@post(
    "/api/payouts/{payout_id:uuid}/objections/{objection_id:uuid}/finding",
    status_code=200,
    responses=problem_responses(403, 404, 409, 422),
    **access("payouts.approve"),
)
async def settle_this(
    db: Db, actor: Who, payout_id: FromPath[UUID], objection_id: FromPath[UUID], data: JSONBody[FindingCreate]
) -> ObjectionRead:
    """Give an objection its finding."""
    row = await settle_objection(db, actor, payout_id, objection_id, data)
    return ObjectionRead.model_validate(row, from_attributes=True)


@post(
    "/api/payouts/{payout_id:uuid}/clearance",
    status_code=200,
    responses=problem_responses(404, 409),
    **access("payouts.propose|payouts.approve"),
)
async def clear_this(db: Db, actor: Who, payout_id: FromPath[UUID]) -> PayoutRead:
    """Clear a payout whose notice is over."""
    return await payout_read(db, await clear_payout(db, actor, payout_id))


@post(
    "/api/payouts/{payout_id:uuid}/payment",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access("payouts.pay"),
)
async def pay_this(db: Db, actor: Who, payout_id: FromPath[UUID], data: JSONBody[PaymentCreate]) -> PayoutRead:
    """Record that a clear payout was paid."""
    return await payout_read(db, await pay_payout(db, actor, payout_id, data))


@post(
    "/api/payouts/{payout_id:uuid}/rejection",
    status_code=200,
    responses=problem_responses(403, 404, 409, 422),
    **access("payouts.approve"),
)
async def reject_this(db: Db, actor: Who, payout_id: FromPath[UUID], data: JSONBody[RejectionCreate]) -> PayoutRead:
    """Give up a payout; its lines may be proposed again."""
    return await payout_read(db, await reject_payout(db, actor, payout_id, data))


@post(
    "/api/my/payouts/{payout_id:uuid}/objections",
    responses=problem_responses(404, 409, 422),
    **access("own.statements"),
)
async def object_myself(
    db: Db, actor: Who, payout_id: FromPath[UUID], data: JSONBody[ObjectionCreate]
) -> dict[str, UUID]:
    """Object to a noticed payout in which one is named."""
    return {"id": await object_as_person(db, actor, payout_id, data)}


@get("/api/my/statement", responses=problem_responses(404, 422), **access("own.statements"))
async def my_statement(db: Db, actor: Who, org_id: FromQuery[UUID], period: FromQuery[str]) -> dict[str, Any]:
    """One's own statement from one unit as known now: opening, events, payments, closing, equity; sums in fen."""
    if org_id not in {row.id for row in await payers_of(db, actor.person)}:
        raise NotFound(what="incentive_statement")
    return await statement_now(db, actor.person, org_id, period, clock.now())


@get("/api/my/statements", **access("own.statements"))
async def my_statements(db: Db, actor: Who) -> list[StatementRead]:
    """One's own issued statements."""
    if actor.person_id is None:
        return []
    rows = await issued_statements(db, person_id=actor.person)
    return [StatementRead.model_validate(row, from_attributes=True) for row in rows]


@post(
    "/api/my/statements",
    status_code=HTTP_202_ACCEPTED,
    responses=problem_responses(404, 422),
    **access("own.statements"),
)
async def ask_mine(db: Db, actor: Who, data: JSONBody[OwnStatementCreate]) -> StatementAccepted:
    """Ask for one's own statement as a paper."""
    await ask_statement(db, actor, actor.person, data.org_id, data.period)
    return StatementAccepted(state="being-made")


@get("/api/statements", **access("incentives.read"))
async def list_statements(db: Db, actor: Who, person_id: FromQuery[UUID | None] = None) -> list[StatementRead]:
    """The statements the unit issued."""
    rows = await issued_statements(db, person_id=person_id, org_id=actor.org)
    return [StatementRead.model_validate(row, from_attributes=True) for row in rows]


@post(
    "/api/statements",
    status_code=HTTP_202_ACCEPTED,
    responses=problem_responses(404, 422),
    **access("incentives.read"),
)
async def ask_for_person(db: Db, actor: Who, data: JSONBody[StatementCreate]) -> StatementAccepted:
    """Ask for the statement of somebody the unit owes."""
    await ask_statement(db, actor, data.person_id, actor.org, data.period)
    return StatementAccepted(state="being-made")


@get(
    "/api/statements/{statement_id:uuid}/file",
    responses=problem_responses(404, 409),
    **access("own.statements|incentives.read"),
)
async def statement_file(
    request: Request[Any, Any, Any], db: Db, actor: Who, statement_id: FromPath[UUID]
) -> Response[bytes]:
    """The paper of an issued statement: its person's, and the unit's for who may read incentives there."""
    row = await statement_for(db, statement_id)
    by_unit = row.org_id == actor.org_id and actor.may("incentives.read")
    if row.document_id is None or not (row.person_id == actor.person_id or by_unit):
        raise NotFound(what="incentive_statement")
    _, content = await paper(db, request.app.state.settings, row.document_id)
    name = f"attachment; filename*=UTF-8''statement-{row.period}-{row.id.hex[-6:]}.pdf"
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})


handlers = [
    list_payouts,
    new_payout,
    one_payout,
    decide_this,
    notice_this,
    new_objection,
    settle_this,
    clear_this,
    pay_this,
    reject_this,
    object_myself,
    my_statement,
    my_statements,
    ask_mine,
    list_statements,
    ask_for_person,
    statement_file,
]
