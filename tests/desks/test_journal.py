"""The journal is searched by who may, each reading is written down; held jobs are queued again by name."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.journal import JournalEntry
from service.foundation.records import uuid7
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given

Drain = Callable[[], Awaitable[int]]


async def test_an_auditor_finds_entries_by_act_thing_and_day(world: World, client_as: ClientAs) -> None:
    thing, other = uuid4(), uuid4()
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "auditor", home.id)
        elsewhere = await given.organisation(db)
        for action, subject in (("credential.issued", thing), ("credential.revoked", thing), ("post.given", other)):
            db.add(
                JournalEntry(
                    action=action, subject_kind="thing", subject_id=subject, org_id=elsewhere.id, details={"n": 1}
                )
            )
        db.add(
            JournalEntry(
                id=uuid7(),
                created_at=clock.now() - timedelta(days=400),
                action="credential.old",
                subject_kind="thing",
                subject_id=thing,
                details={},
            )
        )
    browser = await client_as(auditor)
    page = (await browser.get("/journal?action=credential.")).text
    assert all(one in page for one in ("credential.issued", "credential.revoked", "credential.old"))
    assert "post.given" not in page
    page = (await browser.get(f"/journal?subject={other}")).text
    assert "post.given" in page
    assert "credential.issued" not in page
    page = (await browser.get(f"/journal?subject={thing}&day={clock.today().isoformat()}")).text
    assert "credential.issued" in page
    assert "credential.old" not in page


async def test_each_reading_is_written_down(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "audit_administrator", home.id)
    browser = await client_as(auditor)
    assert (await browser.get("/journal?action=post.")).status_code == 200
    async with world() as db:
        row = (await db.scalars(select(JournalEntry).where(col(JournalEntry.action) == "journal.read"))).one()
    assert row.account_id == auditor.account_id
    assert row.details["searched_action"] == "post."


async def test_a_director_reads_the_own_organisations_entries_only(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home, other = await given.organisation(db), await given.organisation(db)
        director = await given.staff(db, "base_director", home.id)
        scheduler = await given.staff(db, "scheduler", home.id)
        for org, action in ((home.id, "ours.done"), (other.id, "theirs.done"), (None, "nobodys.done")):
            db.add(JournalEntry(action=action, subject_kind="thing", subject_id=uuid4(), org_id=org, details={}))
    page = (await (await client_as(director)).get("/journal")).text
    assert "ours.done" in page
    assert "theirs.done" not in page
    assert "nobodys.done" not in page
    assert (await (await client_as(scheduler)).get("/journal")).status_code == 403


async def test_the_journal_comes_in_pages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        home = await given.organisation(db)
        auditor = await given.staff(db, "auditor", home.id)
        for number in range(60):
            db.add(JournalEntry(action=f"many.n{number:02d}x", subject_kind="thing", subject_id=uuid4(), details={}))
    browser = await client_as(auditor)
    first = (await browser.get("/journal?action=many.")).text
    link = first.split('href="/journal?action=many.', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = (await browser.get(f"/journal?action=many.{link}")).text
    seen = [one for one in (f"many.n{number:02d}x" for number in range(60)) if one in first]
    rest = [one for one in (f"many.n{number:02d}x" for number in range(60)) if one in second]
    assert (len(seen), len(rest)) == (50, 10)
    assert not set(seen) & set(rest)


@pytest.mark.parametrize(
    ("query", "chinese", "english"),
    [
        ("subject=abc", "标识由 32 位十六进制数字组成", "an id has 32 hexadecimal digits"),
        ("day=15.5.2026", "日期应写作 2026-05-15", "a day is written like 2026-05-15"),
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
