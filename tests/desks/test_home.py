"""The home page says what needs each role today, and nothing of anybody else's."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from service.accounts.rules import HOLDER, STAFF_ROLES
from service.approvals.actions import propose
from service.courses.tables import SessionState
from service.desks.queries.tasks import tasks_of
from service.desks.rules import Task, in_order
from service.enrolments.tables import EnrolmentState
from service.exams.tables import AppealOpinion, AppealOutcome, Result, ResultRelease
from service.foundation import clock
from service.foundation.actor import Actor
from service.letters.actions import write
from service.people.tables import Person
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.appeals import appeal
from tests.given.bases import base as given_base
from tests.given.courses import course_session
from tests.given.credentials import issuing_world
from tests.given.enrolments import enrolment
from tests.given.exams import frozen_exam
from tests.given.people import person


def hrefs(tasks: Sequence[Task]) -> dict[str, int]:
    """Where tasks lead, and how many each counts."""
    return {one.href: one.count for one in tasks}


async def found(acting: As, actor: Actor) -> list[Task]:
    """The tasks of an actor as the application sees them."""
    async with acting(actor) as db:
        return await tasks_of(db, actor)


async def test_a_scheduler_sees_sessions_to_publish_and_who_waits(world: World, acting: As) -> None:
    async with world() as db:
        base = await given_base(db)
        scheduler = await given.staff(db, "scheduler", base.org_id)
        soon = await course_session(db, base, starts_on=clock.today() + timedelta(days=10))
        later_on = [await course_session(db, base, starts_on=date(2031, 1, 6)) for _ in range(2)]
        full = await course_session(db, base, state=SessionState.PUBLISHED, starts_on=date(2031, 2, 3))
        await enrolment(db, full, state=EnrolmentState.WAITING)
        elsewhere = await given_base(db)
        await course_session(db, elsewhere, starts_on=clock.today() + timedelta(days=3))
    tasks = await found(acting, scheduler)
    assert hrefs(tasks) == {f"/sessions/{soon.id}": 1, "/sessions": len(later_on), f"/sessions/{full.id}/enrolments": 1}
    assert tasks[0].urgency == "soon"


async def test_an_exam_open_now_comes_first_for_candidate_and_invigilator(world: World, acting: As) -> None:
    async with world() as db:
        exam = await frozen_exam(db, people=2)
        candidate = exam.candidates[0]
        await write(db, kind="enrolment.enrolled", facts={"code": "X"}, person_id=candidate.person.id)
    tasks = await found(acting, candidate.actor)
    assert (tasks[0].href, tasks[0].urgency) == (f"/my/sittings/{candidate.sitting_id}", "now")
    assert hrefs(tasks)["/inbox"] == 1
    assert hrefs(tasks)["/my/profile"] == 1  # the English name is not confirmed
    watching = await found(acting, exam.invigilator)
    assert (watching[0].href, watching[0].urgency) == (f"/exams/{exam.exam.id}", "now")
    other = exam.candidates[1]
    assert f"/my/sittings/{other.sitting_id}" not in hrefs(tasks)


async def test_papers_wait_for_marks_until_they_are_complete(world: World, acting: As) -> None:
    async with world() as db:
        made = await issuing_world(db, people=2)
        marker = await given.staff(db, "marker", made.org_id)
        stranger = await given.staff(db, "marker", (await given_base(db)).org_id)
        # the same results, not yet complete and not yet released
        await db.execute(sa.text("UPDATE exam_session SET state = 'closed' WHERE org_id = :org"), {"org": made.org_id})
        latest = (await db.scalars(sa.select(Result).where(col(Result.org_id) == made.org_id))).all()
        for row in latest:
            db.add(
                Result(
                    **row.model_dump(exclude={"id", "created_at", "run", "complete"}), run=row.run + 1, complete=False
                )
            )
    assert hrefs(await found(acting, marker)) == {"/marking": 2}
    assert await found(acting, stranger) == []
    async with world() as db:
        for row in latest:
            db.add(Result(**row.model_dump(exclude={"id", "created_at", "run"}), run=row.run + 2))
    assert await found(acting, marker) == []
    assert ResultRelease.__tablename__ == "result_release"


async def test_decisions_reach_the_decider_and_not_who_proposed(world: World, acting: As) -> None:
    async with world() as db:
        made = await issuing_world(db, people=1)
        exams = (
            await db.scalars(sa.text("SELECT id FROM exam_session WHERE org_id = :org"), {"org": made.org_id})
        ).all()
    async with acting(made.scheduler) as db:
        await propose(
            db, made.scheduler, subject_kind="exam_session", subject_id=exams[0], digest="0" * 64, step="again"
        )
        await propose(db, made.scheduler, subject_kind="issuing_list", subject_id=made.session.id, digest="1" * 64)
    director = hrefs(await found(acting, made.director))
    assert director[f"/exams/{exams[0]}"] == 1
    assert hrefs(await found(acting, made.decider)) == {f"/issuing/lists/{made.session.id}": 1}
    assert f"/issuing/lists/{made.session.id}" not in hrefs(await found(acting, made.scheduler))


async def test_a_trainee_sees_the_next_date_and_a_newcomer_how_to_begin(world: World, acting: As) -> None:
    async with world() as db:
        base = await given_base(db)
        someone = await person(db, "丁一")
        await db.execute(
            sa.update(Person)
            .where(col(Person.id) == someone.id)
            .values(english_name="DING Yi", english_confirmed_at=clock.now())
        )
        trainee = await given.holder(db, someone.id)
        newcomer = await given.holder(db)
        session = await course_session(db, base, state=SessionState.PUBLISHED, starts_on=date(2030, 3, 4))
        await enrolment(db, session, someone)
    assert await found(acting, trainee) == []  # no meeting is planned yet
    assert hrefs(await found(acting, newcomer)) == {"/my/profile": 1}


async def test_held_jobs_stand_on_the_system_administrators_page(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        operator = await given.staff(db, "system_administrator", home.id)
        await db.execute(
            sa.text(
                "INSERT INTO jobs.pgqueuer (priority, status, entrypoint, payload, execute_after) VALUES (0, 'failed',"
                ' \'exchange.make_export\', convert_to(\'{"event": {"export_id": "e1", "event_id": "x"}}\', \'UTF8\'), now())'
            )
        )
    assert hrefs(await found(acting, operator)) == {"/operations": 1}
    page = (await (await client_as(operator)).get("/")).text
    assert "执行失败而挂起的任务" in page


@pytest.mark.parametrize("role", [HOLDER, *STAFF_ROLES])
async def test_every_role_has_a_home_page_in_both_languages(role: str, world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given_base(db)
        actor = await (given.holder(db) if role == HOLDER else given.staff(db, role, home.org_id))
    browser = await client_as(actor)
    for language, said in (("zh-CN", "今日待办"), ("en", "What needs you today")):
        answer = await browser.get("/", headers={"accept-language": language})
        assert answer.status_code == 200
        assert said in answer.text


async def test_strangers_get_the_two_doors(client_as: ClientAs) -> None:
    page = (await (await client_as(None)).get("/")).text
    assert "/verify" in page
    assert "今日待办" not in page


def test_tasks_stand_by_urgency_and_keep_their_order() -> None:
    tasks = [Task("a", "/a"), Task("b", "/b", urgency="now"), Task("c", "/c"), Task("d", "/d", urgency="soon")]
    assert [one.label for one in in_order(tasks)] == ["b", "d", "a", "c"]


async def test_appeals_lead_whoever_names_the_panel_and_then_the_panel(world: World, acting: As) -> None:
    async with world() as db:
        made = await issuing_world(db, people=2)
        waits = await appeal(db, made.trainees[0].enrolment.id)
        panel = [await given.staff(db, "appeal_panellist", made.org_id) for _ in range(3)]
        heard = await appeal(db, made.trainees[1].enrolment.id, panel=panel)
        stranger = await given.staff(db, "appeal_panellist", made.org_id)
    for actor, wanted in (
        (made.scheduler, [f"/appeals/{waits.id}"]),
        (panel[0], [f"/appeals/{heard.id}"]),
        (stranger, []),
    ):
        async with acting(actor) as db:
            assert [one.href for one in await tasks_of(db, actor) if "/appeals" in one.href] == wanted
    async with world() as db:
        opinions = [
            AppealOpinion(
                org_id=made.org_id,
                appeal_id=heard.id,
                account_id=one.account_id,
                outcome=AppealOutcome.DISMISSED,
                reasons_sealed=b"x",
            )
            for one in panel
        ]
        db.add_all(opinions)
    async with acting(panel[1]) as db:
        (task,) = [one for one in await tasks_of(db, panel[1]) if "/appeals" in one.href]
        assert task.label == "Appeals whose decision can be drawn up"
