"""People do the main job by pages in a real browser: sign up on a phone, plan a session, verify; every door is in order."""

import asyncio
import re
from copy import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from certificates.serial import check_character
from service.cli.walking.schedule import add_meetings, resident_number
from service.cli.walking.walker import Walk
from service.foundation import clock
from service.foundation.clock import BEIJING
from tests.browser.driving import DESK, PHONE, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AT_ONCE = 3  # visitors of the crawl; two cores are shared by browser, service and database
NOBODY = ""
DOORS_OF_ALL = ["/", "/courses", "/verify", "/sign-in", "/sign-in?way=staff", "/demo", "/design"]


def message_to(base_url: str, phone: str) -> str:
    """The one-time code of the last text message that would have gone to a phone."""
    sent = httpx.get(f"{base_url}/demo/messages.json", timeout=20).json()
    text = next(one["text"] for one in reversed(sent) if one["phone"].endswith(phone))
    return "".join(character for character in text if character.isdigit())[:6]


def open_session(walk: Walk, seats: int = 5) -> str:
    """The code of a published course session of this many seats that takes applications."""
    scheduler = walk.role("scheduler")
    code = f"OPEN-{datetime.now(UTC):%H%M%S%f}"
    first = clock.today() + timedelta(days=40)
    session = scheduler.post(
        "/api/course-sessions",
        {
            "syllabus_id": walk.made["syllabus"]["id"],
            "code": code,
            "title": {"zh": f"初级班 {code}", "en": f"Initial course {code}"},
            "starts_on": str(first),
            "ends_on": str(first + timedelta(days=20)),
            "capacity": seats,
        },
    )
    other = copy(walk)
    other.made = {**walk.made, "session": session}
    add_meetings(other, scheduler, first)
    scheduler.post(f"/api/course-sessions/{session['id']}/publish")
    return code


async def in_order(visitor: Visitor) -> None:
    """The open page is without fault at its present width."""
    size = visitor.page.viewport_size
    assert size is not None
    path = urlsplit(visitor.page.url).path
    assert await visitor.faults(path, 200, (size["width"],)) == []


async def test_a_trainee_signs_up_on_a_phone_from_the_code_to_the_application(browser: Browser, walked: Walk) -> None:
    code = open_session(walked)
    phone = f"139{datetime.now(UTC):%M%S%f}"[:11]
    async with visiting(browser, walked.base_url, PHONE) as trainee:
        page = trainee.page
        await trainee.open("/courses")
        await page.get_by_label("关键词").fill(code)
        await page.get_by_label("关键词").press("Enter")
        await page.get_by_role("link", name=f"初级班 {code}").click()
        await in_order(trainee)
        await page.get_by_role("link", name="报名").first.click()
        await in_order(trainee)
        await page.get_by_label("手机号码").fill(phone)
        await page.get_by_role("button", name="获取验证码").click()
        await page.get_by_label("短信验证码").fill(message_to(walked.base_url, phone))
        await in_order(trainee)
        await page.get_by_role("button", name="登录", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("报名")

        await page.get_by_role("textbox", name="证件号码").fill("110101199003071234")
        await page.get_by_role("textbox", name="姓名").fill("凌一舟")
        await page.locator("label[for=f-consent]").click()
        await page.get_by_role("button", name="继续").click()
        await expect(page.locator("[data-error-summary], .error-summary").first).to_be_visible()
        trainee.complaints.clear()  # the browser itself notes the 422
        identity = resident_number(int(datetime.now(UTC).timestamp() * 1000) % 10**9)
        await page.get_by_role("textbox", name="证件号码").fill(identity)
        await page.locator("label[for=f-consent]").click()
        await page.get_by_role("button", name="继续").click()
        await expect(page.get_by_text("凌一舟").first).to_be_visible()
        assert identity not in await page.content()
        await in_order(trainee)
        await page.locator("label[for=f-consent]").click()
        await page.get_by_role("button", name="提交报名").click()
        await page.wait_for_url("**/my/enrolments")
        await expect(page.get_by_role("heading", name=f"初级班 {code}")).to_be_visible()
        await in_order(trainee)
        await trainee.open(f"/courses/{code}")
        await expect(page.get_by_text("4个（共5个）")).to_be_visible()


async def fill_meeting(page: Page, course: dict[str, Any], day: date, hour: int, room: str, period: int) -> None:
    """The form of a meeting that gives a course all its periods at once, sent. `period` is in minutes."""
    form = page.locator("#add-meeting")
    begins = datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)
    ends = begins + timedelta(minutes=course["periods"] * period)
    await form.get_by_label("课程").select_option(course["id"])
    await form.get_by_label("上课日期").fill(day.isoformat())
    await form.get_by_label("开始时间").fill(f"{begins:%H:%M}")
    await form.get_by_label("结束时间").fill(f"{ends:%H:%M}")
    await form.get_by_label("授课方式").select_option(course["forms"][0])
    if course["forms"][0] == "online":
        await form.get_by_label("教室").select_option("")
    else:
        await form.get_by_label("教室").select_option(label=room)
    await form.get_by_role("button", name="添加课次").click()


