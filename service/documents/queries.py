"""Papers by id and by digest."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.documents.errors import PaperErased, PaperNotReady
from service.documents.tables import DocumentState, IssuedDocument
from service.foundation import files
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.settings import Settings


async def document(db: AsyncSession, document_id: UUID) -> IssuedDocument:
    """A paper the actor may see; raises NotFound."""
    row = (await db.scalars(select(IssuedDocument).where(col(IssuedDocument.id) == document_id))).first()
    if row is None:
        raise NotFound(what="document")
    return row


async def paper(db: AsyncSession, settings: Settings, document_id: UUID) -> tuple[IssuedDocument, bytes]:
    """A paper and its file, the look journaled. Raises NotFound, PaperNotReady, PaperErased."""
    row = await document(db, document_id)
    if row.state is DocumentState.ERASED:
        raise PaperErased
    if row.state is not DocumentState.READY or row.file_key is None:
        raise PaperNotReady
    content = files.get(settings.files_dir, row.file_key)
    await note(db, "document.read", "document", row.id, person_id=row.person_id, org_id=row.org_id, kind=row.kind)
    return row, content


async def documents_about(db: AsyncSession, subject_kind: str, subject_id: UUID) -> list[IssuedDocument]:
    """The papers issued about one thing, newest first."""
    found = await db.scalars(
        select(IssuedDocument)
        .where(col(IssuedDocument.subject_kind) == subject_kind, col(IssuedDocument.subject_id) == subject_id)
        .order_by(col(IssuedDocument.created_at).desc())
        .limit(100)
    )
    return list(found)
