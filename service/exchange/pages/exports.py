"""Pages of exports: choose, watch it being made, take it away."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import File

from service.exchange.actions.exports import request_export, take_export
from service.exchange.downloads import handed_over
from service.exchange.queries.exports import count_granted, export_for, exports_of
from service.exchange.rules.exports import FORMAT_TITLES, KINDS
from service.exchange.schemas.exports import ExportCreate
from service.exchange.tables import FileExport
from service.foundation.actor import Actor
from service.foundation.language import CHINESE, ENGLISH, gettext, later
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

STATES = {
    "waiting": ("pending", later("In the queue")),
    "running": ("info", later("Being made")),
    "ready": ("ok", later("Ready")),
    "failed": ("err", later("Failed")),
}


def kinds_for(actor: Actor) -> dict[str, Any]:
    """The kinds of export the actor may make."""
    return {name: kind for name, kind in KINDS.items() if actor.may(kind.needs)}


async def shown_list(
    request: Request[Any, Any, Any], db: Db, actor: Actor, form: Submission[Any], chosen: str, status: int = 200
) -> Response[str]:
    """The page of exports with the form for one kind."""
    kinds = kinds_for(actor)
    chosen = chosen if chosen in kinds else next(iter(kinds))
    return page(
        request,
        "exports/list.html",
        status=status,
        form=form,
        kinds=kinds,
        chosen=chosen,
        kind=kinds[chosen],
        formats=[(one, gettext(FORMAT_TITLES[one])) for one in kinds[chosen].formats],
        columns=[(one.field, gettext(one.title)) for one in kinds[chosen].columns],
        languages_of_file=[(CHINESE, "中文"), (ENGLISH, "English")],
        people=await count_granted(db, actor.org),
        rows=await exports_of(db, actor, 20),
        titles={name: kind.title for name, kind in KINDS.items()},
        format_titles=FORMAT_TITLES,
        states=STATES,
    )


@get("/exports", **access("exports.make"))
async def exports_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, kind: FromQuery[str] = "people"
) -> Response[str]:
    """Choose what to export; the last exports below."""
    return await shown_list(request, db, actor, Submission(), kind)


@post("/exports", **access("exports.make"))
async def ask_export(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Ask for a file."""
    form = await read_form(request, ExportCreate, lists=("columns",))
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: request_export(db, actor, given))
        if row is not None:
            return redirect(f"/exports/{row.id}")
    return await shown_list(request, db, actor, form, str(form.get("kind")), 422)


def shown(row: FileExport) -> dict[str, Any]:
    """What the page of one export needs."""
    return {
        "row": row,
        "title": KINDS[row.kind].title,
        "format_title": FORMAT_TITLES[row.format],
        "state": STATES[row.state.value],
        "moving": row.state.value in ("waiting", "running"),
        "columns": [gettext(one.title) for one in KINDS[row.kind].columns if one.field in row.columns],
    }


@get("/exports/{export_id:uuid}", **access("exports.make"))
async def export_page(request: Request[Any, Any, Any], db: Db, actor: Who, export_id: FromPath[UUID]) -> Response[str]:
    """One export: progress, then the file. The part with the progress is what htmx asks for again."""
    row = await export_for(db, actor, export_id)
    template = "exports/progress.html" if request.headers.get("hx-request") else "exports/one.html"
    return page(request, template, **shown(row))


@get("/exports/{export_id:uuid}/file", **access("exports.make"))
async def export_download(request: Request[Any, Any, Any], db: Db, actor: Who, export_id: FromPath[UUID]) -> File:
    """Take the file away; each person in it sees that it was taken."""
    row, path = await take_export(db, request.app.state.settings, actor, export_id)
    return handed_over(row, path)


handlers = [exports_page, ask_export, export_page, export_download]
