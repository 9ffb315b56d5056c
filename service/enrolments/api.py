"""The enrolments room for machines: apply, list, enrol by hand, withdraw, refuse, transfer, one's own."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncSession

from service.enrolments.actions import apply, enrol_by_hand, refuse, transfer, withdraw
from service.enrolments.queries import Own, enrolment_for, listed, own_enrolments, waiting_position
from service.enrolments.schemas import (
    ApplicationCreate,
    EnrolmentRead,
    ModuleProgressRead,
    OwnEnrolmentRead,
    PersonByHand,
    RefusalCreate,
    StaffEnrolmentRead,
    TransferCreate,
)
from service.enrolments.tables import Enrolment
from service.foundation.keyring import keyring_at
from service.settings import get_settings
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

REFUSALS = problem_responses(403, 404, 409, 422)


async def read(db: AsyncSession, row: Enrolment) -> EnrolmentRead:
    """An enrolment with its place in the waiting list."""
    return EnrolmentRead(**row.model_dump(exclude={"org_id"}), waiting_position=await waiting_position(db, row.id))


def read_own(one: Own) -> OwnEnrolmentRead:
    """One's own enrolment."""
    meeting: dict[str, Any] | None = None
    if one.next_meeting is not None:
        meeting = {"starts_at": one.next_meeting.starts_at, "ends_at": one.next_meeting.ends_at}
        meeting |= {"course_code": one.next_meeting.course_code, "room": one.next_meeting.room}
    return OwnEnrolmentRead(
        **one.enrolment.model_dump(exclude={"org_id"}),
        waiting_position=one.position,
        code=one.session.code,
        title=one.session.title,
        next_meeting=meeting,
        minutes_per_period=one.progress.minutes_per_period,
        earned=one.progress.earned,
        needed=one.progress.needed,
        missing=one.progress.missing,
        modules=[
            ModuleProgressRead(
                module=part.module,
                title=dict(part.title),
                earned=part.earned,
                needed=part.needed,
                missing=part.missing,
            )
            for part in one.progress.modules
        ],
    )


@post("/api/courses/{session_id:uuid}/apply", responses=REFUSALS, **access(SIGNED_IN))
async def apply_for(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[ApplicationCreate]) -> EnrolmentRead:
    """Apply for a published course session: a seat, or a place in the waiting list."""
    return await read(db, await apply(db, actor, session_id, consent=data.consent))


@get("/api/my/enrolments", **access("own.enrolments"))
async def my_enrolments(db: Db, actor: Who) -> list[OwnEnrolmentRead]:
    """One's own enrolments with hours so far and what is missing."""
    return [read_own(one) for one in await own_enrolments(db, actor)]


@get("/api/enrolments/{enrolment_id:uuid}", responses=problem_responses(404), **access(SIGNED_IN))
async def one_enrolment(db: Db, actor: Who, enrolment_id: FromPath[UUID]) -> EnrolmentRead:
    """One enrolment, to its person and its base."""
    return await read(db, await enrolment_for(db, actor, enrolment_id))


@get("/api/sessions/{session_id:uuid}/enrolments", responses=problem_responses(404), **access("enrolments.read"))
async def list_enrolments(db: Db, actor: Who, session_id: FromPath[UUID]) -> list[StaffEnrolmentRead]:
    """Everyone in a session of the base."""
    return [
        StaffEnrolmentRead(
            **one.enrolment.model_dump(exclude={"org_id"}),
            waiting_position=one.position,
            name=one.name,
            employer=one.employer,
            minutes=one.minutes,
            admitted_by_number=one.admitted.number if one.admitted else None,
            admitted_by_claim=one.admitted.claimed_by_org_id is not None if one.admitted else None,
        )
        for one in await listed(db, actor, session_id)
    ]


@post("/api/sessions/{session_id:uuid}/enrolments", responses=REFUSALS, **access("enrolments.manage"))
async def enrol(db: Db, actor: Who, session_id: FromPath[UUID], data: JSONBody[PersonByHand]) -> EnrolmentRead:
    """Enrol a person by identity document."""
    keyring = keyring_at(get_settings().keyring_path)
    return await read(db, await enrol_by_hand(db, keyring, actor, session_id, data))


@post("/api/enrolments/{enrolment_id:uuid}/withdraw", status_code=HTTP_200_OK, responses=REFUSALS, **access(SIGNED_IN))
async def withdraw_from(db: Db, actor: Who, enrolment_id: FromPath[UUID]) -> EnrolmentRead:
    """Withdraw: the seat goes to the first in line at once."""
    return await read(db, await withdraw(db, actor, enrolment_id))


@post(
    "/api/enrolments/{enrolment_id:uuid}/refuse",
    status_code=HTTP_200_OK,
    responses=REFUSALS,
    **access("enrolments.manage"),
)
async def refuse_one(db: Db, actor: Who, enrolment_id: FromPath[UUID], data: JSONBody[RefusalCreate]) -> EnrolmentRead:
    """Refuse an application with a reason the person reads."""
    return await read(db, await refuse(db, actor, enrolment_id, data.reason))


@post("/api/enrolments/{enrolment_id:uuid}/transfer", responses=REFUSALS, **access("enrolments.manage"))
async def transfer_one(
    db: Db, actor: Who, enrolment_id: FromPath[UUID], data: JSONBody[TransferCreate]
) -> EnrolmentRead:
    """Move a seat to another session of the base; answers with the new enrolment."""
    return await read(db, await transfer(db, actor, enrolment_id, data.session_id))


handlers = [
    apply_for,
    my_enrolments,
    one_enrolment,
    list_enrolments,
    enrol,
    withdraw_from,
    refuse_one,
    transfer_one,
]
