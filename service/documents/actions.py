"""Issuing papers: facts frozen and sealed first, the file made later and kept by its digest."""

import hashlib
import json
import secrets
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidTag
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.serial import make_check_code
from service.documents.errors import PaperErased
from service.documents.events import DocumentRegistered
from service.documents.queries import document
from service.documents.tables import DocumentState, IssuedDocument
from service.foundation import clock, files
from service.foundation.announcing import announce
from service.foundation.journal import note
from service.foundation.keyring import decrypt_under, encrypt_under
from service.foundation.records import uuid7
from service.settings import Settings


async def register(
    db: AsyncSession,
    *,
    key: bytes,
    org_id: UUID,
    person_id: UUID | None,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    facts: dict[str, Any],
    specimen: bool,
    check_code: str | None = None,
) -> IssuedDocument:
    """Issue a paper: canonical facts, their digest, sealed under the person's key; announces DocumentRegistered.

    `key` is the person's own key (`people.actions.personal_key`); `facts` must be JSON values.
    """
    canonical = rfc8785.dumps(facts)
    row_id = uuid7()
    row = IssuedDocument(
        id=row_id,
        org_id=org_id,
        person_id=person_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        facts_sealed=encrypt_under(key, canonical, f"issued_document.facts:{row_id}"),
        facts_digest=hashlib.sha256(canonical).hexdigest(),
        check_code=check_code or make_check_code(secrets.token_bytes(8)),
        specimen=specimen,
    )
    db.add(row)
    await announce(db, DocumentRegistered(document_id=row.id, kind=kind, org_id=org_id))
    return row


def facts_of(row: IssuedDocument, key: bytes) -> dict[str, Any]:
    """The frozen facts. Raises PaperErased when the key no longer opens them; a changed digest is an InvalidTag too."""
    try:
        clear = decrypt_under(key, row.facts_sealed, f"issued_document.facts:{row.id}")
    except InvalidTag as error:
        raise PaperErased from error
    return dict(json.loads(clear))


async def file_ready(
    db: AsyncSession, settings: Settings, document_id: UUID, content: bytes, suffix: str = ".pdf"
) -> IssuedDocument:
    """Keep the made file by its digest; a paper that is ready or erased stays as it is."""
    row = await document(db, document_id)
    if row.state in (DocumentState.READY, DocumentState.ERASED):
        return row
    row.file_key, row.sha256 = files.put(settings.files_dir, row.kind, content, suffix)
    row.state, row.ready_at, row.failure = DocumentState.READY, clock.now(), None
    await db.flush()
    return row


async def file_failed(db: AsyncSession, document_id: UUID, why: str) -> None:
    """Say that making the file failed; the job is held for a person."""
    row = await document(db, document_id)
    if row.state not in (DocumentState.READY, DocumentState.ERASED):
        row.state, row.failure = DocumentState.FAILED, why[:300]


async def erase_papers(db: AsyncSession, settings: Settings, person_id: UUID) -> int:
    """Delete the files of a person's papers; number, digests, check code and dates stay. Returns how many; again: none.

    A file goes before its row says so: a crash in between leaves the row to be tried again, and never a name behind.
    """
    chosen = select(IssuedDocument).where(
        col(IssuedDocument.person_id) == person_id, col(IssuedDocument.state) != DocumentState.ERASED
    )
    rows = list(await db.scalars(chosen.with_for_update()))
    for row in rows:
        if row.file_key is not None:
            (settings.files_dir / row.file_key).unlink(missing_ok=True)
        row.state, row.file_key, row.failure = DocumentState.ERASED, None, None
        await note(db, "document.erased", "document", row.id, person_id=person_id, org_id=row.org_id, kind=row.kind)
    await db.flush()
    return len(rows)
