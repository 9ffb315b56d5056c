"""What needs a member of staff today, by what their post allows; each is one small count over the organisation's rows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.queries import resets_to_decide
from service.approvals.queries import waiting
from service.courses.tables import CourseSession, SessionState
from service.credentials.tables import CorrectionRequest, CorrectionState, IssuingList, ListState
from service.desks.rules import Task, Urgency
from service.editions.tables import Edition
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.tables import (
    Appeal,
    AppealMember,
    AppealOpinion,
    AppealState,
    ExamMode,
    ExamSession,
    ExamState,
    Result,
    Sitting,
    SittingState,
)
from service.exchange.tables import ExportState, FileExport, FileImport, ImportState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.foundation.templates import show_time
from service.items.tables import Item, ItemState
from service.payouts.tables import Payout, PayoutState
from service.people.queries import erasure_requests

Finder = Callable[[AsyncSession, Actor], Awaitable[list[Task]]]
MONTH = timedelta(days=30)
WEEK = timedelta(days=7)


def one_or_list(ids: Sequence[UUID], label: str, one: str, every: str, urgency: Urgency = "open") -> list[Task]:
    """A task that leads to the thing itself when there is one, else to the list."""
    if not ids:
        return []
    return [Task(label, one.format(ids[0]) if len(ids) == 1 else every, len(ids), urgency)]


async def _ids(db: AsyncSession, chosen: Any) -> list[UUID]:
    return list(await db.scalars(chosen.limit(200)))


async def sessions_to_publish(db: AsyncSession, actor: Actor) -> list[Task]:
    """Planned sessions; those that begin within a month press."""
    today = clock.today()
    planned = sa.select(col(CourseSession.id)).where(
        col(CourseSession.org_id) == actor.org, col(CourseSession.state) == SessionState.PLANNED
    )
    soon = await _ids(db, planned.where(col(CourseSession.starts_on) <= today + MONTH))
    rest = await _ids(db, planned.where(col(CourseSession.starts_on) > today + MONTH))
    return [
        *one_or_list(
            soon, later("Sessions that begin within a month and are not published"), "/sessions/{}", "/sessions", "soon"
        ),
        *one_or_list(rest, later("Sessions still being planned"), "/sessions/{}", "/sessions"),
    ]


async def people_waiting(db: AsyncSession, actor: Actor) -> list[Task]:
    """People on waiting lists of sessions that are not over."""
    rows = await db.execute(
        sa.select(col(Enrolment.course_session_id), sa.func.count())
        .join(CourseSession, col(CourseSession.id) == col(Enrolment.course_session_id))
        .where(
            col(Enrolment.org_id) == actor.org,
            col(Enrolment.state) == EnrolmentState.WAITING,
            col(CourseSession.ends_on) >= clock.today(),
        )
        .group_by(col(Enrolment.course_session_id))
    )
    found = list(rows)
    if not found:
        return []
    href = f"/sessions/{found[0][0]}/enrolments" if len(found) == 1 else "/sessions"
    return [Task(later("People on waiting lists"), href, sum(count for _, count in found))]


async def previews_waiting(db: AsyncSession, actor: Actor) -> list[Task]:
    """Uploaded files that were read and not yet applied."""
    chosen = sa.select(col(FileImport.id)).where(
        col(FileImport.org_id) == actor.org, col(FileImport.state) == ImportState.PREVIEWED
    )
    return one_or_list(await _ids(db, chosen), later("Uploaded files not yet applied"), "/imports/{}", "/imports")


async def exams_to_freeze(db: AsyncSession, actor: Actor) -> list[Task]:
    """Planned exams that open within a week and have no frozen form."""
    chosen = sa.select(col(ExamSession.id)).where(
        col(ExamSession.org_id) == actor.org,
        col(ExamSession.state) == ExamState.PLANNED,
        col(ExamSession.opens_at) <= clock.now() + WEEK,
        col(ExamSession.closes_at) > clock.now(),
    )
    return one_or_list(
        await _ids(db, chosen), later("Exams within a week whose paper is not drawn"), "/exams/{}", "/exams", "soon"
    )


async def exams_open(db: AsyncSession, actor: Actor) -> list[Task]:
    """Exams that run now or today, by title."""
    now = clock.now()
    rows = await db.scalars(
        select(ExamSession)
        .where(
            col(ExamSession.org_id) == actor.org,
            col(ExamSession.state) == ExamState.FROZEN,
            col(ExamSession.opens_at) <= now + timedelta(hours=24),
            col(ExamSession.closes_at) > now,
        )
        .order_by(col(ExamSession.opens_at))
        .limit(5)
    )
    return [
        Task(
            later("Exam “%(title)s”: %(from)s to %(to)s"),
            f"/exams/{one.id}",
            1,
            "now" if one.opens_at <= now else "soon",
            {"title": said(one.title), "from": show_time(one.opens_at), "to": show_time(one.closes_at)},
        )
        for one in rows
    ]


async def results_to_release(db: AsyncSession, actor: Actor) -> list[Task]:
    """Exams that are over, fully marked and not released or proposed for it."""
    proposed = {one.subject_id for one in await waiting(db, actor.org, ("exam_session",))}
    unmarked = set(await _unmarked_exams(db, actor))
    chosen = sa.select(col(ExamSession.id)).where(
        col(ExamSession.org_id) == actor.org,
        col(ExamSession.state).in_((ExamState.FROZEN, ExamState.CLOSED)),
        col(ExamSession.closes_at) <= clock.now(),
    )
    over = [one for one in await _ids(db, chosen) if one not in proposed and one not in unmarked]
    without = set(await papers_without_scores(db, over))
    ready = [one for one in over if one not in without]
    waiting_for_scores = [one for one in over if one in without]
    return [
        *one_or_list(ready, later("Exams whose results can be released"), "/exams/{}", "/exams"),
        *one_or_list(waiting_for_scores, later("Exams on paper that wait for scores"), "/exams/{}", "/exams"),
    ]


async def papers_without_scores(db: AsyncSession, exam_ids: list[UUID]) -> list[UUID]:
    """Those of the exams held on paper in which somebody has neither a score nor a word of absence."""
    chosen = (
        sa.select(col(ExamSession.id))
        .join(Sitting, col(Sitting.exam_session_id) == col(ExamSession.id))
        .where(
            col(ExamSession.id).in_(exam_ids),
            col(ExamSession.mode) == ExamMode.PAPER,
            col(Sitting.state) == SittingState.READY,
        )
    )
    return await _ids(db, chosen.distinct())


def _latest_results(org_id: UUID) -> Any:
    latest = (
        sa.select(col(Result.sitting_id), sa.func.max(col(Result.run)).label("run"))
        .where(col(Result.org_id) == org_id)
        .group_by(col(Result.sitting_id))
        .subquery()
    )
    return (
        sa.select(col(Sitting.exam_session_id), sa.func.count())
        .join(latest, latest.c.sitting_id == col(Sitting.id))
        .join(Result, sa.and_(col(Result.sitting_id) == col(Sitting.id), col(Result.run) == latest.c.run))
        .join(ExamSession, col(ExamSession.id) == col(Sitting.exam_session_id))
        .where(
            col(Sitting.org_id) == org_id,
            col(Sitting.state).in_((SittingState.SUBMITTED, SittingState.EXPIRED)),
            col(ExamSession.state) != ExamState.RELEASED,
            col(Result.complete).is_(False),
        )
        .group_by(col(Sitting.exam_session_id))
    )


async def _unmarked_exams(db: AsyncSession, actor: Actor) -> dict[UUID, int]:
    return {row[0]: int(row[1]) for row in await db.execute(_latest_results(actor.org))}


async def unmarked_papers(db: AsyncSession, actor: Actor) -> list[Task]:
    """Papers handed in that still lack a mark."""
    count = sum((await _unmarked_exams(db, actor)).values())
    return [Task(later("Papers that wait for marks"), "/marking", count)] if count else []


async def appeals_to_name(db: AsyncSession, actor: Actor) -> list[Task]:
    """Appeals that wait for a panel."""
    chosen = sa.select(col(Appeal.id)).where(col(Appeal.org_id) == actor.org, col(Appeal.state) == AppealState.LODGED)
    return one_or_list(
        await _ids(db, chosen), later("Appeals that wait for a panel"), "/appeals/{}", "/appeals", "soon"
    )


async def appeals_to_hear(db: AsyncSession, actor: Actor) -> list[Task]:
    """Appeals on whose panel the actor sits: those without the actor's opinion, and those to be decided or confirmed."""
    mine = (
        sa.select(col(Appeal.id))
        .join(AppealMember, col(AppealMember.appeal_id) == col(Appeal.id))
        .where(
            col(Appeal.org_id) == actor.org,
            col(AppealMember.account_id) == actor.account_id,
            col(AppealMember.stood_down_at).is_(None),
        )
    )
    spoken = sa.select(col(AppealOpinion.id)).where(col(AppealOpinion.appeal_id) == col(Appeal.id))
    own = spoken.where(col(AppealOpinion.account_id) == actor.account_id)
    silent = sa.select(col(AppealMember.id)).where(
        col(AppealMember.appeal_id) == col(Appeal.id),
        col(AppealMember.stood_down_at).is_(None),
        ~sa.exists(
            sa.select(col(AppealOpinion.id)).where(
                col(AppealOpinion.appeal_id) == col(AppealMember.appeal_id),
                col(AppealOpinion.account_id) == col(AppealMember.account_id),
            )
        ),
    )
    hearing = mine.where(col(Appeal.state) == AppealState.HEARING)
    asked = await _ids(db, hearing.where(~sa.exists(own.correlate(Appeal))))
    complete = await _ids(db, hearing.where(~sa.exists(silent.correlate(Appeal))))
    drawn_up = {
        one.subject_id for one in await waiting(db, actor.org, ("appeal",)) if one.maker_account_id != actor.account_id
    }
    confirm = [one for one in await _ids(db, mine.where(col(Appeal.state) == AppealState.DRAWN_UP)) if one in drawn_up]
    return [
        *one_or_list(asked, later("Appeals that wait for your opinion"), "/appeals/{}", "/appeals", "soon"),
        *one_or_list(complete, later("Appeals whose decision can be drawn up"), "/appeals/{}", "/appeals"),
        *one_or_list(confirm, later("Decisions on appeals to confirm"), "/appeals/{}", "/appeals", "soon"),
    ]


