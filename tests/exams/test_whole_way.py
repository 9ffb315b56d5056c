"""One exam from freezing to the released result, through the doors people use."""

from collections.abc import Awaitable, Callable

from tests.conftest import ClientAs, World
from tests.given import exams as given

Drain = Callable[[], Awaitable[int]]


async def test_exam_runs_from_freezing_to_released_result(world: World, client_as: ClientAs, drain: Drain) -> None:
    async with world() as db:
        made = await given.planned_exam(db, people=2)
    office = await client_as(made.scheduler)
    answer = await office.post(f"/api/exams/{made.exam.id}/freeze")
    assert answer.status_code == 200, answer.text
    assert answer.json()["sittings"] == 2
    assert answer.json()["questions"] == 20
    assert (await office.post(f"/api/exams/{made.exam.id}/freeze")).status_code == 409
    async with world() as db:
        await given.attach(db, made)
    answers = given.right_answers(made.paper)

    for number, one in enumerate(made.candidates):
        browser = await client_as(one.actor)
        mine = (await browser.get("/api/my/sittings")).json()
        assert [row["state"] for row in mine] == ["ready"]
        started = await browser.post(f"/api/sittings/{one.sitting_id}/start")
        assert started.status_code == 200, started.text
        assert len(started.json()["paper"]) == 20
        assert 5395 <= started.json()["seconds_left"] <= 5400
        for slot, response in answers.items():
            if number == 1 and slot > 5:
                continue
            saved = await browser.put(
                f"/api/sittings/{one.sitting_id}/answers/{slot}", json={"revision": 1, "response": response}
            )
            assert saved.status_code == 200, saved.text
            assert saved.json()["outcome"] == "saved"
        handed_in = await browser.post(f"/api/sittings/{one.sitting_id}/submit")
        assert handed_in.status_code == 200, handed_in.text
        assert handed_in.json()["state"] == "submitted"
        assert (await browser.post(f"/api/sittings/{one.sitting_id}/submit")).json() == handed_in.json()
        assert (await browser.get(f"/api/sittings/{one.sitting_id}/result")).status_code == 404
    assert await drain() == 2

    early = await office.post(f"/api/exams/{made.exam.id}/release")
    assert early.status_code == 409
    assert early.json()["facts"]["unmarked"] == 1
    marker = await client_as(made.marker)
    (waiting,) = (await marker.get("/api/marking")).json()
    assert waiting["answers"] == 1
    (script,) = (await marker.get(f"/api/exams/{made.exam.id}/scripts/{waiting['place']}")).json()
    rubric = next(slot for slot in made.paper.slots if slot.slot == waiting["place"]).item.questions[0].rubric
    marked = await marker.post(
        f"/api/sittings/{script['sitting_id']}/marks/{waiting['place']}",
        json={"points": {line.id: str(line.points) for line in rubric}, "round": 1},
    )
    assert marked.status_code == 201, marked.text
    assert await drain() == 1

    proposed = await office.post(f"/api/exams/{made.exam.id}/release")
    assert proposed.status_code == 201, proposed.text
    director = await client_as(made.director)
    decided = await director.post(f"/api/exams/{made.exam.id}/release/decision", json={"approve": True})
    assert decided.status_code == 200, decided.text
    assert decided.json() == {"released": 2}

    first, second = [await client_as(one.actor) for one in made.candidates]
    result = (await first.get(f"/api/sittings/{made.candidates[0].sitting_id}/result")).json()
    assert (result["earned"], result["points"], result["passed"]) == ("100", "100", True)
    assert set(result["by_module"]) <= {"public_knowledge", "policy_and_law", "practical_skills", "capability"}
    other = (await second.get(f"/api/sittings/{made.candidates[1].sitting_id}/result")).json()
    assert other["passed"] is False
    assert (await first.get(f"/api/sittings/{made.candidates[1].sitting_id}/result")).status_code == 404
