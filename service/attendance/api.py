"""The attendance room for machines: a meeting's list, a mark, hours of an enrolment."""

from uuid import UUID

from litestar import get, put
from litestar.params import FromPath, JSONBody

from service.attendance.actions import record
from service.attendance.queries import hours_of, list_of
from service.attendance.schemas import AttendanceRead, ListLineRead, MarkCreate
from service.enrolments.queries import enrolment_for
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

REFUSALS = problem_responses(403, 404, 409, 422)


@get("/api/meetings/{meeting_id:uuid}/attendance", responses=REFUSALS, **access("attendance.record"))
async def meeting_list(db: Db, actor: Who, meeting_id: FromPath[UUID]) -> list[ListLineRead]:
    """Everyone with a seat, and what is recorded of them at this meeting."""
    return [
        ListLineRead(
            enrolment_id=line.enrolment.id,
            name=line.name,
            presence=line.attendance.presence if line.attendance else None,
            minutes=line.attendance.minutes if line.attendance else None,
        )
        for line in (await list_of(db, actor, meeting_id)).lines
    ]


@put(
    "/api/meetings/{meeting_id:uuid}/attendance/{enrolment_id:uuid}",
    responses=REFUSALS,
    **access("attendance.record"),
)
async def mark(
    db: Db, actor: Who, meeting_id: FromPath[UUID], enrolment_id: FromPath[UUID], data: JSONBody[MarkCreate]
) -> AttendanceRead:
    """Record one person at one meeting; the same again changes nothing, another mark corrects."""
    row = await record(db, actor, meeting_id, enrolment_id, data.presence, data.minutes, source="api")
    return AttendanceRead.model_validate(row, from_attributes=True)


@get("/api/enrolments/{enrolment_id:uuid}/hours", responses=problem_responses(404), **access(SIGNED_IN))
async def hours(db: Db, actor: Who, enrolment_id: FromPath[UUID]) -> dict[str, int]:
    """Minutes by module from the ledger, to the person and the base."""
    row = await enrolment_for(db, actor, enrolment_id)
    return await hours_of(db, row.id)


handlers = [meeting_list, mark, hours]
