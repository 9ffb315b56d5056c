"""Selects over issuing lists and credentials, narrowed to what the actor may see; the evidence a judgement rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateFacts, CertificateKind
from service.attendance.tables import Attendance
from service.bases.tables import Base
from service.courses.tables import CourseSession, Meeting
from service.credentials.errors import CredentialErased
from service.credentials.rules.eligibility import Evidence, ResultEvidence
from service.credentials.tables import (
    ChangeProposal,
    CorrectionRequest,
    Credential,
    CredentialChange,
    CredentialState,
    IssuingEntry,
    IssuingList,
    ListState,
)
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.queries import released_result
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring, decrypt_under
from service.keys.queries import published_keys
from service.ledger.queries import by_module
from service.people.actions import personal_key
from service.people.queries import identity_of, persons
from service.people.tables import IdentityState, Person, PersonKey

LIVE = (CredentialState.VALID, CredentialState.SUSPENDED)
JUDGED = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED)


async def judged_enrolments(db: AsyncSession, course_session_id: UUID) -> list[Enrolment]:
    """The enrolments of a course session that a list is about: all that held a seat, settled or not, in steady order."""
    chosen = (
        select(Enrolment)
        .where(col(Enrolment.course_session_id) == course_session_id, col(Enrolment.state).in_(JUDGED))
        .order_by(col(Enrolment.id))
    )
    return list(await db.scalars(chosen))


async def live_credential(db: AsyncSession, enrolment_id: UUID, kind: str) -> Credential | None:
    """The credential of this kind that stands for an enrolment, valid or suspended."""
    chosen = select(Credential).where(
        col(Credential.enrolment_id) == enrolment_id, col(Credential.kind) == kind, col(Credential.state).in_(LIVE)
    )
    return (await db.scalars(chosen)).first()


async def evidence_of(
    db: AsyncSession, session: CourseSession, enrolment: Enrolment, kind: CertificateKind, person: Person | None
) -> Evidence:
    """What is on record of one enrolment now: hours from the ledger, attendance by course, released result, identity."""
    attended = await db.scalars(
        sa.select(col(Meeting.course_code))
        .join(Attendance, col(Attendance.meeting_id) == col(Meeting.id))
        .where(col(Attendance.enrolment_id) == enrolment.id, col(Attendance.minutes) > 0)
        .distinct()
    )
    identity = await identity_of(db, enrolment.person_id)
    live = await live_credential(db, enrolment.id, kind.value)
    return Evidence(
        minutes=await by_module(db, org_id=enrolment.org_id, owner_id=enrolment.id),
        courses_attended=tuple(sorted(attended)),
        result=await _result(db, enrolment.id) if kind is CertificateKind.LEVEL else None,
        identity_document_id=(
            str(identity.id) if identity is not None and identity.state == IdentityState.SEEN else None
        ),
        english_name_confirmed=(
            person is not None and bool(person.english_name) and person.english_confirmed_at is not None
        ),
        session_ended=session.ends_on <= clock.today(),
        already_issued=None if live is None else live.number,
    )


async def _result(db: AsyncSession, enrolment_id: UUID) -> ResultEvidence | None:
    found = await released_result(db, enrolment_id)
    if found is None:
        return None
    return ResultEvidence(
        result_id=str(found.result_id),
        digest=found.digest,
        score=str(found.score),
        full_marks=found.full_marks,
        passed=found.passed,
        held_on=found.held_on.isoformat(),
        by_module={
            module: {name: str(value) for name, value in marks.items()} for module, marks in found.by_module.items()
        },
    )


async def list_for(db: AsyncSession, actor: Actor, list_id: UUID, lock: bool = False) -> IssuingList:
    """An issuing list of the actor's organisation; raises NotFound."""
    chosen = select(IssuingList).where(col(IssuingList.id) == list_id, col(IssuingList.org_id) == actor.org)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="issuing list")
    return row


async def open_list(db: AsyncSession, course_session_id: UUID, kind: str) -> IssuingList | None:
    """The list of this session and kind that is not yet issued or rejected."""
    chosen = select(IssuingList).where(
        col(IssuingList.course_session_id) == course_session_id,
        col(IssuingList.kind) == kind,
        col(IssuingList.state).in_((ListState.DRAFT, ListState.PROPOSED, ListState.APPROVED)),
    )
    return (await db.scalars(chosen.with_for_update())).first()


