"""Applying, enrolling, leaving, refusing, moving: seats are given and freed under the session's row lock."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.editions import EntryRule
from service.courses.tables import CourseSession, Meeting, SessionState
from service.enrolments.errors import (
    AlreadyEnrolled,
    ConsentNeeded,
    EnrolmentEnded,
    EntryUnmet,
    HoursAlreadyPosted,
    IdentityNeeded,
    OtherSyllabus,
    SessionFull,
    SessionTakesNobody,
    SignUpClosed,
    SignUpNotOpen,
    TeachesHere,
)
from service.enrolments.events import EnrolmentRefused, PersonEnrolled
from service.enrolments.queries import admission_of, base_session, clock_of, enrolment_for, minutes_of, open_session
from service.enrolments.rules import (
    ARCHIVE_YEARS,
    CLAIMED_TOO,
    CONSENT,
    CONSENT_VERSION,
    ENTRY,
    LEVEL_TITLES,
    PURPOSE,
    STATE_TITLES,
    consent_digest,
    seen_until,
)
from service.enrolments.schemas import PersonByHand
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.language import sentence
from service.foundation.records import uuid7
from service.foundation.templates import show_time
from service.organisations.actions import organisation_for
from service.people.actions import grant_access, person_for
from service.people.queries import identity_of, person
from service.people.tables import Consent

GROUND = "enrolment"


def consent_text(language: str | None = None) -> str:
    """The text an applicant consents to, as it is shown."""
    return sentence(CONSENT, {"years": ARCHIVE_YEARS}, language)


async def apply(db: AsyncSession, actor: Actor, session_id: UUID, *, consent: bool) -> Enrolment:
    """The signed-in person applies: a seat when one is free, else the next place in the waiting list.

    Raises IdentityNeeded, ConsentNeeded, NotFound, SignUpNotOpen, SignUpClosed, SessionTakesNobody, AlreadyEnrolled.
    """
    if actor.person_id is None or await identity_of(db, actor.person_id) is None:
        raise IdentityNeeded
    session = await open_session(db, session_id)
    await refuse_outside_window(db, session)
    if not consent:
        raise ConsentNeeded(field="consent")
    made = insert(Consent).values(
        id=uuid7(),
        person_id=actor.person_id,
        purpose=PURPOSE,
        text_version=CONSENT_VERSION,
        text_digest=consent_digest(consent_text()),
        org_id=session.org_id,
    )
    await db.execute(made.on_conflict_do_nothing())
    return await enter(db, session, actor.person_id, source="self")


async def refuse_outside_window(db: AsyncSession, session: CourseSession) -> None:
    """Refuse outside the sign-up window, by the database's clock; the first moment belongs to it, the last does not."""
    if session.state != SessionState.PUBLISHED:
        raise SignUpClosed
    present = await clock_of(db)
    if session.sign_up_opens_at is not None and present < session.sign_up_opens_at:
        raise SignUpNotOpen(opens=show_time(session.sign_up_opens_at))
    if session.sign_up_closes_at is not None and present >= session.sign_up_closes_at:
        raise SignUpClosed


async def enrol_person(
    db: AsyncSession,
    actor: Actor,
    session_id: UUID,
    person_id: UUID,
    employer_org_id: UUID | None = None,
    source: str = "staff",
) -> Enrolment:
    """The base enrols a person it sees, outside the sign-up window too; full sessions put them on the waiting list.

    Raises NotAllowed, NotFound, SessionTakesNobody, AlreadyEnrolled.
    """
    actor.must("enrolments.manage")
    session = await base_session(db, actor, session_id)
    await person(db, person_id)
    return await enter(db, session, person_id, source=source, employer_org_id=employer_org_id)


async def enrol_by_hand(
    db: AsyncSession, keyring: Keyring, actor: Actor, session_id: UUID, new: PersonByHand, source: str = "staff"
) -> Enrolment:
    """The base enrols a person by identity document. Raises what `person_for`, `organisation_for`, `enrol_person` raise."""
    actor.must("enrolments.manage")
    session = await base_session(db, actor, session_id)
    employer = await organisation_for(db, new.employer, new.employer_code) if new.employer else None
    found = await person_for(
        db,
        keyring,
        name=new.name,
        kind=new.identity_kind,
        number=new.identity_number,
        ground=GROUND,
        org_id=session.org_id,
        source_id=session.id,
    )
    await grant_access(db, found.id, session.org_id, GROUND, session.id, seen_until(session.ends_on))
    return await enrol_person(db, actor, session_id, found.id, employer.id if employer else None, source)


