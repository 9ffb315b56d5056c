"""The journal is read in sentences by who may, each reading is written down; held jobs are queued again by name."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from service.accounts.tables import Account
from service.desks.queries.journal import told
from service.desks.queries.titles import SOURCES, titles_of
from service.editions.actions import load_shipped
from service.foundation import clock
from service.foundation.actor import Scope
from service.foundation.journal import JournalEntry
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.courses import published_session
from tests.given.people import person as given_person

Drain = Callable[[], Awaitable[int]]


def entry(action: str, subject_id: UUID, kind: str = "course_session", **more: Any) -> JournalEntry:
    """An entry as it lies in the table."""
    return JournalEntry(action=action, subject_kind=kind, subject_id=subject_id, details={}, **more)


async def test_an_auditor_reads_sentences_with_names_posts_and_titles_in_both_languages(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        await load_shipped(db)
        session = await published_session(db, with_meetings=False)
        scheduler = await given.staff(db, "scheduler", session.org_id, "张三")
        auditor = await given.staff(db, "auditor", (await given.organisation(db)).id)
        db.add(entry("course_session.published", session.id, org_id=session.org_id, account_id=scheduler.account_id))
        db.add(entry("credential.issued", uuid4(), "credential", org_id=session.org_id))
    browser = await client_as(auditor)
    page = unescape((await browser.get("/journal")).text)
    assert f"张三（排课教务员）发布了班次“{session.title['zh']} {session.code}”" in page
    assert "系统向一名人员颁发了证书" in page
    assert "course_session.published" not in page.split("<tbody", 1)[1]
    page = unescape((await browser.get("/journal", headers={"accept-language": "en"})).text)
    assert f"张三 (Scheduler) published course session “{session.title['en']} {session.code}”" in page


async def test_names_of_accounts_are_told_to_readers_of_the_entry_only(world: World, acting: As) -> None:
    async with world() as db:
        home, other = await given.organisation(db), await given.organisation(db)
        actor = await given.staff(db, "scheduler", home.id, "张三")
        ours = await given.staff(db, "base_director", home.id)
        theirs = await given.staff(db, "base_director", other.id)
        auditor = await given.staff(db, "audit_administrator", other.id)
        person = await given_person(db, "李四", seen_by=home.id)
        holder = await given.holder(db, person.id, "李四")
        await db.execute(sa.update(Account).where(col(Account.id) == holder.account_id).values(login_name=None))
        rows = [
            entry("course_session.changed", uuid4(), org_id=home.id, account_id=actor.account_id),
            entry("enrolment.entered", uuid4(), "enrolment", org_id=home.id, account_id=holder.account_id),
        ]
        db.add_all(rows)
    names = sa.text(
        "SELECT entry_id, actor_name, actor_person FROM journal_names(:ids) ORDER BY array_position(:ids, entry_id)"
    )
    ids = {"ids": [one.id for one in rows]}
    for reader, expected in (
        (ours, [("张三", None), (None, person.id)]),
        (auditor, [("张三", None), (None, person.id)]),
        (theirs, []),
        (holder, []),
        (Scope(), []),
    ):
        async with acting(reader) as db:
            found = [(row.actor_name, row.actor_person) for row in await db.execute(names, ids)]
            assert found == expected
            sought = set(await db.scalars(sa.text("SELECT journal_accounts('张')")))
            assert sought == ({actor.account_id} if expected else set())
    async with acting(ours) as db:
        assert [one.who for one in await told(db, rows)] == ["张三", "李四"]
    async with acting(auditor) as db:  # the auditor has no ground to see the person
        assert [one.who for one in await told(db, rows)] == ["张三", "学员或持证人"]


async def test_entries_are_found_by_period_name_act_and_thing(world: World, client_as: ClientAs) -> None:
    thing, other = uuid4(), uuid4()
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "auditor", home.id)
        one, two = (
            await given.staff(db, "scheduler", home.id, "张三"),
            await given.staff(db, "scheduler", home.id, "李四"),
        )
        db.add(entry("room.made", thing, "room", account_id=one.account_id))
        db.add(entry("venue.made", other, "venue", account_id=two.account_id))
        db.add(entry("room.changed", thing, "room", created_at=clock.now() - timedelta(days=400)))
    browser = await client_as(auditor)
    today = clock.today().isoformat()
    long_ago = (clock.today() - timedelta(days=400)).isoformat()
    made, changed, venue = "登记了教室", "更改了教室", "登记了场所"
    for query, there, absent in (
        ("act=room.made", (made,), (changed, venue)),
        (f"thing={thing}", (made, changed), (venue,)),
        (f"thing={two.account_id}", (venue,), (made, changed)),
        (f"since={today}", (made, venue), (changed,)),
        (f"until={long_ago}", (changed,), (made, venue)),
        (f"since={long_ago}&until={today}&act=room.changed", (changed,), (made, venue)),
        ("who=张", (made,), (venue, changed)),
        (f"who={'李四'}&act=room.made", (), (made, changed, venue)),
    ):
        found = (await browser.get(f"/journal?{query}")).text
        rows = found.split("<tbody", 1)[1] if "<tbody" in found else ""
        assert all(text in rows for text in there), query
        assert not any(text in rows for text in absent), query
    kept = (await browser.get(f"/journal?who=张&since={today}&thing={thing}")).text
    assert 'value="张"' in kept
    assert f'value="{today}"' in kept
    assert f'value="{thing}"' in kept


async def test_each_reading_is_written_down(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "audit_administrator", home.id)
    browser = await client_as(auditor)
    assert (await browser.get("/journal?act=post.given&who=张三")).status_code == 200
    async with world() as db:
        row = (await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "journal.read"))).one()
    assert row.account_id == auditor.account_id
    assert (row.details["act"], row.details["by_name"]) == ("post.given", True)
    assert "张三" not in str(row.details)


async def test_a_director_reads_the_own_organisations_entries_only(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home, other = await given.organisation(db), await given.organisation(db)
        director = await given.staff(db, "base_director", home.id)
        scheduler = await given.staff(db, "scheduler", home.id)
        for org, action, kind in (
            (home.id, "room.made", "room"),
            (other.id, "venue.made", "venue"),
            (None, "edition.loaded", "edition"),
        ):
            db.add(entry(action, uuid4(), kind, org_id=org))
    rows = (await (await client_as(director)).get("/journal")).text.split("<tbody", 1)[1]
    assert "登记了教室" in rows
    assert "登记了场所" not in rows
    assert "载入了版本" not in rows
    assert (await (await client_as(scheduler)).get("/journal")).status_code == 403


async def test_the_journal_comes_in_pages(world: World, client_as: ClientAs) -> None:
    ids = [uuid4() for _ in range(60)]
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "auditor", home.id)
        for thing in ids:
            db.add(entry("room.made", thing, "room"))
    browser = await client_as(auditor)
    first = (await browser.get("/journal?act=room.made")).text
    link = unescape(first.split('rel="next"', 1)[0].rsplit('href="', 1)[1].split('"', 1)[0])
    second = (await browser.get(link)).text
    seen, rest = ({one for one in ids if str(one) in text} for text in (first, second))
    assert (len(seen), len(rest)) == (50, 10)
    assert not seen & rest


@pytest.mark.parametrize(
    ("query", "chinese", "english"),
    [
        ("thing=abc", "标识由 32 位十六进制数字组成", "an id has 32 hexadecimal digits"),
        ("since=15.5.2026", "日期应写作 2026-05-15", "a day is written like 2026-05-15"),
        ("since=2026-05-15&until=2026-05-14", "结束日期早于开始日期", "the last day lies before the first"),
        ("act=nothing.done", "请从列表中选择操作", "please choose an act from the list"),
    ],
)
async def test_a_search_that_cannot_be_read_is_refused_with_a_sentence(
    query: str, chinese: str, english: str, world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        auditor = await given.staff(db, "auditor", (await given.organisation(db)).id)
    browser = await client_as(auditor)
    refused = await browser.get(f"/journal?{query}")
    assert refused.status_code == 422
    assert chinese in refused.text
    assert english in (await browser.get(f"/journal?{query}", headers={"accept-language": "en"})).text


async def test_the_audit_administrator_takes_the_journal_away_and_that_is_written_down(
    world: World, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = uuid4()
    async with world() as db:
        home = await given.organisation(db, "甲大学")
        administrator = await given.staff(db, "audit_administrator", home.id)
        auditor = await given.staff(db, "auditor", home.id)
        actor = await given.staff(db, "scheduler", home.id, "=张三")
        db.add(entry("room.made", thing, "room", org_id=home.id, account_id=actor.account_id))
        db.add(entry("venue.made", uuid4(), "venue", org_id=home.id))
    browser = await client_as(administrator)
    file = await browser.get("/journal/file/csv?act=room.made")
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    header, row = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert header[:4] == ["时间", "操作人", "当日岗位", "事项"]
    assert row[1] == "'=张三"  # never a formula
    assert row[2:5] == ["排课教务员", "'=张三（排课教务员）登记了教室", "甲大学"]
    assert str(thing) in row
    book = (await browser.get("/journal/file/xlsx")).content
    assert book.startswith(b"PK")
    assert (await browser.get("/journal/file/pdf")).status_code == 404
    assert (await (await client_as(auditor)).get("/journal/file/csv")).status_code == 403
    async with world() as db:
        noted = list(await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "journal.exported")))
    assert {one.details["found"] for one in noted} >= {1}
    monkeypatch.setattr("service.desks.actions.MOST_EXPORTED", 1)
    refused = await browser.get("/journal/file/csv", headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/journal-too-long")


async def test_every_kind_of_thing_is_sought_by_a_select_that_the_database_takes(world: World, acting: As) -> None:
    async with world() as db:
        auditor = await given.staff(db, "auditor", (await given.organisation(db)).id)
    for kind in SOURCES:
        async with acting(auditor) as db:
            assert await titles_of(db, [(kind, uuid4())]) == {}, kind


async def test_a_held_job_is_queued_again_once_by_the_system_administrator(
    world: World, acting: As, client_as: ClientAs
) -> None:
    async with world() as db:
        home = await given.organisation(db)
        operator = await given.staff(db, "system_administrator", home.id)
        security = await given.staff(db, "scheduler", home.id)
        job = await db.scalar(
            sa.text(
                "INSERT INTO jobs.pgqueuer (priority, status, entrypoint, payload, execute_after) VALUES (0, 'failed',"
                " 'letters.send_message', convert_to('{\"event\": {\"letter_id\": \"l-17\"}}', 'UTF8'), now()) RETURNING id"
            )
        )
    browser = await client_as(operator)
    page = (await browser.get("/operations")).text
    assert "letters.send_message" in page
    assert "letter_id=l-17" in page
    assert (await browser.post(f"/operations/jobs/{job}/requeue")).status_code == 303
    again = await browser.post(f"/operations/jobs/{job}/requeue", headers={"accept": "application/json"})
    assert (again.status_code, again.json()["detail"]) == (409, "该任务已不在挂起状态：已重新排队或已执行。")
    assert "letters.send_message" not in (await browser.get("/operations")).text
    async with world() as db:
        assert (
            await db.scalar(sa.text("SELECT status::text FROM jobs.pgqueuer WHERE id = :id"), {"id": job}) == "queued"
        )
        noted = (await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "job.requeued"))).one()
    assert (noted.account_id, noted.details) == (operator.account_id, {"job": job})
    assert (await (await client_as(security)).get("/operations")).status_code == 403
    async with acting(security) as db:
        assert (await db.execute(sa.text("SELECT * FROM held_jobs(10)"))).all() == []
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(sa.text("SELECT requeue_job(:id)"), {"id": job})
