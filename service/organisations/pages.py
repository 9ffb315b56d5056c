"""Pages of the register of legal entities, for the system administrator."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from service.foundation.language import later
from service.foundation.paging import cursor_of, key_of
from service.organisations.actions import change_organisation, create_organisation
from service.organisations.queries import organisation, organisations
from service.organisations.rules import KIND_TITLES
from service.organisations.schemas import OrganisationChange, OrganisationCreate
from service.organisations.tables import Organisation
from service.web.access import access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

PAGE = 50


@get("/organisations", **access("organisations.manage"))
async def organisations_page(
    request: Request[Any, Any, Any], db: Db, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Legal entities, with a search."""
    rows = await organisations(db, q[:100], after=key_of(cursor), limit=PAGE)
    following = cursor_of(rows[-1].id) if len(rows) == PAGE else ""
    return page(
        request, "organisations/organisations.html", rows=rows, q=q[:100], following=following, kinds=KIND_TITLES
    )


def shown(request: Request[Any, Any, Any], form: Submission[Any], row: Organisation | None) -> Response[str]:
    """The form of one legal entity."""
    status = 422 if form.errors else 200
    return page(request, "organisations/edit.html", status=status, form=form, row=row, kinds=KIND_TITLES)


@get("/organisations/new", **access("organisations.manage"))
async def new_page(request: Request[Any, Any, Any]) -> Response[str]:
    """An empty form."""
    return shown(request, Submission(), None)


@post("/organisations/new", **access("organisations.manage"))
async def create_form(request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Enter a legal entity."""
    form = await read_form(request, OrganisationCreate)
    data = form.data
    if data is not None and await attempt(db, form, lambda: create_organisation(db, data)) is not None:
        return redirect("/organisations", later("The organisation is entered."))
    return shown(request, form, None)


@get("/organisations/{org_id:uuid}", **access("organisations.manage"))
async def edit_page(request: Request[Any, Any, Any], db: Db, org_id: FromPath[UUID]) -> Response[str]:
    """The form with what is on record."""
    row = await organisation(db, org_id)
    values = {
        "name.zh": row.name.get("zh", ""),
        "name.en": row.name.get("en", ""),
        "kind": row.kind.value,
        "uscc": row.uscc or "",
        "province": row.province or "",
        "city": row.city or "",
    }
    return shown(request, Submission(values), row)


@post("/organisations/{org_id:uuid}", **access("organisations.manage"))
async def change_form(request: Request[Any, Any, Any], db: Db, org_id: FromPath[UUID]) -> Response[Any]:
    """Correct a legal entity."""
    row = await organisation(db, org_id)
    form = await read_form(request, OrganisationChange)
    data = form.data
    if data is not None and await attempt(db, form, lambda: change_organisation(db, org_id, data)) is not None:
        return redirect("/organisations", later("The organisation is corrected."))
    return shown(request, form, row)


handlers = [organisations_page, new_page, create_form, edit_page, change_form]
