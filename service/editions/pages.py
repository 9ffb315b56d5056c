"""Pages of standards, syllabi and blueprints: what is in force, what is waiting, and what the checker says."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from curricula.editions import Standard
from curricula.papers import Blueprint
from service.approvals.queries import open_approval
from service.editions.actions import SUBJECT, decide, end, give_up, propose, upload
from service.editions.queries import (
    edition_for,
    is_in_force,
    register_in,
    syllabus_in,
    upload_for,
    uploads_of,
    visible,
)
from service.editions.schemas import Decision, EditionEnd
from service.editions.tables import Edition, EditionKind, EditionState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import gettext, later
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

READS = "editions.read|courses.read|exams.read|items.read"
KIND_TITLES = {
    EditionKind.SYLLABUS: later("Syllabi"),
    EditionKind.STANDARD: later("Competence standards"),
    EditionKind.BLUEPRINT: later("Exam blueprints"),
    EditionKind.LAWS: later("Citation registers"),
}


class Pasted(BaseModel):
    """The upload form: a file, or text pasted into the box."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, max_length=200_000)


@get("/editions", **access(READS))
async def editions_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Every frozen edition by kind, and the organisation's own drafts."""
    today = clock.today()
    rows = await visible(db, actor)
    groups = [
        (KIND_TITLES[kind], [(row, standing(row, today)) for row in rows if row.kind == kind]) for kind in KIND_TITLES
    ]
    may_upload = actor.may("editions.upload")
    return page(
        request,
        "editions/list.html",
        groups=[one for one in groups if one[1]],
        may_upload=may_upload,
        uploads=await uploads_of(db, actor.org, 5) if may_upload else [],
    )


def standing(row: Edition, today: Any) -> str:
    """`draft`, `coming`, `in_force` or `ended`."""
    if row.state != EditionState.FROZEN:
        return "draft"
    if is_in_force(row, today):
        return "in_force"
    return "coming" if row.effective_from and row.effective_from > today else "ended"


@get("/editions/upload", **access("editions.upload"))
async def upload_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form that takes an edition."""
    return page(request, "editions/upload.html", form=Submission(), report=None)


@post("/editions/upload", **access("editions.upload"))
async def take_upload(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Check an uploaded edition: a draft when it has no errors, else the report, which is kept as well."""
    form = await read_form(request, Pasted)
    given = form.files.get("file")
    raw = await given.read() if given is not None else b""
    name = (given.filename or "").strip()[-200:] if given is not None and raw else ""
    if form.data is not None and not raw and not form.data.text:
        form.errors.append({"field": "file", "message": gettext(later("Choose a file or paste the text."))})
    elif form.data is not None:
        content = raw or (form.data.text or "").replace("\r\n", "\n").encode()
        row = await attempt(db, form, lambda: upload(db, actor, name or "edition.yaml", content))
        if row is not None and row.edition_id is not None:
            return redirect(
                f"/editions/{row.edition_id}",
                later("The checker found no errors. Propose the draft to a second person."),
            )
        if row is not None:
            return page(request, "editions/upload.html", status=422, form=form, report=row)
    return page(request, "editions/upload.html", status=422, form=form, report=None)


@get("/editions/uploads/{upload_id:uuid}", **access("editions.upload"))
async def report_page(request: Request[Any, Any, Any], db: Db, actor: Who, upload_id: FromPath[UUID]) -> Response[str]:
    """What the checker said of an upload, beside the lines of its text."""
    row = await upload_for(db, actor, upload_id)
    return page(request, "editions/report.html", report=row)


async def _detail(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, row: Edition, form: Submission[Any] | None = None
) -> Response[str]:
    proposal = await open_approval(db, SUBJECT, row.id) if row.owner_org_id == actor.org_id else None
    mine = row.owner_org_id is not None and row.owner_org_id == actor.org_id
    return page(
        request,
        "editions/detail.html",
        status=422 if form else 200,
        row=row,
        standing=standing(row, clock.today()),
        value=value_of(row),
        proposal=proposal,
        own_proposal=proposal is not None and proposal.maker_account_id == actor.account_id,
        may_upload=mine and actor.may("editions.upload"),
        may_approve=mine and actor.may("editions.approve"),
        form=form or Submission(),
        today=clock.today(),
    )


def value_of(row: Edition) -> Any:
    """The value an edition holds, for its page."""
    if row.kind == EditionKind.SYLLABUS:
        return syllabus_in(row)
    if row.kind == EditionKind.LAWS:
        return register_in(row)
    kind: type[Standard] | type[Blueprint] = Standard if row.kind == EditionKind.STANDARD else Blueprint
    return kind.from_json(row.content)


@get("/editions/{edition_id:uuid}", **access(READS))
async def edition_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, edition_id: FromPath[UUID]
) -> Response[str]:
    """One edition: modules, courses, periods and marks of working values, in the reader's language."""
    return await _detail(request, db, actor, await edition_for(db, actor, edition_id))


async def _acted(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    edition_id: UUID,
    form: Submission[Any],
    action: Callable[[], Awaitable[Any]],
    message: str,
) -> Response[Any]:
    if not form.errors:
        await attempt(db, form, action)
    if not form.errors:
        return redirect(f"/editions/{edition_id}", message)
    row = await edition_for(db, actor, edition_id)
    await db.refresh(row)
    return await _detail(request, db, actor, row, form)


@post("/editions/{edition_id:uuid}/propose", **access("editions.upload"))
async def propose_edition(
    request: Request[Any, Any, Any], db: Db, actor: Who, edition_id: FromPath[UUID]
) -> Response[Any]:
    """Propose a draft for freezing."""
    message = later("Proposed. Another standard owner of your organisation now decides.")
    form: Submission[Any] = Submission()
    return await _acted(request, db, actor, edition_id, form, lambda: propose(db, actor, edition_id), message)


@post("/editions/{edition_id:uuid}/decide", **access("editions.approve"))
async def decide_edition(
    request: Request[Any, Any, Any], db: Db, actor: Who, edition_id: FromPath[UUID]
) -> Response[Any]:
    """Freeze a proposed draft, or send it back, as a second person."""
    form = await read_form(request, Decision)
    given = form.data or Decision(approve=False)
    message = later("The edition is frozen.") if given.approve else later("The draft was sent back.")

    async def act() -> Any:
        return await decide(db, actor, edition_id, given.approve, given.reason)

    return await _acted(request, db, actor, edition_id, form, act, message)


@post("/editions/{edition_id:uuid}/end", **access("editions.approve"))
async def end_edition(request: Request[Any, Any, Any], db: Db, actor: Who, edition_id: FromPath[UUID]) -> Response[Any]:
    """Set the last day of a frozen edition."""
    form = await read_form(request, EditionEnd)
    given = form.data

    async def act() -> Any:
        return await end(db, actor, edition_id, given.last_day) if given else None

    return await _acted(request, db, actor, edition_id, form, act, later("The last day is set."))


@post("/editions/{edition_id:uuid}/give-up", **access("editions.upload"))
async def drop_draft(db: Db, actor: Who, edition_id: FromPath[UUID]) -> Response[Any]:
    """Give a draft up."""
    await give_up(db, actor, edition_id)
    return redirect("/editions", later("The draft is given up; its name is free again."))


handlers = [
    editions_page,
    upload_page,
    take_upload,
    report_page,
    edition_page,
    propose_edition,
    decide_edition,
    end_edition,
    drop_draft,
]
