"""Pages that give a session's own lists to fill in, and take its score lists."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from service.enrolments.queries import base_session
from service.exams.actions.recording import recordable_exam
from service.exchange.actions.own_lists import Ending, attendance_list, empty_roster, score_list
from service.exchange.pages.imports import ROOM, as_file, received, shown_upload
from service.exchange.rules.imports import LARGEST_FILE
from service.foundation.errors import NotFound
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission


def ending_of(text: str) -> Ending:
    """The ending a list is asked for with. Raises NotFound."""
    if text == "xlsx":
        return "xlsx"
    if text == "csv":
        return "csv"
    raise NotFound


@get("/sessions/{session_id:uuid}/roster/template.csv", **access("exchange.import"))
async def roster_text(db: Db, actor: Who, session_id: FromPath[UUID]) -> Response[bytes]:
    """A roster to fill in, as a text file."""
    session = await base_session(db, actor, session_id)
    return as_file(empty_roster("csv"), f"学员名单_{session.code}", "csv")


@get("/sessions/{session_id:uuid}/attendance-list/list/{ending:str}", **access("attendance.record"))
async def attendance_to_fill(
    db: Db,
    actor: Who,
    session_id: FromPath[UUID],
    ending: FromPath[str],
    meeting: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """The session's attendance list, of all meetings or of one."""
    chosen = ending_of(ending)
    content, name = await attendance_list(db, actor, session_id, meeting, chosen)
    return as_file(content, name, chosen)


@get("/exams/{exam_id:uuid}/scores", **access("exchange.import"))
async def scores_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[str]:
    """Upload the scores of an exam held on paper."""
    await recordable_exam(db, actor, exam_id)
    return await shown_upload(request, db, actor, "scores", exam_id, Submission())


@post("/exams/{exam_id:uuid}/scores", request_max_body_size=LARGEST_FILE + ROOM, **access("exchange.import"))
async def send_scores(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Take a score list."""
    return await received(request, db, actor, "scores", exam_id)


@get("/exams/{exam_id:uuid}/scores/list/{ending:str}", **access("exams.plan"))
async def scores_to_fill(db: Db, actor: Who, exam_id: FromPath[UUID], ending: FromPath[str]) -> Response[bytes]:
    """The candidates of an exam held on paper, to fill in."""
    chosen = ending_of(ending)
    content, name = await score_list(db, actor, exam_id, chosen)
    return as_file(content, name, chosen)


handlers: list[Any] = [roster_text, attendance_to_fill, scores_page, send_scores, scores_to_fill]
