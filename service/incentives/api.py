"""Plans, agreements and revenue events for machines."""

from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.paging import Page
from service.incentives.actions import (
    correct_event,
    create_plan,
    decide_version,
    draft_version,
    propose_version,
    record_event,
    redraft_version,
    reverse_event,
    sign_agreement,
)
from service.incentives.queries import (
    Bound,
    accruals_of,
    agreement_for,
    agreements_of,
    event_for,
    events_of,
    plan_for,
    plans_of,
    versions_of,
)
from service.incentives.schemas import (
    AccrualRead,
    AgreementCreate,
    AgreementRead,
    CorrectionCreate,
    DecisionCreate,
    EventCreate,
    EventRead,
    LineRead,
    PartyRead,
    PlanCreate,
    PlanRead,
    ReversalCreate,
    VersionCreate,
    VersionRead,
)
from service.incentives.tables import RevenueEvent
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses

RECORD = "incentives.record"
READ = "incentives.read"


def agreement_read(bound: Bound) -> AgreementRead:
    """An agreement as it is answered."""
    return AgreementRead(
        **bound.agreement.model_dump(include={"id", "contract_id", "plan_version_id", "signed_on"}),
        base_fen=bound.bucket.base_fen,
        earned_fen=bound.bucket.earned_fen,
        parties=[PartyRead.model_validate(one, from_attributes=True) for one in bound.parties],
    )


async def events_read(db: AsyncSession, rows: list[RevenueEvent]) -> list[EventRead]:
    """Events with what they earned, from what is stored: the same whenever it is asked."""
    by_event: dict[UUID, list[AccrualRead]] = {row.id: [] for row in rows}
    for accrual, lines in await accruals_of(db, by_event):
        read = [LineRead.model_validate(line, from_attributes=True) for line in lines]
        by_event[accrual.event_id].append(AccrualRead(**accrual.model_dump(exclude={"created_at"}), lines=read))
    return [EventRead(**row.model_dump(exclude={"digest", "org_id"}), accruals=by_event[row.id]) for row in rows]


async def event_answer(db: AsyncSession, row: RevenueEvent, fresh: bool) -> Response[EventRead]:
    """201 for a new event, 200 with the same content for one that was known."""
    return Response((await events_read(db, [row]))[0], status_code=201 if fresh else 200)


@get("/api/plans", **access(READ))
async def list_plans(db: Db, actor: Who) -> list[PlanRead]:
    """The organisation's plans."""
    return [PlanRead.model_validate(row, from_attributes=True) for row in await plans_of(db, actor)]


@post("/api/plans", responses=problem_responses(409, 422), **access(RECORD))
async def new_plan(db: Db, actor: Who, data: JSONBody[PlanCreate]) -> PlanRead:
    """A new plan."""
    return PlanRead.model_validate(await create_plan(db, actor, data), from_attributes=True)


@get("/api/plans/{plan_id:uuid}/versions", responses=problem_responses(404), **access(READ))
async def list_versions(db: Db, actor: Who, plan_id: FromPath[UUID]) -> list[VersionRead]:
    """A plan's versions, newest first."""
    plan = await plan_for(db, actor, plan_id)
    return [VersionRead.model_validate(row, from_attributes=True) for row in await versions_of(db, [plan.id])]


@post("/api/plans/{plan_id:uuid}/versions", responses=problem_responses(404, 422), **access(RECORD))
async def new_version(db: Db, actor: Who, plan_id: FromPath[UUID], data: JSONBody[VersionCreate]) -> VersionRead:
    """A draft of the next version, held against the cited rules."""
    return VersionRead.model_validate(await draft_version(db, actor, plan_id, data), from_attributes=True)


@put("/api/plan-versions/{version_id:uuid}", responses=problem_responses(404, 409, 422), **access(RECORD))
async def change_version(db: Db, actor: Who, version_id: FromPath[UUID], data: JSONBody[VersionCreate]) -> VersionRead:
    """Change a draft."""
    return VersionRead.model_validate(await redraft_version(db, actor, version_id, data), from_attributes=True)


