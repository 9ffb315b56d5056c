"""Pages of appeals: lodging one, naming the panel, hearing and deciding."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from pydantic import field_validator

from service.exams.actions.appealing import appeal_standing, lodge_appeal, withdraw_appeal
from service.exams.actions.hearing import (
    confirm_decision,
    draw_up,
    give_opinion,
    heard_appeal,
    managed_appeal,
    name_panel,
)
from service.exams.queries import appeals_for, own_result
from service.exams.rules import (
    APPEAL_GROUND_TITLES,
    APPEAL_OUTCOME_TITLES,
    APPEAL_STATE_TITLES,
    APPEAL_STEP_TITLES,
    KIND_TITLES,
    PART_TITLES,
    panel_outcome,
    points_text,
)
from service.exams.schemas import AppealLodge, DecisionConfirm, DecisionDrawUp, OpinionGive, PanelName
from service.foundation.keyring import Keyring, keyring_at
from service.foundation.language import later
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

TITLES: dict[str, Any] = {
    "states": APPEAL_STATE_TITLES,
    "grounds": APPEAL_GROUND_TITLES,
    "outcomes": APPEAL_OUTCOME_TITLES,
    "steps": APPEAL_STEP_TITLES,
}
PART = "_"  # stands for the full stop of a place (`7.b`) in the name of a form field


class DecisionForm(DecisionDrawUp):
    """DecisionDrawUp as a form sends it."""

    @field_validator("marks", mode="before")
    @classmethod
    def _places(cls, value: Any) -> Any:
        return (
            {str(place).replace(PART, "."): lines for place, lines in value.items()}
            if isinstance(value, dict)
            else value
        )


def _keyring() -> Keyring:
    return keyring_at(get_settings().keyring_path)


# --- one's own -----------------------------------------------------------------------------------------------------


@get("/my/sittings/{sitting_id:uuid}/appeal", **access("own.sittings"))
async def appeal_page(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Response[str]:
    """The form of an appeal; who has lodged one finds it at the result."""
    return await _appeal_page(request, db, actor, sitting_id, Submission({}))


async def _appeal_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: UUID, form: Submission[Any], status: int = 200
) -> Response[Any]:
    standing = await appeal_standing(db, _keyring(), actor, sitting_id)
    if not standing.open and not form.errors:
        return redirect(f"/my/sittings/{sitting_id}/result#appeal")
    result, exam = await own_result(db, actor, sitting_id)
    return page(
        request,
        "exams/appeal_new.html",
        status=status,
        standing=standing,
        sitting_id=sitting_id,
        result=result,
        exam=exam,
        submission=form,
        exact=points_text,
        **TITLES,
    )


@post("/my/sittings/{sitting_id:uuid}/appeal", **access("own.sittings"))
async def lodge_page(request: Request[Any, Any, Any], db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Lodge an appeal."""
    form = await read_form(request, AppealLodge)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: lodge_appeal(db, _keyring(), actor, sitting_id, data))
        if row is not None:
            message = later("Your appeal is lodged. Each step will be shown here with its date.")
            return redirect(f"/my/sittings/{sitting_id}/result#appeal", message)
    return await _appeal_page(request, db, actor, sitting_id, form, 422)


@post("/my/sittings/{sitting_id:uuid}/appeal/withdraw", **access("own.sittings"))
async def withdraw_page(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw one's appeal."""
    await withdraw_appeal(db, actor, sitting_id)
    return redirect(f"/my/sittings/{sitting_id}/result#appeal", later("Your appeal is withdrawn."))


# --- at the base ---------------------------------------------------------------------------------------------------


@get("/appeals", **access("appeals.manage|appeals.hear"))
async def appeals_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Appeals of the organisation; to a panellist those of their own panels."""
    managing = actor.may("appeals.manage")
    rows = await appeals_for(db, actor, heard=not managing)
    return page(request, "exams/appeals.html", rows=rows, managing=managing, **TITLES)


@get("/appeals/{appeal_id:uuid}", **access("appeals.manage|appeals.hear"))
async def one_appeal_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: FromPath[UUID]
) -> Response[str]:
    """An appeal: naming the panel, or, to the panel, the paper and what it has to decide."""
    return await _one_page(request, db, actor, appeal_id, Submission({}))


async def _one_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: UUID, form: Submission[Any], status: int = 200
) -> Response[str]:
    if actor.may("appeals.manage"):
        managed = await managed_appeal(db, actor, appeal_id)
        return page(
            request,
            "exams/appeal.html",
            status=status,
            appeal=managed.appeal,
            managed=managed,
            parts=PART_TITLES,
            submission=form,
            **TITLES,
        )
    heard = await heard_appeal(db, _keyring(), actor, appeal_id)
    complete = heard.opinions and not heard.missing
    return page(
        request,
        "exams/hearing.html",
        status=status,
        appeal=heard.appeal,
        heard=heard,
        comes_to=panel_outcome([one.outcome for one in heard.opinions]) if complete else None,
        kinds=KIND_TITLES,
        exact=points_text,
        part=PART,
        submission=form,
        **TITLES,
    )


@post("/appeals/{appeal_id:uuid}/panel", **access("appeals.manage"))
async def panel_page(request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: FromPath[UUID]) -> Response[Any]:
    """Name the whole panel."""
    form = await read_form(request, PanelName, lists=("account_ids",))
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: name_panel(db, actor, appeal_id, data))
        if row is not None:
            return redirect(f"/appeals/{appeal_id}", later("The panel is named and has been told."))
    return await _one_page(request, db, actor, appeal_id, form, 422)


@post("/appeals/{appeal_id:uuid}/opinion", **access("appeals.hear"))
async def opinion_page(request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: FromPath[UUID]) -> Response[Any]:
    """Give one's opinion."""
    form = await read_form(request, OpinionGive)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: give_opinion(db, _keyring(), actor, appeal_id, data))
        if row is not None:
            return redirect(f"/appeals/{appeal_id}#panel", later("Your opinion is on record."))
    return await _one_page(request, db, actor, appeal_id, form, 422)


@post("/appeals/{appeal_id:uuid}/decision", **access("appeals.hear"))
async def decision_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: FromPath[UUID]
) -> Response[Any]:
    """Draw up the decision."""
    form = await read_form(request, DecisionForm)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: draw_up(db, _keyring(), actor, appeal_id, data))
        if row is not None:
            message = later("The decision is drawn up. Another member of the panel confirms it.")
            return redirect(f"/appeals/{appeal_id}#panel", message)
    return await _one_page(request, db, actor, appeal_id, form, 422)


@post("/appeals/{appeal_id:uuid}/confirmation", **access("appeals.hear"))
async def confirmation_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, appeal_id: FromPath[UUID]
) -> Response[Any]:
    """Confirm what another member drew up, or send it back."""
    form = await read_form(request, DecisionConfirm)
    if (data := form.data) is not None:
        row = await attempt(db, form, lambda: confirm_decision(db, actor, appeal_id, data))
        if row is not None:
            message = (
                later("The decision is confirmed.") if data.confirm else later("The decision goes back to the panel.")
            )
            return redirect(f"/appeals/{appeal_id}#panel", message)
    return await _one_page(request, db, actor, appeal_id, form, 422)


handlers: list[Any] = [
    appeal_page,
    lodge_page,
    withdraw_page,
    appeals_page,
    one_appeal_page,
    panel_page,
    opinion_page,
    decision_page,
    confirmation_page,
]
