"""Pages of the item bank: the list, one item, writing by form or as text, reviewing."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel, ConfigDict

from curricula.items import Item as ItemValue
from curricula.reading import Document
from service.foundation.actor import Actor
from service.foundation.errors import InvalidInput
from service.foundation.language import later, said
from service.items.actions import (
    add_draft,
    checked,
    create_bank,
    hand_in,
    look_at,
    read_item,
    review_item,
    rewrite_item,
)
from service.items.errors import ItemUnfit
from service.items.queries import bank_for, banks_for, items_for, versions_of
from service.items.rules import (
    COGNITIVE_TITLES,
    FORM_KINDS,
    KIND_TITLES,
    LEVEL_TITLES,
    MODULE_TITLES,
    POLICY_TITLES,
    STATE_TITLES,
    as_text,
    content_of,
    fields_of,
)
from service.items.schemas import BankCreate, ItemReview
from service.items.tables import Item, ItemBank
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

PAGE = 50
TITLES: dict[str, Any] = {
    "kinds": KIND_TITLES,
    "modules": MODULE_TITLES,
    "levels": LEVEL_TITLES,
    "cognitives": COGNITIVE_TITLES,
    "policies": POLICY_TITLES,
    "states": STATE_TITLES,
}


class ItemForm(BaseModel):
    """The form of an item: `way` is `form` or `text`; everything else is judged by the item checker."""

    model_config = ConfigDict(extra="allow")

    bank_id: UUID | None = None
    way: str = "form"


def _key(text: str, field: str) -> UUID | None:
    """The key a query names, None when it is empty. Raises InvalidInput."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(field=field, reason=later("This page mark is not one of ours.")) from error


@get("/items", **access("items.read"))
async def items_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    bank: FromQuery[str] = "",
    in_state: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Banks, and items by bank, state and kind. A field left empty, as filters send it, chooses nothing."""
    rows = await items_for(db, actor, _key(bank, "bank"), in_state, kind, PAGE, _key(after, "after"))
    return page(
        request,
        "items/list.html",
        rows=rows,
        banks=await banks_for(db, actor),
        chosen={"bank": bank, "state": in_state, "kind": kind},
        following=str(rows[-1].id) if len(rows) == PAGE else "",
        may_write=actor.may("items.write"),
        **TITLES,
    )


@get("/items/{item_id:uuid}", **access("items.read"))
async def item_page(request: Request[Any, Any, Any], db: Db, actor: Who, item_id: FromPath[UUID]) -> Response[str]:
    """One item version with key and rationale; the look at a secret one is journaled."""
    return await _item_page(request, db, actor, item_id, Submission({}))


async def _item_page(
    request: Request[Any, Any, Any], db: Db, actor: Actor, item_id: UUID, form: Submission[Any], status: int = 200
) -> Response[str]:
    item = await look_at(db, actor, item_id)
    own = not item.public and item.org_id == actor.org_id
    return page(
        request,
        "items/item.html",
        status=status,
        item=item,
        bank=await bank_for(db, actor, item.bank_id),
        versions=await versions_of(db, item),
        submission=form,
        may_write=own and actor.may("items.write"),
        may_review=own and actor.may("items.review") and item.author_account_id != actor.account_id,
        **TITLES,
    )


@get("/items/new", **access("items.write"))
async def new_item_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    kind: FromQuery[str] = "single",
    way: FromQuery[str] = "form",
    after: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The form of a new item, or of the next version of one (`after`)."""
    values: dict[str, Any] = {"kind": kind if kind in FORM_KINDS else "single"}
    if after is not None:
        item = await look_at(db, actor, after)
        number = max(one.version for one in await versions_of(db, item)) + 1
        content = {**item.content, "version": number}
        content.pop("second_reader", None)
        values = {**fields_of(content), "version": number, "bank_id": str(item.bank_id), "text": as_text(content)}
        way = "form" if item.kind in FORM_KINDS and way == "form" else "text"
    return await _write_page(request, db, actor, Submission(values), way, None)


async def _write_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Actor,
    form: Submission[Any],
    way: str,
    item: Item | None,
    faults: list[Any] | None = None,
) -> Response[str]:
    own = [one for one in await banks_for(db, actor) if not one.bank.public]
    return page(
        request,
        "items/write.html",
        status=422 if form.errors else 200,
        submission=form,
        item=item,
        way="text" if way == "text" else "form",
        banks=own,
        faults=faults or [],
        form_kinds=FORM_KINDS,
        **TITLES,
    )


