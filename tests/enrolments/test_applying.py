"""Applying for a session: identity, consent, window, seats, the waiting list, leaving."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from service.enrolments.queries import INVARIANTS
from service.enrolments.tables import EnrolmentState
from service.foundation.actor import Actor
from service.people.queries import persons
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base
from tests.given.courses import course_session, published_session
from tests.given.enrolments import enrolment
from tests.given.people import person


async def test_applying_takes_a_seat_and_tells_the_person(
    world: World, acting: As, client_as: ClientAs, drain: Callable[[], Awaitable[int]]
) -> None:
    async with world() as db:
        session = await published_session(db, capacity=2, with_meetings=False)
        who = await given.holder(db, (await person(db)).id)
    browser = await client_as(who)
    shown = await browser.get(f"/courses/{session.code}/apply")
    assert shown.status_code == 200
    assert "身份证件" in shown.text
    sent = await browser.post(f"/courses/{session.id}/apply", data={"consent": "true"})
    assert sent.status_code == 303, sent.text
    mine = (await browser.get("/api/my/enrolments")).json()
    assert [(one["state"], one["waiting_position"]) for one in mine] == [("enrolled", None)]
    assert await drain() >= 1
    async with acting(who) as db:
        letters = (await db.execute(sa.text("SELECT kind, facts FROM letter"))).all()
    assert [one.kind for one in letters] == ["enrolment.enrolled"]
    assert letters[0].facts["code"] == session.code
    again = await browser.post(f"/api/courses/{session.id}/apply", json={"consent": True})
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[-1]) == (409, "already-enrolled")


async def test_without_identity_or_consent_nothing_is_written(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        nobody = await given.holder(db)
        somebody = await given.holder(db, (await person(db)).id)
    refused = await (await client_as(nobody)).post(f"/api/courses/{session.id}/apply", json={"consent": True})
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (422, "identity-needed")
    page = await (await client_as(somebody)).post(f"/courses/{session.id}/apply", data={})
    assert page.status_code == 422
    assert "未经您同意" in page.text
    english = await (await client_as(somebody)).post(
        f"/api/courses/{session.id}/apply", json={"consent": False}, headers={"accept-language": "en"}
    )
    assert english.json()["detail"].startswith("Without your consent")
    async with world() as db:
        assert (
            await db.scalar(sa.text("SELECT count(*) FROM enrolment WHERE course_session_id = :s"), {"s": session.id})
            == 0
        )
        assert await db.scalar(sa.text("SELECT taken FROM course_session WHERE id = :s"), {"s": session.id}) == 0


async def test_the_window_is_held_by_the_databases_clock(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        who = await given.holder(db, (await person(db)).id)
        home = await base(db)
        now = datetime.now(UTC)
        early = await course_session(db, home, sign_up_opens_at=now + timedelta(days=1))
        late = await course_session(db, home, sign_up_closes_at=now - timedelta(seconds=1))
        for one in (early, late):
            one.state = type(one.state)("published")
            db.add(one)
        planned = await course_session(db, home)
    browser = await client_as(who)
    slugs = []
    for one in (early, late, planned):
        answer = await browser.post(f"/api/courses/{one.id}/apply", json={"consent": True})
        slugs.append((answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]))
    assert slugs == [(409, "sign-up-not-open"), (409, "sign-up-closed"), (404, "not-found")]


async def apply_as(client_as: ClientAs, who: Actor, session_id: object) -> dict[str, object]:
    """Apply through the API; the answer's JSON."""
    answer = await (await client_as(who)).post(f"/api/courses/{session_id}/apply", json={"consent": True})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_the_waiting_list_moves_in_its_order(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, capacity=1, with_meetings=False)
        people = [await given.holder(db, (await person(db, name)).id) for name in ("甲某", "乙某", "丙某", "丁某")]
    made = [await apply_as(client_as, who, session.id) for who in people]
    assert [(one["state"], one["waiting_position"]) for one in made] == [
        ("enrolled", None),
        ("waiting", 1),
        ("waiting", 2),
        ("waiting", 3),
    ]
    second = await client_as(people[1])
    assert (await second.post(f"/api/enrolments/{made[1]['id']}/withdraw")).json()["state"] == "withdrawn"
    third = await client_as(people[2])
    assert (await third.get(f"/api/enrolments/{made[2]['id']}")).json()["waiting_position"] == 1
    first = await client_as(people[0])
    assert (await first.post(f"/my/enrolments/{made[0]['id']}/withdraw")).status_code == 303
    assert (await third.get(f"/api/enrolments/{made[2]['id']}")).json()["state"] == "enrolled"
    fourth = await client_as(people[3])
    page = await fourth.get("/my/enrolments")
    assert "候补名单第 1 位" in page.text
    again = await first.post(f"/api/enrolments/{made[0]['id']}/withdraw")
    assert again.json()["type"].endswith("enrolment-ended")
    assert (await apply_as(client_as, people[0], session.id))["waiting_position"] == 2
    async with world() as db:
        for statement in INVARIANTS.values():
            assert (await db.execute(sa.text(statement))).all() == []


