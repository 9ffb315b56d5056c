"""An appeal about an exam held on paper: the panel gives a new score, the earlier one stays in the trail."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from service.exams.actions.recording import record_score
from service.exams.queries import released_result
from service.exams.schemas import ScoreGiven
from service.exams.tables import RecordedScore, Result, Sitting
from service.foundation import clock
from service.foundation.clock import BEIJING
from tests.conftest import As, ClientAs, World
from tests.exams.test_appeals import REASONS, Heard, lodge, named, opinions, word
from tests.exams.test_whole_way import Drain
from tests.given import accounts as given_accounts
from tests.given import exams as given


async def heard_on_paper(world: World, client_as: ClientAs, acting: As, drain: Drain, score: str = "55") -> Heard:
    """A released paper exam of 100 marks, 60 of which pass, with an appeal and a panel."""
    async with world() as db:
        made = await given.planned_exam(db, people=1)
    office, director = await client_as(made.scheduler), await client_as(made.director)
    now = clock.now()
    planned = await office.post(
        "/api/exams",
        json={
            "course_session_id": str(made.exam.course_session_id),
            "mode": "paper",
            "full_marks": 100,
            "pass_points": "60",
            "opens_at": (now - timedelta(hours=3)).isoformat(),
            "closes_at": (now - timedelta(hours=1)).isoformat(),
        },
    )
    assert planned.status_code == 201, planned.text
    exam_id = planned.json()["id"]
    assert (await office.post(f"/api/exams/{exam_id}/freeze")).status_code == 200
    one = made.candidates[0]
    async with world() as db:
        one.sitting = (await db.scalars(select(Sitting).where(col(Sitting.exam_session_id) == exam_id))).one()
        held_on = (now - timedelta(hours=3)).astimezone(BEIJING).date()
        names = ("彭程", "孔明", "季风")
        bench = [await given_accounts.staff(db, "appeal_panellist", made.home.id, name) for name in names]
    async with acting(made.scheduler) as db:
        await record_score(db, made.scheduler, one.sitting_id, ScoreGiven(score=Decimal(score), held_on=held_on))
    proposed = await office.post(f"/api/exams/{exam_id}/release")
    assert proposed.status_code == 201, proposed.text
    assert (await director.post(f"/api/exams/{exam_id}/release/decision", json={"approve": True})).status_code == 200
    await drain()
    heard = Heard(made, bench)
    heard.appeal_id = (await lodge(await client_as(one.actor), one.sitting_id, "score_check"))["appeal_id"]
    assert (await named(client_as, heard))["status"] == 200
    return heard


async def decision(browser: Any, heard: Heard, **content: Any) -> dict[str, Any]:
    """Draw up the decision with a score; returns status and body."""
    answer = await browser.post(f"/api/appeals/{heard.appeal_id}/decision", json={"reasons": REASONS, **content})
    return dict(answer.json()) | {"status": answer.status_code}


async def test_panel_corrects_a_score_that_was_added_up_wrongly(
    world: World, client_as: ClientAs, acting: As, drain: Drain
) -> None:
    heard = await heard_on_paper(world, client_as, acting, drain)
    first, second, _ = await opinions(client_as, heard, "upheld", "upheld", "upheld")
    page = await first.get(f"/appeals/{heard.appeal_id}")
    assert "请向基地调取原卷" in page.text
    assert 'name="score"' in page.text
    beyond = await decision(first, heard, score="100.5")
    assert beyond["type"] == "/problems/score-beyond-full-marks"
    stray = await decision(first, heard, marks={"20": {"r1": "1"}})
    assert stray["type"] == "/problems/mark-not-wanted"
    drawn = await decision(first, heard, score="65.5")
    assert (drawn["status"], drawn["score"]) == (201, "131/2")
    assert (await word(second, heard))["status"] == 200
    await drain()
    one = heard.exam.candidates[0]
    async with world() as db:
        rows = list(await db.scalars(select(RecordedScore).order_by(col(RecordedScore.round))))
        assert [(row.round, row.score_numerator, row.score_denominator) for row in rows] == [(1, 55, 1), (2, 131, 2)]
        runs = list(await db.scalars(select(Result).where(col(Result.sitting_id) == one.sitting_id)))
        assert sorted((row.run, row.passed) for row in runs) == [(1, False), (2, True)]
        stands = await released_result(db, one.enrolment.id)
        assert stands is not None
        assert stands.passed
    person = await client_as(one.actor)
    assert (await person.get(f"/api/sittings/{one.sitting_id}/result")).json()["earned"] == "131/2"
    shown = (await person.get(f"/my/sittings/{one.sitting_id}/result")).text
    assert "65.5" in shown
    assert "予以支持" in shown


async def test_who_recorded_the_score_does_not_hear_the_appeal(
    world: World, client_as: ClientAs, acting: As, drain: Drain
) -> None:
    heard = await heard_on_paper(world, client_as, acting, drain)
    async with world() as db:
        recorder = await given_accounts.staff(db, "appeal_panellist", heard.exam.home.id, "录入人")
        (row,) = await db.scalars(select(RecordedScore))
        db.add(
            RecordedScore(
                **row.model_dump(exclude={"id", "created_at", "round", "account_id"}),
                round=2,
                account_id=recorder.account_id,
            )
        )
    refused = await named(client_as, heard, [*heard.bench[:2], recorder])
    assert refused["type"] == "/problems/panellist-took-part"
    assert "录入过其成绩" in refused["detail"]
