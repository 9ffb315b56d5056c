"""Scoring, marking and releasing: repeatable, without names, by two people."""

from dataclasses import replace
from fractions import Fraction

import pytest
from httpx import AsyncClient
from sqlmodel import col, select

from curricula.canonical import canonical_bytes, digest
from curricula.papers import Form
from curricula.scoring import ScoreRecord
from service.exams.actions.scoring import computed, score_sitting
from service.exams.events import ResultSettled
from service.exams.queries import released_result
from service.exams.tables import Mark, Result, ResultRelease, Sitting
from service.foundation import announcing
from service.foundation.journal import JournalEntry
from tests.conftest import ClientAs, World
from tests.exams.test_saving import begun, save
from tests.exams.test_whole_way import Drain
from tests.given import accounts as given_accounts
from tests.given import exams as given
from tests.given.exams import ExamWorld


async def handed_in(world: World, client_as: ClientAs, drain: Drain, people: int = 2, essays: bool = True) -> ExamWorld:
    """An exam that everybody answered rightly and handed in; scored, essays not marked."""
    made, first = await begun(world, client_as, people=people)
    answers = given.right_answers(made.paper)
    for number, one in enumerate(made.candidates):
        browser = first if number == 0 else await client_as(one.actor)
        await browser.post(f"/api/sittings/{one.sitting_id}/start")
        for slot, response in answers.items():
            if essays or slot != essay_slot(made.paper):
                await save(browser, one.sitting_id, slot, 1, response)
        assert (await browser.post(f"/api/sittings/{one.sitting_id}/submit")).status_code == 200
    await drain()
    return made


def essay_slot(form: Form) -> int:
    """The slot of the essay."""
    return next(int(slot.slot) for slot in form.slots if slot.item.kind == "essay")


def full_marks(form: Form) -> dict[str, str]:
    """Every point of the essay's rubric."""
    (question,) = form.by_slot[str(essay_slot(form))].item.questions
    return {line.id: str(line.points) for line in question.rubric}


async def mark(browser: AsyncClient, made: ExamWorld, number: int, points: object, round: int = 1) -> dict[str, object]:
    """Mark one candidate's essay; returns status and body."""
    answer = await browser.post(
        f"/api/sittings/{made.candidates[number].sitting_id}/marks/{essay_slot(made.paper)}",
        json={"points": points, "round": round},
    )
    return {"status": answer.status_code, **answer.json()}


async def results_of(world: World, made: ExamWorld) -> list[Result]:
    """Every scoring run of the exam."""
    async with world() as db:
        sittings = [one.sitting_id for one in made.candidates]
        rows = await db.scalars(select(Result).where(col(Result.sitting_id).in_(sittings)).order_by(col(Result.run)))
        return list(rows)


