"""The item bank for machines: banks, items, handing in and reviewing."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from service.foundation.paging import Page, cursor_of, key_of
from service.items.actions import create_bank, hand_in, look_at, read_item, review_item, rewrite_item, write_item
from service.items.queries import banks_for, items_for
from service.items.schemas import BankCreate, BankRead, ItemRead, ItemReview, ItemSummary, ItemWrite
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


@get("/api/item-banks", **access("items.read|exams.plan"))
async def list_banks(db: Db, actor: Who) -> list[BankRead]:
    """The banks one may use: the public one and those of the organisation."""
    return [BankRead.model_validate(one.bank) for one in await banks_for(db, actor)]


@post("/api/item-banks", responses=problem_responses(409, 422), **access("items.write"))
async def new_bank(db: Db, actor: Who, data: JSONBody[BankCreate]) -> BankRead:
    """A new secret bank of the organisation."""
    return BankRead.model_validate(await create_bank(db, actor, data))


@get("/api/items", **access("items.read"))
async def list_items(
    db: Db,
    actor: Who,
    bank_id: FromQuery[UUID | None] = None,
    in_state: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str | None] = None,
) -> Page[ItemSummary]:
    """Item versions without their content, newest first."""
    rows = await items_for(db, actor, bank_id, in_state, kind, limit, key_of(cursor))
    following = cursor_of(rows[-1].id) if rows and len(rows) >= limit else None
    return Page[ItemSummary](rows=[ItemSummary.model_validate(row) for row in rows], next=following)


@get("/api/items/{item_id:uuid}", responses=problem_responses(404), **access("items.read"))
async def read(db: Db, actor: Who, item_id: FromPath[UUID]) -> ItemRead:
    """One item version with key and rationale; the look at a secret one is journaled."""
    return ItemRead.model_validate(await look_at(db, actor, item_id))


@post("/api/items", responses=problem_responses(404, 409, 422), **access("items.write"))
async def write(db: Db, actor: Who, data: JSONBody[ItemWrite]) -> ItemRead:
    """A new draft from YAML or JSON text."""
    return ItemRead.model_validate(await write_item(db, actor, data))


@put("/api/items/{item_id:uuid}", responses=problem_responses(404, 409, 422), **access("items.write"))
async def rewrite(db: Db, actor: Who, item_id: FromPath[UUID], data: JSONBody[ItemWrite]) -> ItemRead:
    """Change a draft."""
    return ItemRead.model_validate(await rewrite_item(db, actor, item_id, read_item(data.text)))


@post(
    "/api/items/{item_id:uuid}/hand-in",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("items.write"),
)
async def give_to_review(db: Db, actor: Who, item_id: FromPath[UUID]) -> ItemRead:
    """Hand a draft in for review."""
    return ItemRead.model_validate(await hand_in(db, actor, item_id))


@post(
    "/api/items/{item_id:uuid}/review",
    status_code=HTTP_200_OK,
    responses=problem_responses(403, 404, 409, 422),
    **access("items.review"),
)
async def review(db: Db, actor: Who, item_id: FromPath[UUID], data: JSONBody[ItemReview]) -> ItemRead:
    """Approve or send back, as another person than the author."""
    return ItemRead.model_validate(await review_item(db, actor, item_id, data))


handlers = [list_banks, new_bank, list_items, read, write, rewrite, give_to_review, review]
