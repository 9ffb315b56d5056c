"""Exports for machines."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import File
from litestar.status_codes import HTTP_202_ACCEPTED

from service.exchange.actions.exports import request_export, take_export
from service.exchange.downloads import handed_over
from service.exchange.queries.exports import export_for, exports_of
from service.exchange.rules.exports import MEDIA_TYPES
from service.exchange.schemas.exports import ExportCreate, ExportRead
from service.exchange.tables import FileExport
from service.foundation.language import gettext, later
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


def read(row: FileExport) -> ExportRead:
    """An export as its owner sees it."""
    failed = later("The file could not be made. Please ask for it again; if it happens again, tell the operator.")
    return ExportRead(
        **row.model_dump(include=set(ExportRead.model_fields) - {"failure"}),
        failure=gettext(failed) if row.failure else None,
    )


@post(
    "/api/exports", status_code=HTTP_202_ACCEPTED, responses=problem_responses(403, 409, 422), **access("exports.make")
)
async def ask(db: Db, actor: Who, data: JSONBody[ExportCreate]) -> ExportRead:
    """Ask for a file of people seen on a recorded ground, or of the organisation's own records."""
    row = await request_export(db, actor, data)
    await db.refresh(row)
    return read(row)


@get("/api/exports", **access("exports.make"))
async def own_exports(db: Db, actor: Who) -> list[ExportRead]:
    """The account's exports, newest first."""
    return [read(row) for row in await exports_of(db, actor)]


@get("/api/exports/{export_id:uuid}", responses=problem_responses(404), **access("exports.make"))
async def one_export(db: Db, actor: Who, export_id: FromPath[UUID]) -> ExportRead:
    """One export and how far it is."""
    return read(await export_for(db, actor, export_id))


@get(
    "/api/exports/{export_id:uuid}/file",
    responses=problem_responses(404, 409, 410),
    **access("exports.make", answers=tuple(MEDIA_TYPES.values())),
)
async def export_file(request: Request[Any, Any, Any], db: Db, actor: Who, export_id: FromPath[UUID]) -> File:
    """The made file; each person in it sees that it was taken."""
    row, path = await take_export(db, request.app.state.settings, actor, export_id)
    return handed_over(row, path)


handlers = [ask, own_exports, one_export, export_file]