async def test_a_lecturer_of_a_session_is_not_enrolled_in_it(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db)
        teacher = await given.holder(db, (await person(db, "授课人")).id)
        await db.execute(sa.text("UPDATE meeting SET lecturer_id = :who"), {"who": teacher.person_id})
    answer = await (await client_as(teacher)).post(f"/api/courses/{session.id}/apply", json={"consent": True})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/teaches-here")
    assert answer.json()["detail"] == "本班授课教师不能同时报名本班。"


async def test_more_seats_are_given_to_those_who_wait(
    world: World, client_as: ClientAs, drain: Callable[[], Awaitable[int]]
) -> None:
    async with world() as db:
        session = await published_session(db, capacity=1, with_meetings=False)
        scheduler = await given.staff(db, "scheduler", session.org_id)
        people = [await given.holder(db, (await person(db, name)).id) for name in ("甲某", "乙某", "丙某", "丁某")]
    made = [await apply_as(client_as, who, session.id) for who in people]
    office = await client_as(scheduler)
    now = (await office.get(f"/api/course-sessions/{session.id}")).json()
    kept = ("title", "starts_on", "ends_on", "sign_up_opens_at", "sign_up_closes_at", "place")
    change = {name: now[name] for name in kept} | {"capacity": 3}
    answer = await office.put(f"/api/course-sessions/{session.id}", json=change)
    assert answer.status_code == 200, answer.text
    await drain()
    states = [(await office.get(f"/api/enrolments/{one['id']}")).json()["state"] for one in made]
    assert states == ["enrolled", "enrolled", "enrolled", "waiting"]


async def test_strangers_find_nothing(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        row = await enrolment(db, session)
        other = await base(db, "另一基地")
        strangers = [await given.holder(db, (await person(db)).id), await given.staff(db, "scheduler", other.org_id)]
    for stranger in strangers:
        browser = await client_as(stranger)
        assert (await browser.get(f"/api/enrolments/{row.id}")).status_code == 404
        assert (await browser.post(f"/api/enrolments/{row.id}/withdraw")).status_code == 404
    office = await client_as(strangers[1])
    for path in (f"/sessions/{session.id}/enrolments", f"/api/sessions/{session.id}/enrolments"):
        assert (await office.get(path)).status_code == 404
    assert (await office.post(f"/api/enrolments/{row.id}/refuse", json={"reason": "材料不全"})).status_code == 404
    async with world() as db:
        assert await db.scalar(sa.text("SELECT state FROM enrolment WHERE id = :i"), {"i": row.id}) == "enrolled"


async def test_the_base_sees_who_applied_until_the_archive_ends(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        applicant = await person(db, "戊某")
        who = await given.holder(db, applicant.id)
        office = await given.staff(db, "scheduler", session.org_id)
    async with acting(office) as db:
        assert await persons(db, [applicant.id]) == {}
    made = await apply_as(client_as, who, session.id)
    async with acting(office) as db:
        assert (await persons(db, [applicant.id]))[applicant.id].name == "戊某"
        until = await db.scalar(sa.text("SELECT until FROM person_access WHERE source_id = :s"), {"s": made["id"]})
    assert until.year == session.ends_on.year + 6
    listed = await (await client_as(office)).get(f"/sessions/{session.id}/enrolments")
    assert "戊某" in listed.text
    assert made["state"] == EnrolmentState.ENROLLED.value