async def lists_of(db: AsyncSession, org_id: UUID, course_session_id: UUID | None = None) -> list[IssuingList]:
    """The issuing lists of an organisation, newest first."""
    chosen = select(IssuingList).where(col(IssuingList.org_id) == org_id)
    if course_session_id is not None:
        chosen = chosen.where(col(IssuingList.course_session_id) == course_session_id)
    return list(await db.scalars(chosen.order_by(col(IssuingList.created_at).desc()).limit(200)))


async def entries_of(db: AsyncSession, list_id: UUID) -> list[IssuingEntry]:
    """The entries of a list, in the order of their enrolments."""
    chosen = select(IssuingEntry).where(col(IssuingEntry.list_id) == list_id).order_by(col(IssuingEntry.enrolment_id))
    return list(await db.scalars(chosen))


@dataclass(frozen=True)
class ListCounts:
    """How many are on a list, how many of them eligible, issued and hindered."""

    people: int
    eligible: int
    issued: int
    hindered: int


async def counts_of(db: AsyncSession, list_ids: Iterable[UUID]) -> dict[UUID, ListCounts]:
    """The figures of several lists."""
    asked = list(set(list_ids))
    if not asked:
        return {}
    issued = (
        # a certificate that was issued anew under its number is one certificate
        sa.select(
            col(Credential.issuing_list_id).label("list_id"),
            sa.func.count(sa.distinct(col(Credential.number))).label("issued"),
        )
        .where(col(Credential.issuing_list_id).in_(asked))
        .group_by(col(Credential.issuing_list_id))
        .subquery()
    )
    rows = await db.execute(
        sa.select(
            col(IssuingEntry.list_id),
            sa.func.count(),
            sa.func.count().filter(col(IssuingEntry.eligible)),
            sa.func.coalesce(sa.func.max(issued.c.issued), 0),
            sa.func.count().filter(col(IssuingEntry.hindrance).is_not(None)),
        )
        .outerjoin(issued, issued.c.list_id == col(IssuingEntry.list_id))
        .where(col(IssuingEntry.list_id).in_(asked))
        .group_by(col(IssuingEntry.list_id))
    )
    return {row[0]: ListCounts(row[1], row[2], row[3], row[4]) for row in rows}


@dataclass(frozen=True)
class EntryShown:
    """An entry with its person and the credential issued from it."""

    entry: IssuingEntry
    person: Person | None
    credential: Credential | None


async def entries_shown(db: AsyncSession, list_id: UUID) -> list[EntryShown]:
    """The entries of a list with names and what was issued, the eligible first, by name."""
    entries = await entries_of(db, list_id)
    known = await persons(db, {one.person_id for one in entries})
    issued = {
        row.enrolment_id: row
        for row in await db.scalars(
            select(Credential).where(col(Credential.issuing_list_id) == list_id).order_by(col(Credential.version))
        )
    }
    shown = [EntryShown(one, known.get(one.person_id), issued.get(one.enrolment_id)) for one in entries]
    return sorted(
        shown,
        key=lambda one: (not one.entry.eligible, one.person.sort_key if one.person else "", str(one.entry.person_id)),
    )


@dataclass(frozen=True)
class SessionToIssue:
    """A course session with how many were trained and its issuing lists."""

    session: CourseSession
    trained: int
    lists: list[IssuingList]


async def sessions_to_issue(db: AsyncSession, actor: Actor) -> list[SessionToIssue]:
    """The organisation's sessions that have people to judge, the latest first."""
    rows = await db.execute(
        sa.select(CourseSession, sa.func.count(col(Enrolment.id)))
        .join(Enrolment, col(Enrolment.course_session_id) == col(CourseSession.id))
        .where(col(CourseSession.org_id) == actor.org, col(Enrolment.state).in_(JUDGED))
        .group_by(col(CourseSession.id))
        .order_by(col(CourseSession.ends_on).desc())
        .limit(100)
    )
    lists = await lists_of(db, actor.org)
    return [
        SessionToIssue(session, trained, [one for one in lists if one.course_session_id == session.id])
        for session, trained in rows
    ]


async def part_in_session(db: AsyncSession, course_session_id: UUID, actor: Actor) -> list[str]:
    """`taught`, `marked`: the part the actor, in any of their accounts, had in a session."""
    found = await db.scalar(
        sa.text("SELECT part_in_session(:session, :account, :person)").bindparams(
            sa.bindparam("account", type_=sa.Uuid()), sa.bindparam("person", type_=sa.Uuid())
        ),
        {"session": course_session_id, "account": actor.account_id, "person": actor.person_id},
    )
    return list(found or [])


