"""Venues, rooms, weeks and calendars over HTTP and on pages."""

import httpx
from icalendar import Calendar

from service.foundation import clock
from service.foundation.actor import Actor
from tests.conftest import ClientAs, World
from tests.given.accounts import organisation, staff
from tests.given.people import person
from tests.given.timetable import at, occurrence, room

PAGE = {"accept": "text/html"}


async def opened(client: httpx.AsyncClient, path: str, language: str = "zh-CN") -> httpx.Response:
    return await client.get(path, headers={**PAGE, "accept-language": language})


async def a_scheduler(world: World, name: str = "某大学") -> Actor:
    async with world() as db:
        return await staff(db, "scheduler", (await organisation(db, name)).id)


async def test_venue_and_rooms_are_made_and_changed_over_http(world: World, client_as: ClientAs) -> None:
    client = await client_as(await a_scheduler(world))
    venue = await client.post("/api/venues", json={"name": {"zh": "一号楼", "en": "Building 1"}, "city": "上海"})
    assert venue.status_code == 201
    body = {"venue_id": venue.json()["id"], "name": "101", "seats": 60}
    made = await client.post("/api/rooms", json=body)
    assert made.status_code == 201
    for language, said in (("zh-CN", "该场地已有名为101的教室"), ("en", "already has a room named 101")):
        refused = await client.post("/api/rooms", json=body, headers={"accept-language": language})
        assert refused.status_code == 409
        assert said in refused.json()["detail"]
    changed = await client.put(f"/api/rooms/{made.json()['id']}", json={"name": "101", "seats": 80, "in_use": False})
    assert (changed.json()["seats"], changed.json()["in_use"]) == (80, False)
    renamed = await client.put(f"/api/venues/{venue.json()['id']}", json={"name": {"zh": "二号楼"}})
    assert renamed.json()["name"] == {"zh": "二号楼"}
    assert [one["name"] for one in (await client.get("/api/rooms")).json()] == ["101"]
    wrong = await client.post("/api/rooms", json={**body, "seats": 0})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"].endswith("seats")


