"""Pages of the public check and of holders: one calm answer, certificates, share links, who looked."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, head, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.credentials.presenting import address_of_paper, credential_read
from service.credentials.queries import (
    changes_of,
    credential,
    credentials_of,
    current_version,
    facts_of,
    key_of,
    own_credential,
    signed_of,
)
from service.credentials.rules.states import REASON_TITLES, STATE_TITLES
from service.credentials.tables import Credential
from service.documents.queries import document, paper
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later
from service.people.queries import persons
from service.settings import get_settings
from service.verification.actions import share, take_back
from service.verification.errors import CodeMistyped, NumberMistyped
from service.verification.queries import (
    code_typed,
    links_of,
    look_up,
    looks_of,
    number_typed,
    open_link,
    public_credential,
)
from service.verification.rules import LINK_DAYS, SAID, SPECIMEN, WAYS
from service.verification.schemas import Answer, LinkForm, Question
from service.web.access import PUBLIC, Who, access, actor_in
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import LOOK_UP, LOOK_UP_WRONG, address_of
from service.web.templating import page, redirect

VC = "application/vc"
UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}


async def answer_page(
    request: Request[Any, Any, Any], answer: Answer, form: Submission[Any] | None = None, status: int = 200
) -> Response[str]:
    """The one answer of a check; what was not found counts against the caller's address, whatever was wrong with it."""
    if answer.state == "unknown":
        await request.app.state.limits.take(LOOK_UP_WRONG, address_of(request))
    response = page(
        request,
        "verification/answer.html",
        status=status,
        answer=answer,
        said_states=SAID,
        said_of=SAID[answer.state],
        specimen_said=SPECIMEN,
        reason=REASON_TITLES.get(answer.reason or "", ""),
    )
    response.headers.update(UNLISTED)
    return response


@get("/verify", **access(PUBLIC))
async def verify_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form of the public check; no account is needed."""
    form: Submission[Question] = Submission()
    return page(request, "verification/verify.html", form=form)


@head("/verify", **access(PUBLIC, no_session=True))
async def verify_page_head() -> None:
    """The check is there."""


@post("/verify", status_code=200, **access(PUBLIC))
async def verify(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Check by number with name or code; sent in the body, so that no name stands in an address."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    form = await read_form(request, Question)
    if form.data is not None:
        given = form.data
        keyring = keyring_at(get_settings().keyring_path)
        answer = await attempt(
            db, form, lambda: look_up(db, keyring, number=given.number, name=given.name, code=given.code)
        )
        if answer is not None:
            return await answer_page(request, answer)
    return page(request, "verification/verify.html", status=422, form=form)


@get(["/V/{number:str}/{code:str}", "/v/{number:str}/{code:str}"], **access(PUBLIC))
async def by_qr(request: Request[Any, Any, Any], db: Db, number: FromPath[str], code: FromPath[str]) -> Response[str]:
    """The address in the QR code."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    keyring = keyring_at(get_settings().keyring_path)
    try:
        number_typed(number)
        code_typed(code)
    except (NumberMistyped, CodeMistyped) as refusal:
        form: Submission[Question] = Submission({"number": number[:60], "code": code[:40]})
        form.refuse(refusal)
        return page(request, "verification/verify.html", status=422, form=form)
    return await answer_page(request, await look_up(db, keyring, number=number, code=code, way="qr"))


@head(["/V/{number:str}/{code:str}", "/v/{number:str}/{code:str}"], **access(PUBLIC, no_session=True))
async def by_qr_head(number: FromPath[str], code: FromPath[str]) -> None:
    """The check is there; nothing is looked up."""


