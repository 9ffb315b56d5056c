"""Pages of course sessions, as a scheduler, a lecturer and anybody see them."""

import re
from typing import Any

import httpx
import pytest

from service.courses.tables import SessionState
from tests.conftest import ClientAs, World
from tests.given.accounts import organisation, staff
from tests.given.bases import base
from tests.given.courses import course_session, published_session, whole_programme
from tests.given.editions import shipped_syllabus
from tests.given.people import person
from tests.given.timetable import at, occurrence, room

PAGE = {"accept": "text/html"}


async def opened(client: httpx.AsyncClient, path: str, language: str = "zh-CN") -> httpx.Response:
    return await client.get(path, headers={**PAGE, "accept-language": language})


async def sent(client: httpx.AsyncClient, path: str, data: dict[str, Any], language: str = "zh-CN") -> httpx.Response:
    return await client.post(path, data=data, headers={**PAGE, "accept-language": language})


def session_form(syllabus_id: Any, **other: str) -> dict[str, str]:
    return {
        "syllabus_id": str(syllabus_id),
        "title.zh": "初级班",
        "title.en": "",
        "code": "",
        "starts_on": "2030-03-04",
        "ends_on": "2030-03-15",
        "sign_up_opens_at": "",
        "sign_up_closes_at": "2030-03-01T18:00",
        "capacity": "40",
        "fee": "2,800.00",
        "place": "上海",
        "co_host": "",
        "contractor": "",
        "notice.zh": "",
        "notice.en": "",
        **other,
    }


def meeting_form(**other: str) -> dict[str, str]:
    return {
        "course_code": "TMI-PK-01",
        "day": "2030-03-04",
        "begins": "09:00",
        "ends": "12:00",
        "break_minutes": "0",
        "form": "classroom",
        "room_id": "",
        "lecturer_id": "",
        **other,
    }


