"""Course sessions over HTTP: the main job, refusals in both languages, strangers and the public."""

from typing import Any

from icalendar import Calendar

from service.courses.tables import CourseSession
from service.foundation.actor import Actor
from tests.conftest import ClientAs, World
from tests.given.accounts import holder, staff
from tests.given.bases import base
from tests.given.courses import course_session, published_session
from tests.given.editions import shipped_syllabus
from tests.given.people import person
from tests.given.timetable import room

ENGLISH = {"accept-language": "en"}


def session_body(syllabus_id: Any, **other: Any) -> dict[str, Any]:
    return {
        "syllabus_id": str(syllabus_id),
        "title": {"zh": "初级班", "en": "Initial course"},
        "starts_on": "2030-03-04",
        "ends_on": "2030-03-15",
        "capacity": 40,
        "fee_fen": 280000,
        **other,
    }


def meeting_body(**other: Any) -> dict[str, Any]:
    return {
        "course_code": "TMI-PK-01",
        "starts_at": "2030-03-04T09:00",
        "ends_at": "2030-03-04T12:00",
        **other,
    }


async def scheduler_with_syllabus(world: World) -> tuple[Actor, Any, str]:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        syllabus = await shipped_syllabus(db)
        hall = await room(db, place.org_id)
    return scheduler, syllabus.id, str(hall.id)


async def test_base_plans_fills_and_publishes_a_session_that_anyone_finds(world: World, client_as: ClientAs) -> None:
    scheduler, syllabus_id, hall = await scheduler_with_syllabus(world)
    client = await client_as(scheduler)
    planned = await client.post("/api/course-sessions", json=session_body(syllabus_id))
    assert planned.status_code == 201
    address = f"/api/course-sessions/{planned.json()['id']}"
    early = await client.post(f"{address}/publish")
    assert early.status_code == 409
    assert early.json()["type"] == "/problems/hours-missing"
    assert "TMI-PK-01 技术转移与成果转化概论缺4学时" in early.json()["detail"]
    content = (await client.get(f"/api/editions/{syllabus_id}")).json()["content"]
    day, clock_minutes = 4, 8 * 60
    for module in content["modules"]:
        for course in module["courses"]:
            minutes = course["periods"] * content["minutes_per_period"]
            if clock_minutes + minutes > 20 * 60:
                day, clock_minutes = day + 1, 8 * 60
            form = course["forms"][0]
            body = {
                "course_code": course["id"],
                "starts_at": f"2030-03-{day:02d}T{clock_minutes // 60:02d}:{clock_minutes % 60:02d}",
                "ends_at": f"2030-03-{day:02d}T{(clock_minutes + minutes) // 60:02d}:{(clock_minutes + minutes) % 60:02d}",
                "form": form,
                "room_id": None if form == "online" else hall,
            }
            made = await client.post(f"{address}/meetings", json=body)
            assert made.status_code == 201, made.text
            assert made.json()["module"] == module["id"]
            clock_minutes += minutes
    assert (await client.get(address)).json()["coverage"]["complete"] is True
    published = await client.post(f"{address}/publish")
    assert published.status_code == 200
    assert published.json()["state"] == "published"
    anyone = await client_as(None)
    found = (await anyone.get("/api/courses", params={"level": "initial", "open": "true"})).json()
    assert [one["seats_left"] for one in found if one["code"] == published.json()["code"]] == [40]
    detail = (await anyone.get(f"/api/courses/{published.json()['code']}")).json()
    assert len(detail["programme"]) == sum(len(module["courses"]) for module in content["modules"])
    assert detail["sign_up"] == "open"


