"""Open and past proposals."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.tables import Approval, ApprovalState


async def open_approval(
    db: AsyncSession, subject_kind: str, subject_id: UUID, step: str = "approve"
) -> Approval | None:
    """The open proposal of a subject, if there is one."""
    found = await db.scalars(
        select(Approval).where(
            col(Approval.subject_kind) == subject_kind,
            col(Approval.subject_id) == subject_id,
            col(Approval.step) == step,
            col(Approval.state) == ApprovalState.PROPOSED,
        )
    )
    return found.first()


async def approvals_of(db: AsyncSession, subject_kind: str, subject_id: UUID) -> list[Approval]:
    """All proposals of a subject, newest first."""
    found = await db.scalars(
        select(Approval)
        .where(col(Approval.subject_kind) == subject_kind, col(Approval.subject_id) == subject_id)
        .order_by(col(Approval.created_at).desc())
        .limit(100)
    )
    return list(found)


async def waiting(db: AsyncSession, org_id: UUID, subject_kinds: tuple[str, ...] = ()) -> list[Approval]:
    """What waits for a decision in an organisation, oldest first."""
    chosen = select(Approval).where(col(Approval.org_id) == org_id, col(Approval.state) == ApprovalState.PROPOSED)
    if subject_kinds:
        chosen = chosen.where(col(Approval.subject_kind).in_(subject_kinds))
    return list(await db.scalars(chosen.order_by(col(Approval.created_at)).limit(200)))
