"""What the base does with enrolments: by hand, refuse with a reason, move to another session."""

import sqlalchemy as sa

from service.courses.queries import meetings_of
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given.attendance import attended
from tests.given.bases import base
from tests.given.courses import published_session
from tests.given.enrolments import enrolment
from tests.given.people import person, resident_number


def slug(answer: object) -> str:
    """The refusal's slug."""
    return str(answer.json()["type"]).rsplit("/", 1)[-1]  # type: ignore[attr-defined]


async def test_a_person_is_enrolled_by_hand_once(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        office = await given.staff(db, "scheduler", session.org_id)
    browser = await client_as(office)
    form = {"name": "孙某", "identity_kind": "resident", "identity_number": resident_number(), "employer": "某研究所"}
    assert (await browser.post(f"/sessions/{session.id}/enrolments", data=form)).status_code == 303
    shown = await browser.get(f"/sessions/{session.id}/enrolments")
    assert "孙某" in shown.text
    assert "某研究所" in shown.text
    again = await browser.post(f"/sessions/{session.id}/enrolments", data=form)
    assert again.status_code == 422
    assert "已有报名记录" in again.text
    other_name = await browser.post(f"/sessions/{session.id}/enrolments", data=form | {"name": "孙另"})
    assert other_name.status_code == 422
    assert "孙某" not in other_name.text.split("逐人录入报名")[1]
    wrong = await browser.post(f"/api/sessions/{session.id}/enrolments", json=form | {"identity_number": "1234"})
    assert (wrong.status_code, slug(wrong)) == (422, "wrong-identity-form")
    async with world() as db:
        open_ends = await db.scalar(sa.text("SELECT count(*) FROM person_access WHERE until IS NULL"))
    assert open_ends == 0  # a base's ground ends with its archive


async def test_a_refusal_has_a_reason_the_person_reads(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, with_meetings=False)
        who = await person(db)
        row = await enrolment(db, session, who)
        office = await given.staff(db, "scheduler", session.org_id)
        director = await given.staff(db, "base_director", session.org_id)
        trainee = await given.holder(db, who.id)
    reader = await client_as(director)
    assert (await reader.post(f"/api/enrolments/{row.id}/refuse", json={"reason": "材料不全"})).status_code == 403
    browser = await client_as(office)
    empty = await browser.post(f"/sessions/{session.id}/enrolments/{row.id}/refuse", data={"reason": ""})
    assert empty.status_code == 422
    done = await browser.post(f"/sessions/{session.id}/enrolments/{row.id}/refuse", data={"reason": "材料不全"})
    assert done.status_code == 303
    assert "材料不全" in (await (await client_as(trainee)).get("/my/enrolments")).text
    async with world() as db:
        assert await db.scalar(sa.text("SELECT taken FROM course_session WHERE id = :s"), {"s": session.id}) == 0


async def test_a_seat_moves_only_where_one_is_free_and_the_syllabus_is_the_same(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        home = await base(db)
        session = await published_session(db, home)
        full = await published_session(db, home, capacity=1, with_meetings=False)
        await enrolment(db, full)
        other = await published_session(db, home, level="senior", with_meetings=False)
        free = await published_session(db, home, with_meetings=False)
        row, taught = await enrolment(db, session), await enrolment(db, session)
        await attended(db, (await meetings_of(db, session.id))[0], taught)
        elsewhere = await published_session(db, with_meetings=False)
        office = await given.staff(db, "scheduler", home.org_id)
    browser = await client_as(office)

    async def moved(enrolment_id: object, session_id: object) -> tuple[int, str]:
        answer = await browser.post(f"/api/enrolments/{enrolment_id}/transfer", json={"session_id": str(session_id)})
        return answer.status_code, "" if answer.status_code < 300 else slug(answer)

    assert await moved(row.id, full.id) == (409, "session-full")
    assert await moved(row.id, other.id) == (409, "other-syllabus")
    assert await moved(row.id, elsewhere.id) == (404, "not-found")
    assert await moved(taught.id, free.id) == (409, "hours-already-posted")
    assert await moved(row.id, free.id) == (201, "")
    async with world() as db:
        taken = (
            await db.execute(
                sa.text("SELECT taken FROM course_session WHERE id IN (:a, :b, :c) ORDER BY created_at"),
                {"a": session.id, "b": full.id, "c": free.id},
            )
        ).scalars()
        assert list(taken) == [1, 1, 1]
        assert (
            await db.scalar(sa.text("SELECT count(*) FROM enrolment WHERE course_session_id = :s"), {"s": full.id}) == 1
        )
