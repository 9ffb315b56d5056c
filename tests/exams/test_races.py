"""At once, with real commits: two submissions, saves against the submission, two devices with one revision."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx import AsyncClient
from sqlmodel import col, select

from service.exams.jobs import look_for_expired
from service.exams.rules import receipt_of
from service.exams.tables import Answer, AnswerTrail, Result, Sitting, SittingState
from service.foundation.journal import JournalEntry
from tests.exams.test_saving import save
from tests.given import exams as given
from tests.live import Live

pytestmark = pytest.mark.race


async def stored(live: Live, sitting_id: Any) -> tuple[Sitting, dict[int, Any]]:
    """A sitting and its answers as they were committed."""
    async with live.world() as db:
        sitting = await db.get(Sitting, sitting_id)
        assert sitting is not None
        answers = await db.scalars(select(Answer).where(col(Answer.sitting_id) == sitting_id))
        return sitting, {one.slot: one.response for one in answers}


async def test_two_submissions_at_once_give_one_receipt(live: Live) -> None:
    async with live.world() as db:
        made = await given.frozen_exam(db, people=1)
    one = made.candidates[0]
    async with live.client(one.actor) as desk, live.client(one.actor) as phone:
        await desk.post(f"/api/sittings/{one.sitting_id}/start")
        await save(desk, one.sitting_id, 1, 1, "A")
        answers = await asyncio.gather(
            *(browser.post(f"/api/sittings/{one.sitting_id}/submit") for browser in (desk, phone) * 3)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    await live.drain()
    async with live.world() as db:
        runs = await db.scalars(select(Result).where(col(Result.sitting_id) == one.sitting_id))
        assert [row.run for row in runs] == [1]


async def test_receipt_counts_exactly_the_saves_that_were_acknowledged(live: Live) -> None:
    async with live.world() as db:
        made = await given.frozen_exam(db, people=3)

    async def race(number: int) -> None:
        one = made.candidates[number]
        async with live.client(one.actor) as browser:
            await browser.post(f"/api/sittings/{one.sitting_id}/start")

            async def submit() -> Any:
                await asyncio.sleep(0.02)
                return await browser.post(f"/api/sittings/{one.sitting_id}/submit")

            saves = [save(browser, one.sitting_id, slot, 1, f"{slot}") for slot in range(1, 21)]
            *answers, handed_in = await asyncio.gather(*saves, submit())
        acknowledged = {slot: f"{slot}" for slot, answer in enumerate(answers, start=1) if answer.status_code == 200}
        assert {answer.status_code for answer in answers} <= {200, 409}
        sitting, kept = await stored(live, one.sitting_id)
        assert kept == acknowledged
        assert sitting.receipt == handed_in.json()["receipt"] == receipt_of(sitting.id, acknowledged)

    await asyncio.gather(*(race(number) for number in range(3)))


async def test_one_of_two_devices_with_the_same_revision_is_told_of_the_other(live: Live) -> None:
    async with live.world() as db:
        made = await given.frozen_exam(db, people=1)
    one = made.candidates[0]

    async def hurry(browser: AsyncClient, response: str) -> Any:
        return await save(browser, one.sitting_id, 1, 1, response)

    async with live.client(one.actor) as desk, live.client(one.actor) as phone:
        await desk.post(f"/api/sittings/{one.sitting_id}/start")
        answers = await asyncio.gather(hurry(desk, "A"), hurry(phone, "B"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = next(answer.json()["response"] for answer in answers if answer.status_code == 200)
    assert {answer.json()["response"] for answer in answers} == {winner}
    async with live.world() as db:
        trail = await db.scalars(select(AnswerTrail).where(col(AnswerTrail.sitting_id) == one.sitting_id))
        assert [row.response for row in trail] == [winner]


async def test_two_workers_close_each_expired_sitting_once(live: Live) -> None:
    async with live.world() as db:
        made = await given.frozen_exam(db, people=6)
    for one in made.candidates:
        async with live.client(one.actor) as browser:
            await browser.post(f"/api/sittings/{one.sitting_id}/start")
    async with live.world() as db:
        for one in made.candidates:
            sitting = await db.get(Sitting, one.sitting_id)
            assert sitting is not None
            assert sitting.opened_at is not None
            sitting.deadline_at = sitting.opened_at
    async with live.world() as db:
        await look_for_expired(db)
    async with live.world() as db:
        await look_for_expired(db)
    await asyncio.gather(live.drain(), live.drain())
    await live.drain()
    async with live.world() as db:
        sittings = list(await db.scalars(select(Sitting).where(col(Sitting.exam_session_id) == made.exam.id)))
        results = list(await db.scalars(select(Result).where(col(Result.sitting_id).in_([one.id for one in sittings]))))
    assert {one.state for one in sittings} == {SittingState.EXPIRED}
    assert sorted(row.sitting_id for row in results) == sorted(one.id for one in sittings)


async def test_fifty_equal_submissions_at_once_give_one_submission_and_one_result(live: Live) -> None:
    async with live.world() as db:
        made = await given.frozen_exam(db, people=1)
    one = made.candidates[0]
    async with live.client(one.actor) as browser:
        await browser.post(f"/api/sittings/{one.sitting_id}/start")
        await save(browser, one.sitting_id, 1, 1, "A")
        answers = await asyncio.gather(*(browser.post(f"/api/sittings/{one.sitting_id}/submit") for _ in range(50)))
    assert [answer.status_code for answer in answers] == [200] * 50
    assert len({answer.text for answer in answers}) == 1
    await asyncio.gather(live.drain(), live.drain())
    await live.drain()
    async with live.world() as db:
        verbs = await db.scalars(select(JournalEntry.action).where(col(JournalEntry.subject_id) == one.sitting_id))
        assert Counter(verbs)["sitting.submitted"] == 1
        runs = await db.scalars(select(Result).where(col(Result.sitting_id) == one.sitting_id))
        assert [row.run for row in runs] == [1]
    sitting, kept = await stored(live, one.sitting_id)
    assert (sitting.state, kept) == (SittingState.SUBMITTED, {1: "A"})
    assert sitting.receipt == answers[0].json()["receipt"]
