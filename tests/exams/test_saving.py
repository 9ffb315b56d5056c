"""Saving answers: one statement that checks everything, and what it says of every kind of save."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from httpx import AsyncClient, Response
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from service.exams.actions import saving
from service.exams.actions.saving import AnswerPool, SavePool, save_answer
from service.exams.tables import Answer, AnswerTrail
from service.foundation.errors import TemporarilyUnavailable
from tests.conftest import ClientAs, World
from tests.given import exams as given
from tests.given.exams import ExamWorld, OneConnection


async def begun(world: World, client_as: ClientAs, **times: int) -> tuple[ExamWorld, AsyncClient]:
    """A frozen exam and the browser of its first candidate, who has started."""
    async with world() as db:
        made = await given.frozen_exam(db, **times)
    browser = await client_as(made.candidates[0].actor)
    started = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/start")
    assert started.status_code == 200, started.text
    return made, browser


async def save(browser: AsyncClient, sitting: object, slot: int, revision: int, response: object) -> Response:
    """One save."""
    return await browser.put(
        f"/api/sittings/{sitting}/answers/{slot}", json={"revision": revision, "response": response}
    )


async def run_out(world: World, made: ExamWorld) -> None:
    """The first candidate's time runs out."""
    async with world() as db:
        await db.execute(
            sa.text("UPDATE sitting SET deadline_at = clock_timestamp() - interval '1 second' WHERE id = :id"),
            {"id": made.candidates[0].sitting_id},
        )


async def kept(world: World, made: ExamWorld) -> tuple[list[Answer], list[AnswerTrail]]:
    """Answers and trail of the first candidate."""
    sitting = made.candidates[0].sitting_id
    async with world() as db:
        answers = await db.scalars(select(Answer).where(col(Answer.sitting_id) == sitting))
        trail = await db.scalars(
            select(AnswerTrail).where(col(AnswerTrail.sitting_id) == sitting).order_by(col(AnswerTrail.id))
        )
        return list(answers), list(trail)


async def test_each_change_is_saved_with_the_servers_time_and_the_seconds_left(
    world: World, client_as: ClientAs
) -> None:
    made, browser = await begun(world, client_as)
    answer = await save(browser, made.candidates[0].sitting_id, 3, 1, "A")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["outcome"], said["revision"], said["response"]) == ("saved", 1, "A")
    assert 5390 < said["seconds_left"] <= 5400
    assert said["saved_at"].endswith(("Z", "+00:00"))
    assert (await save(browser, made.candidates[0].sitting_id, 3, 2, "B")).json()["revision"] == 2
    answers, trail = await kept(world, made)
    assert [(one.slot, one.revision, one.response) for one in answers] == [(3, 2, "B")]
    assert [(one.revision, one.response, one.late) for one in trail] == [(1, "A", False), (2, "B", False)]


