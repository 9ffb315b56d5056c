"""From a list drawn up to certificates issued once and for ever, through the doors staff have."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlmodel import col, select

from certificates.facts import CertificateKind
from certificates.serial import parse_number
from service.approvals.errors import SamePerson, SubjectChanged
from service.courses.tables import CourseSession, SessionState
from service.credentials.actions import decide_list, draw_up_list, issue_entry, propose_list
from service.credentials.actions import issuing as issuing_actions
from service.credentials.errors import DeciderTookPart, ListChanged, ListEmpty, ListNotDraft, NoNumberSlot
from service.credentials.queries import INVARIANTS, credentials_of, entries_of, facts_of
from service.credentials.tables import Credential, IssuingList, ListState, NumberCounter
from service.documents.tables import DocumentState, IssuedDocument
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.tables import Mark, Sitting
from service.foundation import clock
from service.foundation.errors import NotAllowed, StateConflict
from service.foundation.keyring import Keyring
from service.people.actions import personal_key
from service.people.tables import Person, Qualification
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.given import accounts
from tests.given import credentials as given
from tests.given import people as given_people

Drain = Callable[[], Awaitable[int]]


async def test_approved_list_is_issued_once_with_number_facts_and_paper(
    world: World, acting: As, drain: Drain, keyring: Keyring
) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        assert [one.reasons for one in await entries_of(db, drawn.id)] == [[], []]
        await propose_list(db, house.scheduler, drawn.id)
    async with acting(house.decider) as db:
        await decide_list(db, house.decider, drawn.id, approve=True)
    assert await drain() > 0
    async with world() as db:
        assert [one.hindrance for one in await entries_of(db, drawn.id)] == [None, None]
        rows = list(await db.scalars(select(Credential).order_by(col(Credential.number))))
        assert [parse_number(one.number).serial for one in rows] == [1, 2]
        assert len({one.status_index for one in rows}) == 2
        assert (await db.get_one(IssuingList, drawn.id)).state == ListState.ISSUED
        facts = facts_of(rows[0], await personal_key(db, keyring, rows[0].person_id))
        assert facts.number == rows[0].number
        assert facts.hours.minutes == sum(one.minutes for one in house.meetings)
        assert facts.result is not None
        assert (facts.result.score, facts.result.full_mark, facts.result.pass_mark) == ("86", "100", "60")
        assert not facts.specimen
        held = await db.scalars(select(Qualification))
        assert {(one.number, one.level, one.state) for one in held} == {
            (one.number, "initial", "valid") for one in rows
        }
        papers = list(await db.scalars(select(IssuedDocument)))
        assert {one.state for one in papers} == {DocumentState.READY}
        assert {one.id for one in papers} == {one.document_id for one in rows}
        assert {one.state for one in await db.scalars(select(Enrolment))} == {EnrolmentState.COMPLETED}
        assert (await db.get_one(CourseSession, house.session.id)).state == SessionState.CLOSED
    assert await drain() == 0
    async with acting(house.trainees[0].actor) as db:
        assert len(await credentials_of(db, house.trainees[0].person.id)) == 1
        assert await credentials_of(db, house.trainees[1].person.id) == []


async def broken(world: World, fault: str | None = None) -> list[str]:
    """The invariants that do not hold, with a fault planted or without."""
    async with world() as db:
        if fault is not None:
            await db.execute(sa.text(fault))
        found = [name for name, question in INVARIANTS.items() if (await db.execute(sa.text(question))).all()]
        await db.rollback()
    return found


async def test_invariants_hold_and_find_what_is_planted(world: World, acting: As, drain: Drain) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        await propose_list(db, house.scheduler, drawn.id)
    async with acting(house.decider) as db:
        await decide_list(db, house.decider, drawn.id, approve=True)
    await drain()
    assert await broken(world) == []
    assert await broken(world, "UPDATE number_counter SET last = last + 1") == [
        "serials of a base and year have no gap"
    ]
    assert await broken(world, "UPDATE approval SET state = 'rejected' WHERE subject_kind = 'issuing_list'") == [
        "every certificate was on a list approved by another than its maker"
    ]


async def test_nothing_personal_stands_in_the_open(world: World) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
        row = (await db.execute(sa.text("SELECT to_jsonb(c)::text FROM credential c"))).scalar_one()
        paper = (await db.execute(sa.text("SELECT to_jsonb(d)::text FROM issued_document d"))).scalar_one()
        journal = (
            await db.execute(sa.text("SELECT string_agg(to_jsonb(j)::text, '') FROM journal_entry j"))
        ).scalar_one()
    for text in (row, paper, journal):
        for secret in ("林知远", "林知", "Zhiyuan", "林知远".encode().hex()):
            assert secret not in text
    assert made.masked_name == "林*远"


async def test_every_reason_is_said_with_its_numbers(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=0)
        await given.trainee(db, house, "甲一", passed=False)
        await given.trainee(db, house, "乙二", passed=None)
        await given.trainee(db, house, "丙三", attended=house.meetings[1:])
        await given.trainee(db, house, "丁四", None)
        await given.trainee(db, house, "戊五", identity_seen=False)
        await given.trainee(db, house, "己六")
    office = await client_as(house.scheduler)
    answer = await office.post("/api/issuing-lists", json={"course_session_id": str(house.session.id), "kind": "level"})
    assert answer.status_code == 201, answer.text
    reasons = {one["name"]: "".join(one["reasons"]) for one in answer.json()["entries"]}
    assert "41" in reasons["甲一"]
    assert "60" in reasons["甲一"]
    assert reasons["乙二"] == "没有考核成绩。"
    assert "必修课程“技术转移与成果转化概论”未参加" in reasons["丙三"]
    assert "英文" in reasons["丁四"]
    assert "身份证件" in reasons["戊五"]
    assert reasons["己六"] == ""
    assert answer.json()["eligible"] == 1
    english = await office.post(
        "/api/issuing-lists",
        json={"course_session_id": str(house.session.id), "kind": "level"},
        headers={"accept-language": "en"},
    )
    said = {one["name"]: one["reasons"] for one in english.json()["entries"]}
    assert said["乙二"] == ["There is no result of the assessment."]
    page = await office.get(f"/issuing/lists/{english.json()['id']}")
    assert page.status_code == 200
    assert "没有考核成绩" in page.text


async def test_hours_statement_needs_no_result_and_never_none_at_all(world: World, acting: As, drain: Drain) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=0)
        some = await given.trainee(db, house, passed=None, attended=house.meetings[:1])
        none = await given.trainee(db, house, "欧阳娜", passed=None, attended=[])
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.HOURS)
        entries = {one.enrolment_id: one for one in await entries_of(db, drawn.id)}
        assert entries[some.enrolment.id].eligible
        assert [one["slug"] for one in entries[none.enrolment.id].reasons] == ["no-hours"]
    async with world() as db:
        [made] = await given.issued(db, house, CertificateKind.HOURS)
        assert made.level is None
        assert await db.scalar(sa.select(sa.func.count()).select_from(Qualification)) == 0
        # Hours alone say nothing of how the session ended.
        assert (await db.get_one(CourseSession, house.session.id)).state == SessionState.PUBLISHED


async def test_who_proposed_taught_or_marked_does_not_decide(world: World, acting: As) -> None:
    async with world() as db:
        teacher = await given_people.person(db, "钱老师")
        house = await given.issuing_world(db, lecturer_id=teacher.id)
        taught = await accounts.staff(db, "certification_decider", house.org_id, "钱决定", teacher.id)
        marked = await accounts.staff(db, "certification_decider", house.org_id, "孙决定")
        sitting = (await db.scalars(select(Sitting))).one()
        assert marked.account_id is not None
        db.add(
            Mark(org_id=house.org_id, sitting_id=sitting.id, place="7", marker_account_id=marked.account_id, points={})
        )
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        await propose_list(db, house.scheduler, drawn.id)
    for decider, part in ((taught, "taught"), (marked, "marked")):
        async with acting(decider) as db:
            with pytest.raises(DeciderTookPart) as refused:
                await decide_list(db, decider, drawn.id, approve=True)
            assert refused.value.facts["part"] == [part]
    async with acting(house.scheduler) as db:
        with pytest.raises(NotAllowed):
            await decide_list(db, house.scheduler, drawn.id, approve=True)
    both = given.standing_in(house.scheduler, house.decider)
    async with acting(both) as db:
        with pytest.raises(SamePerson):
            await decide_list(db, both, drawn.id, approve=True)
    async with acting(house.decider) as db:
        assert (await decide_list(db, house.decider, drawn.id, approve=True)).state == ListState.APPROVED


async def test_evidence_that_moved_after_the_proposal_is_not_approved(world: World, acting: As) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        with pytest.raises(NotAllowed):
            await propose_list(db, house.decider, drawn.id)
        await propose_list(db, house.scheduler, drawn.id)
        with pytest.raises(ListNotDraft):
            await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        with pytest.raises(StateConflict):
            await propose_list(db, house.scheduler, drawn.id)
    async with world() as db:
        person = await db.get_one(Person, house.trainees[0].person.id)
        person.english_confirmed_at = None
    async with acting(house.decider) as db:
        with pytest.raises(SubjectChanged):
            await decide_list(db, house.decider, drawn.id, approve=True)
    async with acting(house.decider) as db:
        refused = await decide_list(db, house.decider, drawn.id, approve=False, reason="人员信息有变")
        assert refused.state == ListState.REJECTED
    async with acting(house.scheduler) as db:
        again = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        with pytest.raises(ListEmpty):
            await propose_list(db, house.scheduler, again.id)


async def test_evidence_that_moved_after_the_draft_is_not_proposed(world: World, acting: As) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
    async with world() as db:
        (await db.get_one(Person, house.trainees[0].person.id)).english_confirmed_at = None
    async with acting(house.scheduler) as db:
        with pytest.raises(ListChanged):
            await propose_list(db, house.scheduler, drawn.id)


async def test_evidence_that_moved_after_the_approval_hinders_that_entry_alone(
    world: World, drain: Drain, acting: As
) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        await propose_list(db, house.scheduler, drawn.id)
    async with acting(house.decider) as db:
        await decide_list(db, house.decider, drawn.id, approve=True)
    async with world() as db:
        (await db.get_one(Person, house.trainees[0].person.id)).english_confirmed_at = None
    await drain()
    async with world() as db:
        hindered = {one.person_id: one.hindrance for one in await entries_of(db, drawn.id)}
        assert hindered[house.trainees[1].person.id] is None
        told = hindered[house.trainees[0].person.id]
        assert told is not None
        assert told["slug"] == "issuing-list-changed"
        [made] = list(await db.scalars(select(Credential)))
        assert made.person_id == house.trainees[1].person.id
        assert parse_number(made.number).serial == 1


async def test_a_character_no_typeface_draws_stops_that_issue_before_a_number_is_taken(
    world: World, acting: As, drain: Drain, client_as: ClientAs
) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=1)
        await given.trainee(db, house, "林\U000323af", "LIN Mou")
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        await propose_list(db, house.scheduler, drawn.id)
    async with acting(house.decider) as db:
        await decide_list(db, house.decider, drawn.id, approve=True)
    await drain()
    async with world() as db:
        entries = {one.person_id: one for one in await entries_of(db, drawn.id)}
        hindered = [one.hindrance for one in entries.values() if one.hindrance]
        assert [one["slug"] for one in hindered] == ["glyph-missing"]
        assert "U+323AF" in hindered[0]["zh"]
        assert await db.scalar(sa.select(col(NumberCounter.last))) == 1
        assert await db.scalar(sa.select(sa.func.count()).select_from(Credential)) == 1
    page = await (await client_as(house.director)).get(f"/issuing/lists/{drawn.id}")
    assert "U+323AF" in page.text


async def test_issuing_again_gives_the_one_that_stands(world: World, keyring: Keyring, settings: Settings) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        row = await given.approved_list(db, house)
        [entry] = await entries_of(db, row.id)
        first = await issue_entry(db, keyring, settings, entry.id)
        second = await issue_entry(db, keyring, settings, entry.id)
        assert first is not None
        assert second is not None
        assert first.id == second.id
        assert await db.scalar(sa.select(col(NumberCounter.last))) == 1


async def test_a_list_that_is_not_approved_issues_nothing(
    world: World, acting: As, keyring: Keyring, settings: Settings
) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        [entry] = await entries_of(db, drawn.id)
        with pytest.raises(StateConflict):
            await issue_entry(db, keyring, settings, entry.id)


async def test_a_base_without_a_slot_has_no_numbers(world: World) -> None:
    async with world() as db:
        base = await given.numbered_base(db, "B999")
        with pytest.raises(NoNumberSlot):
            await issuing_actions.take_serial(db, base, 2026)


async def test_year_of_the_number_is_the_year_of_the_award_in_china(world: World) -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    async with world() as db:
        house = await given.issuing_world(db)
        with clock.held_at(new_year_in_china):
            [made] = await given.issued(db, house)
    assert parse_number(made.number).year == 2027
    assert made.awarded_on.isoformat() == "2027-01-01"


async def test_unverified_base_issues_specimens_only(world: World) -> None:
    async with world() as db:
        house = await given.issuing_world(db, verified=False)
        [made] = await given.issued(db, house)
    assert made.specimen


async def test_another_organisation_sees_neither_list_nor_certificate(
    world: World, client_as: ClientAs, app: Litestar
) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
        [made] = await given.issued(db, house)
        other = await given.numbered_base(db, "36")
        strangers = [
            await accounts.staff(db, role, other.org_id)
            for role in ("scheduler", "base_director", "certification_decider")
        ]
    for stranger in strangers:
        browser = await client_as(stranger)
        addresses = [
            f"/api/issuing-lists/{made.issuing_list_id}",
            f"/issuing/lists/{made.issuing_list_id}",
            f"/api/credentials/{made.id}",
            f"/issuing/credentials/{made.id}",
            f"/api/documents/{made.document_id}/file",
        ]
        for address in addresses:
            assert (await browser.get(address)).status_code == 404, address
        assert (await browser.get("/api/issuing-lists")).json() == []
        assert (await browser.get("/api/credentials")).json() == []
    posts = {
        "/api/issuing-lists": {"course_session_id": str(house.session.id)},
        f"/api/issuing-lists/{made.issuing_list_id}/propose": {},
        f"/api/credentials/{made.id}/changes": {"to_state": "revoked", "reason": "fraud"},
    }
    director = await client_as(strangers[1])
    for address, body in posts.items():
        assert (await director.post(address, json=body)).status_code == 404, address
    decider = await client_as(strangers[2])
    for address in (
        f"/api/issuing-lists/{made.issuing_list_id}/decision",
        f"/api/credentials/{made.id}/changes/decision",
    ):
        assert (await decider.post(address, json={"approve": True})).status_code == 404


async def test_the_whole_walk_over_pages(world: World, client_as: ClientAs, drain: Drain) -> None:
    async with world() as db:
        house = await given.issuing_world(db)
    office, decider = await client_as(house.scheduler), await client_as(house.decider)
    token = {"_csrf": office.headers["x-csrf-token"]}
    front = await office.get("/issuing")
    assert front.status_code == 200, front.text
    assert house.session.code in front.text
    made = await office.post(
        "/issuing/lists", data={**token, "course_session_id": str(house.session.id), "kind": "level"}
    )
    assert made.status_code == 303
    address = made.headers["location"]
    assert "提请决定" in (await office.get(address)).text
    assert (await office.post(f"{address}/propose", data=token)).status_code == 303
    asked = await decider.get(address)
    assert "通过并发证" in asked.text
    reply = {"_csrf": decider.headers["x-csrf-token"]}
    refused = await decider.post(f"{address}/decision", data={**reply, "approve": "false"})
    assert refused.status_code == 422
    assert "请写明不同意的理由" in refused.text
    assert (await decider.post(f"{address}/decision", data={**reply, "approve": "true"})).status_code == 303
    await drain()
    holder = await client_as(house.trainees[0].actor)
    listed = await holder.get("/my/credentials")
    assert listed.status_code == 200, listed.text
    [mine] = (await holder.get("/api/my/credentials")).json()
    assert mine["number"] in listed.text
    page = await holder.get(f"/my/credentials/{mine['id']}")
    assert page.status_code == 200, page.text
    paper = await holder.get(f"/my/credentials/{mine['id']}/paper")
    assert paper.content.startswith(b"%PDF")
    assert mine["number"] in paper.headers["content-disposition"]
    seen = await decider.get(f"/issuing/credentials/{mine['id']}")
    assert seen.status_code == 200, seen.text
    assert "林知远" in seen.text
