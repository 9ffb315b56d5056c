"""Appeals against released results: lodged in time, heard by people apart, decided by a majority and two of the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.content import shipped
from curricula.papers import Form
from curricula.scoring import marks_offered
from service.approvals import actions as approvals
from service.courses.tables import CourseSession
from service.exams.events import ResultSettled
from service.exams.queries import INVARIANTS, released_result
from service.exams.tables import Appeal, AppealOpinion, AppealStep, ExamSession, Mark, Result, ResultRelease
from service.foundation import announcing, clock
from service.foundation.actor import Actor
from service.foundation.journal import JournalEntry
from service.letters.tables import Letter
from service.people.tables import PersonKey
from tests.conftest import ClientAs, World
from tests.exams.test_results import essay_slot, full_marks, handed_in, mark
from tests.exams.test_whole_way import Drain
from tests.given import accounts as given_accounts
from tests.given import courses as given_courses
from tests.given import people as given_people
from tests.given.exams import SYLLABUS, ExamWorld

STATEMENT = "第 20 题的第二点我已写明访谈对象，却没有得分。"
REASONS = "评分量表第二行的要点在答案第三句中已有表述。"


@dataclass
class Heard:
    """A released exam with a bench of panellists."""

    exam: ExamWorld
    bench: list[Actor]
    appeal_id: str = ""

    @property
    def sitting(self) -> Any:
        """The sitting of whoever appeals."""
        return self.exam.candidates[0].sitting_id

    @property
    def place(self) -> str:
        """The essay's place."""
        return str(essay_slot(self.exam.paper))


def part_marks(form: Form, share: Fraction) -> dict[str, str]:
    """For every line of the essay the highest level within a share of its points."""
    (question,) = form.by_slot[str(essay_slot(form))].item.questions
    return {
        line.id: str(max(one for one in marks_offered(line) if one <= line.points * share)) for line in question.rubric
    }


async def released(
    world: World, client_as: ClientAs, drain: Drain, people: int = 1, share: str = "half", bench: int = 3
) -> Heard:
    """An exam whose essays got `share` of their points (half or the level below, none, all), released by two people."""
    made = await handed_in(world, client_as, drain, people=people)
    marker = await client_as(made.marker)
    points = part_marks(made.paper, {"none": Fraction(0), "half": Fraction(1, 2), "all": Fraction(1)}[share])
    for number in range(people):
        assert (await mark(marker, made, number, points))["status"] == 201
    await drain()
    office, director = await client_as(made.scheduler), await client_as(made.director)
    assert (await office.post(f"/api/exams/{made.exam.id}/release")).status_code == 201
    answer = await director.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert answer.status_code == 200, answer.text
    await drain()
    async with world() as db:
        names = ("彭程", "孔明", "季风", "尤里", "邵阳")
        panel = [await given_accounts.staff(db, "appeal_panellist", made.home.id, name) for name in names[:bench]]
    return Heard(made, panel)


async def lodged(world: World, client_as: ClientAs, drain: Drain, ground: str = "marking", **more: Any) -> Heard:
    """The same with an appeal of the first candidate."""
    heard = await released(world, client_as, drain, **more)
    browser = await client_as(heard.exam.candidates[0].actor)
    answer = await lodge(browser, heard.sitting, ground)
    assert answer["status"] == 201, answer
    heard.appeal_id = answer["appeal_id"]
    return heard


async def lodge(browser: AsyncClient, sitting: Any, ground: str = "marking") -> dict[str, Any]:
    """Lodge an appeal; returns status and body."""
    answer = await browser.post(f"/api/sittings/{sitting}/appeal", json={"ground": ground, "statement": STATEMENT})
    return answer.json() | {"status": answer.status_code}


async def named(client_as: ClientAs, heard: Heard, panel: Sequence[Actor] | None = None) -> dict[str, Any]:
    """Name the panel as the scheduler; returns status and body."""
    office = await client_as(heard.exam.scheduler)
    answer = await office.post(
        f"/api/appeals/{heard.appeal_id}/panel",
        json={"account_ids": [str(one.account_id) for one in (panel if panel is not None else heard.bench)]},
    )
    return answer.json() | {"status": answer.status_code}


