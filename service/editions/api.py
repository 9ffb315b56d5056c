"""Editions over HTTP: read by everyone signed in, uploaded, proposed, decided and ended by standard owners."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from service.editions.actions import decide, end, give_up, propose, upload
from service.editions.errors import EditionHasFaults
from service.editions.queries import edition_for, upload_for, visible
from service.editions.schemas import (
    Decision,
    EditionContent,
    EditionEnd,
    EditionRead,
    EditionUploadCreate,
    UploadRead,
)
from service.editions.tables import Edition
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_of, problem_responses


def shown(row: Edition) -> EditionRead:
    """An edition without its content."""
    return EditionRead.model_validate({name: getattr(row, name) for name in EditionRead.model_fields})


@get("/api/editions", **access(SIGNED_IN))
async def list_editions(db: Db, actor: Who) -> list[EditionRead]:
    """Every frozen edition, and the organisation's own drafts."""
    return [shown(row) for row in await visible(db, actor)]


@get("/api/editions/{edition_id:uuid}", responses=problem_responses(404), **access(SIGNED_IN))
async def read_edition(db: Db, actor: Who, edition_id: FromPath[UUID]) -> EditionContent:
    """One edition with its content and the checker's findings."""
    return EditionContent.model_validate(await edition_for(db, actor, edition_id), from_attributes=True)


@post("/api/editions", responses=problem_responses(409, 422), **access("editions.upload"))
async def upload_edition(
    request: Request[Any, Any, Any], db: Db, actor: Who, data: JSONBody[EditionUploadCreate]
) -> Response[Any]:
    """Check an edition; without errors it becomes a draft (201), else the report is kept and answered (422)."""
    row = await upload(db, actor, data.file_name, data.text.encode())
    if row.edition_id is not None:
        return Response(UploadRead.model_validate(row, from_attributes=True), status_code=201)
    wrong = [one for one in row.findings if one["severity"] == "error"]
    refusal = EditionHasFaults(
        field="text", file=row.file_name, count=len(wrong), findings=row.findings, upload_id=str(row.id)
    )
    problem = problem_of(request, refusal)
    return Response(problem.model_dump(mode="json"), status_code=problem.status, media_type="application/problem+json")


@get("/api/edition-uploads/{upload_id:uuid}", responses=problem_responses(404), **access("editions.upload"))
async def read_upload(db: Db, actor: Who, upload_id: FromPath[UUID]) -> UploadRead:
    """What the checker said of an upload."""
    return UploadRead.model_validate(await upload_for(db, actor, upload_id), from_attributes=True)


@post(
    "/api/editions/{edition_id:uuid}/propose",
    status_code=200,
    responses=problem_responses(404, 409),
    **access("editions.upload"),
)
async def propose_edition(db: Db, actor: Who, edition_id: FromPath[UUID]) -> EditionRead:
    """Propose a draft for freezing."""
    return shown(await propose(db, actor, edition_id))


@post(
    "/api/editions/{edition_id:uuid}/decision",
    status_code=200,
    responses=problem_responses(403, 404, 409, 422),
    **access("editions.approve"),
)
async def decide_edition(db: Db, actor: Who, edition_id: FromPath[UUID], data: JSONBody[Decision]) -> EditionRead:
    """Freeze a proposed draft, or send it back, as a second person."""
    return shown(await decide(db, actor, edition_id, data.approve, data.reason))


@post(
    "/api/editions/{edition_id:uuid}/end",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access("editions.approve"),
)
async def end_edition(db: Db, actor: Who, edition_id: FromPath[UUID], data: JSONBody[EditionEnd]) -> EditionRead:
    """Set the last day of a frozen edition."""
    return shown(await end(db, actor, edition_id, data.last_day))


@delete("/api/editions/{edition_id:uuid}", responses=problem_responses(404, 409), **access("editions.upload"))
async def drop_draft(db: Db, actor: Who, edition_id: FromPath[UUID]) -> None:
    """Give a draft up."""
    await give_up(db, actor, edition_id)


handlers = [
    list_editions,
    read_edition,
    upload_edition,
    read_upload,
    propose_edition,
    decide_edition,
    end_edition,
    drop_draft,
]
