"""At once, with real commits: two appeals of one person, one opinion sent twice, two members who confirm."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlmodel import col, select

from service.exams.tables import Appeal, AppealOpinion, Result, ResultRelease
from tests.exams.test_appeals import REASONS, STATEMENT, Heard, decision, lodge, named, opinions, released
from tests.exams.test_results import full_marks
from tests.live import Live

pytestmark = pytest.mark.race


class Browsers:
    """Stands in for `client_as` over real HTTP; closed at the end."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.opened: list[Any] = []

    async def __call__(self, actor: Any) -> AsyncClient:
        """A browser of an actor."""
        context = self.live.client(actor)
        self.opened.append(context)
        return await context.__aenter__()

    async def close(self) -> None:
        """Close every browser."""
        for context in self.opened:
            await context.__aexit__(None, None, None)


async def test_two_lodge_at_once_and_there_is_one_appeal(live: Live) -> None:
    browsers = Browsers(live)
    heard = await released(live.world, browsers, live.drain)
    actor = heard.exam.candidates[0].actor
    desk, phone = await browsers(actor), await browsers(actor)
    answers = await asyncio.gather(*(lodge(one, heard.sitting) for one in (desk, phone) * 4))
    await browsers.close()
    assert sorted(one["status"] for one in answers) == [201] + [409] * 7
    assert {one["type"] for one in answers if one["status"] == 409} == {"/problems/appeal-under-way"}
    async with live.world() as db:
        rows = await db.scalars(select(Appeal).where(col(Appeal.sitting_id) == heard.sitting))
        assert len(list(rows)) == 1


async def in_panel(live: Live, browsers: Browsers) -> Heard:
    """A lodged appeal with its panel."""
    heard = await released(live.world, browsers, live.drain)
    person = await browsers(heard.exam.candidates[0].actor)
    heard.appeal_id = (await lodge(person, heard.sitting))["appeal_id"]
    assert (await named(browsers, heard))["status"] == 200
    return heard


async def test_two_members_confirm_at_once_and_there_is_one_new_result(live: Live) -> None:
    browsers = Browsers(live)
    heard = await in_panel(live, browsers)
    first, second, third = await opinions(browsers, heard, "upheld", "upheld", "upheld")
    assert (await decision(first, heard, {heard.place: full_marks(heard.exam.paper)}))["status"] == 201
    address = f"/api/appeals/{heard.appeal_id}/decision/confirmation"
    answers = await asyncio.gather(*(one.post(address, json={"confirm": True}) for one in (second, third) * 3))
    await browsers.close()
    assert sorted(one.status_code for one in answers) == [200] + [409] * 5
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"/problems/nothing-proposed"}
    async with live.world() as db:
        runs = await db.scalars(select(Result.run).where(col(Result.sitting_id) == heard.sitting))
        assert sorted(runs) == [1, 2, 3]
        releases = await db.scalars(
            select(ResultRelease).where(col(ResultRelease.exam_session_id) == heard.exam.exam.id)
        )
        assert len(list(releases)) == 2


async def test_opinion_sent_twice_at_once_is_kept_once(live: Live) -> None:
    browsers = Browsers(live)
    heard = await in_panel(live, browsers)
    browser = await browsers(heard.bench[0])
    sent = [
        browser.post(f"/api/appeals/{heard.appeal_id}/opinions", json={"outcome": outcome, "reasons": REASONS})
        for outcome in ("upheld", "dismissed")
    ]
    answers = await asyncio.gather(*sent)
    await browsers.close()
    assert sorted(one.status_code for one in answers) == [201, 409]
    async with live.world() as db:
        rows = await db.scalars(select(AppealOpinion).where(col(AppealOpinion.appeal_id) == heard.appeal_id))
        assert len(list(rows)) == 1


async def test_withdrawal_and_panel_at_once_end_in_one_state(live: Live) -> None:
    browsers = Browsers(live)
    heard = await released(live.world, browsers, live.drain)
    person = await browsers(heard.exam.candidates[0].actor)
    answer = await person.post(
        f"/api/sittings/{heard.sitting}/appeal", json={"ground": "procedure", "statement": STATEMENT}
    )
    heard.appeal_id = answer.json()["appeal_id"]
    withdrawn, panel = await asyncio.gather(
        person.post(f"/api/sittings/{heard.sitting}/appeal/withdraw"), named(browsers, heard)
    )
    await browsers.close()
    assert withdrawn.status_code == 200
    assert panel["status"] in (200, 409)
    async with live.world() as db:
        row = (await db.scalars(select(Appeal).where(col(Appeal.sitting_id) == heard.sitting))).one()
        assert row.state.value == "withdrawn"