@post(
    "/api/plan-versions/{version_id:uuid}/proposal",
    status_code=200,
    responses=problem_responses(404, 409),
    **access(RECORD),
)
async def propose_this(db: Db, actor: Who, version_id: FromPath[UUID]) -> VersionRead:
    """Propose a draft for approval."""
    return VersionRead.model_validate(await propose_version(db, actor, version_id), from_attributes=True)


@post(
    "/api/plan-versions/{version_id:uuid}/decision",
    status_code=200,
    responses=problem_responses(403, 404, 409),
    **access("incentives.approve"),
)
async def decide_this(db: Db, actor: Who, version_id: FromPath[UUID], data: JSONBody[DecisionCreate]) -> VersionRead:
    """Put a proposed version in force, or give it back."""
    return VersionRead.model_validate(await decide_version(db, actor, version_id, data), from_attributes=True)


@get("/api/agreements", **access(READ))
async def list_agreements(db: Db, actor: Who, contract_id: FromQuery[UUID | None] = None) -> list[AgreementRead]:
    """The organisation's agreements."""
    return [agreement_read(one) for one in await agreements_of(db, actor, contract_id)]


@post("/api/agreements", responses=problem_responses(404, 409, 422), **access(RECORD))
async def new_agreement(db: Db, actor: Who, data: JSONBody[AgreementCreate]) -> AgreementRead:
    """Sign an agreement."""
    row = await sign_agreement(db, actor, data)
    return agreement_read(await agreement_for(db, actor, row.id))


@get("/api/agreements/{agreement_id:uuid}", responses=problem_responses(404), **access(READ))
async def one_agreement(db: Db, actor: Who, agreement_id: FromPath[UUID]) -> AgreementRead:
    """One agreement."""
    return agreement_read(await agreement_for(db, actor, agreement_id))


@get("/api/revenue-events", **access(READ))
async def list_events(
    db: Db,
    actor: Who,
    contract_id: FromQuery[UUID | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[EventRead]:
    """The organisation's revenue events, last recorded first."""
    rows, following = await events_of(db, actor, contract_id=contract_id, after=after, limit=limit)
    return Page(rows=await events_read(db, rows), next=following)


@post("/api/revenue-events", responses=problem_responses(404, 409, 422), **access(RECORD))
async def new_event(db: Db, actor: Who, data: JSONBody[EventCreate]) -> Response[EventRead]:
    """Record a revenue event once: 201, the same again 200 with the same answer, other content 409."""
    row, fresh = await record_event(db, actor, data)
    return await event_answer(db, row, fresh)


@get("/api/revenue-events/{event_id:uuid}", responses=problem_responses(404), **access(READ))
async def one_event(db: Db, actor: Who, event_id: FromPath[UUID]) -> EventRead:
    """One revenue event with what it earned."""
    return (await events_read(db, [await event_for(db, actor, event_id)]))[0]


@post("/api/revenue-events/{event_id:uuid}/reversal", responses=problem_responses(404, 409, 422), **access(RECORD))
async def reverse_this(
    db: Db, actor: Who, event_id: FromPath[UUID], data: JSONBody[ReversalCreate]
) -> Response[EventRead]:
    """Reverse a wrong event once; its stored parts are swapped."""
    row, fresh = await reverse_event(db, actor, event_id, data)
    return await event_answer(db, row, fresh)


@post("/api/revenue-events/{event_id:uuid}/correction", responses=problem_responses(404, 409, 422), **access(RECORD))
async def correct_this(
    db: Db, actor: Who, event_id: FromPath[UUID], data: JSONBody[CorrectionCreate]
) -> Response[EventRead]:
    """Reverse a wrong event and record the right one, both or neither."""
    row, fresh = await correct_event(db, actor, event_id, data)
    return await event_answer(db, row, fresh)


handlers = [
    list_plans,
    new_plan,
    list_versions,
    new_version,
    change_version,
    propose_this,
    decide_this,
    list_agreements,
    new_agreement,
    one_agreement,
    list_events,
    new_event,
    one_event,
    reverse_this,
    correct_this,
]
