"""Banks and items for tests."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.items import Item as ItemValue
from service.items.actions import PUBLIC_BANK, load_public_bank
from service.items.tables import Item, ItemBank, ItemState

SINGLE: dict[str, Any] = {
    "id": "S-1",
    "version": 1,
    "kind": "single",
    "stem": {"zh": "首次走访企业时，技术经理人最先应弄清什么？"},
    "options": [
        {"id": "A", "text": {"zh": "设备报价"}},
        {"id": "B", "text": {"zh": "真实瓶颈"}},
        {"id": "C", "text": {"zh": "补贴政策"}},
    ],
    "key": "B",
    "points": 2,
    "rationale": {"zh": "先确认问题，再谈办法。"},
    "citations": [{"act": "technology-manager-standard-2026", "article": "TM-U1"}],
    "unit": "TM-U1",
    "module": "practical_skills",
    "level": ["initial"],
    "cognitive": "understand",
    "difficulty": 1,
}


async def public_bank(db: AsyncSession) -> ItemBank:
    """The public sample bank, loaded."""
    await load_public_bank(db)
    return (await db.scalars(select(ItemBank).where(col(ItemBank.code) == PUBLIC_BANK))).one()


async def secret_bank(db: AsyncSession, org_id: UUID, code: str = "secret-bank") -> ItemBank:
    """An empty secret bank of an organisation."""
    row = ItemBank(org_id=org_id, code=code, title={"zh": "保密题库"}, public=False)
    db.add(row)
    await db.flush()
    return row


async def item(db: AsyncSession, bank: ItemBank, state: ItemState = ItemState.APPROVED, **changed: Any) -> Item:
    """One item of a bank, a single choice unless changed."""
    value = ItemValue.from_json({**SINGLE, **changed})
    row = Item(
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
    )
    db.add(row)
    await db.flush()
    return row
