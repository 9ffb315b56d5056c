"""Pages of the base: exam sessions, freezing, the invigilator's board, more time, releasing results."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import BeforeValidator

from service.approvals.queries import approvals_of, open_approval
from service.courses.tables import CourseSession
from service.exams.actions.planning import add_sittings, cancel_exam, freeze_exam, more_time, plan_exam, rename_exam
from service.exams.actions.recording import recorded_by
from service.exams.actions.releasing import STEP, SUBJECT, decide_release, propose_release
from service.exams.queries import (
    blueprints,
    board_of,
    course_sessions_for,
    database_now,
    exam_for,
    exams_for,
    form_of,
    latest_results,
    recorded_scores,
    score_trail,
    sitting_counts,
)
from service.exams.rules import EXAM_STATE_TITLES, OUTCOME_TITLES, SITTING_STATE_TITLES, clock_text, points_text
from service.exams.schemas import ExamCreate, ExamRename, MoreTime, ReleaseDecision
from service.exams.tables import ExamMode
from service.foundation.clock import BEIJING
from service.foundation.language import later
from service.items.queries import banks_for
from service.timetable.queries import rooms_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


def in_beijing(value: Any) -> Any:
    """A date and time as a form gives it, without zone, is Beijing time."""
    if isinstance(value, str):
        try:
            given = datetime.fromisoformat(value)
        except ValueError:
            return value
        return given if given.tzinfo else given.replace(tzinfo=BEIJING)
    return value


Local = Annotated[datetime, BeforeValidator(in_beijing)]


class ExamForm(ExamCreate):
    """ExamCreate as a form sends it: times of the clock in Beijing."""

    opens_at: Local
    closes_at: Local


@get("/exams", **access("exams.read"))
async def exams_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Exam sessions of the organisation."""
    rows = await exams_for(db, actor, limit=200)
    return page(request, "exams/list.html", rows=rows, states=EXAM_STATE_TITLES, may_plan=actor.may("exams.plan"))


@get("/exams/new", **access("exams.plan"))
async def new_exam_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, mode: FromQuery[str] = ""
) -> Response[str]:
    """The form of a new exam session: drawn and held online, or held on paper (`?mode=paper`)."""
    return await _plan_page(request, db, actor, Submission({"mode": mode}))


async def _plan_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, submission: Submission[Any], status: int = 200
) -> Response[str]:
    return page(
        request,
        "exams/new.html",
        status=status,
        submission=submission,
        on_paper=submission.get("mode") == ExamMode.PAPER,
        sessions=await course_sessions_for(db, actor),
        blueprints=await blueprints(db),
        banks=await banks_for(db, actor),
        rooms=await rooms_of(db, actor.org, in_use_only=True),
    )


@post("/exams", **access("exams.plan"))
async def plan_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Plan an exam session."""
    form = await read_form(request, ExamForm)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: plan_exam(db, actor, data))
        if row is not None:
            message = (
                later("The exam is planned. Close the list of candidates when enrolment is complete.")
                if row.mode is ExamMode.PAPER
                else later("The exam is planned. Freeze it when enrolment is complete.")
            )
            return redirect(f"/exams/{row.id}", message)
    return await _plan_page(request, db, actor, form, 422)


@get("/exams/{exam_id:uuid}", **access("exams.read"))
async def exam_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[str]:
    """One exam session: times, state, board, and what can be done next."""
    return await _exam_page(request, db, actor, exam_id)


async def _exam_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    exam_id: UUID,
    submission: Submission[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    exam = await exam_for(db, actor, exam_id)
    rows = await board_of(db, exam)
    results = await latest_results(db, [row.sitting_id for row in rows])
    return page(
        request,
        "exams/exam.html",
        status=status,
        exam=exam,
        session=await db.get(CourseSession, exam.course_session_id),
        form=await form_of(db, exam.id),
        rows=rows,
        results=results,
        counts=await sitting_counts(db, exam.id),
        begun=await database_now(db) >= exam.opens_at,
        proposal=await open_approval(db, SUBJECT, exam.id, STEP),
        past=await approvals_of(db, SUBJECT, exam.id),
        states=EXAM_STATE_TITLES,
        sitting_states=SITTING_STATE_TITLES,
        clock_text=clock_text,
        exact=points_text,
        recorded=await recorded_scores(db, [row.sitting_id for row in rows]),
        trail=await score_trail(db, exam.id),
        outcomes=OUTCOME_TITLES,
        own_scores=await recorded_by(db, actor, exam.id),
        submission=submission or Submission({}),
        may={
            name: actor.may(name)
            for name in ("exams.plan", "exams.invigilate", "exams.release_propose", "exams.release")
        },
        own_account=actor.account_id,
    )


@get("/exams/{exam_id:uuid}/board", **access("exams.read"))
async def board_part(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[str]:
    """The board alone, as the page asks for it every few seconds."""
    exam = await exam_for(db, actor, exam_id)
    return page(
        request,
        "exams/board_part.html",
        exam=exam,
        rows=await board_of(db, exam),
        results={},
        sitting_states=SITTING_STATE_TITLES,
        clock_text=clock_text,
        may={"exams.plan": actor.may("exams.plan"), "exams.invigilate": actor.may("exams.invigilate")},
    )


async def _done(
    request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: UUID, action: Any, message: str
) -> Response[Any]:
    """Do one thing to an exam session: back to its page, which shows why when it was refused."""
    form: Submission[Any] = Submission({})
    done = await attempt(db, form, action)
    if done is None and form.errors:
        return await _exam_page(request, db, actor, exam_id, form, 422)
    return redirect(f"/exams/{exam_id}", message)


@post("/exams/{exam_id:uuid}/name", **access("exams.plan"))
async def rename_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Give a planned exam session another name."""
    form = await read_form(request, ExamRename)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: rename_exam(db, actor, exam_id, data))
        if row is not None:
            return redirect(f"/exams/{exam_id}", later("The exam has its new name."))
    return await _exam_page(request, db, actor, exam_id, form, 422)


