"""Pages of corrections: the holder asks, the base examines, another person decides."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.approvals.queries import open_approval
from service.credentials.actions import (
    decide_correction,
    propose_correction,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from service.credentials.actions.correcting import KNOWN_FILES, LARGEST_EVIDENCE, SUBJECT
from service.credentials.actions.listing import PARTS
from service.credentials.presenting import correction_read, correction_shown, credential_read
from service.credentials.queries import (
    correction_for,
    corrections_of,
    corrections_waiting,
    credential,
    credential_for,
    current_version,
    evidence_file,
    facts_of,
    key_of,
    own_credential,
    part_in_session,
)
from service.credentials.rules.corrections import KIND_HINTS, KIND_TITLES, STATE_CHIPS, STATE_TITLES
from service.credentials.rules.states import STATE_TITLES as CREDENTIAL_TITLES
from service.credentials.schemas import CorrectionCreate, Decision, Refusal
from service.credentials.tables import CorrectionState
from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later
from service.people.queries import person as person_of
from service.people.queries import persons, spellings
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import UPLOAD
from service.web.templating import page, redirect

ROOM = 64 * 1024
TITLES: dict[str, Any] = {"kinds": KIND_TITLES, "states": STATE_TITLES, "chips": STATE_CHIPS}


def kind_options(left_out: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """What can be asked for, with what to know first."""
    return [
        {"value": kind, "label": gettext(title), "hint": gettext(KIND_HINTS[kind])}
        for kind, title in KIND_TITLES.items()
        if kind not in left_out
    ]


async def asking_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    credential_id: UUID,
    form: Submission[Any] | None = None,
) -> Response[str]:
    """The holder's page of corrections: what was asked, and the form when nothing is on its way."""
    row = await own_credential(db, actor, credential_id)
    key = await key_of(db, keyring_at(get_settings().keyring_path), row)
    earlier = await corrections_of(db, row.number)
    newer = await current_version(db, row)
    me = await person_of(db, row.person_id)
    return page(
        request,
        "credentials/asking.html",
        status=200 if form is None else 422,
        row=credential_read(row),
        newer=newer,
        facts=facts_of(row, key),
        earlier=[correction_read(one) for one in earlier],
        on_its_way=any(one.state in (CorrectionState.REQUESTED, CorrectionState.PROPOSED) for one in earlier),
        options=kind_options(),
        spellings=spellings(me),
        form=form or Submission({"english_name": me.english_name or ""}),
        state_titles=CREDENTIAL_TITLES,
        megabytes=LARGEST_EVIDENCE // 1024 // 1024,
        **TITLES,
    )


