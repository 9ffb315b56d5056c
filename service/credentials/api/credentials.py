"""The credentials room for machines: issuing lists, certificates, and what an issuer publishes for everyone."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED
from sqlalchemy.ext.asyncio import AsyncSession

from certificates.keys import did_document, did_of_base, jwks
from service.approvals.tables import Approval
from service.courses.queries import session_by_id
from service.credentials.actions import decide_change, decide_list, draw_up_list, propose_change, propose_list
from service.credentials.presenting import address_of_paper, credential_read, entry_read, list_read
from service.credentials.publishing import signed_status_list
from service.credentials.queries import (
    counts_of,
    credential_for,
    credentials_of,
    credentials_of_org,
    entries_shown,
    facts_of,
    issuer_keys,
    key_of,
    list_for,
    lists_of,
    own_credential,
    signed_of,
)
from service.credentials.schemas import (
    ChangeCreate,
    CredentialRead,
    CredentialShown,
    Decision,
    ListCreate,
    ListRead,
    ListShown,
    ProposalRead,
)
from service.credentials.tables import Credential, IssuingList
from service.documents.actions import facts_of as facts_of_paper
from service.documents.queries import document
from service.editions.queries import syllabus_of
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import keyring_at
from service.people.actions import personal_key
from service.settings import get_settings
from service.web.access import PUBLIC, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

DECIDED = problem_responses(403, 404, 409, 422)
VC = "application/vc"


async def shown_list(db: AsyncSession, row: IssuingList) -> ListShown:
    """An issuing list with its entries."""
    session = await session_by_id(db, row.course_session_id)
    syllabus = await syllabus_of(db, session.syllabus_id)
    read = list_read(row, (await counts_of(db, [row.id])).get(row.id))
    entries = [entry_read(one, syllabus) for one in await entries_shown(db, row.id)]
    return ListShown(**read.model_dump(), entries=entries)


def proposal_read(approval: Approval) -> ProposalRead:
    """An open approval."""
    return ProposalRead(
        approval_id=approval.id, subject_id=approval.subject_id, step=approval.step, digest=approval.subject_digest
    )


async def shown_credential(db: AsyncSession, row: Credential) -> CredentialShown:
    """A credential with its frozen facts, opened with the person's own key."""
    settings = get_settings()
    key = await key_of(db, keyring_at(settings.keyring_path), row)
    # what the current paper says: a new print has its own check code, address and count
    printed = None if row.document_id is None else facts_of_paper(await document(db, row.document_id), key)
    return CredentialShown(
        **credential_read(row).model_dump(),
        check_code=row.check_code,
        verification_address=address_of_paper(settings, row),
        facts=printed or facts_of(row, key).to_data(),
    )


@get("/api/issuing-lists", responses=problem_responses(404), **access("credentials.read"))
async def list_lists(db: Db, actor: Who, course_session_id: FromQuery[UUID | None] = None) -> list[ListRead]:
    """The organisation's issuing lists, newest first."""
    rows = await lists_of(db, actor.org, course_session_id)
    counts = await counts_of(db, [one.id for one in rows])
    return [list_read(one, counts.get(one.id)) for one in rows]


@post(
    "/api/issuing-lists",
    status_code=HTTP_201_CREATED,
    responses=DECIDED,
    **access("credentials.propose"),
)
async def draw_up(db: Db, actor: Who, data: JSONBody[ListCreate]) -> ListShown:
    """Draw up an issuing list (拟发证名单): everyone trained, eligible or why not; a draft is drawn up anew."""
    return await shown_list(db, await draw_up_list(db, actor, data.course_session_id, data.kind))


@get("/api/issuing-lists/{list_id:uuid}", responses=problem_responses(404), **access("credentials.read"))
async def one_list(db: Db, actor: Who, list_id: FromPath[UUID]) -> ListShown:
    """An issuing list with its entries."""
    return await shown_list(db, await list_for(db, actor, list_id))


@post(
    "/api/issuing-lists/{list_id:uuid}/propose",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.propose"),
)
async def propose_one(db: Db, actor: Who, list_id: FromPath[UUID]) -> ProposalRead:
    """Propose a drawn-up list for decision."""
    return proposal_read(await propose_list(db, actor, list_id))


@post(
    "/api/issuing-lists/{list_id:uuid}/decision",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.decide"),
)
async def decide_one(db: Db, actor: Who, list_id: FromPath[UUID], data: JSONBody[Decision]) -> ListRead:
    """Approve or refuse a list, as one who neither proposed it, nor taught, nor marked; approval starts the issue."""
    row = await decide_list(db, actor, list_id, approve=data.approve, reason=data.reason)
    return list_read(row, (await counts_of(db, [row.id])).get(row.id))


@get("/api/credentials", responses=problem_responses(404), **access("credentials.read"))
async def issued_credentials(db: Db, actor: Who, number: FromQuery[str | None] = None) -> list[CredentialRead]:
    """The certificates the organisation issued, newest first."""
    return [credential_read(one) for one in await credentials_of_org(db, actor.org, number)]


