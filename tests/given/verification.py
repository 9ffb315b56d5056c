"""Checks of many certificates that were made, for tests of other rooms."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation import clock
from service.verification.tables import BatchCheck
from tests.given import accounts


async def batch_check(db: AsyncSession) -> BatchCheck:
    """A check by a university of its own, whose answers are no longer kept."""
    university = await accounts.organisation(db, "某核验大学")
    verifier = await accounts.staff(db, "university_verifier", university.id)
    row = BatchCheck(
        org_id=university.id,
        account_id=verifier.account_id,  # type: ignore[arg-type]
        rows=1,
        counts={"valid": 1},
        digest="0" * 64,
        expires_at=clock.now() + timedelta(days=7),
    )
    db.add(row)
    await db.flush()
    return row