@get("/my/credentials/{credential_id:uuid}/corrections", **access("own.credentials"))
async def my_corrections(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[str]:
    """Ask for a correction of one's own certificate, and see what became of earlier requests."""
    return await asking_page(request, db, actor, credential_id)


@post(
    "/my/credentials/{credential_id:uuid}/corrections",
    request_max_body_size=LARGEST_EVIDENCE + ROOM,
    **access("own.credentials"),
)
async def ask_for_mine(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[Any]:
    """Ask for a correction, with a file as evidence if there is one."""
    form = await read_form(request, CorrectionCreate)
    sent = form.files.get("file")
    content = await sent.read() if sent is not None and sent.filename else None
    if content is not None:
        await request.app.state.limits.take(UPLOAD, str(actor.account_id))
    if form.data is not None:
        given = form.data
        settings = get_settings()
        made = await attempt(
            db,
            form,
            lambda: request_correction(
                db,
                keyring_at(settings.keyring_path),
                settings,
                actor,
                credential_id,
                file=content,
                **given.model_dump(),
            ),
        )
        if made is not None:
            return redirect(
                f"/my/credentials/{credential_id}/corrections",
                later("Your request is with the base. Your certificate stays as it is until two people have agreed."),
            )
    return await asking_page(request, db, actor, credential_id, form)


@post("/my/credentials/{credential_id:uuid}/corrections/{correction_id:uuid}/withdraw", **access("own.credentials"))
async def take_back_mine(
    db: Db, actor: Who, credential_id: FromPath[UUID], correction_id: FromPath[UUID]
) -> Response[Any]:
    """Take one's own request back."""
    await withdraw_correction(db, actor, correction_id)
    return redirect(f"/my/credentials/{credential_id}/corrections", later("Your request is taken back."))


@get("/issuing/corrections", **access("credentials.read"))
async def waiting_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The organisation's corrections that are not settled."""
    rows = await corrections_waiting(db, actor.org)
    known = await persons(db, {one.person_id for one, _ in rows})
    return page(
        request,
        "credentials/corrections.html",
        rows=[(correction_read(one), held.number, known.get(one.person_id)) for one, held in rows],
        **TITLES,
    )


async def correction_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    correction_id: UUID,
    form: Submission[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """One correction: who asked and why, what would change, and what the actor may do."""
    row = await correction_for(db, actor, correction_id)
    held = await credential(db, row.credential_id)
    key = await key_of(db, keyring_at(get_settings().keyring_path), row)
    approval = await open_approval(db, SUBJECT, row.id)
    part = await part_in_session(db, held.course_session_id, actor) if actor.may("credentials.decide") else []
    own = actor.person_id == row.person_id or row.account_id == actor.account_id
    return page(
        request,
        "credentials/correction.html",
        status=status,
        row=correction_shown(row, held, key),
        held=credential_read(held),
        facts=facts_of(held, key),
        person=(await persons(db, [row.person_id])).get(row.person_id),
        form=form or Submission(),
        may_propose=actor.may("credentials.propose") and actor.person_id != row.person_id,
        may_decide=actor.may("credentials.decide"),
        may_enter=actor.may("people.enter"),
        hint=KIND_HINTS[row.kind.value],
        own_proposal=own or (approval is not None and approval.maker_account_id == actor.account_id),
        part=[gettext(PARTS[one]) for one in part],
        **TITLES,
    )


@get("/issuing/corrections/{correction_id:uuid}", **access("credentials.read"))
async def one_correction(
    request: Request[Any, Any, Any], db: Db, actor: Who, correction_id: FromPath[UUID]
) -> Response[str]:
    """One correction of the organisation."""
    return await correction_page(request, db, actor, correction_id)


@get("/issuing/corrections/{correction_id:uuid}/evidence", **access("credentials.read"))
async def evidence(db: Db, actor: Who, correction_id: FromPath[UUID]) -> Response[bytes]:
    """The file given as evidence, to be saved."""
    settings = get_settings()
    row = await correction_for(db, actor, correction_id)
    key = await key_of(db, keyring_at(settings.keyring_path), row)
    content = evidence_file(row, key, settings.files_dir)
    suffix = next(one for mark, one in KNOWN_FILES.items() if content.startswith(mark))
    headers = {"Content-Disposition": f'attachment; filename="evidence{suffix}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@post("/issuing/credentials/{credential_id:uuid}/corrections", **access("credentials.propose"))
async def ask_for_base(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[Any]:
    """Ask for a correction as the base."""
    form = await read_form(request, CorrectionCreate)
    if form.data is not None:
        given = form.data
        settings = get_settings()
        made = await attempt(
            db,
            form,
            lambda: request_correction(
                db,
                keyring_at(settings.keyring_path),
                settings,
                actor,
                credential_id,
                by_holder=False,
                **given.model_dump(),
            ),
        )
        if made is not None:
            return redirect(
                f"/issuing/corrections/{made.id}", later("The request is kept. See what would change, then propose it.")
            )
    await credential_for(db, actor, credential_id)
    told = form.errors[0]["message"] if form.errors else ""
    return redirect(f"/issuing/credentials/{credential_id}", told, kind="err")


@post("/issuing/corrections/{correction_id:uuid}/propose", **access("credentials.propose"))
async def propose_one(
    request: Request[Any, Any, Any], db: Db, actor: Who, correction_id: FromPath[UUID]
) -> Response[Any]:
    """Propose the certificate as it would be."""
    settings = get_settings()
    form: Submission[Any] = Submission()
    made = await attempt(
        db,
        form,
        lambda: propose_correction(db, keyring_at(settings.keyring_path), settings, actor, correction_id),
    )
    if made is not None:
        return redirect(
            f"/issuing/corrections/{correction_id}",
            later("The correction has been proposed. A certification decider decides next."),
        )
    return await correction_page(request, db, actor, correction_id, form, 409)


@post("/issuing/corrections/{correction_id:uuid}/refuse", **access("credentials.propose"))
async def refuse_one(
    request: Request[Any, Any, Any], db: Db, actor: Who, correction_id: FromPath[UUID]
) -> Response[Any]:
    """Answer a request that is not proposed."""
    form = await read_form(request, Refusal)
    if form.data is not None:
        reason = form.data.reason
        if await attempt(db, form, lambda: refuse_correction(db, actor, correction_id, reason)) is not None:
            return redirect(
                f"/issuing/corrections/{correction_id}", later("The request is refused, and the holder is told.")
            )
    return await correction_page(request, db, actor, correction_id, form, 422)


@post("/issuing/corrections/{correction_id:uuid}/decision", **access("credentials.decide"))
async def decide_one(
    request: Request[Any, Any, Any], db: Db, actor: Who, correction_id: FromPath[UUID]
) -> Response[Any]:
    """Decide a proposed correction."""
    form = await read_form(request, Decision)
    if form.data is not None:
        given = form.data
        settings = get_settings()
        row = await attempt(
            db,
            form,
            lambda: decide_correction(
                db,
                keyring_at(settings.keyring_path),
                settings,
                actor,
                correction_id,
                approve=given.approve,
                reason=given.reason,
            ),
        )
        if row is not None:
            told = (
                later("The correction is in effect everywhere. The new paper is being made.")
                if given.approve
                else later("The correction has been refused.")
            )
            return redirect(f"/issuing/corrections/{correction_id}", told)
    return await correction_page(request, db, actor, correction_id, form, 422)


handlers = [
    my_corrections,
    ask_for_mine,
    take_back_mine,
    waiting_page,
    one_correction,
    evidence,
    ask_for_base,
    propose_one,
    refuse_one,
    decide_one,
]
