"""Jobs of the verification room: answers of checks are forgotten when their days are over."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.announcing import every
from service.verification.actions import forget_answers


@every("41 * * * *")
async def forget_old_answers(db: AsyncSession) -> None:
    """Blank the answers of checks after their days, every hour."""
    await forget_answers(db)
