"""HR exports: only people seen on a recorded ground, exact files in every format, each person told who took their data."""

import asyncio
import csv
import hashlib
import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given as for_all
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.documents.actions import file_ready
from service.exchange.actions.exports import remove_expired
from service.exchange.rules.exports import KINDS, NAME_BYTES, FileNames, safe_stem
from service.exchange.tables import ExportState, FileExport
from service.foundation import announcing, clock, working
from service.foundation.actor import Actor
from service.foundation.journal import JournalEntry
from service.incentives.actions.events import record_event
from service.incentives.schemas import EventCreate
from service.people.tables import Person, PersonAccess
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.credentials import IssuingWorld, issued, issuing_world, trainee
from tests.given.incentives import deal, receipt
from tests.given.people import person as given_person

Drain = Callable[[], Awaitable[int]]
PDF = b"%PDF-1.7 made for a test"


class Employer:
    """An employer's HR with a base where its people were trained."""

    def __init__(self, hr: Actor, training: IssuingWorld) -> None:
        self.hr = hr
        self.training = training
        self.numbers: dict[UUID, str] = {}

    @property
    def org(self) -> UUID:
        """The employer."""
        assert self.hr.org_id is not None
        return self.hr.org_id


async def employer(db: AsyncSession, settings: Settings, people: int = 2, papers: bool = True) -> Employer:
    """Three people with certificates; the employer has a ground on the first two, of different kinds."""
    home = await given.organisation(db, "某公司")
    made = Employer(await given.staff(db, "employer_hr", home.id), await issuing_world(db, people=people + 1))
    for credential in await issued(db, made.training):
        made.numbers[credential.person_id] = credential.number
        if papers and credential.document_id is not None:
            await file_ready(db, settings, credential.document_id, PDF + credential.number.encode())
    for place, one in enumerate(made.training.trainees[:people]):
        ground = ("employment", None) if place % 2 == 0 else ("enrolment", one.enrolment.id)
        db.add(PersonAccess(person_id=one.person.id, org_id=made.org, ground=ground[0], source_id=ground[1]))
    await db.flush()
    await db.execute(sa.text("DELETE FROM jobs.pgqueuer"))  # the papers are given, nothing needs to be rendered
    return made


async def at_the_desk(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> tuple[Employer, httpx.AsyncClient]:
    """An employer, and the browser of its HR; nothing waits to be done."""
    async with world() as db:
        made = await employer(db, settings)
    browser = await client_as(made.hr)
    await drain()
    return made, browser


async def made_file(browser: httpx.AsyncClient, drain: Drain, **asked: Any) -> tuple[httpx.Response, dict[str, Any]]:
    """Ask, let the job run, take the file."""
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "xlsx", **asked})
    assert answer.status_code == 202, answer.text
    await drain()
    export = answer.json()["id"]
    return await browser.get(f"/api/exports/{export}/file"), (await browser.get(f"/api/exports/{export}")).json()


def rows_of(content: bytes) -> list[list[Any]]:
    """The rows of the first sheet of a workbook."""
    return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python())