async def opinions(client_as: ClientAs, heard: Heard, *outcomes: str) -> list[AsyncClient]:
    """The panel's opinions in order; returns their browsers."""
    browsers = [await client_as(one) for one in heard.bench]
    for browser, outcome in zip(browsers, outcomes, strict=False):
        answer = await browser.post(
            f"/api/appeals/{heard.appeal_id}/opinions", json={"outcome": outcome, "reasons": REASONS}
        )
        assert answer.status_code == 201, answer.text
    return browsers


async def decision(browser: AsyncClient, heard: Heard, marks: Any = None) -> dict[str, Any]:
    """Draw up the decision; returns status and body."""
    answer = await browser.post(
        f"/api/appeals/{heard.appeal_id}/decision", json={"reasons": REASONS, "marks": marks or {}}
    )
    return answer.json() | {"status": answer.status_code}


async def word(browser: AsyncClient, heard: Heard, **content: Any) -> dict[str, Any]:
    """Confirm, or not; returns status and body."""
    answer = await browser.post(
        f"/api/appeals/{heard.appeal_id}/decision/confirmation", json={"confirm": True, **content}
    )
    return answer.json() | {"status": answer.status_code}


async def broken(db: AsyncSession) -> list[str]:
    """The invariants of exams that do not hold."""
    return [name for name, statement in INVARIANTS.items() if (await db.execute(sa.text(statement))).first()]


