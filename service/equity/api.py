"""Equity grants for machines."""

from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.errors import DateAhead
from service.equity.actions import decide_ending, decide_grant, propose_ending, propose_grant, vest_as_of
from service.equity.queries import grant_for, grants_of, to_come, vested_by_books
from service.equity.schemas import EndingCreate, GrantCreate, GrantDecision, GrantRead, StepRead, VestingBooked
from service.equity.tables import EquityGrant
from service.foundation import clock
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses

RECORD = "equity.record"
READ = "incentives.read"
APPROVE = "incentives.approve"


async def grants_read(db: AsyncSession, rows: list[EquityGrant], day: date) -> list[GrantRead]:
    """Grants as they are answered."""
    booked = await vested_by_books(db, [row.id for row in rows])
    return [
        GrantRead(
            **row.model_dump(exclude={"created_at", "org_id"}),
            vested=booked[row.id],
            to_come=[StepRead(day=when, shares=shares) for when, shares in to_come(row, day)],
        )
        for row in rows
    ]


@get("/api/equity-grants", **access(READ))
async def list_grants(db: Db, actor: Who) -> list[GrantRead]:
    """The organisation's grants."""
    return await grants_read(db, await grants_of(db, actor), clock.today())


@post("/api/equity-grants", responses=problem_responses(404, 409, 422), **access(RECORD))
async def new_grant(db: Db, actor: Who, data: JSONBody[GrantCreate]) -> GrantRead:
    """Propose a grant of shares; a second person grants it."""
    row = await propose_grant(db, actor, data)
    return (await grants_read(db, [row], clock.today()))[0]


@get("/api/equity-grants/{grant_id:uuid}", responses=problem_responses(404), **access(READ))
async def one_grant(db: Db, actor: Who, grant_id: FromPath[UUID]) -> GrantRead:
    """One grant."""
    return (await grants_read(db, [await grant_for(db, actor, grant_id)], clock.today()))[0]


@post(
    "/api/equity-grants/{grant_id:uuid}/decision",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access(APPROVE),
)
async def decide_one(db: Db, actor: Who, grant_id: FromPath[UUID], data: JSONBody[GrantDecision]) -> GrantRead:
    """Grant what was proposed, or refuse it, as a second person."""
    return (await grants_read(db, [await decide_grant(db, actor, grant_id, data)], clock.today()))[0]


@post("/api/equity-grants/{grant_id:uuid}/ending", responses=problem_responses(404, 409, 422), **access(RECORD))
async def end_one(db: Db, actor: Who, grant_id: FromPath[UUID], data: JSONBody[EndingCreate]) -> GrantRead:
    """Propose that a grant vests no further after a day."""
    return (await grants_read(db, [await propose_ending(db, actor, grant_id, data)], clock.today()))[0]


@post(
    "/api/equity-grants/{grant_id:uuid}/ending/decision",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access(APPROVE),
)
async def decide_end(db: Db, actor: Who, grant_id: FromPath[UUID], data: JSONBody[GrantDecision]) -> GrantRead:
    """End the grant or let it go on, as a second person."""
    return (await grants_read(db, [await decide_ending(db, actor, grant_id, data)], clock.today()))[0]


@post("/api/equity-vesting/{as_of:date}", status_code=200, responses=problem_responses(422), **access(RECORD))
async def book_vesting(db: Db, actor: Who, as_of: FromPath[date]) -> VestingBooked:
    """Book what has vested by the end of a day that has come."""
    if as_of > clock.today():
        raise DateAhead(field="as_of", day=as_of.isoformat())
    return VestingBooked(as_of=as_of, grants=await vest_as_of(db, as_of))


handlers = [list_grants, new_grant, one_grant, decide_one, end_one, decide_end, book_vesting]
