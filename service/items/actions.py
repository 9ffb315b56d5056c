"""Writing, handing in, reviewing and retiring items; loading the public sample bank."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.content import shipped
from curricula.findings import errors, placed
from curricula.items import Item as ItemValue
from curricula.items import item_of, item_problems
from curricula.language import CHINESE, ENGLISH
from curricula.language import sentence as curricula_sentence
from curricula.reading import Document, read_text
from curricula.refusals import Unreadable
from service.foundation.actor import Actor
from service.foundation.errors import ContentConflict
from service.foundation.journal import note
from service.items.errors import (
    BankCodeTaken,
    BankReadOnly,
    ItemChanged,
    ItemFrozen,
    ItemTaken,
    ItemUnfit,
    ItemUnreadable,
    NotInReview,
    OwnItem,
)
from service.items.queries import bank_for, item_for
from service.items.schemas import BankCreate, ItemReview, ItemWrite
from service.items.tables import Item, ItemBank, ItemState

PUBLIC_BANK = "technology-manager-public-sample"
PUBLIC_TITLE = {"zh": "技术经理人公开样题库", "en": "Public sample items for technology managers"}
MOST_FAULTS = 50


async def load_public_bank(db: AsyncSession) -> int:
    """Load the shipped public sample bank as approved items; returns how many were new. Doing it again changes nothing.

    Raises ContentConflict when a version is there with other content: versions never change.
    """
    bank = shipped().banks[PUBLIC_BANK]
    row = (await db.scalars(select(ItemBank).where(col(ItemBank.code) == bank.id, col(ItemBank.public)))).first()
    if row is None:
        row = ItemBank(code=bank.id, title=PUBLIC_TITLE, public=True)
        db.add(row)
        await db.flush()
    present = {
        (code, version): digest
        for code, version, digest in await db.execute(
            sa.select(col(Item.code), col(Item.version), col(Item.digest)).where(col(Item.bank_id) == row.id)
        )
    }
    older = {code for code, _ in present}
    added = 0
    for value in bank.items:
        digest = present.get((value.id, value.version))
        if digest is None:
            if value.id in older:
                await _retire(db, row.id, value.id)
            db.add(_row_of(row, value, ItemState.APPROVED))
            added += 1
        elif digest != value.digest():
            raise ContentConflict(reference=f"{value.id}/{value.version}")
    await db.flush()
    return added


async def _retire(db: AsyncSession, bank_id: UUID, code: str) -> None:
    """The version that was approved so far makes room for the next."""
    await db.execute(
        sa.update(Item)
        .where(col(Item.bank_id) == bank_id, col(Item.code) == code, col(Item.state) == ItemState.APPROVED)
        .values(state=ItemState.RETIRED)
    )


async def create_bank(db: AsyncSession, actor: Actor, new: BankCreate) -> ItemBank:
    """A new secret bank of the actor's organisation. Raises BankCodeTaken."""
    row = ItemBank(org_id=actor.org, code=new.code, title=new.title.model_dump(exclude_none=True), public=False)
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise BankCodeTaken(code=new.code, field="code") from error
    await note(db, "bank.created", "item_bank", row.id)
    return row


def read_item(text: str) -> ItemValue:
    """An item from YAML or JSON text; its citations must be in the citation register.

    Raises ItemUnreadable, ItemUnfit with every fault by line and field in both languages.
    """
    try:
        document = read_text(text, "item")
    except Unreadable as refusal:
        raise ItemUnreadable(field="text", reason=_both(refusal)) from refusal
    return checked(document)


def checked(document: Document) -> ItemValue:
    """The item in a document that was read. Raises ItemUnfit."""
    problems = list(item_problems(document.value, ()))
    if not any(True for _ in errors(placed(document, problems))):
        register = shipped().register
        for place, citation in enumerate(document.value["citations"]):
            problems += register.citation_problems(citation, ("citations", place))
    found = list(errors(placed(document, problems)))
    if found:
        faults = [one.to_json() for one in found[:MOST_FAULTS]]
        raise ItemUnfit(field="text", count=len(found), first=faults[0]["sentence"], faults=faults)
    return item_of(document.value)


def _both(refusal: Any) -> dict[str, str]:
    return {"zh": curricula_sentence(refusal, CHINESE), "en": curricula_sentence(refusal, ENGLISH)}