@get("/items/{item_id:uuid}/edit", **access("items.write"))
async def edit_item_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, item_id: FromPath[UUID], way: FromQuery[str] = "form"
) -> Response[str]:
    """The form of a draft."""
    item = await look_at(db, actor, item_id)
    values = {**fields_of(item.content), "version": item.version, "bank_id": str(item.bank_id)}
    values["text"] = as_text(item.content)
    chosen = "form" if item.kind in FORM_KINDS and way == "form" else "text"
    return await _write_page(request, db, actor, Submission(values), chosen, item)


@post("/items", **access("items.write"))
async def write_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Write a new draft, by form or as text."""
    return await _written(request, db, actor, None)


@post("/items/{item_id:uuid}", **access("items.write"))
async def rewrite_page(request: Request[Any, Any, Any], db: Db, actor: Who, item_id: FromPath[UUID]) -> Response[Any]:
    """Change a draft."""
    return await _written(request, db, actor, await look_at(db, actor, item_id))


async def _written(request: Request[Any, Any, Any], db: Db, actor: Actor, item: Item | None) -> Response[Any]:
    form = await read_form(request, ItemForm, lists=("level",))
    way = str(form.get("way"))
    if form.data is None:
        return await _write_page(request, db, actor, form, way, item)
    faults: list[dict[str, str]] = []

    async def write() -> Item:
        try:
            value = _value(form, way)
        except ItemUnfit as refusal:
            faults.extend(_told(one) for one in refusal.facts["faults"])  # type: ignore[attr-defined]
            raise
        if item is not None:
            return await rewrite_item(db, actor, item.id, value)
        if form.data is None or form.data.bank_id is None:
            raise InvalidInput(field="bank_id", reason=later("Please choose a bank."))
        return await add_draft(db, actor, form.data.bank_id, value)

    row = await attempt(db, form, write)
    if row is None:
        return await _write_page(request, db, actor, form, way, item, faults)
    return redirect(f"/items/{row.id}", later("The draft is saved. Hand it in when it is ready."))


def _value(form: Submission[Any], way: str) -> ItemValue:
    """The item in a form, written as text or field by field. Raises ItemUnreadable, ItemUnfit."""
    if way == "text":
        return read_item(str(form.get("text")))
    version = str(form.get("version") or "1")
    return checked(Document("item", content_of(form.values, int(version) if version.isdecimal() else 1)))


def _told(fault: dict[str, Any]) -> dict[str, str]:
    """A fault of the checker for people: where, and what, in the reader's language."""
    return {"where": fault["field"] or "/", "line": str(fault["line"] or ""), "sentence": said(fault["sentence"])}


@post("/items/{item_id:uuid}/hand-in", **access("items.write"))
async def hand_in_page(request: Request[Any, Any, Any], db: Db, actor: Who, item_id: FromPath[UUID]) -> Response[Any]:
    """Hand a draft in for review."""
    form: Submission[Any] = Submission({})
    if await attempt(db, form, lambda: hand_in(db, actor, item_id)) is None:
        return await _item_page(request, db, actor, item_id, form, 422)
    return redirect(f"/items/{item_id}", later("Handed in. Another person reviews it."))


@post("/items/{item_id:uuid}/review", **access("items.review"))
async def review_page(request: Request[Any, Any, Any], db: Db, actor: Who, item_id: FromPath[UUID]) -> Response[Any]:
    """Approve or send back."""
    form = await read_form(request, ItemReview)
    if (data := form.data) is not None and await attempt(
        db, form, lambda: review_item(db, actor, item_id, data)
    ) is not None:
        message = later("Approved: this version is frozen.") if data.approve else later("Sent back to the author.")
        return redirect(f"/items/{item_id}", message)
    return await _item_page(request, db, actor, item_id, form, 422)


@post("/items/banks", **access("items.write"))
async def bank_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """A new secret bank."""
    form = await read_form(request, BankCreate)
    bank: ItemBank | None = None
    if (given := form.data) is not None:
        bank = await attempt(db, form, lambda: create_bank(db, actor, given))
    if bank is None:
        first = form.errors[0]["message"] if form.errors else ""
        return redirect("/items", later("The bank was not made: %(reason)s"), "err", reason=first)
    return redirect(f"/items?bank={bank.id}", later("The bank is made."))


handlers: list[Any] = [
    items_page,
    item_page,
    new_item_page,
    edit_item_page,
    write_page,
    rewrite_page,
    hand_in_page,
    review_page,
    bank_page,
]
