"""Appeals as JSON: one's own, naming the panel, hearing and deciding."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK

from service.exams.actions.appealing import appeal_standing, lodge_appeal, own_appeal, withdraw_appeal
from service.exams.actions.hearing import (
    confirm_decision,
    draw_up,
    give_opinion,
    heard_appeal,
    managed_appeal,
    name_panel,
)
from service.exams.queries import appeals_for
from service.exams.schemas import (
    AppealHeardRead,
    AppealLodge,
    AppealManaged,
    AppealRow,
    AppealStanding,
    DecisionConfirm,
    DecisionDrawUp,
    OpinionGive,
    OwnAppeal,
    PanelName,
)
from service.foundation.keyring import Keyring, keyring_at
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


def _keyring() -> Keyring:
    return keyring_at(get_settings().keyring_path)


@get("/api/sittings/{sitting_id:uuid}/appeal", responses=problem_responses(404), **access("own.sittings"))
async def read_own_appeal(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> AppealStanding:
    """Whether and until when one may appeal against one's own result, and the appeal there is."""
    return await appeal_standing(db, _keyring(), actor, sitting_id)


@post(
    "/api/sittings/{sitting_id:uuid}/appeal",
    responses=problem_responses(404, 409, 422),
    **access("own.sittings", idempotent=True),
)
async def lodge(db: Db, actor: Who, sitting_id: FromPath[UUID], data: JSONBody[AppealLodge]) -> OwnAppeal:
    """Appeal against one's own released result."""
    return await own_appeal(db, _keyring(), await lodge_appeal(db, _keyring(), actor, sitting_id, data))


@post(
    "/api/sittings/{sitting_id:uuid}/appeal/withdraw",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("own.sittings"),
)
async def withdraw(db: Db, actor: Who, sitting_id: FromPath[UUID]) -> OwnAppeal:
    """Withdraw one's appeal before its decision is drawn up."""
    return await own_appeal(db, _keyring(), await withdraw_appeal(db, actor, sitting_id))


@get("/api/appeals", **access("appeals.manage|appeals.hear"))
async def list_appeals(db: Db, actor: Who) -> list[AppealRow]:
    """Appeals at the organisation; to a panellist those of their own panels. Without names."""
    return await appeals_for(db, actor, heard=not actor.may("appeals.manage"))


@get("/api/appeals/{appeal_id:uuid}", responses=problem_responses(404), **access("appeals.manage"))
async def read_appeal(db: Db, actor: Who, appeal_id: FromPath[UUID]) -> AppealManaged:
    """One appeal for whoever names its panel: state, steps, and who may hear it."""
    return await managed_appeal(db, actor, appeal_id)


@post(
    "/api/appeals/{appeal_id:uuid}/panel",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409, 422),
    **access("appeals.manage"),
)
async def panel(db: Db, actor: Who, appeal_id: FromPath[UUID], data: JSONBody[PanelName]) -> AppealManaged:
    """Name the whole panel."""
    await name_panel(db, actor, appeal_id, data)
    return await managed_appeal(db, actor, appeal_id)


@get("/api/appeals/{appeal_id:uuid}/hearing", responses=problem_responses(404), **access("appeals.hear"))
async def hearing(db: Db, actor: Who, appeal_id: FromPath[UUID]) -> AppealHeardRead:
    """The appeal with the paper, answers, keys and marks, for its panel; without a name."""
    return await heard_appeal(db, _keyring(), actor, appeal_id)


@post(
    "/api/appeals/{appeal_id:uuid}/opinions",
    responses=problem_responses(404, 409, 422),
    **access("appeals.hear"),
)
async def opinion(db: Db, actor: Who, appeal_id: FromPath[UUID], data: JSONBody[OpinionGive]) -> AppealHeardRead:
    """Give one's opinion; those of others are shown from then on."""
    await give_opinion(db, _keyring(), actor, appeal_id, data)
    return await heard_appeal(db, _keyring(), actor, appeal_id)


@post(
    "/api/appeals/{appeal_id:uuid}/decision",
    responses=problem_responses(404, 409, 422),
    **access("appeals.hear"),
)
async def decision(db: Db, actor: Who, appeal_id: FromPath[UUID], data: JSONBody[DecisionDrawUp]) -> AppealHeardRead:
    """Draw up the decision; its outcome is the majority's."""
    await draw_up(db, _keyring(), actor, appeal_id, data)
    return await heard_appeal(db, _keyring(), actor, appeal_id)


@post(
    "/api/appeals/{appeal_id:uuid}/decision/confirmation",
    status_code=HTTP_200_OK,
    responses=problem_responses(403, 404, 409, 422),
    **access("appeals.hear"),
)
async def confirmation(
    db: Db, actor: Who, appeal_id: FromPath[UUID], data: JSONBody[DecisionConfirm]
) -> AppealHeardRead:
    """Confirm what another member drew up, or send it back to the panel."""
    await confirm_decision(db, actor, appeal_id, data)
    return await heard_appeal(db, _keyring(), actor, appeal_id)


handlers = [
    read_own_appeal,
    lodge,
    withdraw,
    list_appeals,
    read_appeal,
    panel,
    hearing,
    opinion,
    decision,
    confirmation,
]