async def test_clash_is_refused_with_alternatives_in_both_languages(world: World, client_as: ClientAs) -> None:
    scheduler, syllabus_id, hall = await scheduler_with_syllabus(world)
    client = await client_as(scheduler)
    address = (
        "/api/course-sessions/"
        + (await client.post("/api/course-sessions", json=session_body(syllabus_id))).json()["id"]
    )
    assert (await client.post(f"{address}/meetings", json=meeting_body(room_id=hall))).status_code == 201
    for language, words in (
        ("zh-CN", "已被“初级班：技术转移与成果转化概论”占用"),
        ("en", "is taken from 2030-03-04 09:00 to 12:00"),
    ):
        refused = await client.post(
            f"{address}/meetings", json=meeting_body(room_id=hall), headers={"accept-language": language}
        )
        problem = refused.json()
        assert refused.status_code == 409
        assert problem["type"] == "/problems/room-taken"
        assert words in problem["detail"]
        assert problem["errors"][0]["pointer"] == "/room_id"
        assert problem["facts"]["alternatives"][0]["starts_at"].startswith("2030-03-04T")
    assert len((await client.get(f"{address}/meetings")).json()) == 1


async def test_bad_input_names_its_field(world: World, client_as: ClientAs) -> None:
    scheduler, syllabus_id, _ = await scheduler_with_syllabus(world)
    client = await client_as(scheduler)
    for change, pointer in (
        ({"capacity": 0}, "capacity"),
        ({"starts_on": "2030-02-30"}, "starts_on"),
        ({"code": "kleine buchstaben"}, "code"),
        ({"title": {"en": "x"}}, "title/zh"),
        ({"surprise": 1}, "surprise"),
        ({"fee_fen": -1}, "fee_fen"),
    ):
        refused = await client.post("/api/course-sessions", json=session_body(syllabus_id, **change))
        assert refused.status_code == 422, change
        assert any(one["pointer"].endswith(pointer) for one in refused.json()["errors"]), refused.json()
    assert (await client.get("/api/course-sessions")).json() == []


