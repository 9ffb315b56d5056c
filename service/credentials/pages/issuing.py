"""Staff pages of issue: sessions, issuing lists, one certificate with its changes of state."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from certificates.refusals import CertificateRefusal
from certificates.serial import parse_number
from service.approvals.queries import open_approval
from service.courses.queries import session_by_id
from service.credentials.actions import decide_change, decide_list, draw_up_list, propose_change, propose_list
from service.credentials.actions.changing import STEP
from service.credentials.actions.changing import SUBJECT as CREDENTIAL
from service.credentials.actions.listing import PARTS
from service.credentials.actions.listing import SUBJECT as LIST
from service.credentials.presenting import address_of_paper, correction_read, credential_read, entry_read, list_read
from service.credentials.queries import (
    changes_of,
    corrections_of,
    corrections_waiting,
    counts_of,
    credential_for,
    credentials_of_org,
    entries_shown,
    facts_of,
    key_of,
    list_for,
    part_in_session,
    proposal_of,
    sessions_to_issue,
    versions_of,
)
from service.credentials.rules.corrections import KIND_TITLES as CORRECTIONS
from service.credentials.rules.corrections import STATE_CHIPS
from service.credentials.rules.corrections import STATE_TITLES as CORRECTION_STATES
from service.credentials.rules.eligibility import KIND_TITLES
from service.credentials.rules.states import REASON_TITLES, REASONS, STATE_TITLES, may_step
from service.credentials.schemas import ChangeCreate, Decision, ListCreate
from service.documents.queries import document
from service.editions.queries import syllabus_of
from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later
from service.people.queries import persons
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

LIST_TITLES = {
    "draft": later("Draft"),
    "proposed": later("Waiting for a decision"),
    "approved": later("Being issued"),
    "issued": later("Issued"),
    "rejected": later("Refused"),
}
LIST_CHIPS = {"draft": "draft", "proposed": "pending", "approved": "info", "issued": "ok", "rejected": "closed"}
VERBS = {"suspended": later("Suspend"), "valid": later("Reinstate"), "revoked": later("Revoke for good")}


@get("/issuing", **access("credentials.read"))
async def issuing_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, number: FromQuery[str] = ""
) -> Response[str]:
    """Sessions with people to judge, their lists, and the certificates issued last or of a number."""
    sessions = await sessions_to_issue(db, actor)
    rows = [one for session in sessions for one in session.lists]
    counts = await counts_of(db, [one.id for one in rows])
    asked = number.strip()
    try:
        wanted = str(parse_number(asked)) if asked else None
    except CertificateRefusal:
        wanted = asked
    issued = await credentials_of_org(db, actor.org, wanted, limit=20)
    corrections = await corrections_waiting(db, actor.org)
    known = await persons(db, {one.person_id for one in issued} | {one.person_id for one, _ in corrections})
    return page(
        request,
        "credentials/issuing.html",
        sessions=[
            {
                "session": one.session,
                "trained": one.trained,
                "lists": [list_read(row, counts.get(row.id)) for row in one.lists],
            }
            for one in sessions
        ],
        waiting=[list_read(one, counts.get(one.id)) for one in rows if one.state.value == "proposed"],
        titles={one.session.id: one.session for one in sessions},
        issued=[(credential_read(one), known.get(one.person_id)) for one in issued],
        number=asked,
        corrections=[(one, held, known.get(one.person_id)) for one, held in corrections],
        correction_kinds=CORRECTIONS,
        correction_states=CORRECTION_STATES,
        correction_chips=STATE_CHIPS,
        kinds=KIND_TITLES,
        kind_options=[(kind, gettext(title)) for kind, title in KIND_TITLES.items()],
        list_titles=LIST_TITLES,
        list_chips=LIST_CHIPS,
        state_titles=STATE_TITLES,
        may_propose=actor.may("credentials.propose"),
    )


async def list_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    list_id: UUID,
    form: Submission[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """One issuing list with its entries and what the actor may do."""
    row = await list_for(db, actor, list_id)
    session = await session_by_id(db, row.course_session_id)
    syllabus = await syllabus_of(db, session.syllabus_id)
    part = await part_in_session(db, session.id, actor) if actor.may("credentials.decide") else []
    approval = await open_approval(db, LIST, row.id)
    return page(
        request,
        "credentials/list.html",
        status=status,
        row=list_read(row, (await counts_of(db, [row.id])).get(row.id)),
        session=session,
        syllabus=syllabus,
        entries=[entry_read(one, syllabus) for one in await entries_shown(db, row.id)],
        form=form or Submission(),
        kinds=KIND_TITLES,
        list_titles=LIST_TITLES,
        list_chips=LIST_CHIPS,
        may_propose=actor.may("credentials.propose"),
        may_decide=actor.may("credentials.decide"),
        part=[gettext(PARTS[one]) for one in part],
        own_proposal=approval is not None and approval.maker_account_id == actor.account_id,
    )


@post("/issuing/lists", **access("credentials.propose"))
async def draw_up(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Draw up a list, or a draft anew."""
    form = await read_form(request, ListCreate)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: draw_up_list(db, actor, given.course_session_id, given.kind))
        if row is not None:
            return redirect(f"/issuing/lists/{row.id}", later("The list has been drawn up. Nothing is issued yet."))
    told = form.errors[0]["message"] if form.errors else ""
    return redirect("/issuing", told, kind="err")