async def test_only_people_seen_on_a_ground_are_in_the_workbook(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    made, browser = await at_the_desk(world, client_as, drain, settings)
    answer, export = await made_file(browser, drain)
    header, *rows = rows_of(answer.content)
    assert header[:5] == ["姓名", "英文姓名", "证件类型", "证件号码（已遮蔽）", "证书编号"]
    seen, stranger = made.training.trainees[:2], made.training.trainees[2]
    assert sorted(row[0] for row in rows) == sorted(one.person.name for one in seen)
    assert sorted(row[4] for row in rows) == sorted(made.numbers[one.person.id] for one in seen)
    assert all(isinstance(row[3], str) and "*" in row[3] for row in rows)
    flat = "".join(str(cell) for row in rows for cell in row)
    assert stranger.person.name not in flat
    assert made.numbers[stranger.person.id] not in flat
    assert {row[header.index("查看依据")] for row in rows} == {"任职", "报名"}
    assert (export["state"], export["done"], export["total"]) == ("ready", 2, 2)
    assert export["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_ground_covers_no_more_than_it_says(
    world: World, acting: As, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    """Having sent somebody to one course does not show the certificate of another; a contract shows none; an old ground none."""
    async with world() as db:
        made = await employer(db, settings, people=1)
        other = await issuing_world(db, people=0)
        sent = await trainee(db, made.training, "郭敏", "GUO Min")
        again = await trainee(db, other, "郭敏", "GUO Min")
        numbers = {one.enrolment_id: one.number for w in (made.training, other) for one in await issued(db, w)}
        await db.execute(sa.text("DELETE FROM jobs.pgqueuer"))
        db.add(
            PersonAccess(person_id=sent.person.id, org_id=made.org, ground="enrolment", source_id=again.enrolment.id)
        )
        contract = await trainee(db, other, "何平", "HE Ping")
        db.add(PersonAccess(person_id=contract.person.id, org_id=made.org, ground="contract"))
        old = await trainee(db, other, "高旧", "GAO Jiu")
        ended = clock.now() - timedelta(minutes=1)
        db.add(PersonAccess(person_id=old.person.id, org_id=made.org, ground="employment", until=ended))
    browser = await client_as(made.hr)
    await drain()
    answer, _ = await made_file(browser, drain, columns=["name", "number"])
    rows = rows_of(answer.content)[1:]
    assert ["郭敏", ""] in rows
    assert ["何平", ""] in rows
    assert "高旧" not in {row[0] for row in rows}
    assert numbers[sent.enrolment.id] not in {row[1] for row in rows}


async def test_the_function_tells_nobody_else_anything(world: World, acting: As, settings: Settings) -> None:
    async with world() as db:
        made = await employer(db, settings)
        stranger = await given.staff(db, "employer_hr", (await given.organisation(db, "别的公司")).id)
        everyone = [one.person.id for one in made.training.trainees]
    ask = sa.text("SELECT count(*) FROM granted_credentials(:people)").bindparams(
        sa.bindparam("people", type_=sa.ARRAY(sa.Uuid()))
    )
    async with acting(made.hr) as db:
        assert await db.scalar(ask, {"people": everyone}) == 2
    async with acting(stranger) as db:
        assert await db.scalar(ask, {"people": everyone}) == 0


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("csv_gb", "gb18030")])
async def test_text_files_read_back_exactly_and_run_no_formula(
    form: str, encoding: str, world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    async with world() as db:
        made = await employer(db, settings)
        evil = await given_person(db, "=cmd|' /C calc'!A0", seen_by=made.org, ground="employment")
        rare = await given_person(db, "𠮷田·买买提", seen_by=made.org, ground="employment")
    browser = await client_as(made.hr)
    await drain()
    answer, _ = await made_file(browser, drain, format=form, columns=["number", "name"])
    content = answer.content
    assert content.startswith(b"\xef\xbb\xbf") == (form == "csv")
    rows = list(csv.reader(io.StringIO(content.decode(encoding))))
    assert rows[0] == ["证书编号", "姓名"]
    assert ["", "'" + evil.name] in rows
    assert ["", rare.name] in rows
    assert sorted(row[0] for row in rows[1:] if row[0]) == sorted(
        made.numbers[one.person.id] for one in made.training.trainees[:2]
    )


async def test_a_workbook_holds_no_formula_and_speaks_the_chosen_language(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    async with world() as db:
        made = await employer(db, settings)
        await given_person(db, "=1+1", seen_by=made.org, ground="employment")
    browser = await client_as(made.hr)
    await drain()
    answer, _ = await made_file(browser, drain, language="en")
    rows = rows_of(answer.content)
    assert rows[0][:2] == ["Name", "English name"]
    assert any(row[0] == "'=1+1" for row in rows)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())
    assert {"Valid", ""} >= {row[rows[0].index("State")] for row in rows[1:]}


async def test_the_archive_names_each_pdf_by_person_and_number(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    async with world() as db:
        made = await employer(db, settings)
        waiting = await trainee(db, made.training, "待发", "DAI Fa")
        db.add(PersonAccess(person_id=waiting.person.id, org_id=made.org, ground="employment"))
        late = {one.person_id: one.number for one in await issued(db, made.training)}
        await db.execute(sa.text("DELETE FROM jobs.pgqueuer"))
    browser = await client_as(made.hr)
    answer, _ = await made_file(browser, drain, kind="certificates", format="zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    listed = list(csv.reader(io.StringIO(inside.pop("清单.csv").decode("utf-8-sig"))))
    expected = {
        f"{one.person.name}_{made.numbers[one.person.id]}.pdf": PDF + made.numbers[one.person.id].encode()
        for one in made.training.trainees[:2]
    }
    assert inside == expected
    assert ["待发", late[waiting.person.id], "有效", "（PDF 尚未生成）"] in listed
    assert len(listed) == 4


async def test_every_person_in_a_taken_file_is_told(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    made, browser = await at_the_desk(world, client_as, drain, settings)
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "csv"})
    await drain()
    told = select(JournalEntry).where(col(JournalEntry.action) == "people.exported")
    async with world() as db:
        assert list(await db.scalars(told)) == []  # nothing has left the house yet
    assert (await browser.get(f"/api/exports/{answer.json()['id']}/file")).status_code == 200
    async with world() as db:
        rows = list(await db.scalars(told))
    assert {row.person_id for row in rows} == {one.person.id for one in made.training.trainees[:2]}
    assert {row.org_id for row in rows} == {made.org}
    assert all(made.training.trainees[0].person.name not in str(row.details) for row in rows)


async def test_the_job_makes_a_file_once_however_often_it_comes(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings, connection: Any, sessions: Any
) -> None:
    _made, browser = await at_the_desk(world, client_as, drain, settings)
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "xlsx"})
    job = (
        await connection.execute(sa.text("SELECT entrypoint, payload FROM jobs.pgqueuer WHERE status = 'queued'"))
    ).one()
    await drain()
    first = (await browser.get(f"/api/exports/{answer.json()['id']}")).json()
    await connection.execute(sa.text("SET LOCAL ROLE tmc_worker"))
    await working.handle(sessions, announcing.listeners[job.entrypoint], job.payload)
    await connection.execute(sa.text("SET LOCAL ROLE tmc_app"))
    assert (await browser.get(f"/api/exports/{answer.json()['id']}")).json() == first
    letters = (await browser.get("/api/inbox")).json()["rows"]
    assert [one["href"] for one in letters] == [f"/exports/{answer.json()['id']}"]


