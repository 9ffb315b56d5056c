"""Pages of a candidate: own exams, the paper, handing in, the receipt and the result."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from service.exams.actions.appealing import appeal_standing
from service.exams.actions.saving import pool_in, save_answer
from service.exams.actions.sitting import close_if_over, receipt_for, start_sitting, submit_sitting
from service.exams.queries import own_result, own_sittings, sitting_read, unit_titles
from service.exams.rules import (
    APPEAL_GROUND_TITLES,
    APPEAL_OUTCOME_TITLES,
    APPEAL_STATE_TITLES,
    APPEAL_STEP_TITLES,
    KIND_TITLES,
    MODULE_TITLES,
    POLICY_TITLES,
    SITTING_STATE_TITLES,
    clock_text,
    is_answer,
    points_text,
    response_from,
)
from service.exams.schemas import AnswerSave, SittingRead
from service.exams.tables import SittingState
from service.foundation.errors import SignInNeeded
from service.foundation.keyring import digest_of, keyring_at
from service.foundation.language import gettext, later, said
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.templating import page, redirect

WORDS = {
    "saving": later("Saving…"),
    "saved": later("Saved %(time)s"),
    "waiting": later("No connection. %(count)s answers wait on this device and are sent by themselves."),
    "signed_out": later("You are signed out. Sign in again in another tab; your answers wait on this device."),
    "refused": later("Question %(number)s is not saved: %(reason)s"),
    "left": later("%(minutes)s minutes left."),
    "left_one": later("1 minute left."),
    "over": later("Time is over. What was saved counts."),
    "over_waiting": later(
        "Time is over. %(count)s answers are still on this device: keep this page open, they are sent when the connection is back and kept as late."
    ),
    "resumed": later("%(count)s answers that waited on this device have been sent."),
    "answered": later("answered"),
    "unanswered": later("not answered"),
    "flagged": later("marked for review"),
    "wait": later("%(count)s answers are not sent yet. Please wait for the connection before you hand in."),
    "nothing": later("(no answer)"),
}


@get("/my/sittings", **access("own.sittings"))
async def my_sittings(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """One's own exams."""
    rows = await own_sittings(db, actor) if actor.person_id is not None else []
    return page(request, "exams/my_sittings.html", rows=rows, states=SITTING_STATE_TITLES)


@get("/my/sittings/{sitting_id:uuid}", **access("own.sittings"))
async def sitting_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID], question: FromQuery[int] = 0
) -> Response[str]:
    """Before the start the rules, then the paper, afterwards the receipt; of an exam on paper when and where it stands."""
    sitting = await close_if_over(db, actor, sitting_id)
    read = await sitting_read(db, actor, sitting_id)
    if sitting.form_id is None:
        return page(request, "exams/on_paper.html", sitting=read.sitting, states=SITTING_STATE_TITLES)
    if sitting.state in (SittingState.SUBMITTED, SittingState.EXPIRED):
        receipt = await receipt_for(db, sitting)
        return page(request, "exams/closed.html", sitting=read.sitting, receipt=receipt, states=SITTING_STATE_TITLES)
    if sitting.state != SittingState.OPEN:
        begins_in = int((read.sitting.opens_at - read.server_time).total_seconds())
        over = read.sitting.closes_at < read.server_time
        return page(request, "exams/ready.html", sitting=read.sitting, begins_in=begins_in, over=over)
    return _paper_page(request, read, question)


def _paper_page(request: Request[Any, Any, Any], read: SittingRead, question: int) -> Response[str]:
    """The player: every question in one form; without JavaScript also one question at a time (`?question=3`)."""
    saved = {one.slot: one for one in read.answers}
    single = question if 1 <= question <= len(read.paper) else 0
    return page(
        request,
        "exams/player.html",
        nav=[],
        sitting=read.sitting,
        slots=[_shown(slot, saved) for slot in read.paper],
        single=single,
        seconds_left=read.seconds_left,
        left=clock_text(read.seconds_left),
        last_saved=max((one.saved_at for one in read.answers), default=None),
        kinds=KIND_TITLES,
        policies=POLICY_TITLES,
        exact=points_text,
        words={name: gettext(sentence) for name, sentence in WORDS.items()},
    )


