"""Pages of people: my profile, people my organisation sees, employees, erasure."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.keyring import Keyring, keyring_at
from service.foundation.language import later
from service.foundation.paging import cursor_of, key_of
from service.organisations.queries import by_credit_code, by_exact_name
from service.people.actions import (
    REVEAL_REASONS,
    answer_employer,
    change_name,
    confirm_english_name,
    decide_erasure,
    declare_identity,
    end_employment,
    give_consent,
    look_at,
    mark_seen,
    own_data,
    record_employee,
    request_erasure,
    reveal_number,
    withdraw_consent,
)
from service.people.errors import OrganisationUnknown
from service.people.queries import (
    details_of,
    employees,
    erasure_requests,
    offered_purposes,
    own_id,
    person,
    profile_of,
    seen_people,
    seen_person,
)
from service.people.reading import personal_fields, purposes
from service.people.rules import IDENTITY_NAMES
from service.people.schemas import (
    Answer,
    ConsentForm,
    EmployeeCreate,
    EmploymentEnd,
    EnglishName,
    ErasureDecision,
    IdentityDeclare,
    NameChange,
    Reveal,
)
from service.settings import get_settings
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import CODE_TRIES
from service.web.templating import page, redirect

PAGE = 50
GROUND_TITLES = {
    "enrolment": later("You enrolled there, or it enrolled you"),
    "past_certificate": later("It has issued you a certificate before"),
    "employment": later("You work there"),
    "consent": later("You consented"),
    "contract": later("A contract names you"),
}
LOOK_TITLES = {
    "person.looked_at": later("Opened your details"),
    "person.number_revealed": later("Looked at your full identity number"),
    "person.document_seen": later("Compared your document with the original"),
    "people.exported": later("Exported a list that holds you"),
    "document.read": later("Opened a paper issued to you"),
    "answer.read": later("Read an answer of yours for marking, without your name"),
}
STATE_TITLES = {
    "declared": later("As you declared it"),
    "seen": later("Original seen"),
    "withdrawn": later("No longer valid"),
}


def keyring() -> Keyring:
    """The installation's keyring."""
    return keyring_at(get_settings().keyring_path)


async def shown_profile(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any], part: str = ""
) -> Response[str]:
    """The profile with, after a refusal, what was typed into one of its forms (`part`)."""
    return page(
        request,
        "people/profile.html",
        status=422 if form.errors else 200,
        profile=await profile_of(db, actor),
        purposes={one.purpose: one for one in offered_purposes()},
        kinds=IDENTITY_NAMES,
        grounds=GROUND_TITLES,
        looks=LOOK_TITLES,
        reasons=REVEAL_REASONS,
        states=STATE_TITLES,
        form=form,
        part=part,
    )


@get("/my/profile", **access("own.profile"))
async def profile_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Who I am, what I agreed to, who may see me, who looked."""
    return await shown_profile(request, db, actor, Submission())


async def from_profile(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    schema: type[BaseModel],
    part: str,
    action: Callable[[Any], Awaitable[Any]],
    message: str,
) -> Response[Any]:
    """Run one form of the profile: back to it with a message, or shown again with the refusal."""
    form = await read_form(request, schema)
    data = form.data
    if data is not None and await attempt(db, form, lambda: action(data)) is not None:
        return redirect("/my/profile", message)
    return await shown_profile(request, db, actor, form, part)


@post("/my/profile/identity", **access("own.profile"))
async def identity_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Say who I am by identity document."""

    async def declare(data: IdentityDeclare) -> Any:
        await request.app.state.limits.take(CODE_TRIES, f"identity|{actor.account_id}")
        return await declare_identity(
            db, keyring(), actor, name=data.name, kind=data.kind, number=data.identity_number, consented=data.consent
        )

    return await from_profile(
        request, db, actor, IdentityDeclare, "identity", declare, later("Your document is recorded.")
    )


@post("/my/profile/name", **access("own.profile"))
async def name_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Change my name, while no certificate bears it."""

    async def rename(data: NameChange) -> Any:
        return await change_name(db, keyring(), actor, await person(db, own_id(actor)), data.name)

    return await from_profile(request, db, actor, NameChange, "name", rename, later("Your name is changed."))


@post("/my/profile/english-name", **access("own.profile"))
async def english_name_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Confirm the English spelling."""

    async def confirm(data: EnglishName) -> Any:
        return await confirm_english_name(db, actor, data.english_name)

    return await from_profile(
        request, db, actor, EnglishName, "english", confirm, later("The English spelling is confirmed.")
    )