@get("/issuing/lists/{list_id:uuid}", **access("credentials.read"))
async def one_list(request: Request[Any, Any, Any], db: Db, actor: Who, list_id: FromPath[UUID]) -> Response[str]:
    """One issuing list."""
    return await list_page(request, db, actor, list_id)


@post("/issuing/lists/{list_id:uuid}/propose", **access("credentials.propose"))
async def propose_one(request: Request[Any, Any, Any], db: Db, actor: Who, list_id: FromPath[UUID]) -> Response[Any]:
    """Propose a list."""
    form: Submission[Any] = Submission()
    if await attempt(db, form, lambda: propose_list(db, actor, list_id)) is not None:
        return redirect(
            f"/issuing/lists/{list_id}", later("The list has been proposed. A certification decider decides next.")
        )
    return await list_page(request, db, actor, list_id, form, 409)


@post("/issuing/lists/{list_id:uuid}/decision", **access("credentials.decide"))
async def decide_one(request: Request[Any, Any, Any], db: Db, actor: Who, list_id: FromPath[UUID]) -> Response[Any]:
    """Approve or refuse a list."""
    form = await read_form(request, Decision)
    if form.data is not None:
        given = form.data
        row = await attempt(
            db, form, lambda: decide_list(db, actor, list_id, approve=given.approve, reason=given.reason)
        )
        if row is not None:
            told = (
                later("The list has been approved. The certificates are being issued.")
                if given.approve
                else later("The list has been refused.")
            )
            return redirect(f"/issuing/lists/{list_id}", told)
    return await list_page(request, db, actor, list_id, form, 422)


async def credential_page(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    credential_id: UUID,
    form: Submission[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """One certificate with its facts, papers and changes."""
    settings = get_settings()
    row = await credential_for(db, actor, credential_id)
    key = await key_of(db, keyring_at(settings.keyring_path), row)
    approval = await open_approval(db, CREDENTIAL, row.id, STEP)
    versions = await versions_of(db, row.number)
    stands = versions[0].id == row.id
    steps = [to_state for to_state in REASONS if stands and may_step(row.state.value, to_state)]
    corrections = await corrections_of(db, row.number)
    return page(
        request,
        "credentials/one.html",
        status=status,
        row=credential_read(row),
        facts=facts_of(row, key),
        address=address_of_paper(settings, row),
        paper=await document(db, row.document_id) if row.document_id else None,
        changes=await changes_of(db, row.id),
        versions=[credential_read(one) for one in versions] if len(versions) > 1 else [],
        corrections=[correction_read(one) for one in corrections],
        correction_kinds=CORRECTIONS,
        correction_states=CORRECTION_STATES,
        correction_chips=STATE_CHIPS,
        correction_options=[(one, gettext(title)) for one, title in CORRECTIONS.items()],
        may_correct=actor.may("credentials.propose")
        and stands
        and row.state.value == "valid"
        and approval is None
        and not any(one.state.value in ("requested", "proposed") for one in corrections),
        proposal=await proposal_of(db, approval.id) if approval else None,
        own_proposal=approval is not None and approval.maker_account_id == actor.account_id,
        form=form or Submission(),
        steps=[(one, gettext(VERBS[one])) for one in steps],
        reasons=[(slug, gettext(title)) for one in steps for slug, title in REASONS[one].items()],
        reason_groups={one: [(slug, gettext(title)) for slug, title in REASONS[one].items()] for one in steps},
        verbs=VERBS,
        reason_titles=REASON_TITLES,
        state_titles=STATE_TITLES,
        kinds=KIND_TITLES,
        may_propose=actor.may("credentials.revoke_propose"),
        may_decide=actor.may("credentials.revoke_decide"),
    )


@get("/issuing/credentials/{credential_id:uuid}", **access("credentials.read"))
async def one_credential(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[str]:
    """One certificate of the organisation."""
    return await credential_page(request, db, actor, credential_id)


@post("/issuing/credentials/{credential_id:uuid}/changes", **access("credentials.revoke_propose"))
async def propose_state(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[Any]:
    """Propose a change of state."""
    form = await read_form(request, ChangeCreate)
    if form.data is not None:
        given = form.data
        made = await attempt(
            db,
            form,
            lambda: propose_change(
                db, actor, credential_id, to_state=given.to_state, reason=given.reason, note=given.note
            ),
        )
        if made is not None:
            return redirect(
                f"/issuing/credentials/{credential_id}",
                later("The change has been proposed. A certification decider decides next."),
            )
    return await credential_page(request, db, actor, credential_id, form, 422)


@post("/issuing/credentials/{credential_id:uuid}/changes/decision", **access("credentials.revoke_decide"))
async def decide_state(
    request: Request[Any, Any, Any], db: Db, actor: Who, credential_id: FromPath[UUID]
) -> Response[Any]:
    """Decide a proposed change of state."""
    form = await read_form(request, Decision)
    if form.data is not None:
        given = form.data
        row = await attempt(
            db, form, lambda: decide_change(db, actor, credential_id, approve=given.approve, reason=given.reason)
        )
        if row is not None:
            told = (
                later("The change is in effect everywhere.") if given.approve else later("The change has been refused.")
            )
            return redirect(f"/issuing/credentials/{credential_id}", told)
    return await credential_page(request, db, actor, credential_id, form, 422)


handlers = [
    issuing_page,
    draw_up,
    one_list,
    propose_one,
    decide_one,
    one_credential,
    propose_state,
    decide_state,
]
