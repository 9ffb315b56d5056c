"""Uploaded files are deleted when their keeping time is over, or with the person they name."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.exchange.actions.exports import remove_expired
from service.exchange.actions.forgetting import forget_files_of
from service.exchange.actions.imports import forget_files
from service.foundation import announcing
from service.foundation.announcing import every, on
from service.people.events import PersonalDataErased
from service.settings import get_settings


@every("40 18 * * *")
async def forget_uploads(db: AsyncSession) -> None:
    """Each night at 02:40, Beijing time."""
    await forget_files(db, announcing.resources["settings"].files_dir)


@on(PersonalDataErased)
async def forget_person(db: AsyncSession, event: PersonalDataErased) -> None:
    """Delete the lists that name an erased person, and the exports that may."""
    settings = announcing.resources.get("settings") or get_settings()
    await forget_files_of(db, settings.files_dir, event.person_id)
    await db.flush()
    await remove_expired(db, settings)
