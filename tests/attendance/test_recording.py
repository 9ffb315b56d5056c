"""Attendance becomes hours: counted from the meeting, posted once, corrected by reversal, seen by few."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import given as forall
from hypothesis import strategies as st

from service.attendance.actions import record
from service.attendance.errors import (
    LateMinutesNeeded,
    MeetingAhead,
    MeetingNotHeld,
    MinutesNeedless,
    NotEnrolled,
    NotYourMeeting,
)
from service.attendance.queries import INVARIANTS, hours_of
from service.attendance.rules import minutes_counted
from service.attendance.tables import Presence
from service.courses.queries import meetings_of
from service.enrolments.tables import EnrolmentState
from service.foundation.errors import NotFound
from service.ledger.queries import INVARIANTS as LEDGER_INVARIANTS
from service.ledger.queries import balance
from service.ledger.tables import Book
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base
from tests.given.courses import course_session, meeting, published_session
from tests.given.enrolments import enrolment
from tests.given.people import person

LAST_MONTH = date(2026, 3, 2)


@forall(st.sampled_from(list(Presence)), st.integers(1, 600), st.one_of(st.none(), st.integers(0, 700)))
def test_minutes_lie_between_nothing_and_the_meeting(presence: Presence, whole: int, missed: int | None) -> None:
    try:
        counted = minutes_counted(presence.value, whole, missed)
    except LateMinutesNeeded:
        assert presence is Presence.LATE
        assert missed is None or not 1 <= missed < whole
    except MinutesNeedless:
        assert presence is not Presence.LATE
        assert missed
    else:
        assert Fraction(0) <= counted <= whole
        assert (counted == whole) == (presence is Presence.PRESENT)
        assert (counted == 0) == (presence in (Presence.ABSENT, Presence.EXCUSED))


async def test_hours_are_the_ledgers_and_a_correction_reverses(world: World, acting: As) -> None:
    async with world() as db:
        session = await published_session(db, starts_on=LAST_MONTH)
        row = await enrolment(db, session)
        office = await given.staff(db, "scheduler", session.org_id)
    async with acting(office) as db:
        one, two = (await meetings_of(db, session.id))[:2]
        first = await record(db, office, one.id, row.id, Presence.PRESENT)
        again = await record(db, office, one.id, row.id, Presence.PRESENT)
        assert (again.id, again.revision) == (first.id, 1)
        await record(db, office, two.id, row.id, Presence.LATE, 20)
        expected = {one.module: one.minutes}
        expected[two.module] = expected.get(two.module, 0) + two.minutes - 20
        assert await hours_of(db, row.id) == expected
        await record(db, office, one.id, row.id, Presence.ABSENT)
        expected[one.module] -= one.minutes
        assert await hours_of(db, row.id) == {module: minutes for module, minutes in expected.items() if minutes}
        back = await record(db, office, one.id, row.id, Presence.PRESENT)
        expected[one.module] += one.minutes
        assert back.revision == 3
        assert await hours_of(db, row.id) == expected
        entries = await db.scalar(sa.text("SELECT count(*) FROM ledger_entry WHERE org_id = :o"), {"o": session.org_id})
        assert entries == 4  # two posted, one reversed, one posted anew: nothing is changed or deleted
        given_minutes = await balance(
            db, org_id=session.org_id, book=Book.HOURS, code="hours.given", owner_id=session.id
        )
        assert given_minutes == -sum(expected.values())
    async with world() as db:
        for statement in (*INVARIANTS.values(), *LEDGER_INVARIANTS.values()):
            assert (await db.execute(sa.text(statement))).all() == []


async def test_who_is_late_needs_minutes_and_nobody_else_takes_any(world: World, acting: As) -> None:
    async with world() as db:
        session = await published_session(db, starts_on=LAST_MONTH)
        row = await enrolment(db, session)
        office = await given.staff(db, "scheduler", session.org_id)
    async with acting(office) as db:
        held = (await meetings_of(db, session.id))[0]
        for missed in (None, 0, held.minutes):
            with pytest.raises(LateMinutesNeeded):
                await record(db, office, held.id, row.id, Presence.LATE, missed)
        with pytest.raises(MinutesNeedless):
            await record(db, office, held.id, row.id, Presence.PRESENT, 30)
        assert await hours_of(db, row.id) == {}


async def test_a_meeting_is_recorded_by_its_lecturer_and_by_schedulers(world: World, acting: As) -> None:
    async with world() as db:
        teacher, other = await person(db, "陈老师"), await person(db, "周老师")
        session = await published_session(db, starts_on=LAST_MONTH, lecturer_id=teacher.id)
        row = await enrolment(db, session)
        hers = await given.staff(db, "lecturer", session.org_id, person_id=teacher.id)
        his = await given.staff(db, "lecturer", session.org_id, person_id=other.id)
        stranger = await given.staff(db, "scheduler", (await base(db)).org_id)
    async with acting(hers) as db:
        held = (await meetings_of(db, session.id))[0]
        assert (await record(db, hers, held.id, row.id, Presence.PRESENT)).minutes == held.minutes
    async with acting(his) as db:
        with pytest.raises(NotYourMeeting):
            await record(db, his, held.id, row.id, Presence.PRESENT)
    async with acting(stranger) as db:
        with pytest.raises(NotFound):
            await record(db, stranger, held.id, row.id, Presence.PRESENT)


async def test_what_has_not_begun_or_will_not_be_held_has_no_attendance(world: World, acting: As) -> None:
    async with world() as db:
        home = await base(db)
        ahead = await published_session(db, home)
        row = await enrolment(db, ahead)
        planned = await course_session(db, home, starts_on=LAST_MONTH)
        draft = await meeting(db, planned, "TMI-PK-01", datetime(2026, 3, 2, 1, tzinfo=UTC), 180)
        office = await given.staff(db, "scheduler", home.org_id)
    async with acting(office) as db:
        held = (await meetings_of(db, ahead.id))[0]
        with pytest.raises(MeetingAhead) as refused:
            await record(db, office, held.id, row.id, Presence.PRESENT)
        assert refused.value.facts["begins"] == "2030-03-04 08:00"
        with pytest.raises(MeetingNotHeld):
            await record(db, office, draft.id, row.id, Presence.PRESENT)


async def test_only_who_holds_a_seat_can_be_there(world: World, acting: As) -> None:
    async with world() as db:
        home = await base(db)
        session = await published_session(db, home, starts_on=LAST_MONTH)
        waiting = await enrolment(db, session, state=EnrolmentState.WAITING)
        elsewhere = await enrolment(db, await published_session(db, home, with_meetings=False))
        office = await given.staff(db, "scheduler", home.org_id)
    async with acting(office) as db:
        held = (await meetings_of(db, session.id))[0]
        for row in (waiting, elsewhere):
            with pytest.raises(NotEnrolled):
                await record(db, office, held.id, row.id, Presence.PRESENT)


async def test_the_list_of_a_meeting_is_saved_from_a_phone(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        session = await published_session(db, starts_on=LAST_MONTH)
        rows = [await enrolment(db, session, await person(db, name)) for name in ("安某", "白某", "蔡某")]
        office = await given.staff(db, "scheduler", session.org_id)
        trainee = await given.holder(db, rows[1].person_id)
        held = (await meetings_of(db, session.id))[0]
    browser = await client_as(office)
    shown = await browser.get(f"/meetings/{held.id}/attendance")
    assert shown.status_code == 200
    assert all(name in shown.text for name in ("安某", "白某", "蔡某"))
    wrong = await browser.post(
        f"/meetings/{held.id}/attendance",
        data={f"marks.{rows[0].id}.presence": "present", f"marks.{rows[1].id}.presence": "late"},
    )
    assert wrong.status_code == 422
    assert "请填写迟到缺课的分钟数" in wrong.text
    assert (await browser.get(f"/api/enrolments/{rows[0].id}/hours")).json() == {}  # none of the list was kept
    saved = await browser.post(
        f"/meetings/{held.id}/attendance",
        data={
            f"marks.{rows[1].id}.presence": "late",
            f"marks.{rows[1].id}.minutes": "15",
            f"marks.{rows[2].id}.presence": "absent",
            "rest": "present",
        },
    )
    assert saved.status_code == 303, saved.text
    listed = {
        one["name"]: (one["presence"], one["minutes"])
        for one in (await browser.get(f"/api/meetings/{held.id}/attendance")).json()
    }
    assert listed == {
        "安某": ("present", held.minutes),
        "白某": ("late", held.minutes - 15),
        "蔡某": ("absent", 0),
    }
    own = await client_as(trainee)
    assert (await own.get(f"/api/enrolments/{rows[1].id}/hours")).json() == {held.module: held.minutes - 15}
    assert (await own.get(f"/api/enrolments/{rows[0].id}/hours")).status_code == 404
    assert (await own.get(f"/meetings/{held.id}/attendance")).status_code == 403
    mine = await own.get("/my/enrolments")
    assert "取得证书还需" in mine.text
    for path in (f"/sessions/{session.id}/attendance", f"/meetings/{held.id}/sign-in-sheet"):
        assert (await browser.get(path)).status_code == 200
    english = await browser.put(
        f"/api/meetings/{held.id}/attendance/{rows[0].id}", json={"presence": "late"}, headers={"accept-language": "en"}
    )
    assert english.json()["detail"].startswith("Give the minutes missed")