async def test_invariants_of_appeals_find_what_is_wrong(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    first, second, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    await word(second, heard)
    async with world() as db:
        assert await broken(db) == []
        point = await db.begin_nested()
        await db.execute(
            sa.text("UPDATE appeal_member SET stood_down_at = now() WHERE account_id = :one"),
            {"one": heard.bench[0].account_id},
        )
        assert len(await broken(db)) == 2
        await point.rollback()
        await db.execute(sa.text("UPDATE approval SET subject_kind = 'x', state = 'withdrawn' WHERE step = 'confirm'"))
        assert len(await broken(db)) == 1


async def test_upheld_appeal_leads_to_a_new_result_beside_the_old_one(
    world: World, client_as: ClientAs, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[ResultSettled] = []

    async def listen(db: object, event: ResultSettled) -> None:
        settled.append(event)

    heard = await lodged(world, client_as, drain)
    listener = announcing.Listener("test.listen", ResultSettled, listen, own_transactions=False)
    monkeypatch.setitem(announcing.listeners, "test.listen", listener)
    assert (await named(client_as, heard))["status"] == 200
    first, _, third = await opinions(client_as, heard, "upheld", "upheld", "dismissed")
    drawn = await decision(third, heard, {heard.place: full_marks(heard.exam.paper)})
    assert (drawn["status"], drawn["outcome"], drawn["drawn_up_by_me"]) == (201, "upheld", True)
    one = heard.exam.candidates[0]
    person = await client_as(one.actor)
    standing = (await person.get(f"/api/sittings/{heard.sitting}/appeal")).json()
    assert (standing["appeal"]["state"], standing["appeal"]["outcome"]) == ("drawn_up", None)
    assert standing["appeal"]["reasons"] is None
    assert (await word(third, heard))["type"] == "/problems/same-person"
    assert (await word(first, heard))["status"] == 200
    await drain()
    assert [event.enrolment_id for event in settled] == [one.enrolment.id]

    async with world() as db:
        runs = list(
            await db.scalars(select(Result).where(col(Result.sitting_id) == one.sitting_id).order_by(col(Result.run)))
        )
        most, some = full_marks(heard.exam.paper), part_marks(heard.exam.paper, Fraction(1, 2))
        marked = 84 + sum(map(Fraction, some.values())) / sum(map(Fraction, most.values())) * 16
        scores = [Fraction(row.score_numerator, row.score_denominator) for row in runs]
        assert [row.run for row in runs] == [1, 2, 3]
        assert scores == [84, marked, 100]
        releases = await db.scalars(select(ResultRelease).where(col(ResultRelease.enrolment_id) == one.enrolment.id))
        assert {row.result_id for row in releases} == {runs[1].id, runs[2].id}
        stands = await released_result(db, one.enrolment.id)
        assert stands is not None
        assert (stands.result_id, stands.score) == (runs[2].id, Fraction(100))
        assert stands.marker_account_ids == {heard.exam.marker.account_id, heard.bench[2].account_id}
        rounds = await db.scalars(select(Mark).where(col(Mark.sitting_id) == one.sitting_id).order_by(col(Mark.round)))
        assert [row.round for row in rounds] == [1, 2]
        assert await broken(db) == []
    result = (await person.get(f"/api/sittings/{heard.sitting}/result")).json()
    assert result["earned"] == "100"
    standing = (await person.get(f"/api/sittings/{heard.sitting}/appeal")).json()
    appeal = standing["appeal"]
    assert (appeal["state"], appeal["outcome"], appeal["reasons"]) == ("closed", "upheld", REASONS)
    assert appeal["result_changed"]
    assert [step["kind"] for step in appeal["steps"]] == ["lodged", "panel", "drawn_up", "closed"]
    again = await lodge(person, heard.sitting)
    assert (again["status"], again["type"]) == (409, "/problems/appeal-heard")
    letters = (await person.get("/inbox")).text
    assert "您的申诉已有决定" in letters
    assert "您的申诉已进入评议" in letters
    async with world() as db:
        verbs = await db.scalars(
            select(JournalEntry.action)
            .where(col(JournalEntry.subject_id) == appeal["appeal_id"])
            .order_by(col(JournalEntry.id))
        )
        assert [verb for verb in verbs if verb not in ("appeal.read", "appeal.opinion_given")] == [
            "appeal.lodged", "appeal.panel_named", "appeal.drawn_up", "approval.proposed", "approval.approved",
            "appeal.closed",
        ]  # fmt: skip


async def test_dismissed_appeal_changes_no_result(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain, "score_check")
    await named(client_as, heard)
    first, second, _ = await opinions(client_as, heard, "dismissed", "dismissed", "upheld")
    refused = await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    assert refused["type"] == "/problems/new-marks-not-due"
    assert (await decision(first, heard))["outcome"] == "dismissed"
    assert (await word(second, heard))["status"] == 200
    async with world() as db:
        assert len(list(await db.scalars(select(ResultRelease)))) == 1
        row = (await db.scalars(select(Appeal))).one()
        assert row.new_result_id is None
    person = await client_as(heard.exam.candidates[0].actor)
    appeal = (await person.get(f"/api/sittings/{heard.sitting}/appeal")).json()["appeal"]
    assert (appeal["outcome"], appeal["result_changed"]) == ("dismissed", False)


async def test_upheld_appeal_about_marking_says_the_new_marks(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    first, _, _ = await opinions(client_as, heard, "upheld", "partly_upheld", "dismissed")
    assert (await decision(first, heard))["type"] == "/problems/new-marks-needed"
    short = await decision(first, heard, {heard.place: {"r1": "1"}})
    assert short["type"] == "/problems/mark-unfit"
    stray = await decision(first, heard, {"1": {"r1": "1"}})
    assert stray["type"] == "/problems/mark-not-wanted"
    drawn = await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    assert drawn["outcome"] == "partly_upheld"


async def test_same_marks_again_leave_the_result_that_stands(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain, share="all")
    await named(client_as, heard)
    first, second, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    assert (await word(second, heard))["status"] == 200
    async with world() as db:
        assert len(list(await db.scalars(select(ResultRelease)))) == 1


async def test_decision_that_is_not_confirmed_goes_back_to_the_panel(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    first, second, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    assert (await word(second, heard))["type"] == "/problems/nothing-proposed"
    await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    without = await word(second, heard, confirm=False)
    assert without["status"] == 422
    sent_back = await word(second, heard, confirm=False, reason="第三行也应重评")
    assert (sent_back["status"], sent_back["appeal"]["state"], sent_back["marks"]) == (200, "hearing", None)
    assert (await decision(second, heard, {heard.place: full_marks(heard.exam.paper)}))["status"] == 201
    assert (await word(first, heard))["appeal"]["state"] == "closed"
    async with world() as db:
        steps = await db.scalars(select(AppealStep).order_by(col(AppealStep.id)))
        assert [step.kind.value for step in steps] == [
            "lodged", "panel", "drawn_up", "returned", "drawn_up", "closed",
        ]  # fmt: skip


async def test_marks_changed_after_drawing_up_void_the_decision(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    first, second, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    async with world() as db:
        row = (await db.scalars(select(Appeal))).one()
        row.marks = {heard.place: dict.fromkeys(full_marks(heard.exam.paper), 0)}
    assert (await word(second, heard))["type"] == "/problems/subject-changed"


async def test_appeal_is_lodged_once_and_only_against_a_released_result_of_ones_own(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    early = await client_as(made.candidates[0].actor)
    assert (await lodge(early, made.candidates[0].sitting_id))["status"] == 404
    heard = await released(world, client_as, drain, people=2)
    first, second = [await client_as(one.actor) for one in heard.exam.candidates]
    assert (await lodge(second, heard.sitting))["status"] == 404
    assert (await second.get(f"/api/sittings/{heard.sitting}/appeal")).status_code == 404
    assert (await lodge(first, heard.sitting))["status"] == 201
    again = await lodge(first, heard.sitting)
    assert (again["status"], again["type"]) == (409, "/problems/appeal-under-way")
    standing = (await first.get(f"/api/sittings/{heard.sitting}/appeal")).json()
    assert (standing["open"], standing["appeal"]["statement"]) == (False, STATEMENT)


@pytest.mark.parametrize(
    "content",
    [{"ground": "luck", "statement": STATEMENT}, {"ground": "marking", "statement": "短"}, {"ground": "marking"}],
)
async def test_appeal_needs_a_known_ground_and_a_text(
    world: World, client_as: ClientAs, drain: Drain, content: dict[str, str]
) -> None:
    heard = await released(world, client_as, drain)
    browser = await client_as(heard.exam.candidates[0].actor)
    assert (await browser.post(f"/api/sittings/{heard.sitting}/appeal", json=content)).status_code == 422


async def test_appeal_after_the_window_is_refused_by_the_databases_clock(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    one = made.candidates[0]
    async with world() as db:
        result = (await db.scalars(select(Result).where(col(Result.sitting_id) == one.sitting_id))).one()
        approval = await approvals.propose(
            db, made.scheduler, subject_kind="exam_session", subject_id=made.exam.id, digest="0" * 64, step="release"
        )
        db.add(
            ResultRelease(
                org_id=made.home.id,
                result_id=result.id,
                exam_session_id=made.exam.id,
                enrolment_id=one.enrolment.id,
                person_id=one.person.id,
                approval_id=approval.id,
                created_at=clock.now() - timedelta(days=16),
            )
        )
    browser = await client_as(one.actor)
    with clock.held_at(clock.now() - timedelta(days=10)):  # what Python's clock says decides nothing
        refused = await lodge(browser, one.sitting_id)
    assert (refused["status"], refused["type"]) == (409, "/problems/appeal-window-over")
    standing = (await browser.get(f"/api/sittings/{one.sitting_id}/appeal")).json()
    assert not standing["open"]
    async with world() as db:
        exam = await db.get(ExamSession, made.exam.id)
        assert exam is not None
        assert exam.appeal_days == 15
        exam.appeal_days = 30
    assert (await lodge(browser, one.sitting_id))["status"] == 201


async def test_withdrawn_appeal_may_be_lodged_again_but_not_after_the_decision_is_drawn_up(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    browser = await client_as(heard.exam.candidates[0].actor)
    address = f"/api/sittings/{heard.sitting}/appeal/withdraw"
    assert (await browser.post(address)).json()["state"] == "withdrawn"
    assert (await browser.post(address)).json()["type"] == "/problems/state-conflict"
    again = await lodge(browser, heard.sitting)
    assert again["status"] == 201
    heard.appeal_id = again["appeal_id"]
    await named(client_as, heard)
    first, _, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    await decision(first, heard, {heard.place: full_marks(heard.exam.paper)})
    assert (await browser.post(address)).json()["type"] == "/problems/state-conflict"


async def test_panel_is_odd_and_large_enough_and_holds_the_post(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain, bench=5)
    small = await named(client_as, heard, heard.bench[:1])
    assert (small["type"], small["facts"]["least"]) == ("/problems/panel-too-small", 3)
    assert (await named(client_as, heard, heard.bench[:4]))["type"] == "/problems/panel-even"
    stranger = [*heard.bench[:2], heard.exam.invigilator]
    assert (await named(client_as, heard, stranger))["type"] == "/problems/panellist-unknown"
    assert (await named(client_as, heard))["appeal"]["panel"] == 5


async def test_nobody_who_took_part_hears_the_appeal(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain)
    made = heard.exam
    async with world() as db:
        for one in (made.marker, made.scheduler, made.director):
            await db.execute(
                sa.text(
                    "INSERT INTO post (id, account_id, org_id, role, starts_on)"
                    " VALUES (gen_random_uuid(), :account, :org, 'appeal_panellist', '2020-01-01')"
                ),
                {"account": one.account_id, "org": made.home.id},
            )
        teacher = await given_people.person(db, "何讲师")
        await db.execute(
            sa.text("UPDATE account SET person_id = :person WHERE id = :id"),
            {"person": teacher.id, "id": heard.bench[2].account_id},
        )
    for one, said in ((made.marker, "评阅过"), (made.director, "参与发布")):
        refused = await named(client_as, heard, [*heard.bench[:2], one])
        assert refused["type"] == "/problems/panellist-took-part"
        assert said in refused["detail"]
    refused = await named(client_as, heard, [*heard.bench[:2], made.scheduler])
    assert "由其指定评议组" in refused["detail"]
    office = await client_as(made.scheduler)
    bench = (await office.get(f"/api/appeals/{heard.appeal_id}")).json()["bench"]
    parts = {row["account_id"]: row["parts"] for row in bench}
    assert parts[str(made.marker.account_id)] == ["marked"]
    assert parts[str(made.director.account_id)] == parts[str(made.scheduler.account_id)] == ["released"]
    assert parts[str(heard.bench[2].account_id)] == []
    async with world() as db:
        session = await db.get(CourseSession, made.exam.course_session_id)
        assert session is not None
        code = next(course.id for _, course in shipped().syllabi[SYLLABUS].courses())
        await given_courses.meeting(
            db, session, course_code=code, starts_at=clock.now(), minutes=45, lecturer_id=teacher.id
        )
    refused = await named(client_as, heard)
    assert "在本培训班授课" in refused["detail"]


async def test_panellist_who_spoke_stays_and_another_may_be_replaced(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain, bench=5)
    await named(client_as, heard, heard.bench[:3])
    await opinions(client_as, heard, "upheld")
    assert (await named(client_as, heard, heard.bench[1:4]))["type"] == "/problems/panel-has-spoken"
    assert (await named(client_as, heard, [heard.bench[0], *heard.bench[3:]]))["status"] == 200
    left = await client_as(heard.bench[1])
    assert (await left.get(f"/api/appeals/{heard.appeal_id}/hearing")).status_code == 404
    assert (await left.get("/api/appeals")).json() == []
    joined = await client_as(heard.bench[4])
    assert (await joined.get(f"/api/appeals/{heard.appeal_id}/hearing")).status_code == 200


async def test_panel_reads_the_paper_without_a_name_and_opinions_after_its_own(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    (first,) = [await client_as(heard.bench[0])]
    other = await client_as(heard.bench[1])
    await opinions(client_as, heard, "upheld")
    address = f"/api/appeals/{heard.appeal_id}/hearing"
    answer = await other.get(address)
    shown = answer.json()
    assert shown["statement"] == STATEMENT
    assert len(shown["slots"]) == 20
    essay = next(q for slot in shown["slots"] for q in slot["questions"] if q["place"] == heard.place)
    assert (essay["kind"], len(essay["marks"]), len(essay["rubric"]) > 1) == ("essay", 1, True)
    single = next(q for slot in shown["slots"] for q in slot["questions"] if q["kind"] == "single")
    assert single["answer"] == single["key"]
    assert (shown["opinions"], shown["missing"]) == ([], 2)
    assert [one["own"] for one in (await first.get(address)).json()["opinions"]] == [True]
    assert heard.exam.candidates[0].person.name not in answer.text
    again = await first.post(
        f"/api/appeals/{heard.appeal_id}/opinions", json={"outcome": "dismissed", "reasons": REASONS}
    )
    assert again.json()["type"] == "/problems/opinion-given"
    early = await decision(first, heard)
    assert (early["type"], early["facts"]["missing"]) == ("/problems/opinions-missing", 2)
    async with world() as db:
        looks = await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "appeal.read"))
        assert {look.account_id for look in looks} >= {one.account_id for one in heard.bench[:2]}


async def test_whoever_names_the_panel_reads_neither_text_nor_opinions(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    await opinions(client_as, heard, "upheld")
    office = await client_as(heard.exam.scheduler)
    answer = await office.get(f"/api/appeals/{heard.appeal_id}")
    assert STATEMENT not in answer.text
    assert REASONS not in answer.text
    assert "upheld" not in answer.text
    assert (await office.get(f"/api/appeals/{heard.appeal_id}/hearing")).status_code == 403
    (row,) = (await office.get("/api/appeals")).json()
    assert (row["opinions"], row["own_opinion"], row["outcome"]) == (1, None, None)


async def test_appeal_is_nowhere_for_another_organisation(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain)
    async with world() as db:
        elsewhere = await given_accounts.organisation(db, "别处基地")
        office = await given_accounts.staff(db, "scheduler", elsewhere.id)
        panellist = await given_accounts.staff(db, "appeal_panellist", elsewhere.id)
    foreign, hearing = await client_as(office), await client_as(panellist)
    assert (await foreign.get(f"/api/appeals/{heard.appeal_id}")).status_code == 404
    assert (await foreign.get("/api/appeals")).json() == []
    assert (await hearing.get(f"/api/appeals/{heard.appeal_id}/hearing")).status_code == 404
    heard_there = await foreign.post(f"/api/appeals/{heard.appeal_id}/panel", json={"account_ids": []})
    assert heard_there.status_code == 404


async def test_texts_are_sealed_and_gone_with_the_persons_key(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    (browser, *_) = await opinions(client_as, heard, "upheld")
    async with world() as db:
        row = (await db.scalars(select(Appeal))).one()
        opinion = (await db.scalars(select(AppealOpinion))).one()
        assert STATEMENT.encode() not in row.statement_sealed
        assert REASONS.encode() not in opinion.reasons_sealed
        key = (await db.scalars(select(PersonKey).where(col(PersonKey.person_id) == row.person_id))).one()
        key.sealed = None
    shown = (await browser.get(f"/api/appeals/{heard.appeal_id}/hearing")).json()
    assert (shown["statement"], shown["opinions"][0]["reasons"]) == (None, None)


async def test_database_keeps_an_appeal_as_it_was_lodged(world: World, client_as: ClientAs, drain: Drain) -> None:
    await lodged(world, client_as, drain)
    for change in ("statement_sealed = ''", "state = 'closed', outcome = 'upheld'"):
        with pytest.raises(sa.exc.DBAPIError):
            async with world() as db:
                await db.execute(sa.text(f"UPDATE appeal SET {change}"))
    with pytest.raises(sa.exc.DBAPIError):
        async with world() as db:
            await db.execute(sa.text("DELETE FROM appeal"))


async def test_released_result_is_told_to_its_person(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await released(world, client_as, drain)
    async with world() as db:
        letters = await db.scalars(
            select(Letter.kind).where(col(Letter.person_id) == heard.exam.candidates[0].person.id)
        )
        assert "exam.result_released" in list(letters)