async def test_older_revision_never_overwrites_and_is_told_what_stands(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await save(browser, sitting, 1, 5, "B")
    for revision, response in ((4, "A"), (5, "C"), (1, None)):
        answer = await save(browser, sitting, 1, revision, response)
        assert answer.status_code == 409
        said = answer.json()
        assert said["type"] == "/problems/answer-stale"
        assert (said["outcome"], said["revision"], said["response"]) == ("stale", 5, "B")
    answers, trail = await kept(world, made)
    assert (answers[0].revision, answers[0].response, len(trail)) == (5, "B", 1)


async def test_repeated_save_is_the_same_save(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    first = await save(browser, sitting, 2, 1, ["A", "C"])
    again = await save(browser, sitting, 2, 1, ["A", "C"])
    assert again.status_code == 200
    assert again.json()["saved_at"] == first.json()["saved_at"]
    assert len((await kept(world, made))[1]) == 1


async def test_two_devices_end_with_the_newer_answer_on_both(world: World, client_as: ClientAs) -> None:
    made, desk = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    phone = await client_as(made.candidates[0].actor)
    await save(desk, sitting, 1, 1, "A")
    seen = (await phone.get(f"/api/sittings/{sitting}")).json()["answers"]
    assert [(one["slot"], one["revision"], one["response"]) for one in seen] == [(1, 1, "A")]
    assert (await save(phone, sitting, 1, 2, "B")).status_code == 200
    behind = await save(desk, sitting, 1, 2, "C")
    assert behind.status_code == 409
    assert behind.json()["response"] == "B"
    assert (await save(desk, sitting, 1, 3, "C")).status_code == 200
    seen = (await phone.get(f"/api/sittings/{sitting}")).json()["answers"]
    assert seen[0]["response"] == "C"


async def test_late_answer_is_kept_and_never_counts(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await save(browser, sitting, 1, 1, "A")
    await run_out(world, made)
    late = await save(browser, sitting, 1, 2, "B")
    assert late.status_code == 202
    assert (late.json()["outcome"], late.json()["response"], late.json()["seconds_left"]) == ("late", "A", 0)
    await save(browser, sitting, 1, 2, "B")
    answers, trail = await kept(world, made)
    assert [(one.revision, one.response) for one in answers] == [(1, "A")]
    assert [(one.revision, one.response, one.late) for one in trail] == [(1, "A", False), (2, "B", True)]


async def test_after_handing_in_a_second_browser_cannot_go_on(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    other = await client_as(made.candidates[0].actor)
    await save(browser, sitting, 1, 1, "A")
    assert (await browser.post(f"/api/sittings/{sitting}/submit")).status_code == 200
    closed = await save(other, sitting, 1, 2, "B")
    assert closed.status_code == 409
    assert (closed.json()["type"], closed.json()["outcome"]) == ("/problems/paper-handed-in", "closed")
    answers, trail = await kept(world, made)
    assert [one.response for one in answers] == ["A"]
    assert [one.late for one in trail] == [False, True]


async def test_nobody_saves_into_anothers_sitting(world: World, client_as: ClientAs) -> None:
    made, _ = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    for stranger in (made.candidates[1].actor, made.scheduler, made.invigilator):
        answer = await save(await client_as(stranger), sitting, 1, 1, "A")
        assert answer.status_code == 404, answer.text
    assert await kept(world, made) == ([], [])


async def test_unknown_sitting_slot_and_unstarted_sitting_look_alike(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    unstarted = await client_as(made.candidates[1].actor)
    answers = [
        await save(browser, uuid4(), 1, 1, "A"),
        await save(browser, made.candidates[0].sitting_id, 21, 1, "A"),
        await save(browser, made.candidates[0].sitting_id, 0, 1, "A"),
        await save(unstarted, made.candidates[1].sitting_id, 1, 1, "A"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_forged_token_missing_cookie_and_missing_form_token_are_refused(
    world: World, client_as: ClientAs
) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    nobody = await client_as(None)
    assert (await save(nobody, sitting, 1, 1, "A")).status_code == 401
    forged = await client_as(None)
    forged.cookies.set("tmc", "x" * 43)
    assert (await save(forged, sitting, 1, 1, "A")).status_code == 403
    forged.headers["x-csrf-token"] = browser.headers["x-csrf-token"]
    assert (await save(forged, sitting, 1, 1, "A")).status_code == 403
    good = browser.headers.pop("x-csrf-token")
    assert (await save(browser, sitting, 1, 1, "A")).status_code == 403
    browser.headers["x-csrf-token"] = good
    crossed = await browser.put(
        f"/api/sittings/{sitting}/answers/1",
        json={"revision": 1, "response": "A"},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert crossed.status_code == 403
    assert (await save(browser, sitting, 1, 1, "A")).status_code == 200
    assert len((await kept(world, made))[1]) == 1


async def test_signed_out_device_saves_no_more(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    token, sitting = browser.cookies["tmc"], made.candidates[0].sitting_id
    assert (await browser.post("/api/sign-out")).status_code == 204
    browser.cookies.set("tmc", token)
    answer = await save(browser, sitting, 1, 1, "A")
    assert answer.status_code == 401
    assert (await kept(world, made))[1] == []


@pytest.mark.parametrize(
    "body",
    [
        {"revision": 0, "response": "A"},
        {"revision": 2**60, "response": "A"},
        {"revision": 1, "response": 12},
        {"revision": 1, "response": {"a": {"b": "c"}}},
        {"revision": 1, "response": "x" * 20_001},
        {"revision": 1, "response": ["A"] * 27},
        {"revision": 1, "response": "A", "key": "B"},
        {"response": "A"},
    ],
)
async def test_what_is_no_answer_is_refused_by_field(world: World, client_as: ClientAs, body: object) -> None:
    made, browser = await begun(world, client_as)
    answer = await browser.put(f"/api/sittings/{made.candidates[0].sitting_id}/answers/1", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert (await kept(world, made))[1] == []


async def test_text_that_a_database_cannot_keep_is_cleaned_not_lost(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    answer = await save(browser, made.candidates[0].sitting_id, 20, 1, "成\x00果\U00020000𠮷")
    assert answer.status_code == 200
    assert answer.json()["response"] == "成果\U00020000𠮷"


async def test_answers_are_written_by_the_function_alone(
    world: World, client_as: ClientAs, connection: AsyncConnection
) -> None:
    made, _ = await begun(world, client_as)
    for statement in (
        f"INSERT INTO answer (sitting_id, slot, org_id, person_id, revision, flagged) VALUES ('{made.candidates[0].sitting_id}',"
        f" 1, '{made.home.id}', '{made.candidates[0].person.id}', 1, false)",
        "UPDATE answer SET revision = 1",
        "DELETE FROM answer_trail",
    ):
        nested = await connection.begin_nested()
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            await connection.execute(sa.text(statement))
        await nested.rollback()


class Breaking:
    """A connection whose answer gets lost the first `times`, after or before the statement ran."""

    def __init__(self, inner: SavePool, times: int, after: bool) -> None:
        self.inner, self.times, self.after = inner, times, after

    async def fetchval(self, query: str, *arguments: object) -> object:
        """Run, and lose the answer."""
        lost, self.times = self.times > 0, self.times - 1
        if lost and not self.after:
            raise ConnectionResetError
        found = await self.inner.fetchval(query, *arguments)
        if lost:
            raise ConnectionResetError
        return found

    async def close(self) -> None:
        """Nothing to close."""


async def test_lost_answer_of_the_database_is_asked_again_and_saved_once(
    app: Litestar, world: World, client_as: ClientAs, connection: AsyncConnection
) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    for revision, after in ((1, True), (2, False)):
        app.state.save_pool = Breaking(OneConnection(connection), 1, after)
        assert (await save(browser, sitting, 1, revision, "A")).status_code == 200
    app.state.save_pool = Breaking(OneConnection(connection), 2, False)
    away = await save(browser, sitting, 1, 3, "B")
    assert away.status_code == 503
    assert away.headers["retry-after"]
    assert [one.revision for one in (await kept(world, made))[1]] == [1, 2]


async def test_save_without_any_database_says_so(app: Litestar) -> None:
    app.state.save_pool = None
    with pytest.raises(TemporarilyUnavailable):
        saving.pool_in(app.state)
    pool = AnswerPool("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", 1)
    with pytest.raises(TemporarilyUnavailable):
        await save_answer(pool, b"x" * 32, uuid4(), 1, 1, "A")
    await pool.close()


async def test_no_key_reaches_a_candidate_before_during_or_after(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    answers = [await browser.get(f"/api/sittings/{sitting}"), await browser.get(f"/my/sittings/{sitting}")]
    answers += [await browser.get(f"/my/sittings/{sitting}?question={n}") for n in (1, 14, 20)]
    for slot, response in given.right_answers(made.paper).items():
        answers.append(await save(browser, sitting, slot, 1, response))
    answers += [await browser.get(f"/my/sittings/{sitting}/check"), await browser.get("/api/my/sittings")]
    answers.append(await browser.post(f"/api/sittings/{sitting}/submit"))
    answers += [await browser.get(f"/api/sittings/{sitting}"), await browser.get(f"/my/sittings/{sitting}")]
    secrets = {slot.item.rationale.zh for slot in made.paper.slots}
    secrets |= {part.rationale.zh for slot in made.paper.slots for part in slot.item.questions if part.rationale}
    lines = [line for slot in made.paper.slots for part in slot.item.questions for line in part.rubric]
    secrets |= {level.text.zh for line in lines for level in line.levels if len(level.text.zh) > 10}
    secrets |= {slot.item.id for slot in made.paper.slots} | {slot.item.digest() for slot in made.paper.slots}
    assert len(secrets) > 60
    assert all(len(one) > 7 for one in secrets)
    for answer in answers:
        assert answer.status_code == 200, answer.text
        text = answer.text
        assert not [one for one in secrets if one in text]
        assert not re.search(r'"(key|rationale|tolerance|rubric|citations|difficulty|correct)"\s*:', text)
    assert answers[-2].json()["paper"] == [], "after the end the paper is not shown any more"
