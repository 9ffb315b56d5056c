"""Selects over enrolments, narrowed to what the actor may see; the database narrows once more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.editions import EntryRule
from service.courses.tables import CourseSession, SessionState
from service.editions.queries import syllabus_of
from service.editions.tables import Edition
from service.enrolments.rules import HOLDS_SEAT, Held, Progress, admitting, progress
from service.enrolments.tables import Enrolment, EnrolmentState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.organisations.queries import names_of
from service.people.queries import persons, qualifications_of
from service.people.tables import Qualification

INVARIANTS = {
    "seats taken equal the enrolments that hold one": """
        SELECT s.id FROM course_session s LEFT JOIN enrolment e ON e.course_session_id = s.id
            AND e.state IN ('enrolled', 'completed', 'not_completed')
        GROUP BY s.id, s.taken HAVING s.taken <> count(e.id)
    """,
    "nobody waits while a seat is free": """
        SELECT s.id FROM course_session s WHERE s.state = 'published' AND s.taken < s.capacity
            AND EXISTS (SELECT 1 FROM enrolment e WHERE e.course_session_id = s.id AND e.state = 'waiting')
    """,
}
"""Name -> SQL that returns the offending rows."""


@dataclass(frozen=True)
class NextMeeting:
    """The next meeting of a session that is not cancelled."""

    starts_at: datetime
    ends_at: datetime
    course_code: str
    room: str | None
    venue: dict[str, str] | None
    form: str


@dataclass(frozen=True)
class Own:
    """One's own enrolment with what its page shows."""

    enrolment: Enrolment
    session: CourseSession
    position: int | None
    next_meeting: NextMeeting | None
    progress: Progress


@dataclass(frozen=True)
class Listed:
    """An enrolment on the base's list."""

    enrolment: Enrolment
    name: str | None
    sort_key: str
    employer: dict[str, str] | None
    minutes: int
    position: int | None
    admitted: Qualification | None = None


async def open_session(db: AsyncSession, session_id: UUID) -> CourseSession:
    """A session everyone may see; raises NotFound for one that is still planned."""
    row = (
        await db.scalars(
            select(CourseSession).where(
                col(CourseSession.id) == session_id, col(CourseSession.state) != SessionState.PLANNED
            )
        )
    ).first()
    if row is None:
        raise NotFound(what="course_session")
    return row


async def admission_of(db: AsyncSession, syllabus_id: UUID, person_id: UUID) -> tuple[EntryRule | None, Held | None]:
    """The rule of entry of an edition, and the certificate by which a person meets it today, as far as it may be seen."""
    entry = (await syllabus_of(db, syllabus_id)).entry
    if entry is None:
        return None, None
    known = await qualifications_of(db, person_id)
    roots = await roots_of(db, {one.scheme for one in known})
    held = [
        Held(
            one.id,
            roots.get(one.scheme, one.scheme),
            one.level,
            one.awarded_on,
            one.valid_until,
            one.state,
            one.claimed_by_org_id is not None,
        )
        for one in known
    ]
    return entry, admitting(entry, held, clock.today())


async def roots_of(db: AsyncSession, schemes: set[str]) -> dict[str, str]:
    """The scheme on which a base's overlay is built, by the overlay's own name: it adds and drops nothing required."""
    base = col(Edition.content)["based_on"]["syllabus"].astext
    chosen = sa.select(col(Edition.scheme), base).where(col(Edition.scheme).in_(schemes), base.is_not(None)).distinct()
    return {row[0]: str(row[1]) for row in await db.execute(chosen)}


async def admitted_by(db: AsyncSession, enrolments: Iterable[Enrolment]) -> dict[UUID, Qualification]:
    """The certificates by which rules of entry were met, by enrolment, as far as they may be seen."""
    wanted = {one.id: one.admitted_by for one in enrolments if one.admitted_by is not None}
    if not wanted:
        return {}
    chosen = select(Qualification).where(col(Qualification.id).in_(list(wanted.values())))
    found = {one.id: one for one in await db.scalars(chosen)}
    return {enrolment: found[one] for enrolment, one in wanted.items() if one in found}