async def test_scoring_again_gives_the_same_bytes_and_writes_nothing(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    (before,) = await results_of(world, made)
    async with world() as db:
        again = await score_sitting(db, made.candidates[0].sitting_id)
        sitting = await db.get(Sitting, made.candidates[0].sitting_id)
        assert again is not None
        assert sitting is not None
        assert again.id == before.id
        first, second = await computed(db, sitting), await computed(db, sitting)
        assert first.canonical_bytes() == second.canonical_bytes() == canonical_bytes(before.record)
    assert digest(before.record) == before.digest == ScoreRecord.from_json(before.record).digest()
    assert len(await results_of(world, made)) == 1
    assert not before.complete
    assert (before.score_numerator, before.score_denominator, before.passed) == (84, 1, False)


async def test_open_sitting_is_not_scored(world: World, client_as: ClientAs) -> None:
    made, _ = await begun(world, client_as)
    async with world() as db:
        assert await score_sitting(db, made.candidates[0].sitting_id) is None


async def test_marks_make_a_new_run_and_exact_points(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    marker = await client_as(made.marker)
    points = full_marks(made.paper)
    line = next(iter(points))
    given_points = {**points, line: 1}
    assert (await mark(marker, made, 0, given_points))["status"] == 201
    assert await drain() == 1
    first, second = await results_of(world, made)
    assert (first.run, first.complete, second.run, second.complete) == (1, False, 2, True)
    (question,) = made.paper.by_slot[str(essay_slot(made.paper))].item.questions
    lost = (Fraction(points[line]) - 1) / question.points * 16
    assert Fraction(second.score_numerator, second.score_denominator) == 100 - lost
    assert second.passed


@pytest.mark.parametrize(
    "change",
    [{"r1": "99"}, {"r1": "-1"}, {"r1": "viel"}, {"r1": "1e3"}, {"zz": "1"}, {"r1": ""}, {"r1": "1/3"}],
)
async def test_mark_that_does_not_fit_the_rubric_names_its_line(
    world: World, client_as: ClientAs, drain: Drain, change: dict[str, str]
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    marker = await client_as(made.marker)
    refused = await mark(marker, made, 0, {**full_marks(made.paper), **change})
    assert refused["status"] == 422
    assert refused["type"] == "/problems/mark-unfit"
    assert refused["errors"][0]["pointer"] == f"/points/{next(iter(change))}"  # type: ignore[index]
    missing = await mark(marker, made, 0, {"r1": "1"})
    assert missing["status"] == 422


async def test_mark_between_the_levels_of_its_line_is_refused_with_line_and_levels(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    marker = await client_as(made.marker)
    (question,) = made.paper.by_slot[str(essay_slot(made.paper))].item.questions
    line = question.rubric[0]
    offered = sorted(int(one.points) for one in line.levels)
    refused = await mark(marker, made, 0, {**full_marks(made.paper), line.id: "1/3"})
    assert refused["status"] == 422
    assert (refused["facts"]["line"], refused["facts"]["levels"]) == (line.id, offered)  # type: ignore[index]
    assert line.criterion.zh in str(refused["detail"])
    assert "、".join(map(str, offered)) in str(refused["detail"])
    assert (await mark(marker, made, 0, {**full_marks(made.paper), line.id: offered[1]}))["status"] == 201


@pytest.mark.parametrize("points", [2.5, True, None, [1]])
async def test_points_that_are_not_exact_get_one_error_at_their_line(
    world: World, client_as: ClientAs, drain: Drain, points: object
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    refused = await mark(await client_as(made.marker), made, 0, {**full_marks(made.paper), "r1": points})
    assert refused["status"] == 422
    (error,) = refused["errors"]  # type: ignore[misc]
    assert error["pointer"] == "/points/r1"
    assert "整数" in error["detail"]


async def test_stale_round_says_who_marked_and_which_round_comes_next(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    marker = await client_as(made.marker)
    points = full_marks(made.paper)
    early = await mark(marker, made, 0, points, round=3)
    assert (early["type"], early["facts"]["next_round"]) == ("/problems/mark-round-not-next", 1)  # type: ignore[index]
    assert (await mark(marker, made, 0, points))["status"] == 201
    own = await mark(marker, made, 0, points)
    assert (own["status"], own["type"]) == (409, "/problems/marked-already")
    assert own["facts"] == {"round": 1, "next_round": 2}
    assert "本人" in str(own["detail"])
    assert "另一位" not in str(own["detail"])
    assert (await mark(marker, made, 0, points, round=2))["status"] == 201


async def test_second_marker_does_not_overwrite_unseen(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    async with world() as db:
        other = await given_accounts.staff(db, "marker", made.home.id, "冯阅卷")
    first, second = await client_as(made.marker), await client_as(other)
    points = full_marks(made.paper)
    assert (await mark(first, made, 0, points))["status"] == 201
    refused = await mark(second, made, 0, dict.fromkeys(points, "0"))
    assert (refused["type"], refused["facts"]) == ("/problems/marked-meanwhile", {"round": 1, "next_round": 2})
    assert "另一位" in str(refused["detail"])
    assert (await mark(second, made, 0, dict.fromkeys(points, "0"), round=2))["status"] == 201
    async with world() as db:
        rounds = await db.scalars(select(Mark).order_by(col(Mark.round)))
        assert next(iter(rounds)).points == {name: int(value) for name, value in points.items()}


async def test_markers_see_no_names_and_each_look_is_journaled(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=2)
    marker = await client_as(made.marker)
    place = str(essay_slot(made.paper))
    sitting = made.candidates[0].sitting_id
    pages = [
        await marker.get("/marking"),
        await marker.get(f"/marking/{made.exam.id}/{place}"),
        await marker.get(f"/marking/sittings/{sitting}/{place}"),
    ]
    for page in pages:
        assert page.status_code == 200
        for one in made.candidates:
            assert one.person.name not in page.text
            assert str(one.person.id) not in page.text
    assert "取得停机记录" in pages[-1].text
    async with world() as db:
        looks = await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "answer.read"))
        assert [(one.subject_id, one.account_id) for one in looks] == [(sitting, made.marker.account_id)]


async def test_marker_page_saves_and_leads_to_the_next_answer(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=2)
    marker = await client_as(made.marker)
    place = str(essay_slot(made.paper))
    scripts = (await marker.get(f"/api/exams/{made.exam.id}/scripts/{place}")).json()
    assert [one["script"] for one in scripts] == [1, 2]
    fields = {f"points.{name}": value for name, value in full_marks(made.paper).items()}
    wrong = await marker.post(
        f"/marking/sittings/{scripts[0]['sitting_id']}/{place}", data={**fields, "round": "1", "points.r1": "77"}
    )
    assert wrong.status_code == 422
    assert 'value="77"' in wrong.text
    done = await marker.post(f"/marking/sittings/{scripts[0]['sitting_id']}/{place}", data={**fields, "round": "1"})
    assert done.headers["location"] == f"/marking/sittings/{scripts[1]['sitting_id']}/{place}"
    last = await marker.post(f"/marking/sittings/{scripts[1]['sitting_id']}/{place}", data={**fields, "round": "1"})
    assert last.headers["location"] == f"/marking/{made.exam.id}/{place}"


async def test_nothing_is_marked_where_nothing_was_written(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=1, essays=False)
    marker = await client_as(made.marker)
    assert (await marker.get("/api/marking")).json() == []
    assert (await mark(marker, made, 0, full_marks(made.paper)))["type"] == "/problems/mark-not-wanted"
    (result,) = await results_of(world, made)
    assert result.complete


async def test_markers_of_another_base_find_nothing(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=1)
    async with world() as db:
        elsewhere = await given_accounts.organisation(db, "别的基地")
        stranger = await given_accounts.staff(db, "marker", elsewhere.id)
    browser = await client_as(stranger)
    assert (await mark(browser, made, 0, full_marks(made.paper)))["status"] == 404
    assert (await browser.get(f"/api/exams/{made.exam.id}/scripts/20")).status_code == 404


async def settled(world: World, client_as: ClientAs, drain: Drain, people: int = 2) -> ExamWorld:
    """An exam whose results are ready to be released."""
    made = await handed_in(world, client_as, drain, people=people)
    marker = await client_as(made.marker)
    for number in range(people):
        await mark(marker, made, number, full_marks(made.paper))
    await drain()
    return made


async def test_results_are_released_by_two_people_and_announced(
    world: World, client_as: ClientAs, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await settled(world, client_as, drain)
    heard: list[ResultSettled] = []

    async def listen(db: object, event: ResultSettled) -> None:
        heard.append(event)

    listener = announcing.Listener("test.listen", ResultSettled, listen, own_transactions=False)
    monkeypatch.setitem(announcing.listeners, "test.listen", listener)
    office, director = await client_as(made.scheduler), await client_as(made.director)
    nothing = await director.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert nothing.json()["type"] == "/problems/nothing-proposed"
    proposed = await office.post(f"/api/exams/{made.exam.id}/release")
    assert (proposed.status_code, proposed.json()["results"]) == (201, 2)
    itself = await office.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert itself.status_code == 403
    candidate = await client_as(made.candidates[0].actor)
    address = f"/my/sittings/{made.candidates[0].sitting_id}/result"
    assert (await candidate.get(address)).status_code == 404
    released = await director.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert released.json() == {"released": 2}
    await drain()
    assert {one.enrolment_id for one in heard} == {one.enrolment.id for one in made.candidates}
    page = await candidate.get(address)
    assert page.status_code == 200
    assert "合格" in page.text
    async with world() as db:
        stands = await released_result(db, made.candidates[0].enrolment.id)
        assert stands is not None
        assert (stands.score, stands.full_marks, stands.passed) == (Fraction(100), 100, True)
        assert stands.marker_account_ids == {made.marker.account_id}
        assert sum(Fraction(one["earned"]) for one in stands.by_module.values()) == 100
        assert len(list(await db.scalars(select(ResultRelease)))) == 2
    again = await office.post(f"/api/exams/{made.exam.id}/release")
    assert again.json()["type"] == "/problems/state-conflict"
    late = await mark(await client_as(made.marker), made, 0, dict.fromkeys(full_marks(made.paper), "0"), round=2)
    assert late["type"] == "/problems/marking-over"


async def test_proposer_at_another_post_is_still_the_same_person(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await settled(world, client_as, drain, people=1)
    office = await client_as(made.scheduler)
    await office.post(f"/api/exams/{made.exam.id}/release")
    both = await client_as(replace(made.director, account_id=made.scheduler.account_id, post_id=made.scheduler.post_id))
    answer = await both.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert answer.status_code == 403


async def test_marks_after_the_proposal_void_it(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await settled(world, client_as, drain, people=1)
    office, director = await client_as(made.scheduler), await client_as(made.director)
    await office.post(f"/api/exams/{made.exam.id}/release")
    await mark(await client_as(made.marker), made, 0, dict.fromkeys(full_marks(made.paper), "0"), round=2)
    await drain()
    answer = await director.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert answer.json()["type"] == "/problems/subject-changed"


async def test_refusal_needs_a_reason_and_leaves_results_unreleased(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    made = await settled(world, client_as, drain, people=1)
    office, director = await client_as(made.scheduler), await client_as(made.director)
    await office.post(f"/exams/{made.exam.id}/release")
    page = await director.get(f"/exams/{made.exam.id}")
    assert "成绩等待发布" in page.text
    assert "共 1 份成绩，1 人合格" in page.text
    assert "100 分 · 合格" in page.text
    assert "100 分" not in (await (await client_as(made.invigilator)).get(f"/exams/{made.exam.id}")).text
    without = await director.post(f"/exams/{made.exam.id}/release/decision", data={"approve": "false"})
    assert without.status_code == 422
    refused = await director.post(
        f"/exams/{made.exam.id}/release/decision", data={"approve": "false", "reason": "先复核第 20 题"}
    )
    assert refused.status_code == 303
    async with world() as db:
        assert await released_result(db, made.candidates[0].enrolment.id) is None
    assert (await office.post(f"/api/exams/{made.exam.id}/release")).status_code == 201


async def test_results_wait_for_every_sitting_and_every_mark(world: World, client_as: ClientAs, drain: Drain) -> None:
    made, browser = await begun(world, client_as, people=2)
    office = await client_as(made.scheduler)
    refused = await office.post(f"/api/exams/{made.exam.id}/release")
    assert refused.json()["type"] == "/problems/results-incomplete"
    assert refused.json()["facts"] == {"running": 2, "unscored": 0, "unmarked": 0}
    await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/submit")
    refused = await office.post(f"/api/exams/{made.exam.id}/release")
    assert refused.json()["facts"] == {"running": 1, "unscored": 1, "unmarked": 0}
    page = await office.post(f"/exams/{made.exam.id}/release")
    assert page.status_code == 422
    assert "成绩还不能发布" in page.text


async def test_markers_api_gives_texts_and_rubric_and_no_name(world: World, client_as: ClientAs, drain: Drain) -> None:
    made = await handed_in(world, client_as, drain, people=2)
    marker = await client_as(made.marker)
    place = str(essay_slot(made.paper))
    queue = await marker.get("/api/marking")
    (row,) = queue.json()
    assert [line["id"] for line in row["rubric"]] == list(full_marks(made.paper))
    assert (row["points"], row["answers"], row["marked"]) == ("16", 2, 0)
    listed = await marker.get(f"/api/exams/{made.exam.id}/scripts/{place}")
    texts = listed.json()
    assert [(one["script"], one["next_round"]) for one in texts] == [(1, 1), (2, 1)]
    written = given.right_answers(made.paper)[int(place)]
    assert {one["text"] for one in texts} == {written}
    address = f"/api/sittings/{texts[0]['sitting_id']}/scripts/{place}"
    one = await marker.get(address)
    assert (one.json()["text"], one.json()["points"]) == (written, None)
    for answer in (queue, listed, one):
        assert not any(candidate.person.name in answer.text for candidate in made.candidates)
        assert "person_id" not in answer.text
    number = next(n for n, c in enumerate(made.candidates) if str(c.sitting_id) == texts[0]["sitting_id"])
    await mark(marker, made, number, full_marks(made.paper))
    seen = (await marker.get(address)).json()
    assert (seen["next_round"], seen["own"], set(seen["points"])) == (2, True, set(full_marks(made.paper)))
    async with world() as db:
        looks = await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "answer.read"))
        assert {look.subject_id for look in looks} == {one.sitting_id for one in made.candidates}
        elsewhere = await given_accounts.organisation(db, "别处")
        stranger = await given_accounts.staff(db, "marker", elsewhere.id)
    assert (await (await client_as(stranger)).get(address)).status_code == 404
    assert (await marker.get(f"/api/sittings/{texts[0]['sitting_id']}/scripts/1")).status_code == 404