async def lists_to_draw(db: AsyncSession, actor: Actor) -> list[Task]:
    """Sessions that are over and have no issuing list, and lists not yet proposed."""
    listed = sa.exists().where(
        col(IssuingList.course_session_id) == col(CourseSession.id), col(IssuingList.state) != ListState.REJECTED
    )
    over = sa.select(col(CourseSession.id)).where(
        col(CourseSession.org_id) == actor.org,
        col(CourseSession.state) == SessionState.PUBLISHED,
        col(CourseSession.ends_on) < clock.today(),
        col(CourseSession.taken) > 0,
        ~listed,
    )
    drafts = sa.select(col(IssuingList.id)).where(
        col(IssuingList.org_id) == actor.org, col(IssuingList.state) == ListState.DRAFT
    )
    return [
        *one_or_list(
            await _ids(db, over), later("Sessions that are over and have no issuing list"), "/issuing", "/issuing"
        ),
        *one_or_list(await _ids(db, drafts), later("Issuing lists not yet proposed"), "/issuing/lists/{}", "/issuing"),
    ]


async def corrections_asked(db: AsyncSession, actor: Actor) -> list[Task]:
    """Corrections of certificates that somebody asked for and nobody has examined."""
    chosen = sa.select(col(CorrectionRequest.id)).where(
        col(CorrectionRequest.org_id) == actor.org, col(CorrectionRequest.state) == CorrectionState.REQUESTED
    )
    return one_or_list(
        await _ids(db, chosen),
        later("Corrections of certificates to examine"),
        "/issuing/corrections/{}",
        "/issuing/corrections",
    )


