"""The walk's first part: register and editions read, a course session scheduled and published, people signed up, hours earned."""

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.cli.walking.walker import Browser, Walk
from service.foundation.language import later

PROJECT = Path(__file__).resolve().parents[3]
BEIJING = ZoneInfo("Asia/Shanghai")
DAY_BEGINS, LUNCH, LONGEST_HALF = 9, 14, 240  # o'clock, o'clock, minutes
LEVEL, SHIPPED = "initial", "2026.1"
TRAINEES = (
    ("1390001", "林知远", "LIN Zhiyuan"),
    ("1390002", "欧阳若川", "OUYANG Ruochuan"),
    ("1390003", "阿依努尔·买买提", "Ayinuer Maimaiti"),
)


def resident_number(seed: int) -> str:
    """A made-up resident number with a right check character (GB 11643) under a region code given to nobody."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy
    body = f"110199{1970 + chance.randrange(30)}{chance.randrange(1, 13):02d}{chance.randrange(1, 28):02d}{chance.randrange(1000):03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def register_and_editions(walk: Walk) -> None:
    """36 slots; a frozen standard, syllabi and blueprints; one edition uploaded, checked and approved by a second person."""
    with walk.step(later("The register lists the 36 bases")) as show:
        bases = walk.role("system").get("/api/bases")
        national = [one for one in bases if one["tier"] == "national"]
        walk.check(len(national) == 36, f"{len(national)} national bases, not 36")
        show(verified=sum(1 for one in national if one["verified"]), address=f"{walk.base_url}/bases")
    with walk.step(later("Standards, syllabi and blueprints are frozen editions")) as show:
        editions = walk.role("scheduler").get("/api/editions")
        frozen = [one for one in editions if one["state"] == "frozen"]
        walk.made["syllabus"] = next(
            one for one in frozen if one["kind"] == "syllabus" and one["level"] == LEVEL and one["version"] == SHIPPED
        )
        walk.made["blueprint"] = next(one for one in frozen if one["kind"] == "blueprint" and LEVEL in one["code"])
        show(frozen=len(frozen), syllabus=walk.made["syllabus"]["code"], digest=walk.made["syllabus"]["digest"][:16])


def upload_edition(walk: Walk) -> None:
    """A new edition of the syllabus: uploaded, checked, approved by a second person, frozen without a release."""
    owner, second = walk.role("standards"), walk.role("standards2")
    with walk.step(later("A syllabus is uploaded, checked, approved by a second person and frozen")) as show:
        shipped = PROJECT / "curricula" / "courses" / "technology-manager-2026-initial.yaml"
        mark = f"{datetime.now(UTC):%m%d%H%M%S}"
        text = shipped.read_text("utf-8").replace('version: "2026.1"', f'version: "2026.1-{mark}"', 1)
        wrong = text.replace("minutes_per_period: 45", "minutes_per_period: minus", 1)
        refused = owner.call(
            "POST", "/api/editions", (201, 422), json={"file_name": "wrong.yaml", "text": wrong}
        ).json()
        upload = owner.post("/api/editions", {"file_name": "syllabus.yaml", "text": text})
        edition = upload["edition_id"]
        owner.post(f"/api/editions/{edition}/propose")
        owner.call("POST", f"/api/editions/{edition}/decision", 403, json={"approve": True})
        frozen = second.post(f"/api/editions/{edition}/decision", {"approve": True})
        walk.check(frozen["state"] == "frozen", f"the edition is {frozen['state']}")
        show(
            edition=f"{frozen['code']} {frozen['version']}",
            digest=frozen["digest"][:16],
            faults_found=len(refused.get("findings") or refused.get("errors") or []),
        )


def schedule(walk: Walk) -> None:
    """A course session with meetings that cover the syllabus; a clash is refused and explained; published."""
    scheduler = walk.role("scheduler")
    today = datetime.now(BEIJING).date()
    mark = f"{datetime.now(UTC):%m%d%H%M%S}"
    with walk.step(later("The scheduler plans a course session from the syllabus")) as show:
        venue = scheduler.post(
            "/api/venues", {"name": {"zh": f"演示教学楼 {mark}", "en": f"Demonstration building {mark}"}}
        )
        room = scheduler.post("/api/rooms", {"venue_id": venue["id"], "name": "301", "seats": 60})
        session = scheduler.post(
            "/api/course-sessions",
            {
                "syllabus_id": walk.made["syllabus"]["id"],
                "code": f"DEMO-{mark}",
                "title": {
                    "zh": "初级技术经理人培训班（演示）",
                    "en": "Initial technology manager course (demonstration)",
                },
                # A month in a minute: the course began 30 days ago and ends today, sign-up with it.
                "starts_on": str(today - timedelta(days=30)),
                "ends_on": str(today),
                "sign_up_closes_at": f"{today}T23:59:59+08:00",
                "capacity": 30,
                "place": "演示教学楼",
            },
        )
        lecturer = next(iter(scheduler.get("/api/lecturers")), None)
        walk.check(lecturer is not None, "the base has no lecturer")
        walk.made |= {"venue": venue, "room": room, "session": session, "mark": mark, "lecturer": lecturer}
        show(session=session["code"], address=f"{walk.base_url}/sessions/{session['id']}")
    with walk.step(later("Meetings are added until the syllabus is covered")) as show:
        meetings = add_meetings(walk, scheduler, today - timedelta(days=30))
        show(meetings=len(meetings))
    with walk.step(
        later("A second meeting in the same room at the same time is refused, with free alternatives")
    ) as show:
        problem = scheduler.refused(
            "POST", f"/api/course-sessions/{session['id']}/meetings", 409, "room-taken", json=walk.made["first_meeting"]
        )
        show(refusal=problem["detail"])
    with walk.step(
        later("The same lecturer in two rooms at one time is refused by the database, with free alternatives")
    ) as show:
        problem = two_rooms_at_once(walk, scheduler, today)
        show(refusal=problem["detail"], alternatives=len(problem["facts"]["alternatives"]))
    with walk.step(later("The session is published and anyone can find it")) as show:
        scheduler.post(f"/api/course-sessions/{session['id']}/publish")
        found = walk.anyone.get(f"/api/courses/{session['code']}")
        show(address=f"{walk.base_url}/courses/{found['code']}")


def two_rooms_at_once(walk: Walk, scheduler: Browser, today: date) -> dict[str, Any]:
    """A second course wants the lecturer of the first one at the same time in a room that is free; the refusal."""
    mark = walk.made["mark"]
    room = scheduler.post("/api/rooms", {"venue_id": walk.made["venue"]["id"], "name": "302", "seats": 40})
    parallel = scheduler.post(
        "/api/course-sessions",
        {
            "syllabus_id": walk.made["syllabus"]["id"],
            "code": f"DEMO-{mark}-B",
            "title": {"zh": "初级技术经理人平行班（演示）", "en": "Parallel initial course (demonstration)"},
            "starts_on": str(today - timedelta(days=30)),
            "ends_on": str(today),
            "sign_up_closes_at": f"{today}T23:59:59+08:00",
            "capacity": 30,
            "place": "演示教学楼",
        },
    )
    wanted = walk.made["first_meeting"] | {"room_id": room["id"], "lecturer_id": walk.made["lecturer"]["person_id"]}
    path = f"/api/course-sessions/{parallel['id']}/meetings"
    problem = scheduler.refused("POST", path, 409, "person-taken", json=wanted)
    walk.check(bool(problem["facts"].get("alternatives")), "the refusal names no free alternatives")
    return problem


def add_meeting(walk: Walk, scheduler: Browser, body: dict[str, Any]) -> Any:
    """One meeting with the lecturer; without, when an earlier walk on the same days holds the lecturer's time."""
    path = f"/api/course-sessions/{walk.made['session']['id']}/meetings"
    taught = body | {"lecturer_id": walk.made["lecturer"]["person_id"]}
    answer = scheduler.call("POST", path, (201, 409), json=taught)
    if answer.status_code == 201:
        return answer.json()
    walk.check(answer.json()["type"].endswith("/person-taken"), answer.text[:500])
    return scheduler.post(path, body)


