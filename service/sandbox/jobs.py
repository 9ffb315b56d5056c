"""Jobs of the sandbox: a sandbox just opened is filled."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation import announcing
from service.foundation.announcing import on
from service.foundation.keyring import keyring_at
from service.organisations.events import SandboxOpened
from service.sandbox.actions import fill
from service.settings import get_settings


@on(SandboxOpened)
async def fill_sandbox(db: AsyncSession, event: SandboxOpened) -> None:
    """Fill a sandbox once, all of it or nothing."""
    assert event.org_id is not None, "the event is of a sandbox"
    settings = announcing.resources.get("settings") or get_settings()
    await fill(db, keyring_at(settings.keyring_path), settings, event.org_id)
