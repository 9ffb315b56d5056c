"""Pages of files that come in: choose and upload, preview, confirm, results by row, the file back."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from service.courses.tables import CourseSession
from service.enrolments.queries import base_session
from service.exams.queries import exam_for
from service.exchange.actions.attendance_lists import class_of
from service.exchange.actions.imports import (
    KINDS,
    confirm,
    drop,
    kind_named,
    kinds_of,
    template_of,
    upload,
    with_reasons,
)
from service.exchange.queries.imports import applied_before, import_for, uploads
from service.exchange.rules.imports import (
    IMPORT_LIMITS,
    LARGEST_FILE,
    OUTCOME_TITLES,
    RESULT_TITLES,
    STATE_TITLES,
    said_again,
)
from service.exchange.tables import FileImport
from service.foundation.actor import Actor
from service.foundation.errors import InvalidInput
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later
from service.foundation.sheets.limits import MEGABYTE
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import UPLOAD
from service.web.templating import page, redirect

ROOM = 64 * 1024
MOST_SHOWN = 500
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
CHIPS = {"new": "ok", "changed": "info", "same": "neutral", "wrong": "err", "left_out": "closed"}
STATE_CHIPS = {"previewed": "pending", "applied": "ok", "dropped": "closed"}


class UploadForm(BaseModel):
    """The upload form; the file comes beside it."""

    model_config = ConfigDict(extra="forbid")


def place_of(kind: str, target_id: UUID | None) -> str:
    """The address of the page on which a kind of file is uploaded."""
    if kind == "roster":
        return f"/sessions/{target_id}/roster"
    if kind == "attendance":
        return f"/sessions/{target_id}/attendance-list"
    if kind == "scores":
        return f"/exams/{target_id}/scores"
    return f"/imports/new/{kind}"


def back_of(kind: str, target_id: UUID | None) -> tuple[str, str]:
    """Where a file's rows are seen afterwards: address and label (a message id)."""
    if kind == "scores":
        return f"/exams/{target_id}", later("Exam")
    if kind == "roster":
        return f"/sessions/{target_id}/enrolments", later("Enrolments")
    if kind == "attendance":
        return f"/sessions/{target_id}/attendance", later("Attendance")
    if kind == "contracts":
        return "/contracts", later("Contracts")
    return "/imports", later("Files in")


def templates_of(kind: str, target_id: UUID | None) -> list[tuple[str, str]]:
    """The lists to fill in that a kind of file offers: (address, label)."""
    place = place_of(kind, target_id)
    if kind == "roster":
        return [
            (f"{place}/template.xlsx", later("Empty list, Excel (.xlsx)")),
            (f"{place}/template.csv", later("Empty list, text (.csv)")),
        ]
    if kind in ("attendance", "scores"):
        return [
            (f"{place}/list/xlsx", later("List with the names, Excel (.xlsx)")),
            (f"{place}/list/csv", later("List with the names, text (.csv)")),
        ]
    return [(f"/imports/templates/{kind}", later("Template to fill in (.xlsx)"))]


async def shown_upload(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    kind_key: str,
    target_id: UUID | None,
    form: Submission[Any],
) -> Response[str]:
    """The upload page of one kind, with the latest uploads."""
    kind = kind_named(kind_key)
    actor.must(kind.permission)
    exam = await exam_for(db, actor, target_id) if kind_key == "scores" and target_id else None
    session_id = exam.course_session_id if exam else target_id
    session: CourseSession | None = await base_session(db, actor, session_id) if session_id else None
    group = await class_of(db, session) if kind_key == "attendance" and session else None
    return page(
        request,
        "exchange/upload.html",
        status=422 if form.errors else 200,
        kind=kind,
        session=session,
        exam=exam,
        meetings=group.meetings if group else [],
        people=len(group.seats.people) if group else 0,
        templates=templates_of(kind_key, target_id),
        action=place_of(kind_key, target_id),
        back=back_of(kind_key, target_id),
        earlier=await uploads(db, actor, [kind_key], target_id, 10),
        states=STATE_TITLES,
        chips=STATE_CHIPS,
        form=form,
        largest=LARGEST_FILE // MEGABYTE,
        rows=IMPORT_LIMITS.rows,
    )


