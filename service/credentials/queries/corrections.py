"""Corrections and new prints of certificates, and the versions under one number."""

import json
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateFacts
from service.credentials.errors import CredentialErased
from service.credentials.tables import CorrectionRequest, CorrectionState, Credential, CredentialPrint
from service.foundation import files
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import decrypt_under

OPEN = (CorrectionState.REQUESTED, CorrectionState.PROPOSED)


async def correction_for(db: AsyncSession, actor: Actor, correction_id: UUID, lock: bool = False) -> CorrectionRequest:
    """A correction asked of the actor's organisation; raises NotFound."""
    chosen = select(CorrectionRequest).where(
        col(CorrectionRequest.id) == correction_id, col(CorrectionRequest.org_id) == actor.org
    )
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="correction")
    return row


async def own_correction(db: AsyncSession, actor: Actor, correction_id: UUID, lock: bool = False) -> CorrectionRequest:
    """A correction of the signed-in person's certificate; raises NotFound."""
    chosen = select(CorrectionRequest).where(
        col(CorrectionRequest.id) == correction_id, col(CorrectionRequest.person_id) == actor.person
    )
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="correction")
    return row


async def open_correction(db: AsyncSession, credential_id: UUID) -> CorrectionRequest | None:
    """The correction of a certificate that is not settled yet."""
    chosen = select(CorrectionRequest).where(
        col(CorrectionRequest.credential_id) == credential_id, col(CorrectionRequest.state).in_(OPEN)
    )
    return (await db.scalars(chosen)).first()


async def corrections_of(db: AsyncSession, number: str) -> list[CorrectionRequest]:
    """Every correction under a number that the caller may see, newest first."""
    chosen = (
        select(CorrectionRequest)
        .join(Credential, col(Credential.id) == col(CorrectionRequest.credential_id))
        .where(col(Credential.number) == number)
        .order_by(col(CorrectionRequest.created_at).desc(), col(CorrectionRequest.id).desc())
    )
    return list(await db.scalars(chosen.limit(100)))


async def corrections_waiting(db: AsyncSession, org_id: UUID) -> list[tuple[CorrectionRequest, Credential]]:
    """An organisation's unsettled corrections with their certificates, oldest first."""
    rows = await db.execute(
        select(CorrectionRequest, Credential)
        .join(Credential, col(Credential.id) == col(CorrectionRequest.credential_id))
        .where(col(CorrectionRequest.org_id) == org_id, col(CorrectionRequest.state).in_(OPEN))
        .order_by(col(CorrectionRequest.created_at), col(CorrectionRequest.id))
        .limit(200)
    )
    return [(one, credential) for one, credential in rows]


async def versions_of(db: AsyncSession, number: str) -> list[Credential]:
    """All versions under a number that the caller may see, the newest first."""
    chosen = select(Credential).where(col(Credential.number) == number).order_by(col(Credential.version).desc())
    return list(await db.scalars(chosen))


async def current_version(db: AsyncSession, row: Credential) -> Credential | None:
    """The version that took the place of this one; None while it stands for itself."""
    newest = (await versions_of(db, row.number))[0]
    return None if newest.id == row.id else newest


async def prints_of(db: AsyncSession, credential_id: UUID) -> list[CredentialPrint]:
    """Earlier papers of a version, replaced by new prints, oldest first."""
    chosen = select(CredentialPrint).where(col(CredentialPrint.credential_id) == credential_id)
    return list(await db.scalars(chosen.order_by(col(CredentialPrint.created_at))))


def words_of(row: CorrectionRequest, key: bytes) -> dict[str, str]:
    """Reason and evidence as they were written: {reason, evidence}. Raises CredentialErased."""
    try:
        return dict(json.loads(decrypt_under(key, row.words_sealed, f"correction_request.words:{row.id}")))
    except InvalidTag as error:
        raise CredentialErased from error


def facts_proposed(row: CorrectionRequest, key: bytes) -> CertificateFacts | None:
    """The facts exactly as the decider approves them; None while nothing is proposed. Raises CredentialErased."""
    if row.facts_sealed is None:
        return None
    try:
        return CertificateFacts.from_json(decrypt_under(key, row.facts_sealed, f"correction_request.facts:{row.id}"))
    except InvalidTag as error:
        raise CredentialErased from error


def evidence_file(row: CorrectionRequest, key: bytes, files_dir: Path) -> bytes:
    """The file given as evidence. Raises NotFound when none was given, CredentialErased."""
    if row.file_key is None:
        raise NotFound(what="evidence")
    try:
        return decrypt_under(key, files.get(files_dir, row.file_key), f"correction_request.file:{row.id}")
    except InvalidTag as error:
        raise CredentialErased from error