def decisions(kind: str, label: str, one: str, every: str) -> Finder:
    """A finder of what waits for the actor's decision: proposals of this kind that somebody else made."""

    async def find(db: AsyncSession, actor: Actor) -> list[Task]:
        rows = [
            row.subject_id for row in await waiting(db, actor.org, (kind,)) if row.maker_account_id != actor.account_id
        ]
        return one_or_list(rows, label, one, every, "soon")

    return find


async def editions_to_decide(db: AsyncSession, actor: Actor) -> list[Task]:
    """Editions that wait for a second person's word."""
    rows = await waiting(db, actor.org, ("edition",))
    mine = [row.subject_id for row in rows if row.maker_account_id != actor.account_id]
    known = await _ids(db, sa.select(col(Edition.id)).where(col(Edition.id).in_(mine))) if mine else []
    return one_or_list(known, later("Editions that wait for your decision"), "/editions/{}", "/editions", "soon")


async def items_to_review(db: AsyncSession, actor: Actor) -> list[Task]:
    """Items that another author has handed in."""
    chosen = sa.select(col(Item.id)).where(
        col(Item.org_id) == actor.org,
        col(Item.state) == ItemState.IN_REVIEW,
        col(Item.author_account_id) != actor.account_id,
    )
    return one_or_list(await _ids(db, chosen), later("Items that wait for review"), "/items/{}", "/items")


