"""The exam player in a real browser: what was typed survives reloads, broken connections and a change of device."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlmodel import col, select

from curricula.scoring import read_number
from service.exams.rules import receipt_of
from service.exams.tables import Answer, Sitting, SittingState
from tests.given import exams as given
from tests.given.exams import ExamWorld
from tests.live import Live, live

__all__ = ["live"]

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        await running.close()


class Desk:
    """One candidate's devices in the browser."""

    def __init__(self, live: Live, browser: Browser, made: ExamWorld, number: int = 0) -> None:
        self.live, self.browser, self.made = live, browser, made
        self.candidate = made.candidates[number]
        self.address = f"{live.base_url}/my/sittings/{self.candidate.sitting_id}"
        self.errors: list[str] = []
        self.opened: list[BrowserContext] = []

    async def device(self, scripts: bool = True) -> Page:
        """A new device on which the candidate is signed in, at the sitting."""
        context = await self.browser.new_context(locale="zh-CN", java_script_enabled=scripts)
        token, _ = await self.live.sign_in(self.candidate.actor)
        await context.add_cookies([{"name": "tmc", "value": token, "url": self.live.base_url}])
        self.opened.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if "Content Security" in line.text else None)
        await page.goto(self.address)
        return page

    async def saved(self) -> dict[int, object]:
        """What the server has, by slot."""
        async with self.live.world() as db:
            rows = await db.scalars(select(Answer).where(col(Answer.sitting_id) == self.candidate.sitting_id))
            return {row.slot: row.response for row in rows}

    async def close(self) -> None:
        """Close every device."""
        for context in self.opened:
            await context.close()


@pytest.fixture
async def desk(live: Live, browser: Browser) -> AsyncIterator[Desk]:
    """A candidate before the start of an exam of 90 minutes."""
    async with live.world() as db:
        made = await given.frozen_exam(db, people=1)
    desk = Desk(live, browser, made)
    yield desk
    await desk.close()
    assert desk.errors == []


async def started(desk: Desk) -> Page:
    """A device on which the paper is open."""
    page = await desk.device()
    await page.get_by_role("button", name="开始考试").click()
    await expect(page.locator("html.exam-running")).to_be_attached()
    return page


def shown(page: Page) -> str:
    """The selector of the question that is shown."""
    return "[data-slot]:not([hidden])"


async def slot_of(page: Page) -> int:
    """The slot of the question that is shown."""
    return int(await page.locator(shown(page)).first.get_attribute("data-slot") or 0)


async def open_kind(page: Page, kind: str) -> int:
    """Show the first question of a kind; returns its slot."""
    element = page.locator(f"[data-slot][data-kind='{kind}']").first
    number = await element.get_attribute("data-number")
    await page.locator(f"a[data-question='{number}']").click()
    return int(await element.get_attribute("data-slot") or 0)


async def test_answers_survive_a_reload_and_go_on_at_another_device(desk: Desk) -> None:
    page = await started(desk)
    first = await slot_of(page)
    await page.locator(shown(page)).locator(".choice label").nth(1).click()
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存")
    essay = await open_kind(page, "essay")
    await page.locator(shown(page)).get_by_role("textbox").fill("先访谈，后取证。")
    await page.locator(shown(page)).get_by_role("checkbox", name="标记待检查").check()
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存", timeout=5000)
    chosen = (await wait_saved(desk, 2))[first]
    await page.reload()
    await expect(page.locator("html.exam-running")).to_be_attached()
    assert await slot_of(page) == essay, "the reload shows the question that was open"
    await expect(page.locator(shown(page)).get_by_role("textbox")).to_have_value("先访谈，后取证。")
    await expect(page.locator(shown(page)).get_by_role("checkbox", name="标记待检查")).to_be_checked()
    other = await desk.device()
    await expect(other.locator(f"[data-slot='{first}'] input:checked")).to_have_value(str(chosen))
    assert await other.locator("a.answered").count() == 2


async def wait_saved(desk: Desk, count: int) -> dict[int, object]:
    """What the server has, once it has so many answers."""
    for _ in range(50):
        found = await desk.saved()
        if len(found) >= count:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(found)} answers saved, not {count}")


