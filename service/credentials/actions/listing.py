"""The issuing list (拟发证名单): drawn up from evidence, proposed by one person, decided by another who took no part."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateKind
from service.approvals.actions import decide, propose
from service.approvals.queries import open_approval
from service.approvals.tables import Approval
from service.courses.queries import session_by_id, session_for
from service.courses.tables import CourseSession
from service.credentials.errors import DeciderTookPart, ListChanged, ListEmpty, ListNotDraft
from service.credentials.events import ListApproved
from service.credentials.queries import entries_of, evidence_of, judged_enrolments, list_for, open_list, part_in_session
from service.credentials.rules.eligibility import judged, list_digest
from service.credentials.tables import IssuingEntry, IssuingList, ListState
from service.editions.queries import syllabus_of
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.foundation.language import later
from service.people.queries import persons

SUBJECT = "issuing_list"
PARTS = {"taught": later("taught"), "marked": later("marked")}


async def draw_up_list(db: AsyncSession, actor: Actor, course_session_id: UUID, kind: CertificateKind) -> IssuingList:
    """Judge everyone trained in a session and keep the list as a draft; a draft is drawn up anew, nothing is issued.

    Raises NotFound for another organisation's session, ListNotDraft while a list of this kind waits or is being issued.
    """
    session = await session_for(db, actor, course_session_id)
    # Two that draw up at once end with one draft.
    await db.execute(select(CourseSession.id).where(col(CourseSession.id) == session.id).with_for_update())
    row = await open_list(db, session.id, kind.value)
    if row is not None and row.state != ListState.DRAFT:
        raise ListNotDraft
    entries = await judged_entries(db, session, kind)
    digest = list_digest(session.id, kind.value, entries)
    if row is None:
        row = IssuingList(org_id=session.org_id, course_session_id=session.id, kind=kind.value, digest=digest)
        db.add(row)
        await db.flush()
    else:
        await db.execute(sa.delete(IssuingEntry).where(col(IssuingEntry.list_id) == row.id))
        row.digest = digest
    for one in entries:
        db.add(
            IssuingEntry(
                org_id=session.org_id,
                list_id=row.id,
                enrolment_id=UUID(one["enrolment_id"]),
                person_id=UUID(one["person_id"]),
                eligible=one["eligible"],
                reasons=one["reasons"],
                evidence=one["evidence"],
            )
        )
    await db.flush()
    eligible = sum(1 for one in entries if one["eligible"])
    await note(db, "issuing_list.drawn_up", SUBJECT, row.id, kind=kind.value, people=len(entries), eligible=eligible)
    return row


async def judged_entries(db: AsyncSession, session: CourseSession, kind: CertificateKind) -> list[dict[str, Any]]:
    """Everyone's judgement as the list's digest covers it: {enrolment_id, person_id, eligible, reasons, evidence}."""
    enrolments = await judged_enrolments(db, session.id)
    known = await persons(db, {one.person_id for one in enrolments})
    entries = []
    for enrolment in enrolments:
        syllabus = await syllabus_of(db, enrolment.syllabus_id)  # the edition the enrolment began with
        evidence = await evidence_of(db, session, enrolment, kind, known.get(enrolment.person_id))
        judgement = judged(syllabus, kind, evidence)
        entries.append(
            {
                "enrolment_id": str(enrolment.id),
                "person_id": str(enrolment.person_id),
                "eligible": judgement.eligible,
                "reasons": judgement.reasons,
                "evidence": evidence.to_json(),
            }
        )
    return entries


def kept_entries(entries: list[IssuingEntry]) -> list[dict[str, Any]]:
    """The stored entries in the form the digest covers."""
    return [
        {
            "enrolment_id": str(one.enrolment_id),
            "person_id": str(one.person_id),
            "eligible": one.eligible,
            "reasons": one.reasons,
            "evidence": one.evidence,
        }
        for one in entries
    ]


async def propose_list(db: AsyncSession, actor: Actor, list_id: UUID) -> Approval:
    """Propose a draft for decision. Raises NotFound, StateConflict, ListEmpty, ListChanged when the evidence has moved."""
    actor.must("credentials.propose")
    row = await list_for(db, actor, list_id, lock=True)
    if row.state != ListState.DRAFT:
        raise StateConflict(state=row.state.value)
    session = await session_by_id(db, row.course_session_id)
    entries = await judged_entries(db, session, CertificateKind(row.kind))
    if not any(one["eligible"] for one in entries):
        raise ListEmpty
    if list_digest(session.id, row.kind, entries) != row.digest:
        raise ListChanged
    row.state = ListState.PROPOSED
    return await propose(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=row.digest)


async def decide_list(
    db: AsyncSession, actor: Actor, list_id: UUID, *, approve: bool, reason: str | None = None
) -> IssuingList:
    """Decide a proposed list; approval announces ListApproved.

    Raises NotFound, DeciderTookPart, and of `approvals`: NothingProposed, AlreadyDecided, SamePerson, SubjectChanged when
    hours, results or persons have moved since the proposal.
    """
    actor.must("credentials.decide")
    row = await list_for(db, actor, list_id, lock=True)
    part = await part_in_session(db, row.course_session_id, actor)
    if part:
        raise DeciderTookPart(part=[PARTS[one] for one in part])
    session = await session_by_id(db, row.course_session_id)
    now = await judged_entries(db, session, CertificateKind(row.kind))
    digest = list_digest(session.id, row.kind, now)
    kept = list_digest(session.id, row.kind, kept_entries(await entries_of(db, row.id)))
    approval = await open_approval(db, SUBJECT, row.id)
    await decide(db, actor, approval, digest=digest if digest == kept else "changed", approve=approve, reason=reason)
    row.state = ListState.APPROVED if approve else ListState.REJECTED
    await db.flush()
    if approve:
        await announce(db, ListApproved(list_id=row.id))
    return row
