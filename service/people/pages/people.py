"""Pages of people an organisation sees on a ground: the list, one person, names and documents."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.language import later
from service.people.actions import REVEAL_REASONS, change_name, look_at, mark_seen, reveal_number
from service.people.doorway import keyring, people_after
from service.people.queries import details_of, seen_person
from service.people.rules import IDENTITY_NAMES
from service.people.schemas import NameChange, Reveal
from service.people.titles import GROUND_TITLES, STATE_TITLES
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

PAGE = 50


@get("/people", **access("people.read"))
async def people_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    """People my organisation has a ground to see."""
    rows, following = await people_after(db, actor, q, cursor, PAGE)
    return page(
        request,
        "people/people.html",
        rows=rows,
        q=q[:100],
        following=following or "",
        employs=actor.may("people.employ"),
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


handlers = [people_page, person_page, correct_name, reveal_form, seen_form]