async def test_typing_without_connection_is_kept_through_a_reload_and_sent_first(desk: Desk) -> None:
    page = await started(desk)
    slot = await open_kind(page, "essay")
    await page.context.set_offline(True)
    await page.locator(shown(page)).get_by_role("textbox").fill("断网时写下的内容")
    await expect(page.locator("[data-saved-text]")).to_contain_text("网络中断", timeout=5000)
    assert await desk.saved() == {}
    other_slot = await open_kind(page, "numeric")
    await page.locator(shown(page)).get_by_role("textbox").fill("12.5")
    await page.wait_for_timeout(300)
    await page.close()
    context = desk.opened[0]
    await context.set_offline(False)
    again = await context.new_page()
    again.on("pageerror", lambda error: desk.errors.append(str(error)))
    await again.goto(desk.address)
    await expect(again.locator("[data-exam-live]")).to_contain_text("已经发送", timeout=10_000)
    assert await desk.saved() == {slot: "断网时写下的内容", other_slot: "12.5"}
    await open_kind(again, "essay")
    await expect(again.locator(shown(again)).get_by_role("textbox")).to_have_value("断网时写下的内容")


async def test_text_that_is_no_number_is_saved_and_said_beside_its_field(desk: Desk) -> None:
    page = await started(desk)
    slot = await open_kind(page, "numeric")
    field = page.locator(shown(page)).get_by_role("textbox")
    line = page.locator(shown(page)).locator("[data-unreadable]")
    await field.fill("abc12")
    await field.blur()
    await expect(line).to_be_visible()
    await expect(line).to_contain_text("这不是数字，按现在的写法不能得分")
    await expect(page.locator("[data-exam-live]")).to_contain_text("这不是数字")
    assert await wait_saved(desk, 1) == {slot: "abc12"}
    for text in ("12", "１２．５", "1,250", "+.5", "−3", "25/2", "1,25", "1e3", "NaN", "12abc", "1/0", "-", "."):
        await field.fill(text)
        await field.blur()
        number = read_number(text)
        await (expect(line).to_be_visible() if number is None else expect(line).to_be_hidden())
    await page.reload()
    await expect(page.locator(shown(page)).locator("[data-unreadable]")).to_be_visible()


async def test_connection_that_comes_back_sends_by_itself(desk: Desk) -> None:
    page = await started(desk)
    slot = await slot_of(page)
    await page.context.set_offline(True)
    await page.locator(shown(page)).locator(".choice label").nth(0).click()
    await expect(page.locator("[data-saved-text]")).to_contain_text("网络中断", timeout=5000)
    await page.locator("[data-check-link]").click()
    await expect(page.locator("[data-exam-notice]")).to_contain_text("没有发送")
    await page.context.set_offline(False)
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存", timeout=10_000)
    assert list(await desk.saved()) == [slot]


async def test_newer_answer_of_another_device_is_never_overwritten(desk: Desk) -> None:
    page = await started(desk)
    slot = await open_kind(page, "essay")
    other = await desk.device()
    await open_kind(other, "essay")
    await other.locator(shown(other)).get_by_role("textbox").fill("第二台设备")
    await expect(other.locator("[data-saved-text]")).to_contain_text("已保存 ", timeout=5000)
    await wait_saved(desk, 1)
    await page.locator(shown(page)).get_by_role("textbox").fill("第一台设备")
    box = page.locator(shown(page)).locator("[data-conflict]")
    await expect(box).to_contain_text("第一台设备", timeout=5000)
    await expect(page.locator(shown(page)).get_by_role("textbox")).to_have_value("第二台设备")
    assert await desk.saved() == {slot: "第二台设备"}
    await box.get_by_role("button").click()
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存", timeout=5000)
    await expect(box).to_be_hidden()
    await expect(page.locator(shown(page)).get_by_role("textbox")).to_have_value("第一台设备")
    await page.wait_for_timeout(300)
    assert await desk.saved() == {slot: "第一台设备"}


async def test_answer_that_got_lost_on_the_way_back_is_known_again(desk: Desk) -> None:
    """The save arrived and its answer did not: what is typed next follows it, and no conflict is seen."""
    page = await started(desk)
    slot = await open_kind(page, "essay")
    lost = {"left": 1}

    async def lose(route: object) -> None:
        if lost["left"] and route.request.method == "PUT":  # type: ignore[attr-defined]
            lost["left"] -= 1
            await route.fetch()  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await page.route("**/answers/*", lose)
    box = page.locator(shown(page)).get_by_role("textbox")
    await box.fill("第一句")
    await expect(page.locator("[data-saved-text]")).to_contain_text("网络中断", timeout=5000)
    await box.fill("第一句，第二句")
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存", timeout=10_000)
    assert await desk.saved() == {slot: "第一句，第二句"}
    await expect(page.locator(shown(page)).locator("[data-conflict]")).to_be_hidden()


