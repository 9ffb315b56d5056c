"""Uploaded files are deleted when their keeping time is over."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.exchange.actions.imports import forget_files
from service.foundation import announcing
from service.foundation.announcing import every


@every("40 18 * * *")
async def forget_uploads(db: AsyncSession) -> None:
    """Each night at 02:40, Beijing time."""
    await forget_files(db, announcing.resources["settings"].files_dir)