@post("/my/profile/consents", **access("own.profile"))
async def consent_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Consent to one purpose."""

    async def consent(data: ConsentForm) -> Any:
        asked = purposes().get(data.purpose)
        org_id = await named_organisation(db, data.organisation or "") if asked and asked.per_organisation else None
        return await give_consent(db, actor, data.purpose, org_id)

    return await from_profile(request, db, actor, ConsentForm, "consent", consent, later("Your consent is recorded."))


async def named_organisation(db: AsyncSession, text: str) -> UUID:
    """The organisation of a credit code or of an exact name; OrganisationUnknown when there is none or more than one."""
    one = await by_credit_code(db, text.strip().upper())
    found = [one] if one else await by_exact_name(db, text.strip())
    if len(found) != 1:
        raise OrganisationUnknown(field="organisation")
    return found[0].id


@post("/my/profile/consents/{consent_id:uuid}/withdraw", **access("own.profile"))
async def withdraw_form(db: Db, actor: Who, consent_id: FromPath[UUID]) -> Redirect:
    """Withdraw a consent."""
    await withdraw_consent(db, actor, consent_id)
    return redirect("/my/profile", later("Your consent is withdrawn; it ends now."))


@post("/my/profile/employers/{affiliation_id:uuid}", **access("own.profile"))
async def answer_form(
    request: Request[Any, Any, Any], db: Db, actor: Who, affiliation_id: FromPath[UUID]
) -> Response[Any]:
    """Answer an employer that has recorded me."""

    async def reply(data: Answer) -> Any:
        return await answer_employer(db, actor, affiliation_id, data.agree)

    return await from_profile(request, db, actor, Answer, "employer", reply, later("Your answer is recorded."))


@post("/my/profile/erasure", **access("own.profile"))
async def erasure_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Ask to be erased."""
    form: Submission[Any] = Submission()
    if await attempt(db, form, lambda: request_erasure(db, actor)) is not None:
        return redirect(
            "/my/profile", later("Your request for erasure is recorded; the security administrator answers it.")
        )
    return await shown_profile(request, db, actor, form, "erasure")


@get("/my/data.json", **access("own.profile"))
async def data_file(db: Db, actor: Who) -> Response[bytes]:
    """Everything stored about me, as a file."""
    content = json.dumps(await own_data(db, keyring(), actor), ensure_ascii=False, indent=1).encode()
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


@get("/my/data", **access(SIGNED_IN))
async def fields_page(request: Request[Any, Any, Any]) -> Response[str]:
    """What this service keeps of people: the register of personal data."""
    return page(request, "people/fields.html", fields=personal_fields())


@get("/people", **access("people.read"))
async def people_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    """People my organisation has a ground to see."""
    key = key_of(cursor)
    last = await seen_person(db, actor, key) if key else None
    rows = await seen_people(db, actor, q[:100], (last.sort_key, last.id) if last else None, PAGE)
    following = cursor_of(rows[-1].id) if len(rows) == PAGE else ""
    return page(
        request, "people/people.html", rows=rows, q=q[:100], following=following, employs=actor.may("people.employ")
    )


async def shown_person(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    person_id: UUID,
    form: Submission[Any] | None = None,
    revealed: tuple[UUID, str] | None = None,
) -> Response[str]:
    """A person's details."""
    form = form or Submission()
    return page(
        request,
        "people/person.html",
        status=422 if form.errors else 200,
        person=await details_of(db, actor, await seen_person(db, actor, person_id)),
        kinds=IDENTITY_NAMES,
        grounds=GROUND_TITLES,
        states=STATE_TITLES,
        reasons=REVEAL_REASONS,
        enters=actor.may("people.enter"),
        form=form,
        revealed=revealed,
    )


@get("/people/{person_id:uuid}", **access("people.read"))
async def person_page(request: Request[Any, Any, Any], db: Db, actor: Who, person_id: FromPath[UUID]) -> Response[str]:
    """One person; the person sees that we looked."""
    await look_at(db, actor, person_id)
    return await shown_person(request, db, actor, person_id)