async def payouts_clear(db: AsyncSession, actor: Actor) -> list[Task]:
    """Payouts whose notice is over and that are not paid."""
    chosen = sa.select(col(Payout.id)).where(col(Payout.org_id) == actor.org, col(Payout.state) == PayoutState.CLEAR)
    return one_or_list(await _ids(db, chosen), later("Payouts that can be paid"), "/payouts/{}", "/payouts", "soon")


async def files_ready(db: AsyncSession, actor: Actor) -> list[Task]:
    """The account's exports that can be taken away."""
    chosen = sa.select(col(FileExport.id)).where(
        col(FileExport.org_id) == actor.org,
        col(FileExport.account_id) == actor.account_id,
        col(FileExport.state) == ExportState.READY,
        col(FileExport.expires_at) > clock.now(),
    )
    return one_or_list(await _ids(db, chosen), later("Files that are ready for you"), "/exports/{}", "/exports", "info")


async def jobs_held(db: AsyncSession, actor: Actor) -> list[Task]:
    """Jobs that failed and wait for a person."""
    held = int(await db.scalar(sa.text("SELECT held FROM queue_figures()")) or 0)
    return [Task(later("Jobs that failed and are held"), "/operations", held, "now")] if held else []


async def erasures_open(db: AsyncSession, actor: Actor) -> list[Task]:
    """Requests for erasure."""
    rows = await erasure_requests(db)
    return [Task(later("Requests for erasure"), "/erasures", len(rows), "soon")] if rows else []


async def access_to_give(db: AsyncSession, actor: Actor) -> list[Task]:
    """New passwords and authenticators another administrator asked for."""
    label = later("Accounts for which new access is asked")
    return one_or_list(await resets_to_decide(db, actor), label, "/accounts/{}", "/accounts", "soon")


BY_PERMISSION: tuple[tuple[str, Finder], ...] = (
    ("operations.read", jobs_held),
    ("people.erase", erasures_open),
    ("accounts.manage", access_to_give),
    ("exams.invigilate|exams.plan", exams_open),
    ("exams.plan", exams_to_freeze),
    ("courses.plan", sessions_to_publish),
    ("enrolments.manage", people_waiting),
    ("exchange.import", previews_waiting),
    ("exams.mark", unmarked_papers),
    ("exams.release_propose", results_to_release),
    ("appeals.manage", appeals_to_name),
    ("appeals.hear", appeals_to_hear),
    (
        "exams.release",
        decisions("exam_session", later("Results that wait for your release"), "/exams/{}", "/exams"),
    ),
    (
        "courses.approve",
        decisions("course_session", later("Sessions that wait for your decision"), "/sessions/{}", "/sessions"),
    ),
    ("credentials.propose", lists_to_draw),
    ("credentials.propose", corrections_asked),
    (
        "credentials.decide",
        decisions(
            "credential_correction",
            later("Corrections of certificates that wait for your decision"),
            "/issuing/corrections/{}",
            "/issuing/corrections",
        ),
    ),
    (
        "credentials.decide",
        decisions("issuing_list", later("Issuing lists that wait for your decision"), "/issuing/lists/{}", "/issuing"),
    ),
    (
        "credentials.revoke_decide",
        decisions(
            "credential",
            later("Changes of certificates that wait for your decision"),
            "/issuing/credentials/{}",
            "/issuing",
        ),
    ),
    ("editions.approve", editions_to_decide),
    ("items.review", items_to_review),
    (
        "incentives.approve",
        decisions("plan_version", later("Incentive plans that wait for your decision"), "/incentives", "/incentives"),
    ),
    (
        "incentives.approve",
        decisions(
            "equity_grant",
            later("Equity grants that wait for your decision"),
            "/incentives/equity/{}",
            "/incentives/equity",
        ),
    ),
    (
        "payouts.approve",
        decisions("payout", later("Payouts that wait for your decision"), "/payouts/{}", "/payouts"),
    ),
    ("payouts.pay", payouts_clear),
    ("exports.make", files_ready),
)
