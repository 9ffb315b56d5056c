"""The exams room for machines: planning, sitting, saving, marking, results and their release."""

import hmac
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_409_CONFLICT

from service.exams.actions.marking import give_mark, marking_queue, script_for, script_texts
from service.exams.actions.planning import add_sittings, cancel_exam, freeze_exam, more_time, plan_exam, rename_exam
from service.exams.actions.releasing import decide_release, propose_release
from service.exams.actions.saving import pool_in, save_answer
from service.exams.actions.sitting import close_if_over, receipt_for, start_sitting, submit_sitting
from service.exams.errors import AnswerStale, PaperHandedIn
from service.exams.queries import board_of, exam_for, exams_for, own_result, own_sittings, sitting_clock, sitting_read
from service.exams.schemas import (
    AnswerSave,
    BoardRow,
    ExamCreate,
    ExamFrozen,
    ExamRead,
    ExamRename,
    MarkGive,
    MarkRead,
    MoreTime,
    OwnSitting,
    QueueRow,
    Receipt,
    ReleaseDecision,
    ReleaseProposed,
    ResultRead,
    SaveOutcome,
    ScriptRead,
    ScriptText,
    SittingClock,
    SittingRead,
)
from service.exams.tables import ExamSession, Result
from service.foundation.errors import NotFound, SignInNeeded
from service.foundation.keyring import digest_of
from service.foundation.paging import Page, cursor_of, key_of
from service.web.access import PUBLIC, Who, access
from service.web.csrf import HEADER, ForeignRequest, form_token
from service.web.database import Db
from service.web.problems import problem_of, problem_responses
from service.web.signed_in import token_in

SAVE_STATUS = {"saved": HTTP_200_OK, "late": HTTP_202_ACCEPTED, "stale": HTTP_409_CONFLICT, "closed": HTTP_409_CONFLICT}


def exam_read(row: ExamSession) -> ExamRead:
    """An exam session as it goes out."""
    return ExamRead.model_validate(row)


def result_read(row: Result, exam_id: UUID) -> ResultRead:
    """A result as it goes out: sums only, never single questions."""
    return ResultRead(
        result_id=row.id,
        sitting_id=row.sitting_id,
        exam_session_id=exam_id,
        run=row.run,
        earned=row.record["earned"],
        points=row.record["points"],
        passed=row.passed,
        complete=row.complete,
        required=row.record["cut"]["required"],
        by_module=row.record["modules"],
        by_unit=row.record["units"],
        digest=row.digest,
    )


# --- for candidates ------------------------------------------------------------------------------------------------


@get("/api/my/sittings", **access("own.sittings"))
async def list_own_sittings(db: Db, actor: Who) -> list[OwnSitting]:
    """One's own sittings."""
    return await own_sittings(db, actor)