def _shown(slot: Mapping[str, Any], saved: Mapping[int, Any]) -> dict[str, Any]:
    """A slot with what is saved to it."""
    found = saved.get(int(slot["slot"]))
    return {
        **slot,
        "revision": found.revision if found else 0,
        "response": found.response if found else None,
        "flagged": bool(found and found.flagged),
        "answered": bool(found and is_answer(found.response)),
        "unreadable": list((found and found.unreadable) or ()),
    }


@post("/my/sittings/{sitting_id:uuid}/start", **access("own.sittings"))
async def start_page(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Redirect:
    """Start, or come back."""
    await start_sitting(db, actor, sitting_id)
    return redirect(f"/my/sittings/{sitting_id}")


@post("/my/sittings/{sitting_id:uuid}/answers", **access("own.sittings"))
async def save_page(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Redirect:
    """Save what the form shows, without JavaScript: each changed answer on its own, then on to where the button says."""
    form = await request.form()
    given = {name: [str(one) for one in form.getall(name)] for name in form}
    read = await sitting_read(db, actor, sitting_id)
    shown = request.scope.get("tmc_shown")
    if not isinstance(shown, tuple) or shown[0] != "session":
        raise SignInNeeded
    saved = {one.slot: one for one in read.answers}
    newer: list[str] = []
    for slot in read.paper:
        number = int(slot["slot"])
        if f"revision-{number}" not in given:
            continue
        response, flagged = response_from(slot, given), f"flag-{number}" in given
        known = saved.get(number)
        if known is None and response is None and not flagged:
            continue
        if known is not None and (known.response, known.flagged) == (response, flagged):
            continue
        data = AnswerSave.model_validate(
            {"revision": int(given[f"revision-{number}"][-1]) + 1, "response": response, "flagged": flagged}
        )
        outcome = await save_answer(
            pool_in(request.app.state), digest_of(shown[1]), sitting_id, number, data.revision, data.response, flagged
        )
        if outcome.outcome == "stale":
            newer.append(str(slot["number"]))
    target = _target(sitting_id, given.get("go", [""])[-1], len(read.paper))
    if not read.paper:
        return redirect(target, later("Time is over. What was saved counts."), "warn")
    if newer:
        message = later("A newer answer to question %(numbers)s was saved on another device; it was kept.")
        return redirect(target, message, "warn", numbers=newer)
    return redirect(target, later("Your answers are saved."))


def _target(sitting_id: UUID, go: str, questions: int) -> str:
    if go == "check":
        return f"/my/sittings/{sitting_id}/check"
    if go.isdecimal() and 1 <= int(go) <= questions:
        return f"/my/sittings/{sitting_id}?question={go}"
    return f"/my/sittings/{sitting_id}"


@get("/my/sittings/{sitting_id:uuid}/check", **access("own.sittings"))
async def check_page(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Response[Any]:
    """What is answered and what is not, before handing in."""
    sitting = await close_if_over(db, actor, sitting_id)
    if sitting.state != SittingState.OPEN:
        return redirect(f"/my/sittings/{sitting_id}")
    read = await sitting_read(db, actor, sitting_id)
    saved = {one.slot: one for one in read.answers}
    return page(
        request,
        "exams/check.html",
        nav=[],
        sitting=read.sitting,
        slots=[_shown(slot, saved) for slot in read.paper],
        left=clock_text(read.seconds_left),
    )


@post("/my/sittings/{sitting_id:uuid}/submit", **access("own.sittings"))
async def submit_page(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Redirect:
    """Hand in; again leads to the same receipt."""
    await submit_sitting(db, actor, sitting_id)
    return redirect(f"/my/sittings/{sitting_id}", later("Your paper is handed in."))


@get("/my/sittings/{sitting_id:uuid}/result", **access("own.sittings"))
async def result_page(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Response[str]:
    """One's own released result by module and by competence."""
    result, exam = await own_result(db, actor, sitting_id)
    units = await unit_titles(db)
    keyring = keyring_at(get_settings().keyring_path)
    return page(
        request,
        "exams/result.html",
        result=result,
        standing=await appeal_standing(db, keyring, actor, sitting_id),
        states=APPEAL_STATE_TITLES,
        grounds=APPEAL_GROUND_TITLES,
        outcomes=APPEAL_OUTCOME_TITLES,
        steps=APPEAL_STEP_TITLES,
        exam=exam,
        modules=MODULE_TITLES,
        units={name: said(title) for name, title in units.items()},
        exact=points_text,
    )


handlers = [my_sittings, sitting_page, start_page, save_page, check_page, submit_page, result_page]
