"""A later version takes the place of an earlier one under the same number; or the same certificate gets a new paper."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateFacts, CertificateKind
from service.credentials.actions.signing import paper_of, sign_and_keep
from service.credentials.events import CredentialReissued
from service.credentials.tables import (
    CorrectionRequest,
    Credential,
    CredentialChange,
    CredentialPrint,
    CredentialState,
)
from service.enrolments.tables import Enrolment
from service.foundation import clock
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.people.actions import change_qualification
from service.settings import Settings


async def reissue(
    db: AsyncSession,
    keyring: Keyring,
    settings: Settings,
    before: Credential,
    correction: CorrectionRequest,
    facts: CertificateFacts,
    key: bytes,
) -> Credential:
    """Supersede a credential that the caller holds locked, and sign the next version of it in the same transaction.

    The earlier one goes first, so that the database's rule of one live certificate holds at every moment. Raises
    StateConflict when it does not stand.
    """
    if before.state != CredentialState.VALID:
        raise StateConflict(state=before.state.value)
    before.state, before.state_since, before.state_reason = (
        CredentialState.SUPERSEDED,
        clock.now(),
        correction.kind.value,
    )
    db.add(
        CredentialChange(
            org_id=before.org_id,
            credential_id=before.id,
            person_id=before.person_id,
            from_state=CredentialState.VALID.value,
            to_state=CredentialState.SUPERSEDED.value,
            reason=correction.kind.value,
            approval_id=correction.approval_id,
        )
    )
    await db.flush()
    if facts.kind is CertificateKind.LEVEL:
        await change_qualification(db, before.id, CredentialState.SUPERSEDED.value)
    enrolment = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == before.enrolment_id))).one()
    row = await sign_and_keep(
        db,
        keyring,
        settings,
        facts=facts,
        key=key,
        enrolment=enrolment,
        base_id=before.base_id,
        issuing_list_id=before.issuing_list_id,
        version=before.version + 1,
    )
    await note(
        db,
        "credential.reissued",
        "credential",
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        number=row.number,
        version=row.version,
        earlier_id=before.id,
        facts_digest=row.facts_digest,
    )
    await announce(
        db,
        CredentialReissued(credential_id=row.id, earlier_id=before.id, correction_id=correction.id, org_id=row.org_id),
    )
    return row


async def print_anew(db: AsyncSession, row: Credential, facts: CertificateFacts, key: bytes) -> Credential:
    """A new paper of a credential that the caller holds locked: own check code and file; the credential stays as it is.

    The earlier paper is kept, and its code answers that a newer paper exists. Raises StateConflict when the earlier
    paper was never registered.
    """
    if row.document_id is None:
        raise StateConflict(state="no paper")
    db.add(
        CredentialPrint(
            org_id=row.org_id,
            person_id=row.person_id,
            credential_id=row.id,
            check_code=row.check_code,
            document_id=row.document_id,
        )
    )
    await db.flush()
    paper = await paper_of(db, row, facts, key)
    row.document_id, row.check_code = paper.id, facts.check_code
    await db.flush()
    await note(
        db,
        "credential.printed_anew",
        "credential",
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        document_id=paper.id,
    )
    return row