async def test_rooms_of_another_organisation_are_not_found(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        foreign = await room(db, (await organisation(db, "另一所大学")).id, "密室")
    client = await client_as(await a_scheduler(world))
    body = {"name": "x", "seats": 1}
    for method, path, sent in (
        ("GET", f"/api/rooms/{foreign.id}/week", None),
        ("GET", f"/api/rooms/{foreign.id}/calendar.ics", None),
        ("PUT", f"/api/rooms/{foreign.id}", body),
        ("POST", "/api/rooms", {**body, "venue_id": str(foreign.venue_id)}),
        ("PUT", f"/api/venues/{foreign.venue_id}", {"name": {"zh": "x"}}),
    ):
        assert (await client.request(method, path, json=sent)).status_code == 404, path
    assert (await opened(client, f"/rooms/{foreign.id}")).status_code == 404
    assert "密室" not in (await opened(client, "/rooms")).text


async def test_lecturers_may_read_rooms_and_not_make_them(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        org = await organisation(db)
        await room(db, org.id, "101")
        lecturer = await staff(db, "lecturer", org.id)
    client = await client_as(lecturer)
    assert "101" in (await opened(client, "/rooms")).text
    assert 'action="/venues"' not in (await opened(client, "/rooms")).text
    assert (await client.post("/venues", data={"name.zh": "x"}, headers=PAGE)).status_code == 403
    assert (await (await client_as(None)).get("/api/rooms")).status_code == 401


async def test_week_of_a_room_shows_bookings_by_day_and_holidays(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        hall = await room(db, org.id, "大教室")
        title = {"zh": "知识产权基础", "en": "Intellectual property"}
        await occurrence(db, org.id, at("2025-10-09 09:00"), at("2025-10-09 11:15"), room_id=hall.id, title=title)
    client = await client_as(scheduler)
    week = (await client.get(f"/api/rooms/{hall.id}/week", params={"day": "2025-10-09"})).json()
    assert week[0]["day"] == "2025-10-06"
    assert [len(one["entries"]) for one in week] == [0, 0, 0, 1, 0, 0, 0]
    assert week[0]["holiday"]["zh"] in ("国庆节", "中秋节")
    assert week[5]["make_up"] is True
    for language, words in (
        ("zh-CN", ("知识产权基础", "调休上班", "星期四")),
        ("en", ("Intellectual property", "Make-up working day", "Thursday")),
    ):
        shown = await opened(client, f"/rooms/{hall.id}?day=2025-10-09", language)
        for word in (*words, "09:00–11:15", "?day=2025-09-29", "?day=2025-10-13"):
            assert word in shown.text, word
    assert (await client.get(f"/api/rooms/{hall.id}/week", params={"day": "yesterday"})).status_code in (400, 422)


async def test_calendar_of_a_room_is_readable_and_in_the_readers_language(world: World, client_as: ClientAs) -> None:
    day = clock.today().isoformat()
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        hall = await room(db, org.id, "大教室")
        title = {"zh": "某课，第一讲；续\n", "en": "A lesson, part 1; more"}
        held = await occurrence(db, org.id, at(f"{day} 09:00"), at(f"{day} 10:00"), room_id=hall.id, title=title)
    client = await client_as(scheduler)
    found = await client.get(f"/api/rooms/{hall.id}/calendar.ics")
    event = Calendar.from_ical(found.content).walk("VEVENT")[0]
    assert str(event["uid"]) == f"{held.id}@technology-managers"
    assert str(event["summary"]) == title["zh"]
    assert (int(event["sequence"]), str(event["status"])) == (0, "CONFIRMED")
    english = await client.get(f"/api/rooms/{hall.id}/calendar.ics", headers={"accept-language": "en"})
    assert str(Calendar.from_ical(english.content).walk("VEVENT")[0]["summary"]) == title["en"]


async def test_my_timetable_holds_every_organisation_that_booked_me(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        org, other = await organisation(db), await organisation(db, "另一所大学")
        someone = await person(db, "李明华")
        lecturer = await staff(db, "lecturer", org.id, "李明华", person_id=someone.id)
        people = [(someone.id, "lecturer")]
        for place, title in ((org, "这里的课"), (other, "那里的课")):
            hour = "09" if place is org else "14"
            begins, ends = at(f"2030-03-04 {hour}:00"), at(f"2030-03-04 {hour}:45")
            await occurrence(db, place.id, begins, ends, people=people, title={"zh": title, "en": title})
    client = await client_as(lecturer)
    shown = await opened(client, "/my/timetable?day=2030-03-04")
    assert "这里的课" in shown.text
    assert "那里的课" in shown.text
    week = (await client.get("/api/my/timetable", params={"day": "2030-03-04"})).json()
    assert len(week[0]["entries"]) == 2
    calendar = await client.get("/api/my/timetable/calendar.ics")
    assert calendar.status_code == 200


async def test_account_without_a_person_has_no_timetable(world: World, client_as: ClientAs) -> None:
    client = await client_as(await a_scheduler(world))
    assert "尚无日程" in (await opened(client, "/my/timetable")).text
    assert (await client.get("/api/my/timetable")).status_code == 404


async def test_rooms_page_takes_venues_and_rooms_and_gives_back_what_was_wrong(
    world: World, client_as: ClientAs
) -> None:
    client = await client_as(await a_scheduler(world))
    assert "尚无场地" in (await opened(client, "/rooms")).text
    refused = await client.post("/venues", data={"name.zh": "", "city": "上海"}, headers=PAGE)
    assert refused.status_code == 422
    assert 'value="上海"' in refused.text
    assert "请填写" in refused.text
    made = await client.post(
        "/venues", data={"name.zh": "一号楼", "name.en": "", "city": "", "address": ""}, headers=PAGE
    )
    assert made.status_code == 303
    shown = await opened(client, "/rooms")
    venue_id = shown.text.split('<option value="')[1].split('"')[0]
    for seats, status in (("六十", 422), ("60", 303)):
        answer = await client.post("/rooms", data={"venue_id": venue_id, "name": "101", "seats": seats}, headers=PAGE)
        assert answer.status_code == status
    refused = await client.post(
        "/rooms", data={"venue_id": venue_id, "name": "101", "seats": "60"}, headers={**PAGE, "accept-language": "en"}
    )
    assert refused.status_code == 422
    assert "already has a room named 101" in refused.text
    room_path = (await opened(client, "/rooms")).text.split('<a href="/rooms/')[1].split('"')[0]
    saved = await client.post(
        f"/rooms/{room_path}", data={"name": "101", "seats": "70", "in_use": "false"}, headers=PAGE
    )
    assert saved.status_code == 303
    assert "已停用" in (await opened(client, f"/rooms/{room_path}")).text
    wrong = await client.post(f"/rooms/{room_path}", data={"name": "", "seats": "70", "in_use": "true"}, headers=PAGE)
    assert wrong.status_code == 422


async def test_room_with_bookings_to_come_cannot_be_closed_on_its_page(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        org = await organisation(db)
        scheduler = await staff(db, "scheduler", org.id)
        hall = await room(db, org.id, "大教室")
        await occurrence(db, org.id, at("2090-03-04 09:00"), at("2090-03-04 10:00"), room_id=hall.id)
    client = await client_as(scheduler)
    refused = await client.post(
        f"/rooms/{hall.id}", data={"name": "大教室", "seats": "60", "in_use": "false"}, headers=PAGE
    )
    assert refused.status_code == 422
    assert "大教室还有1个未到的预订" in refused.text
