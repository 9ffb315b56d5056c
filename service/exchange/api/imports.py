"""Files in, for machines: upload, preview, confirm, drop, the file back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.status_codes import HTTP_200_OK

from service.exchange.actions.imports import confirm, drop, kinds_of, upload, with_reasons
from service.exchange.queries.imports import import_for
from service.exchange.rules.imports import LARGEST_FILE, said_again
from service.exchange.schemas.imports import ImportRead, ImportRowRead
from service.exchange.tables import FileImport
from service.foundation.errors import InvalidInput
from service.foundation.keyring import keyring_at
from service.foundation.language import later
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.limits import UPLOAD
from service.web.problems import problem_responses

REFUSALS = problem_responses(403, 404, 409, 413, 422, 429)
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
ROOM = 64 * 1024  # for the form around the file


def read(row: FileImport) -> ImportRead:
    """An upload with the sentences of its rows in the reader's language."""
    rows = [
        ImportRowRead(
            row=one["row"],
            outcome=one["outcome"],
            reasons=[said_again(one["row"], reason) for reason in one["reasons"]],
            ref=one["ref"],
            result=one["result"],
        )
        for one in row.rows
    ]
    return ImportRead(**row.model_dump(include=set(ImportRead.model_fields) - {"rows"}), rows=rows)


@post(
    "/api/imports",
    responses=REFUSALS,
    request_max_body_size=LARGEST_FILE + ROOM,
    **access("exchange.import"),
)
async def upload_file(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    kind: FromQuery[str],
    data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    target: FromQuery[UUID | None] = None,
) -> ImportRead:
    """Upload a file; the answer is the preview of its rows. Nothing is kept before it is confirmed."""
    await request.app.state.limits.take(UPLOAD, str(actor.account_id))
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    if not isinstance(data, UploadFile):  # a form whose fields hold no file is handed on as it came
        raise InvalidInput(field="file", reason=later("please choose a file."))
    content = await data.read()
    return read(await upload(db, keyring, settings.files_dir, actor, kind, target, data.filename, content))


@get("/api/imports/{import_id:uuid}", responses=problem_responses(404), **access("exchange.import"))
async def one_import(db: Db, actor: Who, import_id: FromPath[UUID]) -> ImportRead:
    """One upload with its rows."""
    return read(await import_for(db, actor, import_id, kinds_of(actor)))


@post(
    "/api/imports/{import_id:uuid}/confirm",
    status_code=HTTP_200_OK,
    responses=REFUSALS,
    **access("exchange.import"),
)
async def confirm_import(db: Db, actor: Who, import_id: FromPath[UUID]) -> ImportRead:
    """Keep the rows that can be kept; a second time changes nothing."""
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    return read(await confirm(db, keyring, settings.files_dir, actor, import_id))


@post("/api/imports/{import_id:uuid}/drop", status_code=HTTP_200_OK, responses=REFUSALS, **access("exchange.import"))
async def drop_import(db: Db, actor: Who, import_id: FromPath[UUID]) -> ImportRead:
    """Give an upload up."""
    return read(await drop(db, actor, import_id))


@get(
    "/api/imports/{import_id:uuid}/file",
    responses=problem_responses(404, 410),
    **access("exchange.import", answers=tuple(MEDIA.values())),
)
async def file_back(db: Db, actor: Who, import_id: FromPath[UUID]) -> Response[bytes]:
    """The uploaded file with a column that says what is wrong with each row."""
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    content, ending = await with_reasons(db, keyring, settings.files_dir, actor, import_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{import_id}.{ending}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA[ending], headers=headers)


handlers = [upload_file, one_import, confirm_import, drop_import, file_back]
