"""A sandbox is filled: a base, people, a course session with SPECIMEN certificates, a contract and what it earns."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from certificates.canonical import canonical
from certificates.credential import compose, content_digest
from certificates.facts import CertificateFacts, CertificateKind
from certificates.keys import did_of_base
from certificates.proofs import secured
from certificates.serial import make_check_code
from certificates.status import StatusEntry
from service.bases.tables import Base, Tier
from service.contracts.tables import ContractKind, ContractState, ManagerPart, PartRole, TechnologyContract
from service.courses.tables import CourseSession, SessionState
from service.credentials.actions.signing import free_status_index, name_digest, status_address
from service.credentials.rules.composing import (
    BaseNamed,
    Ground,
    PersonNamed,
    SessionNamed,
    compose_facts,
    public_facts,
)
from service.credentials.tables import Credential, CredentialState, IssuingEntry, IssuingList, ListState
from service.editions.queries import edition as edition_of
from service.editions.queries import in_force, syllabus_of
from service.editions.tables import Edition, EditionKind
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.foundation.actor import Actor, Reach
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring, encrypt_under
from service.foundation.text import mask_name
from service.incentives.actions import record_event
from service.incentives.actions.plans import digest_of_version, hold_against_law, read_terms
from service.incentives.schemas import EventCreate
from service.incentives.tables import (
    Agreement,
    AgreementParty,
    Bucket,
    EventKind,
    Plan,
    PlanKind,
    PlanState,
    PlanVersion,
)
from service.keys.actions import active_key, signer_of
from service.organisations.queries import organisation
from service.organisations.tables import Organisation
from service.people.actions import grant_access, personal_key
from service.people.actions.identity import known_or_entered
from service.people.queries import person as person_of
from service.people.rules import IDENTITY_NAMES, Identity, IdentityKind
from service.people.tables import Person
from service.sandbox import rules
from service.settings import Settings

LEVEL = "initial"
MASKED = "SAND****BOX"


@dataclass(frozen=True)
class Twin:
    """The sandbox being filled: its organisation, its base, and its place among all sandboxes."""

    entity: Organisation
    base: Base
    place: int


async def fill(db: AsyncSession, keyring: Keyring, settings: Settings, org_id: UUID) -> None:
    """Fill a sandbox that has no base yet; again it changes nothing. Needs a job's scope.

    Raises NotFound while no syllabus of the first level is in force, and SandboxesExhausted.
    """
    entity = await organisation(db, org_id)
    assert entity.sandbox, "only a sandbox is filled"
    twin = await _settle(db, entity)
    if twin is None:
        return
    people = [await _person(db, keyring, twin, order) for order in range(len(rules.PEOPLE))]
    trainees = [row for row, one in zip(people, rules.PEOPLE, strict=True) if one.trainee]
    managers = [row for row, one in zip(people, rules.PEOPLE, strict=True) if not one.trainee]
    await _course(db, keyring, settings, twin, trainees)
    await _deal(db, twin, managers)
    await note(db, "sandbox.filled", "organisation", org_id, org_id=entity.sandbox_of)


async def _settle(db: AsyncSession, entity: Organisation) -> Twin | None:
    """The sandbox's base under the next free code; two jobs at once take turns. None when it has one already."""
    await db.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('sandbox bases', 0))"))
    if await db.scalar(sa.select(col(Base.id)).where(col(Base.org_id) == entity.id)) is not None:
        return None
    last = await db.scalar(sa.select(sa.func.max(col(Base.code))).where(col(Base.code).op("~")("^S[0-9A-Z]{3}$")))
    place = 0 if last is None else rules.place_of(last) + 1
    row = Base(
        code=rules.base_code(place),
        org_id=entity.id,
        tier=Tier.CITY,
        name={"zh": "沙箱基地（合成数据）", "en": "Sandbox base (synthetic data)"},
        province=entity.province,
    )
    db.add(row)
    await db.flush()
    return Twin(entity, row, place)


async def _person(db: AsyncSession, keyring: Keyring, twin: Twin, order: int) -> Person:
    one = rules.PEOPLE[order]
    identity = Identity(IdentityKind.PASSPORT, rules.document_number(twin.place, order))
    found, _new = await known_or_entered(db, keyring, identity, one.name)
    await grant_access(db, found.person_id, twin.entity.id, "enrolment" if one.trainee else "contract")
    row = await person_of(db, found.person_id)
    row.english_name, row.english_confirmed_at = one.english, clock.now()
    return row


