"""Proposing and deciding: by two different people, bound to the digest of what is decided."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.tables import Account
from service.approvals.errors import AlreadyDecided, AlreadyProposed, NothingProposed, SamePerson, SubjectChanged
from service.approvals.queries import open_approval
from service.approvals.tables import Approval, ApprovalState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note


async def propose(
    db: AsyncSession, actor: Actor, *, subject_kind: str, subject_id: UUID, digest: str, step: str = "approve"
) -> Approval:
    """Propose a decision. Raises AlreadyProposed while one is open."""
    if await open_approval(db, subject_kind, subject_id, step) is not None:
        raise AlreadyProposed
    row = Approval(
        org_id=actor.org,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_digest=digest,
        step=step,
        maker_account_id=actor.account_id,  # type: ignore[arg-type]  # who acts here is signed in
    )
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise AlreadyProposed from error
    await note(db, "approval.proposed", subject_kind, subject_id, step=step, approval_id=row.id)
    return row


async def decide(
    db: AsyncSession, actor: Actor, approval: Approval | None, *, digest: str, approve: bool, reason: str | None = None
) -> Approval:
    """Decide a proposal. Raises NothingProposed, AlreadyDecided, SamePerson, and SubjectChanged when the digest differs.

    The row is locked, so that two deciders at once end with one decision.
    """
    if approval is None:
        raise NothingProposed
    row = (
        await db.scalars(
            select(Approval)
            .where(col(Approval.id) == approval.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    if row.state != ApprovalState.PROPOSED:
        raise AlreadyDecided
    if await _same_human(db, row.maker_account_id, actor):
        raise SamePerson
    if approve and row.subject_digest != digest:
        raise SubjectChanged
    row.state = ApprovalState.APPROVED if approve else ApprovalState.REJECTED
    row.checker_account_id = actor.account_id
    row.reason = reason
    row.decided_at = clock.now()
    await db.flush()  # the check that maker and checker differ is the database's too
    verb = "approval.approved" if approve else "approval.rejected"
    await note(db, verb, row.subject_kind, row.subject_id, step=row.step, approval_id=row.id)
    return row


async def withdraw(db: AsyncSession, actor: Actor, approval: Approval | None) -> None:
    """Take back one's own open proposal."""
    if approval is None or approval.state != ApprovalState.PROPOSED:
        raise NothingProposed
    approval.state = ApprovalState.WITHDRAWN
    approval.decided_at = clock.now()
    await note(db, "approval.withdrawn", approval.subject_kind, approval.subject_id, approval_id=approval.id)


async def _same_human(db: AsyncSession, maker_account_id: UUID, actor: Actor) -> bool:
    """Two accounts of one person count as one."""
    if maker_account_id == actor.account_id:
        return True
    if actor.person_id is None:
        return False
    maker_person = await db.scalar(sa.select(col(Account.person_id)).where(col(Account.id) == maker_account_id))
    return maker_person is not None and maker_person == actor.person_id