async def test_a_scheduler_plans_a_session_meets_a_clash_and_publishes(browser: Browser, walked: Walk) -> None:
    first = clock.today() + timedelta(days=60)
    mark = f"{datetime.now(UTC):%H%M%S%f}"
    syllabus = walked.role("scheduler").get(f"/api/editions/{walked.made['syllabus']['id']}")["content"]
    courses = [course for module in syllabus["modules"] for course in module["courses"]]
    period = syllabus["minutes_per_period"]
    async with visiting(browser, walked.base_url, DESK) as scheduler:
        page = scheduler.page
        await scheduler.as_demonstration("scheduler")
        await scheduler.speak("zh-CN")
        await scheduler.open("/rooms")
        await page.locator("summary", has_text="添加场地").click()
        await page.locator("form[action='/venues']").get_by_label("中文名称").fill(f"东楼 {mark}")
        await page.locator("form[action='/venues']").get_by_role("button").click()
        for room, seats in (("101", "40"), ("102", "30")):
            await page.locator("summary", has_text="添加教室").click()
            form = page.locator("form[action='/rooms']")
            await form.get_by_label("场地").select_option(label=f"东楼 {mark}")
            await form.get_by_label("教室名称或编号").fill(room)
            await form.get_by_label("座位数").fill(seats)
            await form.get_by_role("button").click()
        await in_order(scheduler)

        await scheduler.open("/sessions/new")
        await page.get_by_label("培训大纲").select_option(index=1)
        await page.get_by_label("中文名称").fill(f"浏览器班 {mark}")
        await page.get_by_label("开班日期").fill(first.isoformat())
        await page.get_by_label("结班日期").fill((first + timedelta(days=20)).isoformat())
        await page.get_by_label("名额").fill("20")
        await page.get_by_role("button", name="建立培训班").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(f"浏览器班 {mark}")
        await in_order(scheduler)
        address = page.url

        names = await page.locator("#add-meeting").get_by_label("教室").locator("option").all_inner_texts()
        room = next(one for one in names if mark in one and "101" in one)
        meetings = page.locator("#programme tbody tr")
        await fill_meeting(page, courses[0], first, 9, room, period)
        await expect(meetings).to_have_count(1)
        await fill_meeting(page, courses[1], first, 10, room, period)
        clash = page.locator("section", has=page.get_by_role("heading", name="可改用的空闲安排"))
        await expect(clash.get_by_role("button").first).to_be_visible()
        await expect(page.locator(".error-summary")).to_contain_text("101")
        scheduler.complaints.clear()  # the browser itself notes the refusal's status
        await in_order(scheduler)
        offered = await clash.get_by_role("button").first.inner_text()
        await clash.get_by_role("button").first.click()
        await expect(meetings).to_have_count(2)
        assert offered.split()[1] in await page.locator("#programme").inner_text()

        for number, course in enumerate(courses[2:], start=2):
            await fill_meeting(page, course, first + timedelta(days=number // 2), 14 if number % 2 else 9, room, period)
            await expect(meetings).to_have_count(number + 1)
        await in_order(scheduler)

        await page.get_by_role("button", name="发布", exact=True).click()
        await page.locator("#confirm-dialog [data-confirm-yes]").click()
        await expect(page.get_by_text("已发布").first).to_be_visible()
        await expect(page.get_by_role("link", name="公开页面")).to_be_visible()
        assert page.url.split("#")[0] == address.split("#")[0]
    async with visiting(browser, walked.base_url, PHONE) as anyone:
        await anyone.open(f"/courses?q={mark}")
        await anyone.page.get_by_role("link", name=f"浏览器班 {mark}").click()
        await in_order(anyone)


async def ask(visitor: Visitor, number: str, name: str) -> str:
    """The words of the answer about a number and a name."""
    await visitor.open("/verify")
    await visitor.page.get_by_label("证书编号").fill(number)
    await visitor.page.get_by_label("持证人姓名").fill(name)
    await visitor.page.get_by_role("button", name="核验", exact=True).click()
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    return await visitor.page.locator("main").inner_text()


async def test_anyone_verifies_by_the_address_of_the_qr_code_and_by_number_and_name(
    browser: Browser, walked: Walk
) -> None:
    number, code = walked.made["credential"]["number"], walked.made["code"]
    name = walked.made["trainees"][0]["name"]
    nobodys = re.sub(r"\d{6}-.$", "999999", number)
    nobodys += "-" + check_character(nobodys.replace("-", ""))
    async with visiting(browser, walked.base_url, PHONE) as verifier:
        assert await verifier.open(f"/V/{number}/{code}") == 200
        by_address = await verifier.page.locator("main").inner_text()
        assert number in by_address.replace(" ", "")
        assert name not in by_address
        await in_order(verifier)
        assert "有效" in await ask(verifier, number.lower(), name)
        await in_order(verifier)
        wrong_name = await ask(verifier, number, "凌一舟")
        unknown = await ask(verifier, nobodys, name)
        assert "有效期" not in wrong_name
        assert name not in wrong_name
        assert wrong_name.replace(number, "") == unknown.replace(nobodys, "")


async def test_a_holder_finds_result_certificate_and_shares_it_on_a_phone(browser: Browser, walked: Walk) -> None:
    client = walked.browsers[walked.made["trainees"][0]["phone"]].client
    async with visiting(browser, walked.base_url, PHONE) as holder:
        page = holder.page
        await holder.context.add_cookies(
            [{"name": "tmc", "value": client.cookies["tmc"], "url": walked.base_url}],
        )
        await holder.speak("zh-CN")
        found: list[str] = []
        for path in ("/my/profile", "/my/enrolments", "/my/sittings", "/my/statements", "/my/data", "/inbox"):
            found += await holder.faults(path, await holder.open(path), (PHONE,))
        await holder.open("/my/sittings")
        await page.locator("main a[href$='/result']").first.click()
        await expect(page.get_by_text("合格").first).to_be_visible()
        await in_order(holder)
        assert found == [], "\n".join(found)

        await holder.open("/my/credentials")
        await page.locator("main a[href^='/my/credentials/']").first.click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await in_order(holder)
        paper = page.get_by_role("link", name="下载 PDF")
        async with page.expect_download() as coming:
            await paper.click()
        assert Path(await (await coming.value).path()).read_bytes().startswith(b"%PDF-")
        await page.get_by_role("button", name="生成链接").click()
        await in_order(holder)
        address = re.search(r"http\S+/s/[\w-]+", await page.locator("main").inner_text())
        assert address is not None
    async with visiting(browser, walked.base_url, PHONE) as friend:
        assert await friend.open(address[0]) == 200
        await expect(friend.page.get_by_text(walked.made["trainees"][0]["name"]).first).to_be_visible()
        await in_order(friend)


async def faults_of(browser: Browser, base_url: str, login_name: str) -> list[str]:
    """Every fault of every navigation entry of a role, in both languages, on phone and desk."""
    found: list[str] = []
    async with visiting(browser, base_url, DESK) as visitor:
        if login_name != NOBODY:
            await visitor.as_demonstration(login_name)
        for language in ("en", "zh-CN"):
            await visitor.speak(language)
            doors = await visitor.page.locator(".nav-row a").evaluate_all(
                "links => links.map(link => link.getAttribute('href'))"
            )
            assert doors or login_name == NOBODY, f"{login_name} is led nowhere"
            for path in DOORS_OF_ALL[: None if login_name == NOBODY else 1] + doors:
                visitor.complaints.clear()
                status = await visitor.open(path)
                found += await visitor.faults(path, status)
    return [f"{login_name or 'nobody'} {fault}" for fault in found]


async def test_every_door_of_every_role_is_in_order_in_both_languages_on_phone_and_desk(
    browser: Browser, walked: Walk
) -> None:
    roles = [NOBODY, *walked.sign_ins]
    places = asyncio.Semaphore(AT_ONCE)

    async def visit(login_name: str) -> list[str]:
        async with places:
            return await faults_of(browser, walked.base_url, login_name)

    found = [fault for faults in await asyncio.gather(*map(visit, roles)) for fault in faults]
    assert found == [], "\n".join(found)