async def enter(
    db: AsyncSession, session: CourseSession, person_id: UUID, *, source: str, employer_org_id: UUID | None = None
) -> Enrolment:
    """Write the enrolment at the end of the line with the ground on which the base sees the person, then fill seats.

    Raises SessionTakesNobody, TeachesHere, EntryUnmet when the edition asks for a certificate the person does not hold,
    AlreadyEnrolled.
    """
    if session.state != SessionState.PUBLISHED:
        raise SessionTakesNobody
    if await teaches(db, session.id, person_id):
        raise TeachesHere
    entry, admitting = await admission_of(db, session.syllabus_id, person_id)
    if entry is not None and admitting is None:
        raise refused_entry(entry)
    made = insert(Enrolment).values(
        id=uuid7(),
        org_id=session.org_id,
        course_session_id=session.id,
        person_id=person_id,
        syllabus_id=session.syllabus_id,
        employer_org_id=employer_org_id,
        state=EnrolmentState.WAITING,
        source=source,
        admitted_by=admitting.id if admitting is not None else None,
        waiting_since=sa.func.clock_timestamp(),
    )
    kept = made.on_conflict_do_nothing(
        index_elements=["course_session_id", "person_id"],
        index_where=sa.text("state NOT IN ('withdrawn', 'refused')"),
    )
    entered = await db.scalar(kept.returning(col(Enrolment.id)))
    if entered is None:
        raise AlreadyEnrolled
    until = seen_until(session.ends_on)
    await grant_access(db, person_id, session.org_id, GROUND, entered, until)
    await note(db, "enrolment.entered", "enrolment", entered, person_id=person_id, org_id=session.org_id, source=source)
    await fill_seats(db, session.org_id, session.id)
    return (
        await db.scalars(
            select(Enrolment).where(col(Enrolment.id) == entered).execution_options(populate_existing=True)
        )
    ).one()


async def teaches(db: AsyncSession, session_id: UUID, person_id: UUID) -> bool:
    """Whether a person is the lecturer of a meeting of the session."""
    taught = sa.exists().where(col(Meeting.course_session_id) == session_id, col(Meeting.lecturer_id) == person_id)
    return bool(await db.scalar(sa.select(taught)))


def refused_entry(entry: EntryRule) -> EntryUnmet:
    """The refusal of somebody who does not hold what the edition asks for."""
    return EntryUnmet(level=LEVEL_TITLES[entry.level], claimed=CLAIMED_TOO if entry.claimed else "")


def entry_said(entry: EntryRule) -> str:
    """A rule of entry as people read it before they apply."""
    return sentence(ENTRY, {"level": LEVEL_TITLES[entry.level]})


async def fill_seats(db: AsyncSession, org_id: UUID, session_id: UUID) -> list[UUID]:
    """Give free seats to those who wait longest, in this transaction; returns the enrolments that got one.

    Called by every entry and every leaving; call it too when a session's capacity was raised.
    """
    await db.flush()
    seated = list(await db.scalars(sa.text("SELECT fill_seats(:session)"), {"session": session_id}))
    for enrolment_id in seated:
        await note(db, "enrolment.seated", "enrolment", enrolment_id, org_id=org_id)
        await announce(db, PersonEnrolled(enrolment_id=enrolment_id, org_id=org_id))
    return seated


async def withdraw(db: AsyncSession, actor: Actor, enrolment_id: UUID) -> Enrolment:
    """The person, or the base on their word, leaves: the seat goes to the first in line in the same transaction.

    Hours already earned stay in the ledger with the enrolment. Raises NotFound, NotAllowed, EnrolmentEnded.
    """
    row = await enrolment_for(db, actor, enrolment_id)
    if row.person_id != actor.person_id:
        actor.must("enrolments.manage")
    return await leave(db, row, EnrolmentState.WITHDRAWN, None)


async def refuse(db: AsyncSession, actor: Actor, enrolment_id: UUID, reason: str) -> Enrolment:
    """The base refuses an application or takes a seat back, with a reason the person reads.

    Raises NotAllowed, NotFound, EnrolmentEnded, HoursAlreadyPosted.
    """
    actor.must("enrolments.manage")
    row = await enrolment_for(db, actor, enrolment_id)
    if row.org_id != actor.org:
        raise NotFound(what="enrolment")
    if (await minutes_of(db, [row.id]))[row.id]:
        raise HoursAlreadyPosted
    left = await leave(db, row, EnrolmentState.REFUSED, reason.strip())
    await announce(db, EnrolmentRefused(enrolment_id=row.id, org_id=row.org_id))
    return left


