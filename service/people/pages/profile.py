"""The page of one's own profile: who I am, what I agreed to, who may see me, who looked, my stored data."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.language import later
from service.organisations.queries import by_credit_code, by_exact_name
from service.people.actions import (
    REVEAL_REASONS,
    answer_employer,
    confirm_english_name,
    give_consent,
    own_data,
    request_erasure,
    withdraw_consent,
)
from service.people.doorway import declared, keyring, renamed
from service.people.errors import OrganisationUnknown
from service.people.queries import offered_purposes, profile_of
from service.people.reading import purposes
from service.people.rules import IDENTITY_NAMES
from service.people.schemas import Answer, ConsentForm, EnglishName, IdentityDeclare, NameChange
from service.people.titles import GROUND_TITLES, LOOK_TITLES, STATE_TITLES
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


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
        return await declared(request, db, actor, data)

    return await from_profile(
        request, db, actor, IdentityDeclare, "identity", declare, later("Your document is recorded.")
    )


@post("/my/profile/name", **access("own.profile"))
async def name_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Change my name, while no certificate bears it."""

    async def rename(data: NameChange) -> Any:
        return await renamed(db, actor, data.name)

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
]