async def _syllabus(db: AsyncSession) -> Edition:
    for row in await in_force(db, EditionKind.SYLLABUS, clock.today()):
        if row.level == LEVEL:
            db.expunge(row)  # lists leave the content out, and this one row is read whole
            return await edition_of(db, row.id)
    raise NotFound(what="syllabus")


async def _course(db: AsyncSession, keyring: Keyring, settings: Settings, twin: Twin, trainees: list[Person]) -> None:
    edition = await _syllabus(db)
    starts_on, ends_on = rules.TAUGHT
    session = CourseSession(
        org_id=twin.entity.id,
        base_id=twin.base.id,
        syllabus_id=edition.id,
        code=f"SANDBOX-{twin.base.code}",
        title={"zh": "沙箱培训班（合成数据）", "en": "Sandbox course (synthetic data)"},
        starts_on=starts_on,
        ends_on=ends_on,
        capacity=len(trainees),
        taken=len(trainees),
        state=SessionState.CLOSED,
    )
    issuing = IssuingList(
        org_id=twin.entity.id,
        course_session_id=session.id,
        kind=CertificateKind.COMPLETION.value,
        digest="0" * 64,
        state=ListState.ISSUED,
    )
    db.add(session)
    await db.flush()
    db.add(issuing)
    await db.flush()
    for order, holder in enumerate(trainees):
        enrolment = Enrolment(
            org_id=twin.entity.id,
            course_session_id=session.id,
            person_id=holder.id,
            syllabus_id=edition.id,
            state=EnrolmentState.COMPLETED,
            source="staff",
            enrolled_at=datetime.combine(starts_on, datetime.min.time(), UTC),
        )
        db.add(enrolment)
        await db.flush()
        entry = IssuingEntry(
            org_id=twin.entity.id,
            list_id=issuing.id,
            enrolment_id=enrolment.id,
            person_id=holder.id,
            eligible=True,
            reasons=[],
            evidence=await _evidence(db, edition),
        )
        db.add(entry)
        await db.flush()
        await _certificate(db, keyring, settings, twin, session, entry, edition, holder, order)


async def _evidence(db: AsyncSession, edition: Edition) -> dict[str, dict[str, int]]:
    """All hours of the syllabus, minutes by module."""
    syllabus = await syllabus_of(db, edition.id)
    minutes: dict[str, int] = {}
    for module, course in syllabus.courses():
        minutes[module.id] = minutes.get(module.id, 0) + course.periods * syllabus.minutes_per_period
    return {"minutes": minutes}


async def _facts(
    db: AsyncSession,
    settings: Settings,
    twin: Twin,
    session: CourseSession,
    entry: IssuingEntry,
    edition: Edition,
    holder: Person,
    order: int,
    credential_id: UUID,
) -> CertificateFacts:
    number = rules.number(twin.place, order)
    facts = compose_facts(
        Ground(
            kind=CertificateKind.COMPLETION,
            person=PersonNamed(
                holder.name,
                holder.english_name,
                True,
                IdentityKind.PASSPORT.value,
                IDENTITY_NAMES[IdentityKind.PASSPORT],
                MASKED,
            ),
            base=BaseNamed(number.base_code, twin.base.name, False, None, rules.AWARDED, twin.entity.name, None),
            session=SessionNamed(session.code, session.title, session.starts_on, session.ends_on),
            syllabus=await syllabus_of(db, edition.id),
            syllabus_digest=edition.digest,
            standard=None,
            standard_digest=None,
            evidence=entry.evidence,
            awarded_on=rules.AWARDED,
            specimen=True,
        ),
        number=number,
        check_code=make_check_code(secrets.token_bytes(8)),
        credential_id=f"https://{settings.public_host}/credentials/{credential_id}",
        origin=settings.base_url,
        host=settings.public_host,
    )
    own = did_of_base(settings.public_host, twin.base.code)  # never the identifier of a base of the register
    return facts.model_copy(update={"issuer": facts.issuer.model_copy(update={"did": own})})