async def test_stranger_gets_404_and_who_may_not_plan_403(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await course_session(db)
        stranger = await staff(db, "scheduler", (await base(db)).org_id)
        lecturer = await staff(db, "lecturer", session.org_id)
        trainee = await holder(db)
    address = f"/api/course-sessions/{session.id}"
    client = await client_as(stranger)
    for method, path, body in (
        ("GET", address, None),
        ("PUT", address, {"title": {"zh": "x"}, "starts_on": "2030-03-04", "ends_on": "2030-03-05", "capacity": 1}),
        ("POST", f"{address}/publish", None),
        ("POST", f"{address}/cancel", {"reason": "没有理由"}),
        ("POST", f"{address}/copy", {"starts_on": "2030-04-01"}),
        ("GET", f"{address}/meetings", None),
        ("POST", f"{address}/meetings", meeting_body()),
        ("GET", f"{address}/calendar.ics", None),
        ("GET", f"/api/courses/{session.code}", None),
    ):
        answer = await client.request(method, path, json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    teaching = await client_as(lecturer)
    assert (await teaching.get(address)).status_code == 200
    assert (await teaching.post(f"{address}/meetings", json=meeting_body())).status_code == 403
    assert (await (await client_as(trainee)).get(address)).status_code == 403
    assert (await (await client_as(None)).get(address)).status_code == 401


async def test_meeting_of_another_session_is_not_found_at_this_address(world: World, client_as: ClientAs) -> None:
    scheduler, syllabus_id, _ = await scheduler_with_syllabus(world)
    client = await client_as(scheduler)
    first, second = [
        (await client.post("/api/course-sessions", json=session_body(syllabus_id))).json()["id"] for _ in range(2)
    ]
    made = (await client.post(f"/api/course-sessions/{first}/meetings", json=meeting_body())).json()["meeting_id"]
    wrong = f"/api/course-sessions/{second}/meetings/{made}"
    assert (await client.put(wrong, json=meeting_body())).status_code == 404
    assert (await client.delete(wrong)).status_code == 404
    right = f"/api/course-sessions/{first}/meetings/{made}"
    changed = await client.put(right, json=meeting_body(starts_at="2030-03-05T09:00", ends_at="2030-03-05T10:30"))
    assert changed.json()["minutes"] == 90
    assert (await client.delete(right)).status_code == 204


async def test_copying_cancelling_and_changing_over_http(world: World, client_as: ClientAs) -> None:
    scheduler, syllabus_id, _ = await scheduler_with_syllabus(world)
    client = await client_as(scheduler)
    made = (await client.post("/api/course-sessions", json=session_body(syllabus_id))).json()
    address = f"/api/course-sessions/{made['id']}"
    await client.post(f"{address}/meetings", json=meeting_body())
    copied = await client.post(f"{address}/copy", json={"starts_on": "2030-04-01", "code": "COPY-2030"})
    assert copied.status_code == 201
    assert copied.json()["open_ends"] == []
    assert copied.json()["session"]["ends_on"] == "2030-04-12"
    body = session_body(syllabus_id, capacity=30)
    del body["syllabus_id"]
    assert (await client.put(address, json=body)).json()["capacity"] == 30
    assert (await client.post(f"{address}/cancel", json={"reason": "人数不足"})).json()["state"] == "cancelled"
    again = await client.post(f"{address}/cancel", json={"reason": "人数不足"}, headers=ENGLISH)
    assert again.status_code == 409
    assert "closed or cancelled" in again.json()["detail"]
    rows = (await client.get("/api/course-sessions", params={"session_state": "planned"})).json()
    assert [one["code"] for one in rows] == ["COPY-2030"]


async def published_with_lecturer(world: World) -> tuple[CourseSession, Actor]:
    async with world() as db:
        place = await base(db)
        scheduler = await staff(db, "scheduler", place.org_id)
        someone = await person(db, "李明华")
        await staff(db, "lecturer", place.org_id, "李明华", person_id=someone.id)
        hall = await room(db, place.org_id, "大教室")
        session = await published_session(db, place, room=hall, lecturer_id=someone.id)
    return session, scheduler


async def test_calendar_of_a_session_counts_up_when_a_meeting_moves(world: World, client_as: ClientAs) -> None:
    session, scheduler = await published_with_lecturer(world)
    anyone, client = await client_as(None), await client_as(scheduler)
    before = await anyone.get(f"/api/courses/{session.code}/calendar.ics")
    assert before.headers["content-type"].startswith("text/calendar")
    events = {str(one["uid"]): one for one in Calendar.from_ical(before.content).walk("VEVENT")}
    programme = (await client.get(f"/api/course-sessions/{session.id}/meetings")).json()
    assert len(events) == len(programme)
    first = min(events.values(), key=lambda one: one["dtstart"].dt)
    assert str(first["summary"]) == "技术经理人培训班：技术转移与成果转化概论"
    assert first["dtstart"].dt.isoformat() == "2030-03-04T00:00:00+00:00"
    assert str(first["location"]) == "教学楼 大教室 某路1号"
    meeting = programme[0]["meeting_id"]
    moved = await client.put(
        f"/api/course-sessions/{session.id}/meetings/{meeting}",
        json=meeting_body(starts_at="2030-03-12T09:00", ends_at="2030-03-12T12:00"),
    )
    assert moved.status_code == 200
    await client.delete(f"/api/course-sessions/{session.id}/meetings/{programme[1]['meeting_id']}")
    after = await anyone.get(f"/api/courses/{session.code}/calendar.ics", headers=ENGLISH)
    later = {str(one["uid"]): one for one in Calendar.from_ical(after.content).walk("VEVENT")}
    assert later.keys() == events.keys()
    assert int(later[str(first["uid"])]["sequence"]) == 1
    assert later[str(first["uid"])]["dtstart"].dt.isoformat() == "2030-03-12T01:00:00+00:00"
    assert [str(one["status"]) for one in later.values()].count("CANCELLED") == 1
    assert "Introduction to technology transfer" in str(later[str(first["uid"])]["summary"])


async def test_programme_of_a_planned_session_is_nobody_elses(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await course_session(db)
    anyone = await client_as(None)
    assert (await anyone.get(f"/api/courses/{session.code}")).status_code == 404
    assert (await anyone.get(f"/api/courses/{session.code}/calendar.ics")).status_code == 404
    assert session.code not in {one["code"] for one in (await anyone.get("/api/courses")).json()}


async def test_lecturers_are_listed_for_their_own_organisation(world: World, client_as: ClientAs) -> None:
    _, scheduler = await published_with_lecturer(world)
    client = await client_as(scheduler)
    assert [one["name"] for one in (await client.get("/api/lecturers")).json()] == ["李明华"]
    assert (await client.get("/api/lecturers", params={"q": "没有"})).json() == []
