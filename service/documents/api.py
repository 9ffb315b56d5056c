"""Downloading papers."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from service.documents.queries import paper
from service.foundation.errors import NotFound
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_responses

STAFF = ("credentials.read", "people.read", "incentives.read")


def attachment(content: bytes, name: str, media_type: str = "application/pdf") -> Response[bytes]:
    """A file to be saved under a name in any script (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


@get(
    "/api/documents/{document_id:uuid}/file",
    media_type="application/pdf",
    responses=problem_responses(404, 409, 410),
    **access(SIGNED_IN),
)
async def download(request: Request[Any, Any, Any], db: Db, actor: Who, document_id: FromPath[UUID]) -> Response[bytes]:
    """The file of a paper: its person's, and its organisation's for who may see people there."""
    row, content = await paper(db, request.app.state.settings, document_id)
    if row.person_id != actor.person_id and not any(actor.may(one) for one in STAFF):
        raise NotFound(what="document")
    return attachment(content, f"{row.kind}-{row.check_code}.pdf")


handlers = [download]
