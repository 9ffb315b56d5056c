"""Facts become a certificate: signed, sealed under the holder's own key, with its paper on the way and its place in the list."""

import secrets
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from certificates.canonical import canonical
from certificates.credential import compose, content_digest
from certificates.facts import CertificateFacts, CertificateKind
from certificates.keys import did_of_base
from certificates.proofs import secured
from certificates.status import ENTRIES, StatusEntry
from service.credentials.errors import NumbersExhausted
from service.credentials.rules.composing import public_facts
from service.credentials.rules.names import folded
from service.credentials.tables import Credential
from service.documents.actions import register
from service.documents.tables import IssuedDocument
from service.enrolments.tables import Enrolment
from service.foundation import clock
from service.foundation.keyring import Keyring, encrypt_under
from service.foundation.text import mask_name
from service.keys.actions import active_key, signer_of
from service.people.actions import record_qualification
from service.settings import Settings


def status_address(host: str, base_code: str, purpose: str) -> str:
    """Where a base's status list of a purpose is published."""
    return f"https://{host}/credentials/status/{base_code}/{purpose}"


def name_digest(keyring: Keyring, number: str, name: str) -> bytes:
    """The keyed digest by which a typed name is compared, bound to the number: equal names cannot be told from it."""
    return keyring.lookup(f"credential.name:{number}", folded(name))


async def free_status_index(db: AsyncSession, org_id: UUID) -> int:
    """A random place of the issuer's status list that no credential has; random, so that places tell no order of issue."""
    for _ in range(200):
        index = secrets.randbelow(ENTRIES)
        used = await db.scalar(
            sa.select(sa.literal(1)).where(col(Credential.org_id) == org_id, col(Credential.status_index) == index)
        )
        if used is None:
            return index
    raise NumbersExhausted(year=clock.today().year)


async def sign_and_keep(
    db: AsyncSession,
    keyring: Keyring,
    settings: Settings,
    *,
    facts: CertificateFacts,
    key: bytes,
    enrolment: Enrolment,
    base_id: UUID,
    issuing_list_id: UUID,
    version: int = 1,
) -> Credential:
    """Sign these facts as one version of a certificate and keep it with its paper and qualification.

    `key` is the person's own key; the credential's id is the last part of the address in the facts.
    """
    credential_id = UUID(facts.credential_id.rpartition("/")[2])
    signing = await active_key(db, keyring, enrolment.org_id)
    index = await free_status_index(db, enrolment.org_id)
    address = status_address(settings.public_host, facts.base.code, "revocation")
    unsigned = compose(facts, [StatusEntry(address, index)])
    signer = signer_of(keyring, signing, did_of_base(settings.public_host, facts.base.code))
    signed = secured(unsigned, signer, clock.now())
    holder = facts.holder
    english = holder.name_en if holder.name_en_confirmed else None
    row = Credential(
        id=credential_id,
        org_id=enrolment.org_id,
        base_id=base_id,
        person_id=enrolment.person_id,
        enrolment_id=enrolment.id,
        course_session_id=enrolment.course_session_id,
        issuing_list_id=issuing_list_id,
        kind=facts.kind.value,
        level=None if facts.edition.level is None else facts.edition.level.code,
        number=facts.number,
        version=version,
        check_code=facts.check_code,
        name_lookup=name_digest(keyring, facts.number, holder.name_zh),
        english_lookup=None if english is None else name_digest(keyring, facts.number, english),
        masked_name=mask_name(holder.name_zh),
        facts_sealed=encrypt_under(key, facts.to_json(), f"credential.facts:{credential_id}"),
        facts_digest=facts.digest,
        signed_sealed=encrypt_under(key, canonical(signed), f"credential.signed:{credential_id}"),
        signed_digest=content_digest(unsigned),
        key_id=signing.id,
        status_index=index,
        specimen=facts.specimen,
        public_facts=public_facts(facts),
        awarded_on=facts.awarded_on,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
    )
    db.add(row)
    await db.flush()
    row.document_id = (await paper_of(db, row, facts, key)).id
    if facts.kind is CertificateKind.LEVEL and row.level is not None:
        await record_qualification(
            db,
            person_id=row.person_id,
            credential_id=row.id,
            number=row.number,
            scheme=facts.edition.scheme_code,
            level=row.level,
            awarded_on=row.awarded_on,
            valid_until=row.valid_until,
        )
    return row


async def paper_of(db: AsyncSession, row: Credential, facts: CertificateFacts, key: bytes) -> IssuedDocument:
    """Register a paper of a credential from its facts; its file is made by a job."""
    paper = await register(
        db,
        key=key,
        org_id=row.org_id,
        person_id=row.person_id,
        kind="certificate",
        subject_kind="credential",
        subject_id=row.id,
        facts=facts.to_data(),
        check_code=facts.check_code,
        specimen=facts.specimen,
    )
    await db.flush()
    return paper
