"""The public check for machines: single, by file, and in bulk; share links of holders."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, head, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from service.credentials.queries import own_credential
from service.foundation import clock
from service.foundation.keyring import keyring_at
from service.settings import get_settings
from service.verification.actions import check_items, keep_check, share, take_back
from service.verification.errors import TooManyItems
from service.verification.queries import check_file, links_of, look_up, looks_of
from service.verification.schemas import (
    MOST_ITEMS,
    Answer,
    Batch,
    BatchAnswers,
    LinkCreate,
    LinkMade,
    LinkRead,
    LookRead,
    Question,
)
from service.web.access import PUBLIC, Who, access
from service.web.database import Db
from service.web.limits import LOOK_UP, LOOK_UP_WRONG, Rule, address_of
from service.web.problems import problem_responses

CHECKED = problem_responses(422, 429)
BATCH = Rule("look-up-batch", 30, 60)


def share_address(token: str) -> str:
    """The address of a share link."""
    return f"{get_settings().base_url.rstrip('/')}/s/{token}"


async def counted(request: Request[Any, Any, Any], answer: Answer) -> Answer:
    """Count what was not found against the caller's address, whatever was wrong with it."""
    if answer.state == "unknown":
        await request.app.state.limits.take(LOOK_UP_WRONG, address_of(request))
    return answer


@get("/api/verify/{number:str}", responses=CHECKED, **access(PUBLIC))
async def verify_by_code(
    request: Request[Any, Any, Any], db: Db, number: FromPath[str], code: FromQuery[str]
) -> Answer:
    """Check a certificate by its number and the check code printed under the QR code; `state` is `unknown` for none."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    keyring = keyring_at(get_settings().keyring_path)
    return await counted(request, await look_up(db, keyring, number=number, code=code, way="code"))


@head("/api/verify/{number:str}", **access(PUBLIC, no_session=True))
async def verify_head(number: FromPath[str]) -> None:
    """The check is there; nothing is looked up."""


@post("/api/verify", status_code=HTTP_200_OK, responses=CHECKED, **access(PUBLIC))
async def verify(request: Request[Any, Any, Any], db: Db, data: JSONBody[Question]) -> Answer:
    """Check a certificate by number with the holder's name or the check code; names never stand in an address."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    keyring = keyring_at(get_settings().keyring_path)
    return await counted(request, await look_up(db, keyring, number=data.number, name=data.name, code=data.code))


@post("/api/verify/credential", status_code=HTTP_200_OK, responses=CHECKED, **access(PUBLIC))
async def verify_file(request: Request[Any, Any, Any], db: Db) -> Answer:
    """Check a credential file (`application/vc`, sent as the body) against the issuer's own record."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    return await counted(request, await check_file(db, get_settings(), await request.body()))


@post(
    "/api/verify/batch",
    status_code=HTTP_200_OK,
    responses=problem_responses(401, 403, 422, 429),
    **access("verification.batch", scope="verification.batch"),
)
async def verify_batch(request: Request[Any, Any, Any], db: Db, actor: Who, data: JSONBody[Batch]) -> BatchAnswers:
    """Check up to 1,000 certificates; each holder sees that the organisation looked."""
    if len(data.items) > MOST_ITEMS:
        raise TooManyItems(field="items", limit=MOST_ITEMS)
    await request.app.state.limits.take(BATCH, str(actor.org_id))
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    answers = await check_items(db, keyring, settings, actor, data.items)
    await keep_check(db, keyring, actor, [one.answer for one in answers])
    return BatchAnswers(checked_at=clock.now(), items=answers)


@get(
    "/api/my/credentials/{credential_id:uuid}/share-links",
    responses=problem_responses(404),
    **access("own.credentials"),
)
async def my_links(db: Db, actor: Who, credential_id: FromPath[UUID]) -> list[LinkRead]:
    """One's own share links of a certificate."""
    row = await own_credential(db, actor, credential_id)
    return [LinkRead.model_validate(one) for one in await links_of(db, row.id)]


@post(
    "/api/my/credentials/{credential_id:uuid}/share-links",
    status_code=HTTP_201_CREATED,
    responses=problem_responses(404, 422),
    **access("own.credentials"),
)
async def share_mine(db: Db, actor: Who, credential_id: FromPath[UUID], data: JSONBody[LinkCreate]) -> LinkMade:
    """Share one's own certificate for a time; the address is shown this once."""
    link, token = await share(db, actor, credential_id, data.days)
    await db.refresh(link)
    return LinkMade(**LinkRead.model_validate(link).model_dump(), address=share_address(token))


@delete("/api/my/share-links/{link_id:uuid}", responses=problem_responses(404), **access("own.credentials"))
async def unshare_mine(db: Db, actor: Who, link_id: FromPath[UUID]) -> None:
    """Take a share link back at once."""
    await take_back(db, actor, link_id)


@get(
    "/api/my/credentials/{credential_id:uuid}/look-ups",
    responses=problem_responses(404),
    **access("own.credentials"),
)
async def my_looks(db: Db, actor: Who, credential_id: FromPath[UUID]) -> list[LookRead]:
    """Who looked one's own certificate up."""
    row = await own_credential(db, actor, credential_id)
    return await looks_of(db, row.id)


handlers = [
    verify_by_code,
    verify_head,
    verify,
    verify_file,
    verify_batch,
    my_links,
    share_mine,
    unshare_mine,
    my_looks,
]
