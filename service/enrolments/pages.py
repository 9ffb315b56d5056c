"""Pages of enrolments: applying, one's own courses, and the base's list of a session."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.queries import public_session
from service.courses.tables import CourseSession
from service.enrolments.actions import (
    apply,
    consent_text,
    enrol_by_hand,
    entry_said,
    refuse,
    refuse_outside_window,
    transfer,
    withdraw,
)
from service.enrolments.queries import (
    admission_of,
    base_session,
    listed,
    live_enrolment,
    open_session,
    own_enrolments,
    transfer_targets,
    waiting_position,
)
from service.enrolments.rules import HOLDS_SEAT, SOURCE_TITLES, STATE_TITLES
from service.enrolments.schemas import ApplicationCreate, PersonByHand, RefusalCreate, TransferCreate
from service.enrolments.tables import EnrolmentState
from service.foundation.actor import Actor
from service.foundation.errors import DomainError
from service.foundation.keyring import keyring_at
from service.foundation.language import later, said, sentence
from service.organisations.queries import organisation
from service.people.actions import declare_identity
from service.people.queries import identity_of, person
from service.people.reading import purposes
from service.people.rules import IDENTITY_NAMES
from service.people.schemas import IdentityDeclare
from service.settings import get_settings
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import CODE_TRIES
from service.web.templating import page, redirect

CHIPS = {
    "waiting": "pending",
    "enrolled": "ok",
    "withdrawn": "closed",
    "refused": "err",
    "completed": "brand",
    "not_completed": "closed",
}


def identity_options() -> list[tuple[str, str]]:
    """Kinds of document for a select, in the reader's language."""
    return [(kind.value, said(names)) for kind, names in IDENTITY_NAMES.items()]


async def session_named(db: AsyncSession, reference: str) -> CourseSession:
    """A published session by its id or by the code people were given; raises NotFound."""
    try:
        session_id = UUID(reference)
    except ValueError:
        session_id = (await public_session(db, reference)).session.id
    return await open_session(db, session_id)


async def shown_application(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, session: CourseSession, form: Submission[Any]
) -> Response[str]:
    """The application: who I am, what I consent to, check and send."""
    who = await person(db, actor.person_id) if actor.person_id else None
    document = await identity_of(db, who.id) if who else None
    closed = ""
    try:
        await refuse_outside_window(db, session)
    except DomainError as refusal:
        closed = sentence(refusal.message, refusal.facts)
    known = await live_enrolment(db, session.id, who.id) if who else None
    base = await organisation(db, session.org_id)
    entry, admitting = await admission_of(db, session.syllabus_id, who.id) if who else (None, None)
    return page(
        request,
        "enrolments/apply.html",
        status=422 if form.errors else 200,
        session=session,
        base=base,
        who=who,
        document=document,
        document_kind=said(
            next((names for kind, names in IDENTITY_NAMES.items() if document and kind == document.kind), None)
        ),
        known=known,
        entry=entry_said(entry) if entry is not None else "",
        admitting=admitting,
        state_titles=STATE_TITLES,
        closed=closed,
        consent=consent_text(),
        identity_options=identity_options(),
        identity_purpose=purposes()["identity"],
        form=form,
        seats_left=max(0, session.capacity - session.taken),
    )


@get("/courses/{code:str}/apply", **access(SIGNED_IN))
async def application_page(request: Request[Any, Any, Any], db: Db, actor: Who, code: FromPath[str]) -> Response[str]:
    """The application form of a published session."""
    return await shown_application(request, db, actor, await session_named(db, code), Submission())


@post("/courses/{code:str}/apply", **access(SIGNED_IN))
async def send_application(request: Request[Any, Any, Any], db: Db, actor: Who, code: FromPath[str]) -> Response[Any]:
    """Send the application."""
    session = await session_named(db, code)
    form = await read_form(request, ApplicationCreate)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: apply(db, actor, session.id, consent=given.consent))
        if row is not None and row.state == EnrolmentState.ENROLLED:
            return redirect("/my/enrolments", later("You are enrolled. A seat is reserved for you."))
        if row is not None:
            place = await waiting_position(db, row.id)
            return redirect(
                "/my/enrolments",
                later("The session is full. You are number %(place)s on the waiting list and move up by yourself."),
                kind="info",
                place=place,
            )
    return await shown_application(request, db, actor, session, form)


@post("/courses/{code:str}/apply/identity", **access(SIGNED_IN))
async def declare_page(request: Request[Any, Any, Any], db: Db, actor: Who, code: FromPath[str]) -> Response[Any]:
    """Say who I am, then back to the application."""
    session = await session_named(db, code)
    form = await read_form(request, IdentityDeclare)
    if form.data is not None:
        given, keyring = form.data, keyring_at(get_settings().keyring_path)
        await request.app.state.limits.take(CODE_TRIES, f"identity|{actor.account_id}")
        known = await attempt(
            db,
            form,
            lambda: declare_identity(
                db,
                keyring,
                actor,
                name=given.name,
                kind=given.kind,
                number=given.identity_number,
                consented=given.consent,
            ),
        )
        if known is not None:
            return redirect(f"/courses/{session.code}/apply", later("Your identity document is recorded."))
    return await shown_application(request, db, actor, session, form)