@get("/api/sittings/{sitting_id:uuid}", responses=problem_responses(404), **access("own.sittings"))
async def read_sitting(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> SittingRead:
    """One's own sitting: paper without keys while it is open, saved answers, seconds left by the database's clock."""
    await close_if_over(db, actor, sitting_id)
    return await sitting_read(db, actor, sitting_id)


@get("/api/sittings/{sitting_id:uuid}/clock", responses=problem_responses(404), **access("own.sittings"))
async def clock(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> SittingClock:
    """The seconds left by the database's clock, and the form token of the present sign-in."""
    state, now, seconds = await sitting_clock(db, actor, sitting_id)
    return SittingClock(
        state=state, server_time=now, seconds_left=seconds, csrf_token=form_token(token_in(request.scope))
    )


@post(
    "/api/sittings/{sitting_id:uuid}/start",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("own.sittings"),
)
async def start(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> SittingRead:
    """Start one's sitting; again is the same as coming back."""
    await start_sitting(db, actor, sitting_id)
    return await sitting_read(db, actor, sitting_id)


@put(
    "/api/sittings/{sitting_id:uuid}/answers/{slot:int}",
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    request_max_body_size=128 * 1024,
    **access(PUBLIC, no_session=True),
)
async def save(
    request: Request[Any, Any, Any], sitting_id: FromPath[UUID], slot: FromPath[int], data: JSONBody[AnswerSave]
) -> Response[Any]:
    """Save one answer: sign-in cookie and X-CSRF-Token as for every write, checked here and inside the one statement.

    200 saved; 409 a newer revision stands (it is in the answer) or the paper was handed in; 202 kept but too late to count.
    """
    token = shown_token(request)
    outcome = await save_answer(
        pool_in(request.app.state), digest_of(token), sitting_id, slot, data.revision, data.response, data.flagged
    )
    return save_response(request, outcome)


def shown_token(request: Request[Any, Any, Any]) -> str:
    """The sign-in token of the cookie when the form token fits it. Raises SignInNeeded, ForeignRequest."""
    shown = token_in(request.scope)
    if shown is None or shown[0] != "session":
        raise SignInNeeded
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), form_token(shown).encode()):
        raise ForeignRequest
    return shown[1]


def save_response(request: Request[Any, Any, Any], outcome: SaveOutcome) -> Response[Any]:
    """What became of a save; a conflict is a problem that carries the answer that stands."""
    if outcome.outcome == "signed_out":
        raise SignInNeeded
    if outcome.outcome == "unknown":
        raise NotFound(what="sitting")
    body = outcome.model_dump(mode="json")
    status = SAVE_STATUS[outcome.outcome]
    if status != HTTP_409_CONFLICT:
        return Response(body, status_code=status)
    refusal = AnswerStale() if outcome.outcome == "stale" else PaperHandedIn()
    problem = problem_of(request, refusal).model_dump(mode="json")
    return Response({**problem, **body}, status_code=status, media_type="application/problem+json")


@post(
    "/api/sittings/{sitting_id:uuid}/submit",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("own.sittings"),
)
async def submit(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Receipt:
    """Hand in one's paper; again gives the same receipt."""
    return await submit_sitting(db, actor, sitting_id)


@get("/api/sittings/{sitting_id:uuid}/receipt", responses=problem_responses(404, 409), **access("own.sittings"))
async def receipt(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Receipt:
    """The receipt of one's closed sitting."""
    return await receipt_for(db, await close_if_over(db, actor, sitting_id))


@get("/api/sittings/{sitting_id:uuid}/result", responses=problem_responses(404), **access("own.sittings"))
async def read_result(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> ResultRead:
    """One's own result by module and competence, once it is released."""
    result, exam = await own_result(db, actor, sitting_id)
    return result_read(result, exam.id)


# --- for the base --------------------------------------------------------------------------------------------------


@post("/api/exams", responses=problem_responses(404, 409, 422), **access("exams.plan", idempotent=True))
async def plan(db: Db, actor: Who, data: JSONBody[ExamCreate]) -> ExamRead:
    """Plan an exam session for a course session."""
    return exam_read(await plan_exam(db, actor, data))


@get("/api/exams", **access("exams.read"))
async def list_exams(
    db: Db,
    actor: Who,
    course_session_id: FromQuery[UUID | None] = None,
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str | None] = None,
) -> Page[ExamRead]:
    """Exam sessions of the organisation."""
    rows = await exams_for(db, actor, course_session_id, limit, key_of(cursor))
    following = cursor_of(rows[-1].id) if rows and len(rows) >= limit else None
    return Page[ExamRead](rows=[exam_read(row) for row in rows], next=following)


@get("/api/exams/{exam_id:uuid}", responses=problem_responses(404), **access("exams.read"))
async def read_exam(db: Db, actor: Who, exam_id: FromPath[UUID]) -> ExamRead:
    """One exam session."""
    return exam_read(await exam_for(db, actor, exam_id))


@put("/api/exams/{exam_id:uuid}/title", responses=problem_responses(404, 409, 422), **access("exams.plan"))
async def rename(db: Db, actor: Who, exam_id: FromPath[UUID], data: JSONBody[ExamRename]) -> ExamRead:
    """Give a planned exam session another name."""
    return exam_read(await rename_exam(db, actor, exam_id, data))


@post(
    "/api/exams/{exam_id:uuid}/freeze",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("exams.plan"),
)
async def freeze(db: Db, actor: Who, exam_id: FromPath[UUID]) -> ExamFrozen:
    """Draw the form, unless the exam is held on paper, and write everybody's sitting."""
    exam, form, sittings = await freeze_exam(db, actor, exam_id)
    return ExamFrozen(
        exam=exam_read(exam),
        form_digest=form.digest if form is not None else None,
        questions=len(form.paper) if form is not None else 0,
        sittings=sittings,
    )


@post(
    "/api/exams/{exam_id:uuid}/cancel",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("exams.plan"),
)
async def cancel(db: Db, actor: Who, exam_id: FromPath[UUID]) -> ExamRead:
    """Cancel a planned exam session."""
    return exam_read(await cancel_exam(db, actor, exam_id))


@post(
    "/api/exams/{exam_id:uuid}/sittings",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("exams.plan"),
)
async def new_sittings(db: Db, actor: Who, exam_id: FromPath[UUID]) -> dict[str, int]:
    """Sittings for people enrolled since the freezing."""
    return {"added": await add_sittings(db, actor, exam_id)}


@get("/api/exams/{exam_id:uuid}/sittings", responses=problem_responses(404), **access("exams.read"))
async def board(db: Db, actor: Who, exam_id: FromPath[UUID]) -> list[BoardRow]:
    """The invigilator's board."""
    return await board_of(db, await exam_for(db, actor, exam_id))


@post(
    "/api/sittings/{sitting_id:uuid}/time",
    status_code=HTTP_201_CREATED,
    responses=problem_responses(404, 409, 422),
    **access("exams.invigilate|exams.plan"),
)
async def give_time(db: Db, actor: Who, sitting_id: FromPath[UUID], data: JSONBody[MoreTime]) -> dict[str, Any]:
    """Give one sitting more minutes, with the reason."""
    sitting = await more_time(db, actor, sitting_id, data)
    return {"extra_minutes": sitting.extra_minutes, "deadline_at": sitting.deadline_at}


@post(
    "/api/exams/{exam_id:uuid}/release",
    responses=problem_responses(404, 409),
    **access("exams.release_propose"),
)
async def propose(db: Db, actor: Who, exam_id: FromPath[UUID]) -> ReleaseProposed:
    """Propose to release the results."""
    approval, results = await propose_release(db, actor, exam_id)
    return ReleaseProposed(
        approval_id=approval.id, exam_session_id=exam_id, digest=approval.subject_digest, results=len(results)
    )


@post(
    "/api/exams/{exam_id:uuid}/release/decision",
    status_code=HTTP_200_OK,
    responses=problem_responses(403, 404, 409, 422),
    **access("exams.release"),
)
async def decide(db: Db, actor: Who, exam_id: FromPath[UUID], data: JSONBody[ReleaseDecision]) -> dict[str, int]:
    """Release the proposed results, or refuse to, as the second person."""
    released = await decide_release(db, actor, exam_id, approve=data.approve, reason=data.reason)
    return {"released": len(released)}


# --- for markers ---------------------------------------------------------------------------------------------------


@get("/api/marking", **access("exams.mark"))
async def queue(db: Db, actor: Who) -> list[QueueRow]:
    """Essay questions with answers to mark, each with its rubric."""
    return [
        QueueRow(
            exam_session_id=one.exam.id,
            title=one.exam.title,
            place=one.place.place,
            stem=one.place.stem,
            question_stem=one.place.question_stem,
            points=str(one.place.points),
            rubric=one.place.rubric,
            answers=one.answers,
            marked=one.marked,
        )
        for one in await marking_queue(db, actor)
    ]


@get("/api/exams/{exam_id:uuid}/scripts/{place:str}", responses=problem_responses(404), **access("exams.mark"))
async def scripts(db: Db, actor: Who, exam_id: FromPath[UUID], place: FromPath[str]) -> list[ScriptText]:
    """The answers to one essay question with their texts, without names."""
    return await script_texts(db, actor, exam_id, place)


@get("/api/sittings/{sitting_id:uuid}/scripts/{place:str}", responses=problem_responses(404), **access("exams.mark"))
async def read_script(db: Db, actor: Who, sitting_id: FromPath[UUID], place: FromPath[str]) -> ScriptRead:
    """One answer with what was asked, its rubric and the mark that stands, without a name."""
    script = await script_for(db, actor, sitting_id, place)
    return ScriptRead(
        sitting_id=script.sitting_id,
        place=script.place.place,
        script=script.script,
        rounds=script.next_round - 1,
        own=script.mark is not None and script.mark.marker_account_id == actor.account_id,
        text=script.text,
        next_round=script.next_round,
        stem=script.place.stem,
        question_stem=script.place.question_stem,
        worth=str(script.place.points),
        rubric=script.place.rubric,
        points=None if script.mark is None else script.mark.points,
        comment=None if script.mark is None else script.mark.comment,
    )


@post(
    "/api/sittings/{sitting_id:uuid}/marks/{place:str}",
    responses=problem_responses(404, 409, 422),
    **access("exams.mark"),
)
async def mark(
    db: Db, actor: Who, sitting_id: FromPath[UUID], place: FromPath[str], data: JSONBody[MarkGive]
) -> MarkRead:
    """Mark one answer by its rubric."""
    return MarkRead.model_validate(await give_mark(db, actor, sitting_id, place, data))


handlers = [
    list_own_sittings,
    read_sitting,
    clock,
    start,
    save,
    submit,
    receipt,
    read_result,
    plan,
    list_exams,
    read_exam,
    rename,
    freeze,
    cancel,
    new_sittings,
    board,
    give_time,
    propose,
    decide,
    queue,
    scripts,
    read_script,
    mark,
]