async def test_a_failing_job_says_so_and_leaves_no_half_file(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _made, browser = await at_the_desk(world, client_as, drain, settings)
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "xlsx"})

    def broken(*_: Any) -> Any:
        raise OSError("disk full")

    monkeypatch.setattr("service.exchange.actions.export_files._digest", broken)
    before = sorted((settings.files_dir / "exports").glob("*")) if (settings.files_dir / "exports").exists() else []
    with pytest.raises(OSError, match="disk full"):
        await drain()
    export = (await browser.get(f"/api/exports/{answer.json()['id']}")).json()
    assert (export["state"], export["failure"]) == ("failed", "文件未能生成。请重新导出；如再次失败，请告知运维人员。")
    assert sorted((settings.files_dir / "exports").iterdir()) == before
    refused = await browser.get(f"/api/exports/{answer.json()['id']}/file")
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "export-not-ready")


async def test_progress_is_seen_while_it_is_made_and_the_page_works_without_script(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    _made, browser = await at_the_desk(world, client_as, drain, settings)
    assert "贵单位有依据查看 2 人" in (await browser.get("/exports")).text
    asked = await browser.post(
        "/exports", data={"kind": "people", "format": "xlsx", "columns": ["name", "number"], "language": "zh-CN"}
    )
    assert asked.status_code == 303
    where = asked.headers["location"]
    waiting = (await browser.get(where)).text
    assert "hx-get" in waiting
    assert "<noscript>" in waiting
    async with world() as db:
        await db.execute(sa.update(FileExport).values(state=ExportState.RUNNING, done=1, total=2))
    part = (await browser.get(where, headers={"hx-request": "true"})).text
    assert "1 / 2" in part
    assert "<html" not in part
    await drain()
    done = (await browser.get(where, headers={"hx-request": "true"})).text
    assert "hx-trigger" not in done
    assert f"{where}/file" in done
    assert (await browser.get(f"{where}/file")).status_code == 200


async def test_more_than_one_batch_comes_out_whole_and_in_order(
    world: World, client_as: ClientAs, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.exchange.actions.export_files.BATCH", 7)
    async with world() as db:
        home = await given.organisation(db)
        hr = await given.staff(db, "employer_hr", home.id)
        for number in range(30):
            row = Person(name=f"人{number:02d}", sort_key=f"ren{number // 3:02d}")
            db.add(row)
            await db.flush()
            db.add(PersonAccess(person_id=row.id, org_id=home.id, ground="employment"))
    browser = await client_as(hr)
    answer, export = await made_file(browser, drain, columns=["name"])
    names = [row[0] for row in rows_of(answer.content)[1:]]
    assert sorted(names) == [f"人{number:02d}" for number in range(30)]
    assert [int(one[1:]) // 3 for one in names] == sorted(int(one[1:]) // 3 for one in names)
    assert (export["done"], export["total"]) == (30, 30)


async def test_a_file_made_on_a_ground_that_has_ended_is_not_handed_over(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    made, browser = await at_the_desk(world, client_as, drain, settings)
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "csv"})
    await drain()
    async with world() as db:
        person = made.training.trainees[0].person.id
        await db.execute(
            sa.update(PersonAccess)
            .where(col(PersonAccess.person_id) == person, col(PersonAccess.org_id) == made.org)
            .values(until=clock.now() - timedelta(days=1))
        )
    refused = await browser.get(f"/api/exports/{answer.json()['id']}/file")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "文件中有 1 人贵单位已无查看依据。请重新导出。"


async def test_a_file_is_gone_after_seven_days(
    world: World, client_as: ClientAs, drain: Drain, settings: Settings
) -> None:
    _made, browser = await at_the_desk(world, client_as, drain, settings)
    answer = await browser.post("/api/exports", json={"kind": "people", "format": "csv"})
    await drain()
    export = answer.json()["id"]
    shown = (await browser.get(f"/api/exports/{export}")).json()
    assert shown["expires_at"] > (clock.now() + timedelta(days=6, hours=23)).isoformat()
    async with world() as db:
        row = await db.get_one(FileExport, UUID(export))
        path = settings.files_dir / str(row.file_key)
        assert path.stat().st_mode & 0o777 == 0o600
        row.expires_at = clock.now() - timedelta(seconds=1)
    refused = await browser.get(f"/api/exports/{export}/file", headers={"accept-language": "en"})
    assert (refused.status_code, refused.json()["detail"]) == (
        410,
        "This file was removed after seven days. Please make the export anew.",
    )
    async with world() as db:
        assert await remove_expired(db, settings) == 1
    assert not path.exists()
    assert "七天后删除" in (await browser.get(f"/exports/{export}")).text


async def test_exports_are_refused_with_a_sentence(
    world: World, client_as: ClientAs, settings: Settings, drain: Drain
) -> None:
    async with world() as db:
        made = await employer(db, settings, papers=False)
        colleague = await given.staff(db, "employer_hr", made.org)
        trainee_of = await given.holder(db)
    browser = await client_as(made.hr)
    unknown = await browser.post("/api/exports", json={"kind": "people", "format": "csv", "columns": ["salary"]})
    assert (unknown.status_code, unknown.json()["detail"]) == (422, "这种导出没有“salary”一列。")
    form = await browser.post("/api/exports", json={"kind": "people", "format": "zip"})
    assert "Excel 工作簿（.xlsx）" in form.json()["detail"]
    money = await browser.post("/api/exports", json={"kind": "incentives", "format": "csv"})
    assert money.status_code == 403
    assert "激励" not in (await browser.get("/exports")).text.split("<main")[1].split("</main")[0]
    for _ in range(3):
        assert (await browser.post("/api/exports", json={"kind": "people", "format": "csv"})).status_code == 202
    many = await browser.post("/api/exports", json={"kind": "people", "format": "csv"})
    assert (many.status_code, many.json()["detail"]) == (409, "您有 3 个导出仍在生成。请等其中一个完成。")
    own = (await browser.get("/api/exports")).json()[0]["id"]
    assert (await (await client_as(colleague)).get(f"/api/exports/{own}")).status_code == 404
    assert (await (await client_as(trainee_of)).get("/exports")).status_code == 403
    empty = await browser.post("/exports", data={"kind": "people", "language": "zh-CN"})
    assert empty.status_code == 422


async def test_incentive_records_are_the_organisations_own_to_the_fen(
    world: World, acting: As, client_as: ClientAs, drain: Drain
) -> None:
    async with world() as db:
        first, other = await deal(db), await deal(db)
    for one in (first, other):
        async with acting(one.officer) as db:
            await record_event(db, one.officer, EventCreate.model_validate(receipt(one, 1_000_003)))
    await drain()
    async with world() as db:
        own = (
            await db.execute(
                sa.text("SELECT coalesce(sum(amount_fen), 0), count(*) FROM accrual_line WHERE org_id = :org"),
                {"org": first.org_id},
            )
        ).one()
    browser = await client_as(first.finance)
    answer, export = await made_file(browser, drain, kind="incentives", format="csv")
    header, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    booked_place = header.index("年度限额内入账（元）")
    fen = sum(int(Decimal(row[booked_place]) * 100) for row in rows)
    assert (fen, len(rows)) == (own[0], own[1])
    assert len(rows) >= 2
    assert {row[header.index("合同编号")] for row in rows} == {first.contract.contract_no}
    assert {row[0] for row in rows} >= {one.name for one in first.managers}
    assert export["total"] == len(rows)


async def test_the_database_shows_an_employer_no_credential_rows(world: World, acting: As, settings: Settings) -> None:
    async with world() as db:
        made = await employer(db, settings)
    async with acting(made.hr) as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM credential")) == 0
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(
                    sa.text("INSERT INTO file_export (id, org_id) VALUES (gen_random_uuid(), gen_random_uuid())")
                )


@for_all(st.text(max_size=80), st.text(max_size=60))
def test_a_file_name_is_one_every_system_takes(name: str, number: str) -> None:
    stem = safe_stem(name, number)
    assert stem
    assert len(stem.encode()) <= NAME_BYTES
    assert not set(stem) & set('<>:"/\\|?*\x00\n\r\u202e')
    assert stem not in (".", "..")
    assert not stem.startswith((".", " "))


@for_all(st.lists(st.sampled_from(["张三", "ZHANG", "zhang", "../x", "a" * 300, ""]), max_size=12))
def test_names_inside_an_archive_never_meet(names: list[str]) -> None:
    taken = FileNames()
    made = [taken.take(one, "N1") for one in names]
    assert len({one.casefold() for one in made}) == len(names)


def test_twins_are_numbered() -> None:
    taken = FileNames()
    assert [taken.take("张三", "N1") for _ in range(3)] == ["张三_N1.pdf", "张三_N1 (2).pdf", "张三_N1 (3).pdf"]


def test_columns_are_named_once_in_each_kind() -> None:
    for kind in KINDS.values():
        assert len(set(kind.fields)) == len(kind.fields)
        assert kind.columns or kind.formats == ("zip",)


async def test_the_event_loop_is_not_held(world: World, client_as: ClientAs, drain: Drain, settings: Settings) -> None:
    """While a file is made, other work of the process goes on between its batches."""
    _made, browser = await at_the_desk(world, client_as, drain, settings)
    await browser.post("/api/exports", json={"kind": "people", "format": "xlsx"})
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await drain()
    beside.cancel()
    assert turns > 10