def add_meetings(walk: Walk, scheduler: Browser, first: date) -> list[dict[str, Any]]:
    """Meetings of at most half a day for every course of the syllabus, one after another, weekends included."""
    room = walk.made["room"]
    syllabus = scheduler.get(f"/api/editions/{walk.made['syllabus']['id']}")["content"]
    made: list[dict[str, Any]] = []
    half = 0
    for module in syllabus["modules"]:
        for course in module["courses"]:
            left = course["periods"] * syllabus["minutes_per_period"]
            while left > 0:
                minutes = min(left, LONGEST_HALF)
                hour = DAY_BEGINS if half % 2 == 0 else LUNCH
                begins = datetime(first.year, first.month, first.day, hour, tzinfo=BEIJING) + timedelta(days=half // 2)
                body = {
                    "course_code": course["id"],
                    "starts_at": begins.isoformat(),
                    "ends_at": (begins + timedelta(minutes=minutes)).isoformat(),
                    "form": course["forms"][0],
                    "room_id": None if course["forms"][0] == "online" else room["id"],
                }
                walk.made.setdefault("first_meeting", body)
                made.append(add_meeting(walk, scheduler, body))
                left -= minutes
                half += 1
    walk.made["meetings"] = made
    return made


def sign_up(walk: Walk) -> None:
    """Persons sign in by code, give identity, see the grounds, apply; the English spelling is confirmed by the holder."""
    session = walk.made["session"]
    walk.made["trainees"] = []
    for number, (phone, name, english) in enumerate(TRAINEES):
        full = f"{phone}{walk.made['mark'][-4:]}"
        with walk.step(later("%(name)s signs in by a code, declares identity and applies"), name=name) as show:
            person = walk.person(full, name)
            identity = resident_number(int(walk.made["mark"]) + number)
            person.post(
                "/api/my/identity", {"kind": "resident", "identity_number": identity, "name": name, "consent": True}
            )
            person.put("/api/my/english-name", {"english_name": english})
            enrolment = person.post(f"/api/courses/{session['id']}/apply", {"consent": True})
            walk.check(enrolment["state"] == "enrolled", f"the state is {enrolment['state']}")
            walk.made["trainees"].append({"phone": full, "name": name, "identity": identity, "enrolment": enrolment})
            show(enrolment=enrolment["id"], state=enrolment["state"])


def see_documents(walk: Walk) -> None:
    """The clerk looks at the original document of everybody enrolled; the number stays masked."""
    scheduler = walk.role("scheduler")
    with walk.step(later("The clerk has seen everybody's original identity document")) as show:
        for trainee in walk.made["trainees"]:
            person = scheduler.get(f"/api/people/{trainee['enrolment']['person_id']}")
            for document in person["documents"]:
                scheduler.post(f"/api/people/documents/{document['id']}/seen")
                show(**{trainee["name"]: document["masked"]})


def attend(walk: Walk) -> None:
    """The session's own list is taken away, filled in and sent back; hours are posted by module and never typed."""
    scheduler, session = walk.role("scheduler"), walk.made["session"]
    with walk.step(
        later("The session's own attendance list is filled in; a wrong word comes back with its row")
    ) as show:
        listed = scheduler.call("GET", f"/sessions/{session['id']}/attendance-list/list/csv", 200).content
        head, *rows = csv.reader(io.StringIO(listed.decode("utf-8-sig")))
        place = next(place for place, title in enumerate(head) if title.startswith("出勤"))
        filled = [[*row[:place], "出勤", *row[place + 1 :]] for row in rows]
        wrong = [[*filled[0][:place], "到过", *filled[0][place + 1 :]], *filled[1:]]
        refused = send_list(scheduler, f"/api/imports?kind=attendance&target={session['id']}", [head, *wrong])
        walk.check(refused["counts"].get("wrong") == 1, f"{refused['counts']}")
        scheduler.post(f"/api/imports/{refused['id']}/drop")
        walk.made["attendance"] = [head, *filled]
        show(rows=len(rows), found=refused["counts"])
    with walk.step(later("The list is kept; hours are posted to the ledger by module")) as show:
        preview = send_list(scheduler, f"/api/imports?kind=attendance&target={session['id']}", walk.made["attendance"])
        kept = scheduler.post(f"/api/imports/{preview['id']}/confirm")
        hours = scheduler.get(f"/api/enrolments/{walk.made['trainees'][0]['enrolment']['id']}/hours")
        walk.made["hours"] = hours
        show(kept=kept["state"], minutes=hours)


def send_list(browser: Browser, path: str, rows: list[list[str]]) -> Any:
    """Send rows as a text file in the encoding of Chinese Excel; the preview."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = ("考勤表.csv", text.getvalue().encode("gb18030"))
    return browser.call("POST", path, files={"data": file}).json()