async def credential(db: AsyncSession, credential_id: UUID) -> Credential:
    """A credential the caller may see; raises NotFound."""
    row = (await db.scalars(select(Credential).where(col(Credential.id) == credential_id))).first()
    if row is None:
        raise NotFound(what="credential")
    return row


async def credential_for(db: AsyncSession, actor: Actor, credential_id: UUID) -> Credential:
    """A credential of the actor's organisation; raises NotFound."""
    chosen = select(Credential).where(col(Credential.id) == credential_id, col(Credential.org_id) == actor.org)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="credential")
    return row


async def own_credential(db: AsyncSession, actor: Actor, credential_id: UUID) -> Credential:
    """A credential of the signed-in person; raises NotFound."""
    chosen = select(Credential).where(col(Credential.id) == credential_id, col(Credential.person_id) == actor.person)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="credential")
    return row


async def credentials_of(db: AsyncSession, person_id: UUID) -> list[Credential]:
    """A person's credentials that the caller may see, newest first."""
    chosen = (
        select(Credential)
        .where(col(Credential.person_id) == person_id)
        .order_by(col(Credential.awarded_on).desc(), col(Credential.created_at).desc(), col(Credential.version).desc())
        .limit(200)
    )
    return list(await db.scalars(chosen))


async def credentials_of_org(
    db: AsyncSession, org_id: UUID, number: str | None = None, limit: int = 100
) -> list[Credential]:
    """The credentials an organisation issued, newest first, or those of a number."""
    chosen = select(Credential).where(col(Credential.org_id) == org_id)
    if number is not None:
        chosen = chosen.where(col(Credential.number) == number)
    return list(
        await db.scalars(
            chosen.order_by(col(Credential.created_at).desc(), col(Credential.version).desc()).limit(limit)
        )
    )


async def changes_of(db: AsyncSession, credential_id: UUID) -> list[CredentialChange]:
    """What became of a credential, oldest first."""
    chosen = (
        select(CredentialChange)
        .where(col(CredentialChange.credential_id) == credential_id)
        .order_by(col(CredentialChange.created_at), col(CredentialChange.id))
    )
    return list(await db.scalars(chosen))


async def proposal_of(db: AsyncSession, approval_id: UUID) -> ChangeProposal | None:
    """The change an open approval is about."""
    chosen = select(ChangeProposal).where(col(ChangeProposal.approval_id) == approval_id)
    return (await db.scalars(chosen)).first()


async def key_of(db: AsyncSession, keyring: Keyring, row: Credential | CorrectionRequest) -> bytes:
    """The key of the person a certificate is about, for a caller who may see the person.

    Raises CredentialErased or PersonErased when it was destroyed, NotFound when the caller has no ground to see the person.
    """
    if isinstance(row, Credential) and row.masked_name == "":
        raise CredentialErased
    seen = await db.scalar(sa.select(col(PersonKey.id)).where(col(PersonKey.person_id) == row.person_id))
    if seen is None:
        raise NotFound(what="person")
    return await personal_key(db, keyring, row.person_id)


def facts_of(row: Credential, key: bytes) -> CertificateFacts:
    """The frozen facts under the person's own key. Raises CredentialErased when the key no longer opens them."""
    try:
        return CertificateFacts.from_json(decrypt_under(key, row.facts_sealed, f"credential.facts:{row.id}"))
    except InvalidTag as error:
        raise CredentialErased from error


def signed_of(row: Credential, key: bytes) -> bytes:
    """The signed credential as JSON, byte for byte as it was signed. Raises CredentialErased."""
    try:
        return decrypt_under(key, row.signed_sealed, f"credential.signed:{row.id}")
    except InvalidTag as error:
        raise CredentialErased from error


async def status_indices(db: AsyncSession, org_id: UUID, states: tuple[str, ...]) -> list[int]:
    """Places in an issuer's status list whose credentials are in one of these states; open to everyone."""
    found = await db.scalar(
        sa.text("SELECT status_indices(:org, :states)").bindparams(sa.bindparam("states", type_=sa.ARRAY(sa.Text()))),
        {"org": org_id, "states": list(states)},
    )
    return list(found or [])


async def issuer_keys(db: AsyncSession, base_code: str) -> tuple[Base, list[Any]]:
    """A base of the register and its published keys; raises NotFound when it has none."""
    row = (await db.scalars(select(Base).where(col(Base.code) == base_code))).first()
    keys = [] if row is None else await published_keys(db, row.org_id)
    if row is None or not keys:
        raise NotFound(what="issuer")
    return row, keys
