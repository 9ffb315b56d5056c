"""Exports are made by a job, and removed when their days are over."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.exchange.actions.export_files import make_file
from service.exchange.actions.exports import remove_expired
from service.exchange.events.exports import ExportRequested
from service.foundation import announcing
from service.foundation.announcing import every, on
from service.foundation.working import Work
from service.settings import Settings, get_settings


def _settings() -> Settings:
    found: Settings = announcing.resources.get("settings") or get_settings()
    return found


@on(ExportRequested, own_transactions=True)
async def make_export(work: Work, event: ExportRequested) -> None:
    """Make the file somebody asked for."""
    await make_file(work, _settings(), event.export_id)


@every("17 * * * *")
async def remove_old_exports(db: AsyncSession) -> None:
    """Remove files whose seven days are over, every hour."""
    await remove_expired(db, _settings())