async def leave(db: AsyncSession, row: Enrolment, state: EnrolmentState, reason: str | None) -> Enrolment:
    """End an open enrolment, free its seat, shorten the base's ground to the end of the session, fill seats."""
    await db.flush()
    former = await db.scalar(
        sa.text("SELECT leave_seat(:id, :state, :reason)").bindparams(sa.bindparam("reason", type_=sa.Text())),
        {"id": row.id, "state": state.value, "reason": reason},
    )
    if former is None:
        raise NotFound(what="enrolment")
    if former not in (EnrolmentState.WAITING.value, EnrolmentState.ENROLLED.value):
        raise EnrolmentEnded(state=STATE_TITLES[former])
    session = await open_session(db, row.course_session_id)
    await grant_access(db, row.person_id, row.org_id, GROUND, row.id, seen_until(session.ends_on, 0))
    await note(db, f"enrolment.{state.value}", "enrolment", row.id, person_id=row.person_id, org_id=row.org_id)
    if former == EnrolmentState.ENROLLED.value:
        await fill_seats(db, row.org_id, row.course_session_id)
    await db.refresh(row)
    return row


async def transfer(db: AsyncSession, actor: Actor, enrolment_id: UUID, to_session_id: UUID) -> Enrolment:
    """Move a seat to another session of the base with the same syllabus and a free seat; returns the new enrolment.

    Raises NotAllowed, NotFound, OtherSyllabus, HoursAlreadyPosted, SessionFull, AlreadyEnrolled, EnrolmentEnded.
    """
    actor.must("enrolments.manage")
    row = await enrolment_for(db, actor, enrolment_id)
    if row.org_id != actor.org:
        raise NotFound(what="enrolment")
    target = await base_session(db, actor, to_session_id)
    if target.syllabus_id != row.syllabus_id:
        raise OtherSyllabus(code=target.code)
    if (await minutes_of(db, [row.id]))[row.id]:
        raise HoursAlreadyPosted
    both = sorted((row.course_session_id, target.id))  # one order for all, so that two transfers never wait in a circle
    locked = sa.select(col(CourseSession.id)).where(col(CourseSession.id).in_(both)).order_by(col(CourseSession.id))
    await db.execute(locked.with_for_update(key_share=True))
    moved = await enter(db, target, row.person_id, source="transfer", employer_org_id=row.employer_org_id)
    if moved.state != EnrolmentState.ENROLLED:
        raise SessionFull(code=target.code)
    await leave(db, row, EnrolmentState.WITHDRAWN, None)
    return moved


async def change_employer(
    db: AsyncSession, actor: Actor, enrolment_id: UUID, employer_org_id: UUID | None
) -> Enrolment:
    """Correct the unit that sent the person; a new one is told to the person like at the first time."""
    actor.must("enrolments.manage")
    row = await enrolment_for(db, actor, enrolment_id)
    if row.org_id != actor.org:
        raise NotFound(what="enrolment")
    if row.employer_org_id != employer_org_id:
        row.employer_org_id = employer_org_id
        await db.flush()
        await note(db, "enrolment.employer_changed", "enrolment", row.id, person_id=row.person_id)
        if row.state == EnrolmentState.ENROLLED:
            await announce(db, PersonEnrolled(enrolment_id=row.id, org_id=row.org_id))
    return row


async def settle(db: AsyncSession, enrolment_id: UUID, *, completed: bool) -> None:
    """Say how an enrolment ended, when its session is closed; seats stay counted. Raises NotFound, EnrolmentEnded."""
    row = (await db.scalars(select(Enrolment).where(col(Enrolment.id) == enrolment_id).with_for_update())).first()
    if row is None:
        raise NotFound(what="enrolment")
    if row.state != EnrolmentState.ENROLLED:
        raise EnrolmentEnded(state=STATE_TITLES[row.state.value])
    row.state = EnrolmentState.COMPLETED if completed else EnrolmentState.NOT_COMPLETED
    row.ended_at = await clock_of(db)
    await note(db, "enrolment.settled", "enrolment", row.id, person_id=row.person_id, org_id=row.org_id)