async def test_scheduler_plans_a_session_and_adds_a_meeting(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        syllabus = await shipped_syllabus(db)
        await organisation(db, "唯一承办公司")
    client = await client_as(scheduler)
    form = await opened(client, "/sessions/new")
    assert syllabus.title["zh"] in form.text
    assert f"{place.code}-" in form.text
    made = await sent(client, "/sessions", session_form(syllabus.id, contractor="唯一承办公司"))
    assert made.status_code == 303
    address = made.headers["location"]
    shown = await opened(client, address)
    for words in ("初级班", "¥2,800.00", "唯一承办公司", "2030-03-01 18:00", "本班已建立", "缺10学时"):
        assert words in shown.text
    added = await sent(client, f"{address}/meetings", meeting_form(break_minutes="45"))
    assert added.status_code == 303
    shown = await opened(client, address, "en")
    for words in ("09:00–12:00", "Introduction to technology transfer", "No room yet", "The meeting is added"):
        assert words in shown.text
    listed = await opened(client, "/sessions?show=planned")
    assert f'href="{address}"' in listed.text
    assert f'href="{address}"' not in (await opened(client, "/sessions?show=published")).text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_refused_session_comes_back_as_typed_with_its_reason(
    world: World, client_as: ClientAs, language: str
) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        syllabus = await shipped_syllabus(db)
    client = await client_as(scheduler)
    reasons = {
        "zh-CN": {
            "fee": ("1,23", "千位分隔符"),
            "ends_on": ("2030-03-01", "结束日期2030-03-01早于开始日期2030-03-04"),
            "co_host": ("没有这个单位", "没有登记名为“没有这个单位”的单位"),
            "capacity": ("many", "整数"),
        },
        "en": {
            "fee": ("-5", "between 0 and 1,000,000 yuan"),
            "ends_on": ("2030-03-01", "lies before the first day"),
            "co_host": ("Nobody Ltd", "No organisation is registered as “Nobody Ltd”"),
            "syllabus_id": ("", "Please fill this in."),
        },
    }
    for field, (typed, said) in reasons[language].items():
        refused = await sent(client, "/sessions", {**session_form(syllabus.id), field: typed}, language)
        assert refused.status_code == 422, field
        assert said in refused.text, (field, language)
        assert f'href="#f-{field}"' in refused.text
        if typed:
            assert f'value="{typed}"' in refused.text
    assert "初级班" not in (await opened(client, "/sessions", language)).text


@pytest.mark.parametrize(
    ("language", "said", "heading"),
    [
        ("zh-CN", "第一教室在2030-03-04 09:00至12:00已被“另一个会”占用", "可改用的空闲安排"),
        ("en", "第一教室 is taken from 2030-03-04 09:00 to 12:00 by “Another event”", "What is free instead"),
    ],
)
async def test_clash_is_explained_with_alternatives_that_book_by_one_press(
    world: World, client_as: ClientAs, language: str, said: str, heading: str
) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await course_session(db, place)
        hall = await room(db, place.org_id, "第一教室", 80)
        await room(db, place.org_id, "第二教室", 80)
        title = {"zh": "另一个会", "en": "Another event"}
        begins, ends = at("2030-03-04 09:00"), at("2030-03-04 12:00")
        await occurrence(db, place.org_id, begins, ends, room_id=hall.id, title=title)
    client = await client_as(scheduler)
    address = f"/sessions/{session.id}"
    refused = await sent(client, f"{address}/meetings", meeting_form(room_id=str(hall.id)), language)
    assert refused.status_code == 422
    assert said in refused.text.replace("&#34;", '"')
    assert heading in refused.text
    buttons = re.findall(rf'<form[^>]*action="{address}/meetings"[^>]*>(.*?)</form>', refused.text, re.S)
    offered = [dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', one)) for one in buttons]
    offered = [one for one in offered if "course_code" in one]
    assert len(offered) == 3
    pressed = await sent(client, f"{address}/meetings", {k: v for k, v in offered[0].items() if k != "_csrf"}, language)
    assert pressed.status_code == 303
    assert "第二教室" in (await opened(client, address, language)).text


async def test_busy_lecturer_of_another_base_is_not_told_apart(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        place, elsewhere = await base(db), await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await course_session(db, place)
        someone = await person(db, "李明华")
        await staff(db, "lecturer", place.org_id, "李明华", person_id=someone.id)
        secret = {"zh": "秘密会议", "en": "Secret meeting"}
        begins, ends = at("2030-03-04 08:00"), at("2030-03-04 10:00")
        await occurrence(db, elsewhere.org_id, begins, ends, people=[(someone.id, "lecturer")], title=secret)
    client = await client_as(scheduler)
    refused = await sent(client, f"/sessions/{session.id}/meetings", meeting_form(lecturer_id=str(someone.id)))
    assert refused.status_code == 422
    assert "李明华在2030-03-04 08:00至10:00已有“其他安排”" in refused.text
    assert "秘密" not in refused.text
    week = await opened(client, f"/lecturers/{someone.id}?day=2030-03-05")
    assert "08:00–10:00" in week.text
    assert "秘密" not in week.text


async def test_meeting_is_changed_and_cancelled_on_its_page(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await course_session(db, place)
        hall = await room(db, place.org_id, "第一教室", 80)
    client = await client_as(scheduler)
    address = f"/sessions/{session.id}"
    await sent(client, f"{address}/meetings", meeting_form(room_id=str(hall.id)))
    shown = await opened(client, address)
    found = re.search(rf'href="({address}/meetings/[0-9a-f-]+)"', shown.text)
    assert found is not None
    form = await opened(client, found[1])
    assert 'value="2030-03-04"' in form.text
    assert 'value="09:00"' in form.text
    refused = await sent(client, found[1], meeting_form(day="2030-05-01"))
    assert refused.status_code == 422
    assert "课次必须在本班的日期2030-03-04至2030-03-15之内" in refused.text
    saved = await sent(client, found[1], meeting_form(day="2030-03-06"))
    assert saved.status_code == 303
    assert "2030-03-06" in (await opened(client, address)).text
    assert (await sent(client, f"{found[1]}/cancel", {})).status_code == 303
    assert "已取消" in (await opened(client, address)).text


async def test_publishing_is_refused_until_hours_are_covered_and_then_public(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await course_session(db, place, title="将要发布的班")
    client, anyone = await client_as(scheduler), await client_as(None)
    address = f"/sessions/{session.id}"
    for language, said in (("zh-CN", "本班还不能发布，尚缺"), ("en", "cannot be published yet. Still missing")):
        refused = await sent(client, f"{address}/publish", {}, language)
        assert refused.status_code == 422
        assert said in refused.text
        assert "TMI-CD-02" in refused.text
    assert (await opened(anyone, f"/courses/{session.code}")).status_code == 404
    async with world() as db:
        await whole_programme(db, session)
    assert (await sent(client, f"{address}/publish", {})).status_code == 303
    for language, said in (("zh-CN", "将要发布的班"), ("en", "Technology manager course")):
        assert said in (await opened(anyone, "/courses?q=将要发布", language)).text
        public = await opened(anyone, f"/courses/{session.code}", language)
        assert said in public.text
        assert f'href="/courses/{session.code}/apply"' in public.text
        assert "08:00–11:00" in public.text


async def test_session_is_edited_copied_and_cancelled_on_pages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        session = await published_session(db, place)
    client = await client_as(scheduler)
    address = f"/sessions/{session.id}"
    typed = await opened(client, f"{address}/edit")
    assert 'value="技术经理人培训班"' in typed.text
    changed = {k: v for k, v in session_form("").items() if k not in ("syllabus_id", "code")}
    assert (await sent(client, f"{address}/edit", {**changed, "title.zh": "改了名字"})).status_code == 303
    assert "改了名字" in (await opened(client, address)).text
    refused = await sent(client, f"{address}/edit", {**changed, "ends_on": "2030-03-04"})
    assert refused.status_code == 422
    assert "课次必须在本班的日期" in refused.text
    assert (await opened(client, f"{address}/copy")).status_code == 200
    copied = await sent(client, f"{address}/copy", {"starts_on": "2030-04-01", "code": ""})
    assert copied.status_code == 303
    assert "已复制" in (await opened(client, copied.headers["location"])).text
    early = await sent(client, f"{address}/copy", {"starts_on": "2025-04-01", "code": ""}, "en")
    assert early.status_code == 422
    assert "not in force on 2025-04-01" in early.text
    assert (await sent(client, f"{address}/cancel", {"reason": ""})).status_code == 422
    assert (await sent(client, f"{address}/cancel", {"reason": "人数不足"})).status_code == 303
    public = await opened(await client_as(None), f"/courses/{session.code}")
    assert "本班不再举办" in public.text
    assert "/apply" not in public.text


async def test_full_and_closed_sessions_say_so(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        full = await published_session(db, capacity=1, with_meetings=False)
        full.taken = 1
        closed = await published_session(db, with_meetings=False, state=SessionState.CLOSED)
    anyone = await client_as(None)
    waiting = await opened(anyone, f"/courses/{full.code}")
    assert "已满，可候补" in waiting.text
    assert "加入候补" in waiting.text
    over = await opened(anyone, f"/courses/{closed.code}", "en")
    assert "Sign-up over" in over.text
    assert "/apply" not in over.text


async def test_strangers_and_lecturers_see_no_forms(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await course_session(db)
        stranger = await staff(db, "scheduler", (await base(db)).org_id)
        lecturer = await staff(db, "lecturer", session.org_id)
    client = await client_as(stranger)
    for path in ("", "/edit", "/copy", "/calendar.ics"):
        assert (await opened(client, f"/sessions/{session.id}{path}")).status_code == 404
    for path in ("/meetings", "/publish", "/cancel", "/copy", "/edit"):
        answer = await sent(client, f"/sessions/{session.id}{path}", {"reason": "没有理由", **meeting_form()})
        assert answer.status_code in (404, 422), path
        assert session.title["zh"] not in answer.text
    teaching = await client_as(lecturer)
    shown = await opened(teaching, f"/sessions/{session.id}")
    assert shown.status_code == 200
    assert 'name="course_code"' not in shown.text
    assert (await opened(teaching, "/sessions/new")).status_code == 403
    nobody = await opened(await client_as(None), f"/sessions/{session.id}")
    assert nobody.status_code == 303
    assert nobody.headers["location"].startswith("/sign-in")
