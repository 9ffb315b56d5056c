"""Jobs of the credentials room: issuing an approved list, printing papers, letters to holders, erasure."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.canonical import canonical
from certificates.refusals import CertificateRefusal
from service.credentials.actions import erase_names, finish_list, hinder, issue_entry
from service.credentials.actions.telling import tell_decider
from service.credentials.errors import ListChanged, NoNumberSlot, NumbersExhausted
from service.credentials.events import (
    CorrectionSettled,
    CredentialIssued,
    CredentialStateChanged,
    ListApproved,
)
from service.credentials.printing import print_certificate
from service.credentials.tables import CorrectionKind, CorrectionRequest, CorrectionState, Credential, IssuingEntry
from service.documents.actions import erase_papers, facts_of, file_failed, file_ready
from service.documents.events import DocumentRegistered
from service.documents.queries import document
from service.documents.tables import DocumentState
from service.exams.events import ResultSettled
from service.foundation import announcing
from service.foundation.announcing import on
from service.foundation.errors import DomainError
from service.foundation.keyring import keyring_at
from service.foundation.language import CHINESE, ENGLISH, sentence
from service.foundation.rendering import RenderingPool
from service.foundation.working import Work
from service.letters.actions import write
from service.people.actions import personal_key
from service.people.errors import PersonErased
from service.people.events import PersonalDataErased
from service.settings import Settings, get_settings

HINDRANCES = (ListChanged, NoNumberSlot, NumbersExhausted, PersonErased)
CERTIFICATE = "certificate"


def _settings() -> Settings:
    settings: Settings = announcing.resources.get("settings") or get_settings()
    return settings


def sentences_of(refusal: CertificateRefusal | DomainError) -> tuple[str, str]:
    """A refusal in Chinese and English, as an entry keeps it."""
    if isinstance(refusal, CertificateRefusal):
        return refusal.sentence("zh"), refusal.sentence("en")
    return (
        sentence(refusal.message, refusal.facts, CHINESE),
        sentence(refusal.message, refusal.facts, ENGLISH),
    )


@on(ListApproved, own_transactions=True)
async def issue_approved_list(work: Work, event: ListApproved) -> None:
    """Issue every eligible entry in a transaction of its own, so that one hindered person holds nobody else up."""
    settings = _settings()
    keyring = keyring_at(settings.keyring_path)
    async with work.transaction() as db:
        chosen = select(col(IssuingEntry.id)).where(
            col(IssuingEntry.list_id) == event.list_id,
            col(IssuingEntry.eligible),
            col(IssuingEntry.hindrance).is_(None),
        )
        entries = list(await db.scalars(chosen.order_by(col(IssuingEntry.enrolment_id))))
    for entry_id in entries:
        try:
            async with work.transaction() as db:
                await issue_entry(db, keyring, settings, entry_id)
        except (CertificateRefusal, *HINDRANCES) as refusal:
            async with work.transaction() as db:
                await hinder(db, entry_id, refusal.slug, *sentences_of(refusal))
    async with work.transaction(final=True) as db:
        await finish_list(db, event.list_id)


@on(DocumentRegistered, own_transactions=True)
async def print_paper(work: Work, event: DocumentRegistered) -> None:
    """Print a certificate from its frozen facts in the rendering pool; a paper that is ready stays as it is."""
    if event.kind != CERTIFICATE:
        return
    settings = _settings()
    async with work.transaction() as db:
        row = await document(db, event.document_id)
        if row.state in (DocumentState.READY, DocumentState.ERASED) or row.person_id is None:
            return
        try:
            key = await personal_key(db, keyring_at(settings.keyring_path), row.person_id)
        except PersonErased:  # between registering and printing: there is nothing left to print
            return
        facts = canonical(facts_of(row, key))
    pool: RenderingPool | Any = announcing.resources.get("rendering") or _own_pool()
    try:
        content = await pool.run(print_certificate, facts)
    except CertificateRefusal as refusal:
        async with work.transaction(final=True) as db:
            await file_failed(db, event.document_id, refusal.sentence("zh"))
        return
    async with work.transaction(final=True) as db:
        await file_ready(db, settings, event.document_id, content)


async def tell_holder(db: AsyncSession, credential_id: UUID, kind: str) -> None:
    """A letter to the holder of a certificate, that names its number."""
    row = (await db.scalars(select(Credential).where(col(Credential.id) == credential_id))).one()
    facts = {"number": row.number, "credential_id": str(row.id)}
    await write(db, kind=kind, facts=facts, person_id=row.person_id, org_id=row.org_id)


@on(CredentialIssued)
async def tell_of_issue(db: AsyncSession, event: CredentialIssued) -> None:
    """Tell the holder that the certificate is there."""
    await tell_holder(db, event.credential_id, "credential.issued")


@on(CredentialStateChanged)
async def tell_of_change(db: AsyncSession, event: CredentialStateChanged) -> None:
    """Tell the holder of a suspension, its lifting, or a revocation."""
    await tell_holder(db, event.credential_id, "credential.changed")


@on(CorrectionSettled)
async def tell_of_correction(db: AsyncSession, event: CorrectionSettled) -> None:
    """Tell the holder what became of a correction; one that a revocation overtook is told of by the revocation."""
    row = (await db.scalars(select(CorrectionRequest).where(col(CorrectionRequest.id) == event.correction_id))).one()
    if row.state is CorrectionState.DONE and row.outcome_id is not None:
        reprint = row.kind is CorrectionKind.REPRINT
        await tell_holder(db, row.outcome_id, "credential.printed_anew" if reprint else "credential.reissued")
    elif row.state is CorrectionState.REFUSED:
        await tell_holder(db, row.credential_id, "credential.correction_refused")


@on(PersonalDataErased)
async def erase(db: AsyncSession, event: PersonalDataErased) -> None:
    """Blank what still tells the name of a person who was erased, and delete the files of all their papers."""
    await erase_names(db, event.person_id)
    await erase_papers(db, _settings(), event.person_id)


def _own_pool() -> RenderingPool:
    """A pool kept for this process when the worker's start gave none (the demo loader)."""
    pool = RenderingPool(1)
    announcing.resources["rendering"] = pool
    return pool


@on(ResultSettled)
async def look_at_certificate(db: AsyncSession, event: ResultSettled) -> None:
    """When a result is settled anew, tell the deciders of a certificate that no longer rests on a pass."""
    if event.org_id is not None:
        await tell_decider(db, event.org_id, event.enrolment_id)
