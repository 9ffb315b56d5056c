"""What vests by the day is booked every night."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.equity.actions import vest_as_of
from service.foundation import clock
from service.foundation.announcing import every


@every("20 17 * * *")  # 01:20 in Beijing
async def vest_today(db: AsyncSession) -> None:
    """Book what has vested by today in every organisation."""
    await vest_as_of(db, clock.today())
