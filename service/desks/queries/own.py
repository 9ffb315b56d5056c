"""What needs a person today, whatever their post: an open exam, the next date, a name to confirm, letters."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.courses.tables import CourseSession
from service.desks.rules import Task, Urgency
from service.enrolments.queries import next_meeting
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.tables import ExamMode, ExamSession, Sitting, SittingState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.foundation.templates import show_time
from service.letters.queries import unread
from service.people.tables import Affiliation, Person

Finder = Callable[[AsyncSession, Actor], Awaitable[list[Task]]]
SOON = timedelta(days=14)


async def exams(db: AsyncSession, actor: Actor) -> list[Task]:
    """Exams that are open now, then those of the next two weeks."""
    if actor.person_id is None:
        return []
    now = clock.now()
    rows = await db.execute(
        sa.select(
            col(Sitting.id),
            col(ExamSession.mode),
            col(ExamSession.title),
            col(ExamSession.opens_at),
            col(ExamSession.closes_at),
        )
        .join(ExamSession, col(ExamSession.id) == col(Sitting.exam_session_id))
        .where(
            col(Sitting.person_id) == actor.person_id,
            col(Sitting.state).in_((SittingState.READY, SittingState.OPEN)),
            col(ExamSession.closes_at) > now,
            col(ExamSession.opens_at) < now + SOON,
        )
        .order_by(col(ExamSession.opens_at))
        .limit(5)
    )
    found = []
    for row in rows:
        facts = {"title": said(row.title)}
        if row.mode is ExamMode.PAPER:
            text = later("Your exam “%(title)s” is held on paper at %(moment)s.")
            urgency: Urgency = "now" if row.opens_at <= now else "soon"
            found.append(Task(text, f"/my/sittings/{row.id}", 1, urgency, facts | {"moment": show_time(row.opens_at)}))
        elif row.opens_at <= now:
            text = later("Your exam “%(title)s” is open now, until %(moment)s.")
            found.append(Task(text, f"/my/sittings/{row.id}", 1, "now", facts | {"moment": show_time(row.closes_at)}))
        else:
            text = later("Your exam “%(title)s” opens at %(moment)s.")
            found.append(Task(text, f"/my/sittings/{row.id}", 1, "soon", facts | {"moment": show_time(row.opens_at)}))
    return found


async def next_dates(db: AsyncSession, actor: Actor) -> list[Task]:
    """The next meeting of each session the person is enrolled in."""
    if actor.person_id is None:
        return []
    rows = await db.execute(
        sa.select(CourseSession)
        .join(Enrolment, col(Enrolment.course_session_id) == col(CourseSession.id))
        .where(
            col(Enrolment.person_id) == actor.person_id,
            col(Enrolment.state) == EnrolmentState.ENROLLED,
            col(CourseSession.ends_on) >= clock.today(),
        )
        .order_by(col(CourseSession.starts_on))
        .limit(3)
    )
    found = []
    for session in rows.scalars():
        coming = await next_meeting(db, session.id)
        if coming is not None:
            facts = {"moment": show_time(coming.starts_at), "title": said(session.title)}
            place = f"{said(coming.venue)} {coming.room or ''}".strip()
            found.append(
                Task(later("Next date: %(moment)s, %(title)s."), "/my/enrolments", 1, "info", facts, hint=place)
            )
    return found


async def own_data(db: AsyncSession, actor: Actor) -> list[Task]:
    """The English name to confirm, and employers who wait for the person's word."""
    if actor.person_id is None:
        if actor.posts or actor.org_id is not None:
            return []
        return [Task(later("Say who you are: with an identity document you can apply for courses."), "/my/profile")]
    found = []
    person = (await db.scalars(select(Person).where(col(Person.id) == actor.person_id))).first()
    if person is not None and person.english_confirmed_at is None:
        found.append(Task(later("Confirm how your name is written in English; certificates bear it."), "/my/profile"))
    asked = await db.scalar(
        sa.select(sa.func.count())
        .select_from(Affiliation)
        .where(
            col(Affiliation.person_id) == actor.person_id,
            col(Affiliation.source).in_(("employer", "roster")),
            col(Affiliation.confirmed_at).is_(None),
            col(Affiliation.refused_at).is_(None),
            col(Affiliation.ends_on).is_(None),
        )
    )
    if asked:
        found.append(Task(later("Units say that you work there and wait for your answer."), "/my/profile", int(asked)))
    return found


async def inbox(db: AsyncSession, actor: Actor) -> list[Task]:
    """Unread letters."""
    count = await unread(db, actor)
    return [Task(later("Unread messages"), "/inbox", count, "info")] if count else []


FINDERS: tuple[Finder, ...] = (exams, next_dates, own_data, inbox)