async def _certificate(
    db: AsyncSession,
    keyring: Keyring,
    settings: Settings,
    twin: Twin,
    session: CourseSession,
    entry: IssuingEntry,
    edition: Edition,
    holder: Person,
    order: int,
) -> None:
    credential_id = uuid4()
    facts = await _facts(db, settings, twin, session, entry, edition, holder, order, credential_id)
    key = await personal_key(db, keyring, holder.id)
    signing = await active_key(db, keyring, twin.entity.id)
    index = await free_status_index(db, twin.entity.id)
    address = status_address(settings.public_host, twin.base.code, "revocation")
    unsigned = compose(facts, [StatusEntry(address, index)])
    signer = signer_of(keyring, signing, did_of_base(settings.public_host, twin.base.code))
    signed = secured(unsigned, signer, clock.now())
    state = CredentialState(rules.STATES[order])
    db.add(
        Credential(
            id=credential_id,
            org_id=twin.entity.id,
            base_id=twin.base.id,
            person_id=holder.id,
            enrolment_id=entry.enrolment_id,
            course_session_id=session.id,
            issuing_list_id=entry.list_id,
            kind=facts.kind.value,
            number=facts.number,
            check_code=facts.check_code,
            name_lookup=name_digest(keyring, facts.number, holder.name),
            english_lookup=name_digest(keyring, facts.number, holder.english_name or ""),
            masked_name=mask_name(holder.name),
            facts_sealed=encrypt_under(key, facts.to_json(), f"credential.facts:{credential_id}"),
            facts_digest=facts.digest,
            signed_sealed=encrypt_under(key, canonical(signed), f"credential.signed:{credential_id}"),
            signed_digest=content_digest(unsigned),
            key_id=signing.id,
            status_index=index,
            specimen=True,
            public_facts={**public_facts(facts), "base_code": twin.base.code},
            awarded_on=facts.awarded_on,
            valid_from=facts.valid_from,
            valid_until=facts.valid_until,
            state=state,
            state_since=None if state is CredentialState.VALID else clock.now(),
            state_reason=rules.REASONS.get(state.value),
        )
    )
    await db.flush()


async def _deal(db: AsyncSession, twin: Twin, managers: list[Person]) -> None:
    """A registered contract of two managers under a commission plan, with one receipt booked."""
    org_id = twin.entity.id
    contract = TechnologyContract(
        org_id=org_id,
        contract_no="SANDBOX-1",
        title={"zh": "沙箱技术许可合同（合成数据）", "en": "Sandbox licence contract (synthetic data)"},
        kind=ContractKind.LICENCE,
        seller="沙箱大学",
        buyer="沙箱公司",
        signed_on=rules.SIGNED,
        contract_fen=rules.CONTRACT_FEN,
        transaction_fen=rules.TRANSACTION_FEN,
        registration_no="SANDBOX-1",
        registration_office="沙箱登记机构",
        registered_on=rules.REGISTERED,
        state=ContractState.REGISTERED,
    )
    plan = Plan(
        org_id=org_id,
        code="SANDBOX",
        kind=PlanKind.COMMISSION,
        title={"zh": "沙箱佣金办法（合成数据）", "en": "Sandbox commission (synthetic data)"},
    )
    db.add_all([contract, plan])
    await db.flush()
    terms = read_terms(PlanKind.COMMISSION, rules.TERMS)
    version = PlanVersion(
        org_id=org_id,
        plan_id=plan.id,
        version=1,
        content=terms.model_dump(mode="json"),
        digest="",
        valid_from=rules.SIGNED,
        places=[],
        findings=[],
        state=PlanState.IN_FORCE,
    )
    version.findings = hold_against_law(version, terms)
    version.digest = digest_of_version(version)
    db.add(version)
    await db.flush()
    agreement = Agreement(org_id=org_id, contract_id=contract.id, plan_version_id=version.id, signed_on=rules.SIGNED)
    db.add(agreement)
    await db.flush()
    parties: list[tuple[UUID | None, str, int]] = [(row.id, "managers", 2 - at) for at, row in enumerate(managers)]
    db.add(Bucket(org_id=org_id, agreement_id=agreement.id))
    for order, (person_id, line, weight) in enumerate([*parties, (None, "unit", 1)], start=1):
        db.add(
            AgreementParty(
                org_id=org_id,
                agreement_id=agreement.id,
                party_no=order,
                person_id=person_id,
                line=line,
                weight=weight,
            )
        )
        if person_id is not None:
            role = PartRole.LEAD if order == 1 else PartRole.NEGOTIATION
            db.add(ManagerPart(org_id=org_id, contract_id=contract.id, person_id=person_id, role=role, weight=weight))
    await db.flush()
    receipt = EventCreate(
        contract_id=contract.id,
        source="sandbox",
        reference="SANDBOX-1",
        kind=EventKind.RECEIPT,
        amount_fen=rules.RECEIVED_FEN,
        effective_on=rules.PAID,
    )
    await record_event(db, _for(org_id), receipt)


def _for(org_id: UUID) -> Actor:
    """The job as it acts for the sandbox alone."""
    permissions = frozenset({"incentives.record", "incentives.read"})
    return Actor(None, None, org_id, "job", permissions, Reach.ORG, "")