@get("/my/enrolments", **access("own.enrolments"))
async def my_enrolments(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """One's own courses: state, next meeting, hours so far, what is missing for the certificate."""
    return page(
        request,
        "enrolments/mine.html",
        enrolments=await own_enrolments(db, actor),
        has_person=actor.person_id is not None,
        states=STATE_TITLES,
        chips=CHIPS,
    )


@post("/my/enrolments/{enrolment_id:uuid}/withdraw", **access("own.enrolments"))
async def withdraw_own(db: Db, actor: Who, enrolment_id: FromPath[UUID]) -> Redirect:
    """Withdraw from a session."""
    await withdraw(db, actor, enrolment_id)
    return redirect("/my/enrolments", later("You have withdrawn. The seat goes to the next person in line."))


async def shown_list(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    session_id: UUID,
    form: Submission[Any] | None = None,
    opened: str = "",
) -> Response[str]:
    """The base's list of a session; `opened` names the form that was refused."""
    session = await base_session(db, actor, session_id)
    rows = await listed(db, actor, session_id)
    blank: Submission[Any] = Submission()
    manages = actor.may("enrolments.manage")
    return page(
        request,
        "enrolments/session.html",
        status=422 if form is not None and form.errors else 200,
        session=session,
        rows=[one for one in rows if one.enrolment.state in HOLDS_SEAT],
        waiting=[one for one in rows if one.position],
        ended=[one for one in rows if one.enrolment.state not in HOLDS_SEAT and not one.position],
        targets=[(str(one.id), f"{one.code} {said(one.title)}") for one in await transfer_targets(db, actor, session)]
        if manages
        else [],
        states=STATE_TITLES,
        sources=SOURCE_TITLES,
        chips=CHIPS,
        identity_options=identity_options(),
        form=form or blank,
        by_hand=form if form and opened == "by_hand" else blank,
        may_manage=manages,
        may_import=actor.may("exchange.import"),
    )


@get("/sessions/{session_id:uuid}/enrolments", **access("enrolments.read"))
async def list_page(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[str]:
    """Who is in a session."""
    return await shown_list(request, db, actor, session_id)


@post("/sessions/{session_id:uuid}/enrolments", **access("enrolments.manage"))
async def enrol_page(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[Any]:
    """Enrol a person by hand."""
    form = await read_form(request, PersonByHand)
    if form.data is not None:
        given, keyring = form.data, keyring_at(get_settings().keyring_path)
        row = await attempt(db, form, lambda: enrol_by_hand(db, keyring, actor, session_id, given))
        if row is not None:
            seated = row.state == EnrolmentState.ENROLLED
            message = later("The person is enrolled.") if seated else later("The session is full; the person waits.")
            return redirect(f"/sessions/{session_id}/enrolments", message, kind="ok" if seated else "info")
    return await shown_list(request, db, actor, session_id, form, "by_hand")


@post("/sessions/{session_id:uuid}/enrolments/{enrolment_id:uuid}/withdraw", **access("enrolments.manage"))
async def withdraw_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], enrolment_id: FromPath[UUID]
) -> Response[Any]:
    """Withdraw a person on their word."""
    form: Submission[BaseModel] = Submission()
    if await attempt(db, form, lambda: withdraw(db, actor, enrolment_id)):
        return redirect(f"/sessions/{session_id}/enrolments", later("The enrolment has been withdrawn."))
    return await shown_list(request, db, actor, session_id, form)


@post("/sessions/{session_id:uuid}/enrolments/{enrolment_id:uuid}/refuse", **access("enrolments.manage"))
async def refuse_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], enrolment_id: FromPath[UUID]
) -> Response[Any]:
    """Refuse an application with a reason."""
    form = await read_form(request, RefusalCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: refuse(db, actor, enrolment_id, given.reason)):
            return redirect(f"/sessions/{session_id}/enrolments", later("Refused. The person reads the reason."))
    return await shown_list(request, db, actor, session_id, form)


@post("/sessions/{session_id:uuid}/enrolments/{enrolment_id:uuid}/transfer", **access("enrolments.manage"))
async def transfer_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID], enrolment_id: FromPath[UUID]
) -> Response[Any]:
    """Move a seat to another session of the base."""
    form = await read_form(request, TransferCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: transfer(db, actor, enrolment_id, given.session_id)):
            return redirect(f"/sessions/{session_id}/enrolments", later("The person has moved to the other session."))
    return await shown_list(request, db, actor, session_id, form)


handlers = [
    application_page,
    send_application,
    declare_page,
    my_enrolments,
    withdraw_own,
    list_page,
    enrol_page,
    withdraw_page,
    refuse_page,
    transfer_page,
]
