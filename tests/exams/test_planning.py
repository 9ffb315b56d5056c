"""Planning and freezing: a form that cannot be drawn is refused before anything is written."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given as for_all
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from curricula.content import shipped
from curricula.papers import Blueprint, arrangement, candidate_paper, draw
from service.courses.tables import CourseSession
from service.exams.rules import arranged, clock_text, final_answers, is_answer, points_text, receipt_of, response_from
from service.exams.tables import ExamForm, ExamSession, ExamState, Sitting
from service.foundation import clock
from service.timetable.tables import Room, Venue
from tests.conftest import ClientAs, World
from tests.given import accounts as given_accounts
from tests.given import exams as given
from tests.given import items as given_items
from tests.given.exams import ExamWorld


def plan_of(made: ExamWorld, **changed: Any) -> dict[str, Any]:
    """What a scheduler sends to plan an exam like the given one."""
    now = clock.now()
    return {
        "course_session_id": str(made.exam.course_session_id),
        "blueprint_id": str(made.exam.blueprint_id),
        "bank_id": str(made.exam.bank_id),
        "opens_at": (now + timedelta(days=1)).isoformat(),
        "closes_at": (now + timedelta(days=1, hours=3)).isoformat(),
        **changed,
    }


async def test_exam_is_planned_by_the_blueprints_time_and_pass_mark(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.planned_exam(db)
    office = await client_as(made.scheduler)
    answer = await office.post("/api/exams", json=plan_of(made))
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["duration_minutes"], said["pass_numerator"], said["pass_denominator"]) == (90, 3, 5)
    assert (said["state"], said["title"]["zh"]) == ("planned", "2026年第1期初级班考试（2）")
    listed = (await office.get("/api/exams")).json()["rows"]
    assert [row["id"] for row in listed] == [said["id"], str(made.exam.id)]


async def test_plan_that_makes_no_sense_is_refused_by_field(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.planned_exam(db)
        bank = await given_items.secret_bank(db, made.home.id)
        senior = shipped().blueprints[("technology-manager-2026-senior-written", 1)].to_json()
        other_level = await given.blueprint(db, senior)
        elsewhere = await given_accounts.organisation(db, "别的单位")
        foreign = await given_items.secret_bank(db, elsewhere.id, "foreign-bank")
        session = await given.course_session(db, elsewhere)
    office = await client_as(made.scheduler)
    later, soon = clock.now() + timedelta(days=2), clock.now() + timedelta(days=1, minutes=30)
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"closes_at": (clock.now() - timedelta(days=1)).isoformat()}, 422, "closes_at"),
        ({"closes_at": soon.isoformat()}, 422, "closes_at"),
        ({"bank_id": str(bank.id)}, 422, "bank_id"),
        ({"blueprint_id": str(other_level.id)}, 422, "blueprint_id"),
        ({"duration_minutes": 3}, 422, "duration_minutes"),
        ({"opens_at": later.replace(tzinfo=None).isoformat()}, 422, "opens_at"),
        ({"bank_id": str(foreign.id)}, 404, ""),
        ({"course_session_id": str(session.id)}, 404, ""),
        ({"blueprint_id": str(uuid4())}, 404, ""),
    ]
    for change, status, field in cases:
        answer = await office.post("/api/exams", json=plan_of(made, **change))
        assert answer.status_code == status, (change, answer.text)
        if field:
            assert field in answer.text
    async with world() as db:
        count = await db.scalar(sa.select(sa.func.count()).select_from(ExamSession))
        assert count == 1


async def test_blueprint_that_cannot_be_filled_is_refused_before_anything_is_written(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        made = await given.planned_exam(db, people=2)
        bank = await given_items.secret_bank(db, made.home.id)
        await given_items.item(db, bank)
        content = {**shipped().blueprints[given.BLUEPRINT].to_json(), "bank": bank.code}
        short = await given.blueprint(db, content)
        made.exam.bank_id, made.exam.blueprint_id = bank.id, short.id
        db.add(made.exam)
    office = await client_as(made.scheduler)
    answer = await office.post(f"/api/exams/{made.exam.id}/freeze")
    assert answer.status_code == 409
    said = answer.json()
    assert said["type"] == "/problems/form-cannot-be-drawn"
    assert "single-law" in said["detail"]
    page = await office.post(f"/exams/{made.exam.id}/freeze")
    assert page.status_code == 422
    assert "无法组卷" in page.text
    async with world() as db:
        assert await db.scalar(sa.select(sa.func.count()).select_from(ExamForm)) == 0
        assert await db.scalar(sa.select(sa.func.count()).select_from(Sitting)) == 0
        exam = (await db.scalars(select(ExamSession).where(col(ExamSession.id) == made.exam.id))).one()
        assert exam.state == ExamState.PLANNED


async def test_exam_holds_its_room_until_it_is_cancelled(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.planned_exam(db)
        venue = Venue(org_id=made.home.id, name={"zh": "主校区"})
        db.add(venue)
        await db.flush()
        room = Room(org_id=made.home.id, venue_id=venue.id, name="机房 1", seats=40)
        db.add(room)
    office = await client_as(made.scheduler)
    assert "机房 1" in (await office.get("/exams/new")).text
    plan = plan_of(made, room_id=str(room.id))
    first = await office.post("/api/exams", json=plan)
    assert first.status_code == 201, first.text
    clash = await office.post("/api/exams", json=plan)
    assert clash.json()["type"] == "/problems/room-taken"
    await office.put(f"/api/exams/{first.json()['id']}/title", json={"title": "上机考试"})
    async with world() as db:
        booked = await db.scalar(sa.text("SELECT title FROM occurrence WHERE owner_kind = 'exam_session'"))
        assert booked == {"zh": "上机考试"}
    assert (await office.post(f"/exams/{first.json()['id']}/cancel")).status_code == 303
    assert (await office.post(f"/api/exams/{first.json()['id']}/cancel")).json()["state"] == "cancelled"
    assert (await office.post("/api/exams", json=plan)).status_code == 201
    assert (await office.post(f"/api/exams/{first.json()['id']}/freeze")).status_code == 409
    async with world() as db:
        frozen = await given.frozen_exam(db, people=1)
    other = await client_as(frozen.scheduler)
    assert (await other.post(f"/api/exams/{frozen.exam.id}/cancel")).status_code == 409


async def test_nobody_enrolled_means_nothing_to_freeze(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.planned_exam(db, people=0)
    office = await client_as(made.scheduler)
    answer = await office.post(f"/api/exams/{made.exam.id}/freeze")
    assert answer.json()["type"] == "/problems/nobody-enrolled"
    async with world() as db:
        assert await db.scalar(sa.select(sa.func.count()).select_from(ExamForm)) == 0


async def test_people_enrolled_later_get_the_same_form_in_an_order_of_their_own(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=2, opens_in=30)
        session = (await db.scalars(select(CourseSession))).one()
        await given.candidate(db, session, "后来者")
    office = await client_as(made.scheduler)
    assert (await office.post(f"/api/exams/{made.exam.id}/sittings")).json() == {"added": 1}
    assert (await office.post(f"/api/exams/{made.exam.id}/sittings")).json() == {"added": 0}
    async with world() as db:
        sittings = list(await db.scalars(select(Sitting)))
        assert len({one.form_id for one in sittings}) == 1
        assert len({one.seed for one in sittings}) == 3
        assert len({str(one.arrangement["order"]) for one in sittings}) == 3
        for one in sittings:
            assert arrangement(made.paper, str(one.seed)) == one.arrangement, "the stored seed gives the stored order"


async def test_paper_of_candidates_is_the_pure_packages_paper(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=1)
    sitting = made.candidates[0].sitting
    assert sitting is not None
    browser = await client_as(made.candidates[0].actor)
    shown = (await browser.post(f"/api/sittings/{sitting.id}/start")).json()["paper"]
    assert shown == [one.to_json() for one in candidate_paper(made.paper, sitting.arrangement)]


async def test_pages_of_the_base_plan_freeze_and_watch(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.planned_exam(db, people=1)
    office = await client_as(made.scheduler)
    assert (await office.get("/exams")).status_code == 200
    form = await office.get("/exams/new")
    assert str(made.exam.course_session_id) in form.text
    values = {**plan_of(made), "opens_at": "2031-05-15T09:00", "closes_at": "2031-05-15T08:00"}
    wrong = await office.post("/exams", data=values)
    assert wrong.status_code == 422
    assert "考试的结束时间须晚于开始时间" in wrong.text
    planned = await office.post("/exams", data={**values, "closes_at": "2031-05-15T12:00"})
    assert planned.status_code == 303, planned.text
    address = planned.headers["location"]
    assert "2031-05-15 09:00" in (await office.get(address)).text
    assert (await office.post(f"{address}/freeze")).status_code == 303
    board = await office.get(f"{address}/board")
    assert board.status_code == 200
    assert made.candidates[0].person.name in board.text
    assert (await office.get(f"{address}/sittings/{uuid4()}/time")).status_code == 200
    hall = await client_as(made.invigilator)
    async with world() as db:
        sitting = (await db.scalars(select(Sitting))).one()
    time_form = f"{address}/sittings/{sitting.id}/time"
    assert (await hall.post(time_form, data={"minutes": "x", "reason": ""})).status_code == 422
    assert (await hall.post(time_form, data={"minutes": "10", "reason": "停电"})).status_code == 303
    assert "加时" in (await hall.get(address)).text


async def test_another_base_sees_no_exam(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.frozen_exam(db)
        elsewhere = await given_accounts.organisation(db, "别的基地")
        stranger = await given_accounts.staff(db, "scheduler", elsewhere.id)
    browser = await client_as(stranger)
    assert (await browser.get("/api/exams")).json()["rows"] == []
    for address in (f"/api/exams/{made.exam.id}", f"/api/exams/{made.exam.id}/sittings", f"/exams/{made.exam.id}"):
        assert (await browser.get(address)).status_code == 404
    assert (await browser.post(f"/api/exams/{made.exam.id}/freeze")).status_code == 404
    time = {"minutes": 5, "reason": "停电"}
    answer = await browser.post(f"/api/sittings/{made.candidates[0].sitting_id}/time", json=time)
    assert answer.status_code == 404


FORM = draw(
    Blueprint.from_json(shipped().blueprints[given.BLUEPRINT].to_json()),
    shipped().banks["technology-manager-public-sample"],
    7,
    clock.today(),
)
WRITTEN = [one.to_json() for one in candidate_paper(FORM, {"order": [s.slot for s in FORM.slots], "options": {}})]


@for_all(st.integers(min_value=0, max_value=2**52))
@with_settings(max_examples=60, deadline=None)
def test_arranging_without_keys_is_arranging_with_them(seed: int) -> None:
    chosen = arrangement(FORM, str(seed))
    assert arranged(WRITTEN, chosen) == [one.to_json() for one in candidate_paper(FORM, chosen)]


answers = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.lists(st.sampled_from("ABCD"), max_size=4),
    st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.text(max_size=3)), max_size=3),
)


@for_all(st.dictionaries(st.integers(1, 20), answers))
@with_settings(max_examples=100, deadline=None)
def test_receipt_depends_on_what_was_said_alone(said: dict[int, Any]) -> None:
    backwards = dict(reversed(list(said.items())))
    assert receipt_of("s", said) == receipt_of("s", backwards)
    spoken = {slot: one for slot, one in said.items() if is_answer(one)}
    assert receipt_of("s", said) == receipt_of("s", spoken)
    assert set(final_answers(said)) == {str(slot) for slot in spoken}
    if spoken:
        assert receipt_of("s", said) != receipt_of("s", {})
        assert receipt_of("s", said) != receipt_of("t", said)


def test_fields_of_a_form_become_the_answer_of_each_kind() -> None:
    def asked(kind: str, *parts: tuple[str, str]) -> dict[str, Any]:
        questions = [{"id": name, "kind": one} for name, one in parts] or [{"id": "", "kind": kind}]
        return {"slot": "7", "kind": kind, "questions": questions}

    assert response_from(asked("single"), {"a-7": ["B"]}) == "B"
    assert response_from(asked("multiple"), {"a-7": ["C", "A", "A"]}) == ["A", "C"]
    assert response_from(asked("multiple"), {}) is None
    assert response_from(asked("true_false"), {"a-7": ["false"]}) is False
    assert response_from(asked("numeric"), {"a-7": [" 12,5 "]}) == " 12,5 "
    assert response_from(asked("essay"), {"a-7": ["一\r\n二"]}) == "一\n二"
    assert response_from(asked("essay"), {"a-7": ["  "]}) is None
    case = asked("case", ("a", "single"), ("b", "numeric"))
    assert response_from(case, {"a-7-a": ["D"], "a-7-b": [""]}) == {"a": "D"}
    assert response_from(case, {}) is None


def test_points_and_clock_are_said_exactly() -> None:
    assert [points_text(one) for one in ("12", "7/2", "10/3", "0", "1/4")] == ["12", "3.5", "≈3.33", "0", "0.25"]
    assert [clock_text(one) for one in (0, 59, 3500, 3600, 5400, -3)] == [
        "00:00",
        "00:59",
        "58:20",
        "1:00:00",
        "1:30:00",
        "00:00",
    ]


async def test_nobody_joins_an_exam_that_has_opened(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await given.frozen_exam(db, people=1)
        session = (await db.scalars(select(CourseSession))).one()
    office = await client_as(made.scheduler)
    address = f"/api/exams/{made.exam.id}/sittings"
    assert (await office.post(address)).json() == {"added": 0}
    async with world() as db:
        await given.candidate(db, session, "后来者")
    refused = await office.post(address)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/exam-begun")
    assert "组卷后入班" not in (await office.get(f"/exams/{made.exam.id}")).text
    assert "组卷后入班" in (await office.post(f"/exams/{made.exam.id}/sittings")).text


async def test_exam_bears_the_course_sessions_name_and_can_be_renamed_while_planned(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        made = await given.planned_exam(db, people=1)
        made.exam.state = ExamState.CANCELLED
        await db.merge(made.exam)
    office = await client_as(made.scheduler)
    first = (await office.post("/api/exams", json=plan_of(made))).json()
    assert first["title"] == {"zh": "2026年第1期初级班考试", "en": "Initial class 1 of 2026: exam"}
    second = (await office.post("/api/exams", json=plan_of(made, title="补考"))).json()
    assert second["title"] == {"zh": "补考"}
    renamed = await office.put(f"/api/exams/{first['id']}/title", json={"title": "结业考试", "title_en": "Final exam"})
    assert renamed.json()["title"] == {"zh": "结业考试", "en": "Final exam"}
    assert (await office.put(f"/api/exams/{first['id']}/title", json={"title": ""})).status_code == 422
    assert (await office.post(f"/exams/{first['id']}/name", data={"title": "期末考试"})).status_code == 303
    assert "期末考试" in (await office.get(f"/exams/{first['id']}")).text
    await office.post(f"/api/exams/{first['id']}/freeze")
    late = await office.put(f"/api/exams/{first['id']}/title", json={"title": "另一名称"})
    assert late.json()["type"] == "/problems/state-conflict"
    page = await office.post(f"/exams/{first['id']}/name", data={"title": "另一名称"})
    assert page.status_code == 422


@pytest.mark.parametrize("change", [{"appeal_days": 0}, {"appeal_days": 91}, {"appeal_panel": 4}, {"appeal_panel": 1}])
async def test_appeal_settings_are_bounded_and_default_to_working_values(
    world: World, client_as: ClientAs, change: dict[str, int]
) -> None:
    async with world() as db:
        made = await given.planned_exam(db)
    office = await client_as(made.scheduler)
    planned = (await office.post("/api/exams", json=plan_of(made))).json()
    assert (planned["appeal_days"], planned["appeal_panel"]) == (15, 3)
    other = (await office.post("/api/exams", json=plan_of(made, appeal_days=7, appeal_panel=5))).json()
    assert (other["appeal_days"], other["appeal_panel"]) == (7, 5)
    refused = await office.post("/api/exams", json=plan_of(made, **change))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(change))}")
