"""Banks and items that the actor may see."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.banks import Bank
from curricula.items import Item as ItemValue
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.paging import MOST, bounded
from service.items.tables import Item, ItemBank, ItemState

BANK_VERSION = 1  # a bank of rows has no versions of its own: its items have


@dataclass(frozen=True)
class BankCount:
    """A bank with how many of its items are approved and how many wait for review."""

    bank: ItemBank
    approved: int
    in_review: int


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.or_(col(ItemBank.public), col(ItemBank.org_id) == actor.org_id)


async def bank_for(db: AsyncSession, actor: Actor, bank_id: UUID) -> ItemBank:
    """A bank the actor may use: public, or of the own organisation. Raises NotFound."""
    found = (await db.scalars(select(ItemBank).where(col(ItemBank.id) == bank_id, _seen_by(actor)))).first()
    if found is None:
        raise NotFound(what="bank")
    return found


async def banks_for(db: AsyncSession, actor: Actor) -> list[BankCount]:
    """Every bank the actor may use, the own ones first."""
    counted = (
        sa.select(
            col(Item.bank_id),
            sa.func.count().filter(col(Item.state) == ItemState.APPROVED).label("approved"),
            sa.func.count().filter(col(Item.state) == ItemState.IN_REVIEW).label("in_review"),
        )
        .group_by(col(Item.bank_id))
        .subquery()
    )
    rows = await db.execute(
        sa.select(ItemBank, counted.c.approved, counted.c.in_review)
        .outerjoin(counted, counted.c.bank_id == col(ItemBank.id))
        .where(_seen_by(actor))
        .order_by(col(ItemBank.public), col(ItemBank.code))
        .limit(MOST)
    )
    return [BankCount(bank, approved or 0, in_review or 0) for bank, approved, in_review in rows]


async def items_for(
    db: AsyncSession,
    actor: Actor,
    bank_id: UUID | None = None,
    state: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    after: UUID | None = None,
) -> list[Item]:
    """Item versions the actor may see, newest first; `after` is the last key of the page before."""
    chosen = (
        select(Item)
        .join(ItemBank, col(ItemBank.id) == col(Item.bank_id))
        .where(_seen_by(actor))
        .order_by(col(Item.id).desc())
        .limit(bounded(limit))
    )
    if bank_id is not None:
        chosen = chosen.where(col(Item.bank_id) == bank_id)
    if state:
        chosen = chosen.where(sa.cast(col(Item.state), sa.Text) == state)
    if kind:
        chosen = chosen.where(col(Item.kind) == kind)
    if after is not None:
        chosen = chosen.where(col(Item.id) < after)
    return list(await db.scalars(chosen))


async def item_for(db: AsyncSession, actor: Actor, item_id: UUID, lock: bool = False) -> Item:
    """One item version the actor may see. Raises NotFound."""
    chosen = (
        select(Item)
        .join(ItemBank, col(ItemBank.id) == col(Item.bank_id))
        .where(col(Item.id) == item_id, _seen_by(actor))
    )
    if lock:
        chosen = chosen.with_for_update(of=Item).execution_options(populate_existing=True)
    found = (await db.scalars(chosen)).first()
    if found is None:
        raise NotFound(what="item")
    return found


async def versions_of(db: AsyncSession, item: Item) -> list[Item]:
    """All versions of an item, newest first."""
    chosen = select(Item).where(col(Item.bank_id) == item.bank_id, col(Item.code) == item.code)
    return list(await db.scalars(chosen.order_by(col(Item.version).desc()).limit(MOST)))


async def bank_value(db: AsyncSession, bank: ItemBank) -> Bank:
    """The approved items of a bank as a pure value, for drawing forms: one version of each."""
    rows = await db.scalars(
        select(Item).where(col(Item.bank_id) == bank.id, col(Item.state) == ItemState.APPROVED).order_by(col(Item.code))
    )
    items = [ItemValue.from_json(row.content, row.code) for row in rows]
    return Bank.of(items, bank.code, BANK_VERSION, bank.public)