@post("/people/{person_id:uuid}/name", **access("people.enter"))
async def correct_name(request: Request[Any, Any, Any], db: Db, actor: Who, person_id: FromPath[UUID]) -> Response[Any]:
    """Change a person's name after seeing the new document."""
    form = await read_form(request, NameChange)
    if form.data is not None:
        name = form.data.name
        row = await seen_person(db, actor, person_id)
        if await attempt(db, form, lambda: change_name(db, keyring(), actor, row, name)) is not None:
            return redirect(f"/people/{person_id}", later("The name is changed; the earlier one is kept."))
    return await shown_person(request, db, actor, person_id, form)


@post("/people/{person_id:uuid}/documents/{document_id:uuid}/reveal", **access("people.enter"))
async def reveal_form(
    request: Request[Any, Any, Any], db: Db, actor: Who, person_id: FromPath[UUID], document_id: FromPath[UUID]
) -> Response[Any]:
    """Show a full identity number once, for a recorded reason."""
    form = await read_form(request, Reveal)
    number: str | None = None
    if form.data is not None:
        reason = form.data.reason
        number = await attempt(db, form, lambda: reveal_number(db, keyring(), actor, document_id, reason))
    return await shown_person(request, db, actor, person_id, form, (document_id, number) if number else None)


@post("/people/{person_id:uuid}/documents/{document_id:uuid}/seen", **access("people.enter"))
async def seen_form(db: Db, actor: Who, person_id: FromPath[UUID], document_id: FromPath[UUID]) -> Redirect:
    """The original document was seen."""
    await mark_seen(db, actor, document_id)
    return redirect(f"/people/{person_id}", later("Recorded that the original was seen."))


async def shown_employees(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """Employees with the form that records one."""
    rows = await employees(db, actor)
    named = {one.id: one.name for one in await seen_people(db, actor, limit=200)}
    return page(
        request,
        "people/employees.html",
        status=422 if form.errors else 200,
        rows=rows,
        named=named,
        kinds=IDENTITY_NAMES,
        form=form,
    )


@get("/employees", **access("people.employ"))
async def employees_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """People my organisation says work for it."""
    return await shown_employees(request, db, actor, Submission())


@post("/employees", **access("people.employ"))
async def employee_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Record an employee and ask the person."""
    form = await read_form(request, EmployeeCreate)
    if form.data is not None:
        new = form.data
        if await attempt(db, form, lambda: record_employee(db, keyring(), actor, new)) is not None:
            return redirect("/employees", later("Recorded. The person is asked and counts after agreeing."))
    return await shown_employees(request, db, actor, form)


@post("/employees/{affiliation_id:uuid}/end", **access("people.employ"))
async def end_form(
    request: Request[Any, Any, Any], db: Db, actor: Who, affiliation_id: FromPath[UUID]
) -> Response[Any]:
    """Say when an employment ends."""
    form = await read_form(request, EmploymentEnd)
    if form.data is not None:
        await end_employment(db, actor, affiliation_id, form.data.ends_on)
        return redirect("/employees", later("The end of the employment is recorded."))
    return await shown_employees(request, db, actor, form)


@get("/erasures", **access("people.erase"))
async def erasures_page(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """Requests for erasure, without names."""
    return page(request, "people/erasures.html", rows=await erasure_requests(db, None), errors=[])


@post("/erasures/{request_id:uuid}", **access("people.erase"))
async def settle_form(request: Request[Any, Any, Any], db: Db, actor: Who, request_id: FromPath[UUID]) -> Response[Any]:
    """Carry out or refuse a request for erasure."""
    form = await read_form(request, ErasureDecision)
    if form.data is not None:
        data = form.data
        if await attempt(db, form, lambda: decide_erasure(db, actor, request_id, data.carry_out, data.reason)):
            return redirect("/erasures", later("The request is settled."))
    return page(request, "people/erasures.html", status=422, rows=await erasure_requests(db, None), errors=form.errors)


handlers = [
    profile_page,
    identity_form,
    name_form,
    english_name_form,
    consent_form,
    withdraw_form,
    answer_form,
    erasure_form,
    data_file,
    fields_page,
    people_page,
    person_page,
    correct_name,
    reveal_form,
    seen_form,
    employees_page,
    employee_form,
    end_form,
    erasures_page,
    settle_form,
]