def wants_credential(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller asks for the signed credential rather than a page."""
    accepted = request.headers.get("accept", "")
    return "text/html" not in accepted and any(
        one in accepted for one in (VC, "application/json", "application/ld+json")
    )


@get("/credentials/{credential_id:uuid}", **access(PUBLIC))
async def at_own_address(request: Request[Any, Any, Any], db: Db, credential_id: FromPath[UUID]) -> Response[Any]:
    """A credential's own address: the signed credential for its holder who asks for it, the public page for all others."""
    actor = actor_in(request.scope)
    if actor is not None and actor.person_id is not None and wants_credential(request):
        row = next((one for one in await credentials_of(db, actor.person_id) if one.id == credential_id), None)
        if row is not None:
            return await signed_answer(db, row)
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    return await answer_page(request, await public_credential(db, credential_id))


async def signed_answer(db: AsyncSession, row: Credential) -> Response[bytes]:
    """The signed credential, byte for byte, to be saved under its number."""
    key = await key_of(db, keyring_at(get_settings().keyring_path), row)
    headers = {"Content-Disposition": f'attachment; filename="{row.number}.json"', **UNLISTED}
    return Response(signed_of(row, key), media_type=VC, headers=headers)


async def paper_answer(db: AsyncSession, row: Credential) -> Response[bytes]:
    """The PDF, to be saved under its number. Raises PaperNotReady."""
    if row.document_id is None:
        raise NotFound(what="document")
    _, content = await paper(db, get_settings(), row.document_id)
    headers = {"Content-Disposition": f'attachment; filename="{row.number}.pdf"', **UNLISTED}
    return Response(content, media_type="application/pdf", headers=headers)


@get("/s/{token:str}", **access(PUBLIC))
async def shared_page(request: Request[Any, Any, Any], db: Db, token: FromPath[str]) -> Response[str]:
    """What a holder shares for a time: the whole certificate with its present state."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    opened = await open_link(db, token)
    row = await credential(db, opened.credential_id)
    key = await key_of(db, keyring_at(get_settings().keyring_path), row)
    read = credential_read(row)
    response = page(
        request,
        "verification/shared.html",
        row=read,
        newer=await current_version(db, row),
        facts=facts_of(row, key),
        said_of=SAID[read.state],
        specimen_said=SPECIMEN,
        reason=REASON_TITLES.get(read.state_reason or "", ""),
        token=token,
        until=opened.expires_at,
        paper=await document(db, row.document_id) if row.document_id else None,
    )
    response.headers.update(UNLISTED)
    return response


@get("/s/{token:str}/paper", **access(PUBLIC))
async def shared_paper(request: Request[Any, Any, Any], db: Db, token: FromPath[str]) -> Response[bytes]:
    """The PDF of a shared certificate."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    opened = await open_link(db, token)
    return await paper_answer(db, await credential(db, opened.credential_id))


@get("/s/{token:str}/credential", **access(PUBLIC))
async def shared_credential(request: Request[Any, Any, Any], db: Db, token: FromPath[str]) -> Response[bytes]:
    """The signed credential of a shared certificate."""
    await request.app.state.limits.take(LOOK_UP, address_of(request))
    opened = await open_link(db, token)
    return await signed_answer(db, await credential(db, opened.credential_id))


@get("/my/credentials", **access("own.credentials"))
async def my_credentials(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """One's own certificates, and what is still missing before the next can be issued."""
    rows = [] if actor.person_id is None else await credentials_of(db, actor.person_id)
    newest = {one.number: one.id for one in sorted(rows, key=lambda row: row.version)}
    me = None if actor.person_id is None else (await persons(db, [actor.person_id])).get(actor.person_id)
    return page(
        request,
        "verification/my_credentials.html",
        rows=[credential_read(one) for one in rows if one.id == newest[one.number]],
        me=me,
        state_titles=STATE_TITLES,
    )


async def mine(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    credential_id: UUID,
    form: Submission[Any] | None = None,
    new_link: str = "",
    status: int = 200,
) -> Response[str]:
    """One's own certificate with its links and looks."""
    settings = get_settings()
    row = await own_credential(db, actor, credential_id)
    key = await key_of(db, keyring_at(settings.keyring_path), row)
    read = credential_read(row)
    return page(
        request,
        "verification/my_credential.html",
        status=status,
        row=read,
        facts=facts_of(row, key),
        said_of=SAID[read.state],
        specimen_said=SPECIMEN,
        reason=REASON_TITLES.get(read.state_reason or "", ""),
        address=address_of_paper(settings, row),
        paper=await document(db, row.document_id) if row.document_id else None,
        newer=await current_version(db, row),
        changes=await changes_of(db, row.id),
        links=await links_of(db, row.id),
        looks=await looks_of(db, row.id),
        ways=WAYS,
        said_states=SAID,
        reason_titles=REASON_TITLES,
        state_titles=STATE_TITLES,
        days=[(str(one), gettext(later("%(days)s days")) % {"days": one}) for one in LINK_DAYS],
        form=form or Submission({"days": "30"}),
        new_link=new_link,
        now=clock.now(),
    )


@get("/my/credentials/{credential_id:uuid}", **access("own.credentials"))
async def my_credential(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[str]:
    """One's own certificate."""
    return await mine(request, db, actor, credential_id)


@get("/my/credentials/{credential_id:uuid}/paper", **access("own.credentials"))
async def my_paper(db: Db, actor: Who, credential_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF of one's own certificate."""
    return await paper_answer(db, await own_credential(db, actor, credential_id))


@get("/my/credentials/{credential_id:uuid}/credential", **access("own.credentials"))
async def my_signed(db: Db, actor: Who, credential_id: FromPath[UUID]) -> Response[bytes]:
    """The signed credential of one's own certificate."""
    return await signed_answer(db, await own_credential(db, actor, credential_id))


@post("/my/credentials/{credential_id:uuid}/share-links", status_code=200, **access("own.credentials"))
async def share_mine(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[Any]:
    """Make a share link; its address is shown on this answer and never again."""
    form = await read_form(request, LinkForm)
    if form.data is None:
        return await mine(request, db, actor, credential_id, form, status=422)
    _, token = await share(db, actor, credential_id, int(form.data.days))
    return await mine(request, db, actor, credential_id, new_link=f"{get_settings().base_url.rstrip('/')}/s/{token}")


@post("/my/credentials/{credential_id:uuid}/share-links/{link_id:uuid}/end", **access("own.credentials"))
async def unshare_mine(db: Db, actor: Who, credential_id: FromPath[UUID], link_id: FromPath[UUID]) -> Response[Any]:
    """Take a share link back at once."""
    await take_back(db, actor, link_id)
    return redirect(
        f"/my/credentials/{credential_id}", later("The link has been taken back. It opens nothing any more.")
    )


handlers = [
    verify_page,
    verify_page_head,
    verify,
    by_qr,
    by_qr_head,
    at_own_address,
    shared_page,
    shared_paper,
    shared_credential,
    my_credentials,
    my_credential,
    my_paper,
    my_signed,
    share_mine,
    unshare_mine,
]
