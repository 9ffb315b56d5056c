"""Pages for verifiers: many certificates at once, pasted or as a file, with a table, a workbook and a report to print."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import DomainError
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later, said
from service.settings import get_settings
from service.verification.actions import check_rows
from service.verification.queries import answers_kept, check_for, checks_of
from service.verification.rules import CHIPS, KEPT_DAYS, ROWS_A_DAY, ROWS_AT_ONCE, SAID
from service.verification.schemas import BatchForm
from service.verification.sheets import LARGEST_FILE, answers_workbook, pasted_rows, sheet_rows, state_said, template
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.limits import UPLOAD
from service.web.templating import page, redirect

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROOM = 256 * 1024


def workbook(content: bytes, name: str) -> Response[bytes]:
    """A workbook to be saved."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


async def asking(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    form: Submission[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """The form, and the organisation's latest checks."""
    return page(
        request,
        "verification/batch.html",
        status=status,
        form=form or Submission(),
        earlier=await checks_of(db, actor.org),
        rows_at_once=ROWS_AT_ONCE,
        rows_a_day=ROWS_A_DAY,
        kept_days=KEPT_DAYS,
        megabytes=LARGEST_FILE // 1024 // 1024,
        state_said=state_said,
    )


@get("/verify/batch", **access("verification.batch"))
async def batch_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Check many certificates at once."""
    return await asking(request, db, actor)


@get("/verify/batch/template", **access("verification.batch"))
async def batch_template() -> Response[bytes]:
    """An empty list to fill in."""
    return workbook(await asyncio.to_thread(template), f"{gettext(later('List to check'))}.xlsx")


@post("/verify/batch", request_max_body_size=LARGEST_FILE + ROOM, **access("verification.batch"))
async def check_batch(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Check a pasted list or a file; bad rows are named and stop no other."""
    await request.app.state.limits.take(UPLOAD, str(actor.account_id))
    form = await read_form(request, BatchForm)
    sent = form.files.get("file")
    content = await sent.read() if sent is not None and sent.filename else None
    if form.data is None:
        return await asking(request, db, actor, form, 422)
    try:
        asked = await asyncio.to_thread(sheet_rows, content) if content is not None else pasted_rows(form.data.pasted)
    except DomainError as refusal:
        form.refuse(refusal)
        return await asking(request, db, actor, form, 422)
    settings = get_settings()
    keyring = keyring_at(settings.keyring_path)
    made = await attempt(db, form, lambda: check_rows(db, keyring, settings, actor, asked))
    if made is None:
        return await asking(request, db, actor, form, 429)
    return redirect(f"/verify/batch/{made.id}")


@get("/verify/batch/{check_id:uuid}", **access("verification.batch"))
async def batch_report(request: Request[Any, Any, Any], db: Db, actor: Who, check_id: FromPath[UUID]) -> Response[str]:
    """The answers as a table, to be read and printed."""
    row = await check_for(db, actor, check_id)
    return page(
        request,
        "verification/report.html",
        row=row,
        answers=answers_kept(row, keyring_at(get_settings().keyring_path)),
        organisation=said(actor.organisation_name),
        account=actor.name,
        state_said=state_said,
        chips=CHIPS,
        said_states=SAID,
        kept_days=KEPT_DAYS,
    )


@get("/verify/batch/{check_id:uuid}/answers", **access("verification.batch"))
async def batch_answers(db: Db, actor: Who, check_id: FromPath[UUID]) -> Response[bytes]:
    """The answers as a workbook."""
    row = await check_for(db, actor, check_id)
    answers = answers_kept(row, keyring_at(get_settings().keyring_path))
    checked_at = row.created_at.astimezone(BEIJING)
    content = answers_workbook(answers, checked_at, said(actor.organisation_name), actor.name)
    return workbook(content, f"{gettext(later('Answers'))}-{checked_at:%Y%m%d-%H%M}.xlsx")


handlers = [batch_page, batch_template, check_batch, batch_report, batch_answers]
