"""Corrections and new prints for machines: asked for, examined, decided."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED
from sqlalchemy.ext.asyncio import AsyncSession

from service.credentials.actions import (
    decide_correction,
    propose_correction,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from service.credentials.presenting import correction_read, correction_shown
from service.credentials.queries import (
    correction_for,
    corrections_of,
    corrections_waiting,
    credential,
    key_of,
    own_credential,
)
from service.credentials.schemas import CorrectionCreate, CorrectionRead, CorrectionShown, Decision, Refusal
from service.credentials.tables import CorrectionRequest
from service.foundation.keyring import Keyring, keyring_at
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses

ASKED = problem_responses(404, 409, 410, 422)
DECIDED = problem_responses(403, 404, 409, 410, 422)


def keyring() -> Keyring:
    """The installation's keyring."""
    return keyring_at(get_settings().keyring_path)


async def shown(db: AsyncSession, row: CorrectionRequest) -> CorrectionShown:
    """A correction with its words and its changes."""
    key = await key_of(db, keyring(), row)
    return correction_shown(row, await credential(db, row.credential_id), key)


@get(
    "/api/my/credentials/{credential_id:uuid}/corrections",
    responses=problem_responses(404, 410),
    **access("own.credentials"),
)
async def my_corrections(db: Db, actor: Who, credential_id: FromPath[UUID]) -> list[CorrectionRead]:
    """What was asked of one's own certificate, newest first, all versions of its number."""
    row = await own_credential(db, actor, credential_id)
    return [correction_read(one) for one in await corrections_of(db, row.number)]


@post(
    "/api/my/credentials/{credential_id:uuid}/corrections",
    status_code=HTTP_201_CREATED,
    responses=ASKED,
    **access("own.credentials"),
)
async def ask_for_mine(
    db: Db, actor: Who, credential_id: FromPath[UUID], data: JSONBody[CorrectionCreate]
) -> CorrectionRead:
    """Ask the base to correct one's own certificate or to print it anew; nothing changes until two people have agreed."""
    row = await request_correction(db, keyring(), get_settings(), actor, credential_id, **data.model_dump())
    await db.refresh(row)
    return correction_read(row)


@post(
    "/api/my/corrections/{correction_id:uuid}/withdraw",
    status_code=HTTP_200_OK,
    responses=ASKED,
    **access("own.credentials"),
)
async def take_back_mine(db: Db, actor: Who, correction_id: FromPath[UUID]) -> CorrectionRead:
    """Take one's own request back before the base proposes it."""
    return correction_read(await withdraw_correction(db, actor, correction_id))


@get("/api/corrections", responses=problem_responses(404), **access("credentials.read"))
async def corrections_open(db: Db, actor: Who) -> list[CorrectionRead]:
    """The organisation's corrections that are not settled, oldest first."""
    return [correction_read(one) for one, _ in await corrections_waiting(db, actor.org)]


@post(
    "/api/credentials/{credential_id:uuid}/corrections",
    status_code=HTTP_201_CREATED,
    responses=DECIDED,
    **access("credentials.propose"),
)
async def ask_for_base(
    db: Db, actor: Who, credential_id: FromPath[UUID], data: JSONBody[CorrectionCreate]
) -> CorrectionRead:
    """Ask for a correction as the base that issued the certificate."""
    row = await request_correction(
        db, keyring(), get_settings(), actor, credential_id, by_holder=False, **data.model_dump()
    )
    await db.refresh(row)
    return correction_read(row)


@get("/api/corrections/{correction_id:uuid}", responses=problem_responses(404, 410), **access("credentials.read"))
async def the_correction(db: Db, actor: Who, correction_id: FromPath[UUID]) -> CorrectionShown:
    """A correction with its words, and what it changes on the certificate."""
    return await shown(db, await correction_for(db, actor, correction_id))


@post(
    "/api/corrections/{correction_id:uuid}/propose",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.propose"),
)
async def propose_the_correction(db: Db, actor: Who, correction_id: FromPath[UUID]) -> CorrectionShown:
    """Examine a request and propose the certificate as it would be."""
    return await shown(db, await propose_correction(db, keyring(), get_settings(), actor, correction_id))


@post(
    "/api/corrections/{correction_id:uuid}/refuse",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.propose"),
)
async def refuse_the_correction(
    db: Db, actor: Who, correction_id: FromPath[UUID], data: JSONBody[Refusal]
) -> CorrectionRead:
    """Answer a request that the base does not propose."""
    return correction_read(await refuse_correction(db, actor, correction_id, data.reason))


@post(
    "/api/corrections/{correction_id:uuid}/decision",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.decide"),
)
async def decide_the_correction(
    db: Db, actor: Who, correction_id: FromPath[UUID], data: JSONBody[Decision]
) -> CorrectionRead:
    """Decide a proposed correction; from this answer on the earlier version is superseded everywhere."""
    row = await decide_correction(
        db, keyring(), get_settings(), actor, correction_id, approve=data.approve, reason=data.reason
    )
    return correction_read(row)


handlers = [
    my_corrections,
    ask_for_mine,
    take_back_mine,
    corrections_open,
    ask_for_base,
    the_correction,
    propose_the_correction,
    refuse_the_correction,
    decide_the_correction,
]