@post("/exams/{exam_id:uuid}/freeze", **access("exams.plan"))
async def freeze_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Draw the paper and write everybody's sitting."""
    exam = await exam_for(db, actor, exam_id)
    message = (
        later("The list of candidates is closed. Scores can be taken once the exam is held.")
        if exam.mode is ExamMode.PAPER
        else later("The paper is drawn and every enrolled person has a sitting.")
    )
    return await _done(request, db, actor, exam_id, lambda: freeze_exam(db, actor, exam_id), message)


@post("/exams/{exam_id:uuid}/cancel", **access("exams.plan"))
async def cancel_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Cancel a planned exam session."""
    message = later("The exam is cancelled.")
    return await _done(request, db, actor, exam_id, lambda: cancel_exam(db, actor, exam_id), message)


@post("/exams/{exam_id:uuid}/sittings", **access("exams.plan"))
async def sittings_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Sittings for people enrolled since the freezing."""
    message = later("Everyone enrolled has a sitting now.")
    return await _done(request, db, actor, exam_id, lambda: add_sittings(db, actor, exam_id), message)


@get("/exams/{exam_id:uuid}/sittings/{sitting_id:uuid}/time", **access("exams.invigilate|exams.plan"))
async def time_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID], sitting_id: FromPath[UUID]
) -> Response[str]:
    """The form by which one person gets more minutes."""
    return await _time_page(request, db, actor, exam_id, sitting_id, Submission({}))


async def _time_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    exam_id: UUID,
    sitting_id: UUID,
    form: Submission[Any],
    status: int = 200,
) -> Response[str]:
    exam = await exam_for(db, actor, exam_id)
    row = next((one for one in await board_of(db, exam) if one.sitting_id == sitting_id), None)
    return page(request, "exams/time.html", status=status, exam=exam, row=row, submission=form)


@post("/exams/{exam_id:uuid}/sittings/{sitting_id:uuid}/time", **access("exams.invigilate|exams.plan"))
async def give_time_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID], sitting_id: FromPath[UUID]
) -> Response[Any]:
    """Give one person more minutes, with the reason."""
    form = await read_form(request, MoreTime)
    if (data := form.data) is not None:
        sitting = await attempt(db, form, lambda: more_time(db, actor, sitting_id, data))
        if sitting is not None:
            return redirect(f"/exams/{exam_id}", later("The time was given."))
    return await _time_page(request, db, actor, exam_id, sitting_id, form, 422)


@post("/exams/{exam_id:uuid}/release", **access("exams.release_propose"))
async def propose_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Propose to release the results."""
    message = later("Proposed. Another person decides.")
    return await _done(request, db, actor, exam_id, lambda: propose_release(db, actor, exam_id), message)


@post("/exams/{exam_id:uuid}/release/decision", **access("exams.release"))
async def decide_page(request: Request[Any, Any, Any], db: Db, actor: Who, exam_id: FromPath[UUID]) -> Response[Any]:
    """Release the proposed results, or refuse to, as the second person."""
    form = await read_form(request, ReleaseDecision)
    if (data := form.data) is not None:
        released = await attempt(
            db, form, lambda: decide_release(db, actor, exam_id, approve=data.approve, reason=data.reason)
        )
        if released is not None:
            message = later("The results are released.") if data.approve else later("The proposal is refused.")
            return redirect(f"/exams/{exam_id}", message)
    return await _exam_page(request, db, actor, exam_id, form, 422)


handlers: list[Any] = [
    exams_page,
    new_exam_page,
    plan_page,
    exam_page,
    board_part,
    rename_page,
    freeze_page,
    cancel_page,
    sittings_page,
    time_page,
    give_time_page,
    propose_page,
    decide_page,
]