async def base_session(db: AsyncSession, actor: Actor, session_id: UUID) -> CourseSession:
    """A session of the actor's own base; raises NotFound for everything else."""
    chosen = select(CourseSession).where(col(CourseSession.id) == session_id, col(CourseSession.org_id) == actor.org)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="course_session")
    return row


async def clock_of(db: AsyncSession) -> datetime:
    """The present moment by the database's clock, which decides sign-up windows."""
    moment = await db.scalar(sa.select(sa.func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment


async def enrolment_for(db: AsyncSession, actor: Actor, enrolment_id: UUID) -> Enrolment:
    """An enrolment of the actor's organisation or of the actor; raises NotFound."""
    mine: list[sa.ColumnElement[bool]] = []
    if actor.org_id is not None and actor.may("enrolments.read"):
        mine.append(col(Enrolment.org_id) == actor.org_id)
    if actor.person_id is not None:
        mine.append(col(Enrolment.person_id) == actor.person_id)
    if not mine:
        raise NotFound(what="enrolment")
    chosen = select(Enrolment).where(col(Enrolment.id) == enrolment_id, sa.or_(*mine))
    row = (await db.scalars(chosen.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound(what="enrolment")
    return row


async def enrolled(db: AsyncSession, session_id: UUID) -> list[Enrolment]:
    """Enrolments of a session that hold a seat, those already settled included, in the order in which they got it."""
    chosen = (
        select(Enrolment)
        .where(col(Enrolment.course_session_id) == session_id, col(Enrolment.state).in_(HOLDS_SEAT))
        .order_by(col(Enrolment.enrolled_at), col(Enrolment.id))
    )
    return list(await db.scalars(chosen))


async def live_enrolment(db: AsyncSession, session_id: UUID, person_id: UUID) -> Enrolment | None:
    """The person's enrolment in a session that was neither withdrawn nor refused, or None."""
    ended = (EnrolmentState.WITHDRAWN, EnrolmentState.REFUSED)
    chosen = select(Enrolment).where(
        col(Enrolment.course_session_id) == session_id,
        col(Enrolment.person_id) == person_id,
        col(Enrolment.state).not_in(ended),
    )
    return (await db.scalars(chosen)).first()


async def waiting_position(db: AsyncSession, enrolment_id: UUID) -> int | None:
    """The place in the waiting list, from 1; None when the enrolment does not wait."""
    place = await db.scalar(sa.text("SELECT waiting_position(:id)"), {"id": enrolment_id})
    return int(place) if place is not None else None


async def minutes_of(db: AsyncSession, enrolment_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Minutes in the ledger by module, for each of these enrolments the caller may see; nothing is summed elsewhere."""
    asked = list(set(enrolment_ids))
    found: dict[UUID, dict[str, int]] = {one: {} for one in asked}
    if not asked:
        return found
    statement = sa.text("SELECT enrolment_id, module, minutes FROM enrolment_minutes(:ids)").bindparams(
        sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
    )
    for row in await db.execute(statement, {"ids": asked}):
        if row.minutes:
            found[row.enrolment_id][row.module] = int(row.minutes)
    return found


async def progress_of(db: AsyncSession, enrolment: Enrolment) -> Progress:
    """Hours so far against the edition the enrolment began with."""
    earned = (await minutes_of(db, [enrolment.id]))[enrolment.id]
    return await against_syllabus(db, enrolment.syllabus_id, earned)


async def against_syllabus(db: AsyncSession, syllabus_id: UUID, earned: dict[str, int]) -> Progress:
    """Minutes by module against what the syllabus needs for completion."""
    syllabus = await syllabus_of(db, syllabus_id)
    required = [
        (one.id, one.title.to_json(), one.minimum_periods * syllabus.minutes_per_period) for one in syllabus.modules
    ]
    return progress(required, syllabus.total_minimum_minutes(), syllabus.minutes_per_period, earned)


async def next_meeting(db: AsyncSession, session_id: UUID) -> NextMeeting | None:
    """The next meeting of a published session."""
    row = (
        await db.execute(
            sa.text(
                "SELECT starts_at, ends_at, course_code, room, venue, form FROM programme(:session)"
                " WHERE NOT cancelled AND ends_at > clock_timestamp() ORDER BY starts_at LIMIT 1"
            ),
            {"session": session_id},
        )
    ).first()
    return None if row is None else NextMeeting(*row)


async def own_enrolments(db: AsyncSession, actor: Actor) -> list[Own]:
    """The actor's own enrolments, those that run first, with sessions, positions, next meetings and hours."""
    if actor.person_id is None:
        return []
    chosen = (
        select(Enrolment)
        .where(col(Enrolment.person_id) == actor.person_id)
        .order_by(col(Enrolment.created_at).desc(), col(Enrolment.id).desc())
        .limit(100)
    )
    rows = list(await db.scalars(chosen))
    earned = await minutes_of(db, [one.id for one in rows])
    shown: list[Own] = []
    for row in rows:
        session = await db.get(CourseSession, row.course_session_id)
        if session is None:
            continue
        running = row.state in (EnrolmentState.ENROLLED, EnrolmentState.WAITING)
        shown.append(
            Own(
                row,
                session,
                await waiting_position(db, row.id) if row.state == EnrolmentState.WAITING else None,
                await next_meeting(db, session.id) if running else None,
                await against_syllabus(db, row.syllabus_id, earned[row.id]),
            )
        )
    order = {EnrolmentState.ENROLLED: 0, EnrolmentState.WAITING: 1}
    return sorted(shown, key=lambda one: order.get(one.enrolment.state, 2))


async def listed(db: AsyncSession, actor: Actor, session_id: UUID) -> list[Listed]:
    """Everyone on a session of the actor's base: seats by name, then the waiting list in its order, then the ended."""
    await base_session(db, actor, session_id)
    chosen = (
        select(Enrolment).where(col(Enrolment.course_session_id) == session_id).order_by(col(Enrolment.id)).limit(5000)
    )
    rows: Sequence[Enrolment] = list(await db.scalars(chosen.execution_options(populate_existing=True)))
    names = await persons(db, [one.person_id for one in rows])
    employers = await names_of(db, {one.employer_org_id for one in rows if one.employer_org_id is not None})
    earned = await minutes_of(db, [one.id for one in rows])
    admitted = await admitted_by(db, rows)
    line = sorted(
        (one for one in rows if one.state == EnrolmentState.WAITING), key=lambda one: (one.waiting_since, one.id)
    )
    places = {one.id: place for place, one in enumerate(line, start=1)}
    shown = [
        Listed(
            one,
            names[one.person_id].name if one.person_id in names else None,
            names[one.person_id].sort_key if one.person_id in names else "",
            employers.get(one.employer_org_id) if one.employer_org_id else None,
            sum(earned[one.id].values()),
            places.get(one.id),
            admitted.get(one.id),
        )
        for one in rows
    ]

    def order(one: Listed) -> tuple[int, int, str, UUID]:
        held = one.enrolment.state in HOLDS_SEAT
        return (0 if held else 1 if one.position else 2, one.position or 0, one.sort_key, one.enrolment.id)

    return sorted(shown, key=order)


async def transfer_targets(db: AsyncSession, actor: Actor, session: CourseSession) -> list[CourseSession]:
    """Published sessions of the same base and syllabus with a free seat, to which an enrolment may move."""
    chosen = (
        select(CourseSession)
        .where(
            col(CourseSession.org_id) == actor.org,
            col(CourseSession.syllabus_id) == session.syllabus_id,
            col(CourseSession.state) == SessionState.PUBLISHED,
            col(CourseSession.taken) < col(CourseSession.capacity),
            col(CourseSession.id) != session.id,
        )
        .order_by(col(CourseSession.starts_on))
        .limit(50)
    )
    return list(await db.scalars(chosen))
