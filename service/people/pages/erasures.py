"""Pages of the security administrator: requests for erasure."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.foundation.language import later
from service.people.actions import decide_erasure
from service.people.queries import erasure_requests
from service.people.schemas import ErasureDecision
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import attempt, read_form
from service.web.templating import page, redirect


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


handlers = [erasures_page, settle_form]