async def test_paper_is_checked_and_handed_in_once(desk: Desk) -> None:
    page = await started(desk)
    await page.locator(shown(page)).locator(".choice label").nth(2).click()
    await page.locator("[data-check-link]").click()
    await expect(page.get_by_role("heading", name="检查并交卷")).to_be_visible()
    await expect(page.get_by_text("还有 19 题没有作答")).to_be_visible()
    await page.get_by_role("button", name="交卷").click()
    await page.locator("#confirm-dialog").get_by_role("button", name="交卷").click()
    await expect(page.get_by_role("heading", name="试卷已提交")).to_be_visible()
    async with desk.live.world() as db:
        sitting = await db.get(Sitting, desk.candidate.sitting_id)
        assert sitting is not None
        assert sitting.receipt is not None
        await expect(page.locator("main")).to_contain_text(sitting.receipt)
    await page.goto(desk.address)
    await expect(page.get_by_role("heading", name="试卷已提交")).to_be_visible()


async def test_time_is_the_servers_and_its_thresholds_are_announced(desk: Desk) -> None:
    page = await desk.device()
    await page.clock.install(time="2020-01-01T00:00:00")
    await page.get_by_role("button", name="开始考试").click()
    await expect(page.locator("html.exam-running")).to_be_attached()
    left = await page.locator("[data-left]").inner_text()
    assert left.startswith(("1:29:", "1:30:")), "a wrong clock on the device changes nothing"
    await page.route("**/clock", lambda route: route.abort())  # the server would correct the time passed below
    for minutes, said in ((74, ""), (2, "还剩 15 分钟"), (9, "还剩 5 分钟"), (4, "还剩 1 分钟")):
        await page.clock.run_for(minutes * 60 * 1000)
        await expect(page.locator("[data-exam-live]")).to_contain_text(said)


async def test_end_of_time_hands_in_what_is_saved(desk: Desk) -> None:
    page = await started(desk)
    slot = await slot_of(page)
    await page.locator(shown(page)).locator(".choice label").nth(0).click()
    await wait_saved(desk, 1)
    async with desk.live.world() as db:
        await db.execute(
            sa.text("UPDATE sitting SET deadline_at = clock_timestamp() + interval '4 seconds' WHERE id = :id"),
            {"id": desk.candidate.sitting_id},
        )
    await page.reload()
    await page.locator(shown(page)).locator(".choice label").nth(1).click()
    await expect(page.get_by_role("heading", name="时间已到")).to_be_visible(timeout=15_000)
    assert list(await desk.saved()) == [slot]
    async with desk.live.world() as db:
        sitting = await db.get(Sitting, desk.candidate.sitting_id)
        assert sitting is not None
        assert sitting.state == SittingState.EXPIRED
        assert sitting.receipt == receipt_of(sitting.id, await desk.saved())


async def test_signing_in_again_in_another_tab_sends_what_waited(desk: Desk) -> None:
    page = await started(desk)
    slot = await slot_of(page)
    async with desk.live.world() as db:
        await db.execute(
            sa.text("UPDATE sign_in SET ended_at = now() WHERE account_id = :id"),
            {"id": desk.candidate.actor.account_id},
        )
    await page.locator(shown(page)).locator(".choice label").nth(0).click()
    await expect(page.locator("[data-saved-text]")).to_contain_text("已退出登录", timeout=5000)
    token, _ = await desk.live.sign_in(desk.candidate.actor)
    await page.context.add_cookies([{"name": "tmc", "value": token, "url": desk.live.base_url}])
    await expect(page.locator("[data-saved-text]")).to_contain_text("已保存", timeout=10_000)
    assert list(await desk.saved()) == [slot]


async def test_everything_works_without_javascript(desk: Desk) -> None:
    page = await desk.device(scripts=False)
    await page.get_by_role("button", name="开始考试").click()
    await page.goto(f"{desk.address}?question=1")
    await page.locator("[data-slot]").locator(".choice label").nth(1).click()
    await page.get_by_role("button", name="保存并看下一题").click()
    await expect(page.get_by_role("heading", name="第 2 题，共 20 题")).to_be_visible()
    assert len(await desk.saved()) == 1
    await page.goto(f"{desk.address}/check")
    await page.get_by_role("button", name="交卷").click()
    await expect(page.get_by_role("heading", name="试卷已提交")).to_be_visible()
