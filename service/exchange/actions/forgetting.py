"""Forgetting files that name an erased person: lists that came in, and exports that may hold them."""

import asyncio
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.enrolments.tables import Enrolment
from service.exams.tables import Sitting
from service.exchange.tables import FileExport, FileImport
from service.foundation import clock
from service.foundation.journal import note
from service.people.tables import PersonAccess, Qualification


async def forget_files_of(db: AsyncSession, files_dir: Path, person_id: UUID) -> int:
    """Delete the sealed lists with a row of this person, and let the exports of every organisation that saw them expire now.

    Rows and counts of an upload stay: they hold numbers and findings, no text. Which row was whose is known by the id
    it led to; a list in which the person could not be matched goes with its keeping time. Returns how many lists went.
    """
    led_to = sa.union_all(
        sa.select(col(Enrolment.id)).where(col(Enrolment.person_id) == person_id),
        sa.select(col(Sitting.id)).where(col(Sitting.person_id) == person_id),
        sa.select(col(Qualification.id)).where(col(Qualification.person_id) == person_id),
    )
    refs = [str(one) for one in await db.scalars(led_to)]
    forgotten = 0
    if refs:
        named = sa.or_(*(col(FileImport.rows).op("@>")(sa.cast([{"ref": one}], JSONB)) for one in refs))
        for row in await db.scalars(select(FileImport).where(named)):
            path = files_dir / row.file_key
            if path.is_file():
                await asyncio.to_thread(path.unlink)
                forgotten += 1
            row.file_name = row.kind  # a list of one person is often called after them
            await note(db, "import.file_forgotten", "file_import", row.id, org_id=row.org_id, person_id=person_id)
    seen_by = sa.select(col(PersonAccess.org_id)).where(col(PersonAccess.person_id) == person_id)
    await db.execute(
        sa.update(FileExport)
        .where(col(FileExport.org_id).in_(seen_by), col(FileExport.file_key).is_not(None))
        .values(expires_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return forgotten