async def received(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, kind_key: str, target_id: UUID | None
) -> Response[Any]:
    """Take a file from the upload page: to its preview, or the page again with the refusal."""
    kind_named(kind_key)
    await request.app.state.limits.take(UPLOAD, str(actor.account_id))
    form = await read_form(request, UploadForm)
    sent = form.files.get("file")
    if sent is None or not sent.filename:
        form.refuse(InvalidInput(field="file", reason=gettext(later("please choose a file."))))
        return await shown_upload(request, db, actor, kind_key, target_id, form)
    content, settings = await sent.read(), get_settings()
    keyring, name = keyring_at(settings.keyring_path), sent.filename
    row = await attempt(
        db,
        form,
        lambda: upload(db, keyring, settings.files_dir, actor, kind_key, target_id, name, content),
    )
    if row is None:
        for error in form.errors:
            error["field"] = error["field"] or "file"
        return await shown_upload(request, db, actor, kind_key, target_id, form)
    return redirect(f"/imports/{row.id}")


def as_file(content: bytes, name: str, ending: str) -> Response[bytes]:
    """A download whose name may be Chinese."""
    disposition = f"attachment; filename=\"file.{ending}\"; filename*=UTF-8''{quote(f'{name}.{ending}')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[ending], headers=headers)


@get("/imports", **access("exchange.import"))
async def imports_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The latest uploads, and what can be uploaded without a session."""
    kinds = kinds_of(actor)
    return page(
        request,
        "exchange/imports.html",
        kinds=[KINDS[key] for key in kinds if not KINDS[key].with_target],
        titles={key: kind.title for key, kind in KINDS.items()},
        uploads=await uploads(db, actor, kinds, limit=50),
        states=STATE_TITLES,
        chips=STATE_CHIPS,
    )


@get("/sessions/{session_id:uuid}/roster", **access("exchange.import"))
async def roster_page(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[str]:
    """Upload a roster."""
    return await shown_upload(request, db, actor, "roster", session_id, Submission())


@post("/sessions/{session_id:uuid}/roster", request_max_body_size=LARGEST_FILE + ROOM, **access("exchange.import"))
async def send_roster(request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[Any]:
    """Take a roster."""
    return await received(request, db, actor, "roster", session_id)


@get("/sessions/{session_id:uuid}/roster/template.xlsx", **access("exchange.import"))
async def roster_template(db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[bytes]:
    """A roster to fill in."""
    session = await base_session(db, actor, session_id)
    return as_file(template_of(KINDS["roster"], "学员名单"), f"学员名单_{session.code}", "xlsx")


@get("/sessions/{session_id:uuid}/attendance-list", **access("exchange.import"))
async def attendance_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[str]:
    """Upload an attendance list."""
    return await shown_upload(request, db, actor, "attendance", session_id, Submission())


@post(
    "/sessions/{session_id:uuid}/attendance-list",
    request_max_body_size=LARGEST_FILE + ROOM,
    **access("exchange.import"),
)
async def send_attendance(
    request: Request[Any, Any, Any], db: Db, actor: Who, session_id: FromPath[UUID]
) -> Response[Any]:
    """Take an attendance list."""
    return await received(request, db, actor, "attendance", session_id)


@get("/imports/new/{kind:str}", **access("exchange.import"))
async def upload_page(request: Request[Any, Any, Any], db: Db, actor: Who, kind: FromPath[str]) -> Response[str]:
    """Upload a file that belongs to no session."""
    return await shown_upload(request, db, actor, kind, None, Submission())


@post("/imports/new/{kind:str}", request_max_body_size=LARGEST_FILE + ROOM, **access("exchange.import"))
async def send_file(request: Request[Any, Any, Any], db: Db, actor: Who, kind: FromPath[str]) -> Response[Any]:
    """Take a file that belongs to no session."""
    return await received(request, db, actor, kind, None)


@get("/imports/templates/{kind:str}", **access("exchange.import"))
async def template_page(actor: Who, kind: FromPath[str]) -> Response[bytes]:
    """A workbook to fill in."""
    chosen = kind_named(kind)
    actor.must(chosen.permission)
    return as_file(template_of(chosen, chosen.key), gettext(chosen.title), "xlsx")


async def shown_import(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    row: FileImport,
    show: str,
    form: Submission[Any] | None = None,
) -> Response[str]:
    """One upload: what each row is, or what became of it."""
    rows = [one for one in row.rows if not show or one["outcome"] == show]
    kind = KINDS[row.kind]
    return page(
        request,
        "exchange/import.html",
        status=422 if form is not None and form.errors else 200,
        upload=row,
        kind=kind,
        rows=[
            {
                "number": one["row"],
                "outcome": one["outcome"],
                "result": one["result"],
                "reasons": [said_again(one["row"], reason) for reason in one["reasons"]],
                "wrong": one["outcome"] == "wrong",
            }
            for one in rows[:MOST_SHOWN]
        ],
        hidden=max(0, len(rows) - MOST_SHOWN),
        show=show,
        before=await applied_before(db, row),
        outcomes=OUTCOME_TITLES,
        results=RESULT_TITLES,
        states=STATE_TITLES,
        chips=CHIPS,
        state_chips=STATE_CHIPS,
        again=place_of(row.kind, row.target_id),
        back=back_of(row.kind, row.target_id),
        form=form or Submission(),
    )


@get("/imports/{import_id:uuid}", **access("exchange.import"))
async def import_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, import_id: FromPath[UUID], show: FromQuery[str] = ""
) -> Response[str]:
    """One upload: preview or result."""
    row = await import_for(db, actor, import_id, kinds_of(actor))
    return await shown_import(request, db, actor, row, show if show in set(OUTCOME_TITLES) else "")


@post("/imports/{import_id:uuid}/confirm", **access("exchange.import"))
async def confirm_page(request: Request[Any, Any, Any], db: Db, actor: Who, import_id: FromPath[UUID]) -> Response[Any]:
    """Keep the rows that can be kept."""
    form: Submission[Any] = Submission()
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    row = await attempt(db, form, lambda: confirm(db, keyring, settings.files_dir, actor, import_id))
    if row is None:
        row = await import_for(db, actor, import_id, kinds_of(actor))
        return await shown_import(request, db, actor, row, "", form)
    counts = row.counts
    return redirect(
        f"/imports/{row.id}",
        later("Applied: %(new)s new, %(changed)s changed, %(same)s as before, %(wrong)s refused."),
        kind="ok" if counts["wrong"] == 0 else "warn",
        **{name: counts[name] for name in ("new", "changed", "same", "wrong")},
    )


@post("/imports/{import_id:uuid}/drop", **access("exchange.import"))
async def drop_page(db: Db, actor: Who, import_id: FromPath[UUID]) -> Response[Any]:
    """Give an upload up."""
    row = await drop(db, actor, import_id)
    return redirect(place_of(row.kind, row.target_id), later("The upload was dropped. Nothing was changed."))


@get("/imports/{import_id:uuid}/file", **access("exchange.import"))
async def file_page(db: Db, actor: Who, import_id: FromPath[UUID]) -> Response[bytes]:
    """Their own file with a column of reasons."""
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    row = await import_for(db, actor, import_id, kinds_of(actor))
    content, ending = await with_reasons(db, keyring, settings.files_dir, actor, import_id)
    return as_file(content, row.file_name.rsplit(".", 1)[0] + "_错误说明", ending)


handlers = [
    imports_page,
    roster_page,
    send_roster,
    roster_template,
    attendance_page,
    send_attendance,
    upload_page,
    send_file,
    template_page,
    import_page,
    confirm_page,
    drop_page,
    file_page,
]
