"""Starting, handing in, running out of time, more time: one row, guarded transitions, the database's clock."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from service.enrolments.tables import EnrolmentState
from service.exams.actions.sitting import close_exams, close_expired
from service.exams.jobs import look_for_expired
from service.exams.rules import receipt_of, unreadable_places
from service.exams.tables import ExamSession, ExamState, Sitting, SittingState, TimeAdjustment
from service.foundation.journal import JournalEntry
from tests.conftest import ClientAs, World
from tests.exams.test_saving import begun, run_out, save
from tests.exams.test_whole_way import Drain
from tests.given import exams as given


async def sitting_row(world: World, sitting_id: object) -> Sitting:
    """A sitting as it is stored."""
    async with world() as db:
        found = await db.scalars(select(Sitting).where(col(Sitting.id) == sitting_id))
        return found.one()


async def test_deadline_is_stored_at_the_first_start_and_stays(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    first = (await sitting_row(world, made.candidates[0].sitting_id)).deadline_at
    again = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/start")
    assert again.status_code == 200
    stored = await sitting_row(world, made.candidates[0].sitting_id)
    assert stored.deadline_at == first
    assert stored.deadline_at - stored.opened_at == timedelta(minutes=90)


async def test_who_starts_late_ends_when_the_exam_closes(world: World, client_as: ClientAs) -> None:
    made, _ = await begun(world, client_as, opens_in=-180, closes_in=30)
    stored = await sitting_row(world, made.candidates[0].sitting_id)
    assert stored.deadline_at == made.exam.closes_at


@pytest.mark.parametrize(("opens", "closes", "slug"), [(5, 60, "not-open-yet"), (-120, -5, "window-over")])
async def test_outside_the_window_nobody_starts(
    world: World, client_as: ClientAs, opens: int, closes: int, slug: str
) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=1, opens_in=opens, closes_in=closes, minutes=30)
    browser = await client_as(made.candidates[0].actor)
    answer = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/start")
    assert answer.status_code == 409
    assert answer.json()["type"] == f"/problems/{slug}"
    page = await browser.get(f"/my/sittings/{made.candidates[0].sitting_id}")
    assert page.status_code == 200
    assert "开始考试</button>" not in page.text
    assert (await sitting_row(world, made.candidates[0].sitting_id)).state == SittingState.READY


async def test_who_withdrew_does_not_start(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=1)
        await db.execute(
            sa.text("UPDATE enrolment SET state = :state, ended_at = now() WHERE id = :id"),
            {"id": made.candidates[0].enrolment.id, "state": EnrolmentState.WITHDRAWN.value},
        )
    browser = await client_as(made.candidates[0].actor)
    answer = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/start")
    assert answer.json()["type"] == "/problems/not-enrolled-any-more"


async def test_receipt_covers_exactly_the_final_answers(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await save(browser, sitting, 1, 1, "A")
    await save(browser, sitting, 1, 2, "B")
    await save(browser, sitting, 2, 1, "C")
    await save(browser, sitting, 2, 2, None)
    receipt = (await browser.post(f"/api/sittings/{sitting}/submit")).json()
    assert receipt["receipt"] == receipt_of(sitting, {1: "B"})
    assert receipt["answered"] == 1
    assert (await browser.get(f"/api/sittings/{sitting}/receipt")).json() == receipt
    assert receipt["receipt"] in (await browser.get(f"/my/sittings/{sitting}")).text


async def test_nothing_is_handed_in_before_the_start(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=1)
    browser = await client_as(made.candidates[0].actor)
    answer = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/submit")
    assert answer.json()["type"] == "/problems/sitting-not-started"
    assert (await browser.post(f"/api/sittings/{uuid4()}/submit")).status_code == 404
    assert (await browser.post(f"/api/sittings/{uuid4()}/start")).status_code == 404


async def test_expired_sittings_are_closed_and_scored_by_jobs(world: World, client_as: ClientAs, drain: Drain) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await save(browser, sitting, 1, 1, "A")
    async with world() as db:
        await look_for_expired(db)
    assert await drain() == 0, "nothing is due yet"
    await run_out(world, made)
    async with world() as db:
        await look_for_expired(db)
    assert await drain() == 2, "one job closes, one scores"
    stored = await sitting_row(world, sitting)
    assert (stored.state, stored.submitted_at) == (SittingState.EXPIRED, stored.deadline_at)
    assert stored.receipt == receipt_of(sitting, {1: "A"})
    async with world() as db:
        assert await close_expired(db) == 0


async def test_page_closes_a_sitting_whose_time_is_over_before_any_job(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await run_out(world, made)
    page = await browser.get(f"/my/sittings/{sitting}")
    assert page.status_code == 200
    assert "data-exam-closed" in page.text
    assert (await sitting_row(world, sitting)).state == SittingState.EXPIRED
    answer = await browser.post(f"/api/sittings/{sitting}/submit")
    assert answer.json()["state"] == "expired", "handing in afterwards gives the receipt of the end"


async def test_after_the_window_who_never_came_is_absent_and_the_exam_closes(world: World) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=2, opens_in=-200, closes_in=-5)
        await close_exams(db)
    async with world() as db:
        exam = (await db.scalars(select(ExamSession).where(col(ExamSession.id) == made.exam.id))).one()
        states = await db.scalars(select(Sitting).where(col(Sitting.exam_session_id) == made.exam.id))
        assert exam.state == ExamState.CLOSED
        assert {one.state for one in states} == {SittingState.ABSENT}


async def test_more_time_moves_the_deadline_with_its_reason_kept(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    before = await sitting_row(world, sitting)
    hall = await client_as(made.invigilator)
    given_time = {"minutes": 20, "reason": "10:05 至 10:25 停电"}
    answer = await hall.post(f"/api/sittings/{sitting}/time", json=given_time)
    assert answer.status_code == 201, answer.text
    after = await sitting_row(world, sitting)
    assert after.deadline_at - before.deadline_at == timedelta(minutes=20)
    async with world() as db:
        row = (await db.scalars(select(TimeAdjustment).where(col(TimeAdjustment.sitting_id) == sitting))).one()
        assert (row.minutes, row.reason, row.account_id) == (20, given_time["reason"], made.invigilator.account_id)
        entry = await db.scalars(
            select(JournalEntry).where(
                col(JournalEntry.subject_id) == sitting, col(JournalEntry.action) == "sitting.time_given"
            )
        )
        assert entry.one().details == {"minutes": 20}
    assert (await browser.get(f"/api/sittings/{sitting}/clock")).json()["seconds_left"] > 6000


async def test_closing_time_cuts_more_time_unless_the_window_moves_too(world: World, client_as: ClientAs) -> None:
    made, _ = await begun(world, client_as, closes_in=95)
    sitting = made.candidates[0].sitting_id
    hall = await client_as(made.invigilator)
    await hall.post(f"/api/sittings/{sitting}/time", json={"minutes": 30, "reason": "停电"})
    assert (await sitting_row(world, sitting)).deadline_at == made.exam.closes_at
    moved = {"minutes": 10, "reason": "停电", "moves_window": True}
    await hall.post(f"/api/sittings/{sitting}/time", json=moved)
    assert (await sitting_row(world, sitting)).deadline_at == made.exam.closes_at + timedelta(minutes=10)


@pytest.mark.parametrize(
    "body", [{"minutes": 0, "reason": "停电"}, {"minutes": 5, "reason": ""}, {"minutes": 500, "reason": "停电"}]
)
async def test_more_time_needs_minutes_and_a_reason(world: World, client_as: ClientAs, body: dict[str, object]) -> None:
    made, _ = await begun(world, client_as)
    hall = await client_as(made.invigilator)
    assert (await hall.post(f"/api/sittings/{made.candidates[0].sitting_id}/time", json=body)).status_code == 422


async def test_sitting_that_is_over_gets_no_more_time(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    hall = await client_as(made.invigilator)
    await run_out(world, made)
    answer = await hall.post(f"/api/sittings/{sitting}/time", json={"minutes": 5, "reason": "停电"})
    assert answer.json()["type"] == "/problems/sitting-over"
    await browser.post(f"/api/sittings/{sitting}/submit")
    answer = await hall.post(f"/api/sittings/{sitting}/time", json={"minutes": 5, "reason": "停电"})
    assert answer.status_code == 409


async def test_closed_sitting_and_frozen_form_never_change_in_the_database(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    await browser.post(f"/api/sittings/{sitting}/submit")
    statements = [
        ("UPDATE sitting SET state = 'open' WHERE id = :id", sitting),
        ("UPDATE sitting SET receipt = 'x' WHERE id = :id", sitting),
        ("UPDATE sitting SET seed = 1 WHERE id = :id", made.candidates[1].sitting_id),
        ("UPDATE sitting SET state = 'submitted' WHERE id = :id", made.candidates[1].sitting_id),
        ("DELETE FROM sitting WHERE id = :id", made.candidates[1].sitting_id),
    ]
    for statement, row in statements:
        async with world() as db:
            nested = await db.begin_nested()
            with pytest.raises(sa.exc.DBAPIError):
                await db.execute(sa.text(statement), {"id": row})
            await nested.rollback()


async def test_form_posts_do_all_that_scripts_do(world: World, client_as: ClientAs) -> None:
    """Without JavaScript: save and next, a newer answer elsewhere is kept, hand in."""
    made, browser = await begun(world, client_as)
    sitting = made.candidates[0].sitting_id
    address = f"/my/sittings/{sitting}/answers"
    paper = (await browser.get(f"/api/sittings/{sitting}")).json()["paper"]
    single = next(one for one in paper if one["kind"] == "single")
    multiple = next(one for one in paper if one["kind"] == "multiple")
    case = next(one for one in paper if one["kind"] == "case")
    part = next(one for one in case["questions"] if one["kind"] == "single")
    sent = {
        f"revision-{single['slot']}": "0",
        f"a-{single['slot']}": "B",
        f"revision-{multiple['slot']}": "0",
        f"a-{multiple['slot']}": ["A", "C"],
        f"revision-{case['slot']}": "0",
        f"a-{case['slot']}-{part['id']}": "A",
        f"flag-{case['slot']}": "yes",
        "go": "2",
    }
    answer = await browser.post(address, data=sent)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/my/sittings/{sitting}?question=2"
    saved = {one["slot"]: one for one in (await browser.get(f"/api/sittings/{sitting}")).json()["answers"]}
    assert saved[int(single["slot"])]["response"] == "B"
    assert saved[int(multiple["slot"])]["response"] == ["A", "C"]
    assert saved[int(case["slot"])]["response"] == {part["id"]: "A"}
    assert saved[int(case["slot"])]["flagged"] is True
    await save(browser, sitting, int(single["slot"]), 2, "C")
    behind = {f"revision-{single['slot']}": "1", f"a-{single['slot']}": "D", "go": "check"}
    behind_answer = await browser.post(address, data=behind)
    assert behind_answer.headers["location"].endswith("/check")
    check = await browser.get(f"/my/sittings/{sitting}/check")
    assert "还有 17 题没有作答" in check.text
    assert "另一台设备" in check.text
    handed_in = await browser.post(f"/my/sittings/{sitting}/submit", data={})
    assert handed_in.status_code == 303
    assert "data-exam-closed" in (await browser.get(f"/my/sittings/{sitting}")).text


STRAY = {"single": "ZZ", "multiple": "A", "true_false": "maybe", "numeric": "12abc"}


async def test_what_cannot_be_an_answer_is_saved_and_the_candidate_is_told(world: World, client_as: ClientAs) -> None:
    made, browser = await begun(world, client_as, people=1)
    sitting = made.candidates[0].sitting_id
    first = {kind: next(int(one.slot) for one in made.paper.slots if one.item.kind == kind) for kind in STRAY}
    for kind, slot in first.items():
        saved = await save(browser, sitting, slot, 1, STRAY[kind])
        assert (saved.status_code, saved.json()["response"]) == (200, STRAY[kind])
    read = (await browser.get(f"/api/sittings/{sitting}")).json()
    assert {one["slot"]: one["unreadable"] for one in read["answers"]} == {slot: [str(slot)] for slot in first.values()}
    numbers = {int(one["slot"]): one["number"] for one in read["paper"]}
    check = (await browser.get(f"/my/sittings/{sitting}/check")).text
    assert "请再看一看这些作答" in check
    assert "这不是数字，按现在的写法不能得分" in check
    for slot in first.values():
        assert f"第 {numbers[slot]} 题</a>" in check
    page = (await browser.get(f"/my/sittings/{sitting}")).text
    shown = [line for line in page.splitlines() if "data-unreadable" in line and " hidden" not in line]
    assert len(shown) == len(first)
    right = given.right_answers(made.paper)
    for slot in first.values():
        await save(browser, sitting, slot, 2, right[slot])
    assert "请再看一看" not in (await browser.get(f"/my/sittings/{sitting}/check")).text
    assert (await browser.post(f"/api/sittings/{sitting}/submit")).status_code == 200
    closed = (await browser.get(f"/api/sittings/{sitting}")).json()["answers"]
    assert {one["unreadable"] for one in closed} == {None}


CASE = {
    "slot": "7",
    "kind": "case",
    "questions": [
        {"id": "a", "kind": "single", "options": [{"id": "A"}, {"id": "B"}]},
        {"id": "b", "kind": "numeric", "unit": "万元"},
        {"id": "c", "kind": "essay"},
    ],
}


@pytest.mark.parametrize(
    ("response", "places"),
    [
        (None, []),
        ({"a": "A", "b": "12 万元", "c": "作答"}, []),
        ({"a": "", "b": None, "c": []}, []),
        ({"a": "C", "b": "十二", "c": True}, ["7.a", "7.b", "7.c"]),
        ({"a": "A", "z": "A"}, ["7.z"]),
        ("A", ["7.a", "7.b", "7.c"]),
    ],
)
def test_parts_of_a_case_that_cannot_be_answers_are_named(response: object, places: list[str]) -> None:
    assert unreadable_places(CASE, response) == places