def _row_of(bank: ItemBank, value: ItemValue, state: ItemState, author: UUID | None = None) -> Item:
    return Item(
        bank_id=bank.id,
        org_id=bank.org_id,
        public=bank.public,
        code=value.id,
        version=value.version,
        kind=value.kind,
        unit=value.unit,
        module=value.module,
        difficulty=value.difficulty,
        content=value.to_json(),
        digest=value.digest(),
        state=state,
        author_account_id=author,
    )


async def _own_bank(db: AsyncSession, actor: Actor, bank_id: UUID) -> ItemBank:
    bank = await bank_for(db, actor, bank_id)
    if bank.public or bank.org_id != actor.org_id:
        raise BankReadOnly
    return bank


async def write_item(db: AsyncSession, actor: Actor, new: ItemWrite) -> Item:
    """A new draft: a new item, or a new version of one. Raises ItemUnreadable, ItemUnfit, ItemTaken, BankReadOnly."""
    value = read_item(new.text)
    return await add_draft(db, actor, new.bank_id, value)


async def add_draft(db: AsyncSession, actor: Actor, bank_id: UUID, value: ItemValue) -> Item:
    """Write a checked item into a bank as the actor's draft. Raises ItemTaken, BankReadOnly."""
    bank = await _own_bank(db, actor, bank_id)
    row = _row_of(bank, value, ItemState.DRAFT, actor.account_id)
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ItemTaken(code=value.id, version=value.version, field="text") from error
    await note(db, "item.written", "item", row.id, digest=row.digest)
    return row


async def rewrite_item(db: AsyncSession, actor: Actor, item_id: UUID, value: ItemValue) -> Item:
    """Change a draft, or what waits for review, which makes it a draft again.

    Whoever changes it is its author from then on. Raises ItemFrozen, ItemTaken.
    """
    row = await item_for(db, actor, item_id, lock=True)
    await _own_bank(db, actor, row.bank_id)
    if row.state not in (ItemState.DRAFT, ItemState.IN_REVIEW):
        raise ItemFrozen(code=row.code, version=row.version)
    fresh = _row_of(await bank_for(db, actor, row.bank_id), value, ItemState.DRAFT, actor.account_id)
    try:
        async with db.begin_nested():
            for name in ("code", "version", "kind", "unit", "module", "difficulty", "content", "digest"):
                setattr(row, name, getattr(fresh, name))
            row.state, row.author_account_id, row.reviewer_account_id = ItemState.DRAFT, actor.account_id, None
    except IntegrityError as error:
        raise ItemTaken(code=value.id, version=value.version, field="text") from error
    await note(db, "item.rewritten", "item", row.id, digest=row.digest)
    return row


async def hand_in(db: AsyncSession, actor: Actor, item_id: UUID) -> Item:
    """Hand a draft in for review. Raises ItemFrozen."""
    row = await item_for(db, actor, item_id, lock=True)
    await _own_bank(db, actor, row.bank_id)
    if row.state == ItemState.DRAFT:
        row.state = ItemState.IN_REVIEW
        await note(db, "item.handed_in", "item", row.id, digest=row.digest)
    elif row.state != ItemState.IN_REVIEW:
        raise ItemFrozen(code=row.code, version=row.version)
    return row


async def review_item(db: AsyncSession, actor: Actor, item_id: UUID, review: ItemReview) -> Item:
    """Approve or send back, by another person than the author, exactly what the reviewer read.

    Approving freezes the version and retires the one approved before. Raises NotInReview, OwnItem, ItemChanged.
    """
    row = await item_for(db, actor, item_id, lock=True)
    await _own_bank(db, actor, row.bank_id)
    if row.state != ItemState.IN_REVIEW:
        raise NotInReview
    if row.author_account_id == actor.account_id:
        raise OwnItem
    if row.digest != review.digest:
        raise ItemChanged
    row.reviewer_account_id = actor.account_id
    row.review_note = review.note
    if review.approve:
        await _retire(db, row.bank_id, row.code)
    row.state = ItemState.APPROVED if review.approve else ItemState.DRAFT
    verb = "item.approved" if review.approve else "item.sent_back"
    await note(db, verb, "item", row.id, digest=row.digest)
    await db.flush()
    return row


async def look_at(db: AsyncSession, actor: Actor, item_id: UUID) -> Item:
    """One item version with its content; a look at a secret one is journaled. Raises NotFound."""
    row = await item_for(db, actor, item_id)
    if not row.public:
        await note(db, "item.seen", "item", row.id, version=row.version)
    return row