@get("/api/credentials/{credential_id:uuid}", responses=problem_responses(404, 410), **access("credentials.read"))
async def one_credential(db: Db, actor: Who, credential_id: FromPath[UUID]) -> CredentialShown:
    """A certificate of the organisation with its facts."""
    return await shown_credential(db, await credential_for(db, actor, credential_id))


@post(
    "/api/credentials/{credential_id:uuid}/changes",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.revoke_propose"),
)
async def propose_state(
    db: Db, actor: Who, credential_id: FromPath[UUID], data: JSONBody[ChangeCreate]
) -> ProposalRead:
    """Propose to suspend, reinstate or revoke."""
    return proposal_read(
        await propose_change(db, actor, credential_id, to_state=data.to_state, reason=data.reason, note=data.note)
    )


@post(
    "/api/credentials/{credential_id:uuid}/changes/decision",
    status_code=HTTP_200_OK,
    responses=DECIDED,
    **access("credentials.revoke_decide"),
)
async def decide_state(db: Db, actor: Who, credential_id: FromPath[UUID], data: JSONBody[Decision]) -> CredentialRead:
    """Decide a proposed change of state; once answered, no look-up says otherwise."""
    return credential_read(await decide_change(db, actor, credential_id, approve=data.approve, reason=data.reason))


def own_person(actor: Actor) -> UUID:
    """The signed-in person; NotFound for an account without one."""
    if actor.person_id is None:
        raise NotFound(what="person")
    return actor.person_id


@get("/api/my/credentials", responses=problem_responses(401), **access("own.credentials"))
async def my_credentials(db: Db, actor: Who) -> list[CredentialRead]:
    """One's own certificates, newest first."""
    if actor.person_id is None:
        return []
    return [credential_read(one) for one in await credentials_of(db, actor.person_id)]


@get("/api/my/credentials/{credential_id:uuid}", responses=problem_responses(404, 410), **access("own.credentials"))
async def my_credential(db: Db, actor: Who, credential_id: FromPath[UUID]) -> CredentialShown:
    """One's own certificate with its facts."""
    return await shown_credential(db, await own_credential(db, actor, credential_id))


@get(
    "/api/my/credentials/{credential_id:uuid}/signed",
    media_type=VC,
    responses=problem_responses(404, 410),
    **access("own.credentials"),
)
async def my_signed_credential(db: Db, actor: Who, credential_id: FromPath[UUID]) -> Response[bytes]:
    """One's own certificate as a W3C Verifiable Credential with its proof, byte for byte as it was signed."""
    row = await own_credential(db, actor, credential_id)
    key = await personal_key(db, keyring_at(get_settings().keyring_path), own_person(actor))
    return Response(signed_of(row, key), media_type=VC)


@get(
    "/credentials/status/{base_code:str}/{purpose:str}",
    media_type=VC,
    responses=problem_responses(404),
    **access(PUBLIC),
)
async def status_list(
    request: Request[Any, Any, Any], db: Db, base_code: FromPath[str], purpose: FromPath[str]
) -> Response[bytes]:
    """A base's signed Bitstring Status List (`revocation` or `suspension`)."""
    settings = get_settings()
    content = await signed_status_list(db, keyring_at(settings.keyring_path), settings, base_code, purpose)
    return Response(content, media_type=VC, headers={"Cache-Control": "public, max-age=60"})


def code_of(slot: str) -> str:
    """The base code in `b07`; NotFound for anything else."""
    if len(slot) != 3 or not slot.startswith("b") or not slot[1:].isdigit():
        raise NotFound(what="issuer")
    return slot[1:]


PUBLISHED = {"Cache-Control": "public, max-age=300"}


@get(
    "/bases/{slot:str}/did.json", media_type="application/did+json", responses=problem_responses(404), **access(PUBLIC)
)
async def issuer_document(db: Db, slot: FromPath[str]) -> Response[dict[str, Any]]:
    """The DID document of an issuing base (did:web): its keys, the compromised left out."""
    base, keys = await issuer_keys(db, code_of(slot))
    document = did_document(did_of_base(get_settings().public_host, base.code), keys)
    return Response(document, media_type="application/did+json", headers=PUBLISHED)


@get(
    "/bases/{slot:str}/jwks.json",
    media_type="application/jwk-set+json",
    responses=problem_responses(404),
    **access(PUBLIC),
)
async def issuer_key_set(db: Db, slot: FromPath[str]) -> Response[dict[str, Any]]:
    """The same keys as a JSON Web Key Set."""
    base, keys = await issuer_keys(db, code_of(slot))
    return Response(
        jwks(did_of_base(get_settings().public_host, base.code), keys),
        media_type="application/jwk-set+json",
        headers=PUBLISHED,
    )


handlers = [
    list_lists,
    draw_up,
    one_list,
    propose_one,
    decide_one,
    issued_credentials,
    one_credential,
    propose_state,
    decide_state,
    my_credentials,
    my_credential,
    my_signed_credential,
    status_list,
    issuer_document,
    issuer_key_set,
]
