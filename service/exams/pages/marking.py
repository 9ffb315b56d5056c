"""Pages of markers: the queue by question, one answer with its rubric; no names anywhere."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.exams.actions.marking import Script, give_mark, marking_queue, script_for, scripts_for
from service.exams.rules import points_text
from service.exams.schemas import MarkGive
from service.foundation.language import later
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


@get("/marking", **access("exams.mark"))
async def marking_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Essay questions with answers to mark."""
    return page(request, "exams/marking.html", rows=await marking_queue(db, actor), exact=points_text)


@get("/marking/{exam_id:uuid}/{place:str}", **access("exams.mark"))
async def scripts_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID], place: FromPath[str]
) -> Response[str]:
    """The answers to one question, numbered."""
    exam, asked, rows = await scripts_for(db, actor, exam_id, place)
    return page(request, "exams/scripts.html", exam=exam, place=asked, rows=rows)


@get("/marking/sittings/{sitting_id:uuid}/{place:str}", **access("exams.mark"))
async def script_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID], place: FromPath[str]
) -> Response[str]:
    """One answer with the rubric."""
    script = await script_for(db, actor, sitting_id, place)
    return _script_page(request, script, Submission({}))


def _script_page(
    request: Request[Any, Any, Any], script: Script, form: Submission[Any], status: int = 200
) -> Response[str]:
    return page(request, "exams/script.html", status=status, script=script, submission=form, exact=points_text)


@post("/marking/sittings/{sitting_id:uuid}/{place:str}", **access("exams.mark"))
async def mark_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID], place: FromPath[str]
) -> Response[Any]:
    """Mark one answer and go on to the next that has no mark."""
    form = await read_form(request, MarkGive)
    if (data := form.data) is not None:
        mark = await attempt(db, form, lambda: give_mark(db, actor, sitting_id, place, data))
        if mark is not None:
            exam, _, rows = await scripts_for(
                db, actor, (await script_for(db, actor, sitting_id, place)).exam.id, place
            )
            following = next((row for row in rows if row.rounds == 0), None)
            if following is not None:
                return redirect(f"/marking/sittings/{following.sitting_id}/{place}", later("Marked. Here is the next."))
            return redirect(f"/marking/{exam.id}/{place}", later("Marked. No answer to this question is left."))
    return _script_page(request, await script_for(db, actor, sitting_id, place), form, 422)


handlers: list[Any] = [marking_page, scripts_page, script_page, mark_page]
