"""Files that come in: previewed row by row, kept once, given back with reasons, never in clear on disk or in rows."""

import json
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from service.enrolments.queries import INVARIANTS
from service.exchange.rules.columns import ROSTER_COLUMNS
from service.foundation.keyring import Keyring
from service.foundation.sheets.reading import read_sheet
from service.samples import files
from service.samples.files import PEOPLE, sample
from service.settings import Settings
from tests.conftest import ClientAs, World
from tests.exchange.sending import base_with_session, confirmed, sent
from tests.given import accounts as given
from tests.given.bases import base
from tests.given.people import person

Drain = Callable[[], Awaitable[int]]


@pytest.mark.parametrize("name", sorted(files.FILES))
def test_each_sample_file_is_what_its_script_makes(name: str) -> None:
    assert sample(name) == files.FILES[name]()


async def test_the_roster_sample_keeps_sixteen_and_refuses_nine_with_reasons(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    session, office = await base_with_session(world, capacity=14)
    browser = await client_as(office)
    preview = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    assert preview["http"] == 201, preview
    assert preview["counts"] == {"new": 16, "changed": 0, "same": 0, "wrong": 9, "left_out": 2}
    wrong = {one["row"]: one["reasons"] for one in preview["rows"] if one["outcome"] == "wrong"}
    assert {row: reasons[0] for row, reasons in wrong.items()} == {
        21: "第 21 行“证件号码”：号码被 Excel 存成了数字，末几位已丢失，请把该列设为文本后重填。",
        22: "第 22 行“证件号码”：校验码与前面的数字不符，号码中至少有一位填写有误。",
        23: "第 23 行“证件号码”：号码中的出生日期 … 不成立。",
        24: wrong[24][0],
        25: "第 25 行“证件号码”：与第 5 行重复，以前一行为准。",
        26: "第 26 行“姓名”：必填。",
        27: "第 27 行“姓名”：必填。",
        28: "第 28 行“证件号码”：不认识这种证件类型，请从模板列表中选择。",
        29: wrong[29][0],
    }
    assert "15" in wrong[24][0]
    assert "统一社会信用代码" in wrong[29][0]
    result = await confirmed(browser, preview)
    assert result["counts"] == preview["counts"]
    done = [one["result"] for one in result["rows"] if one["outcome"] == "new"]
    assert (done.count("enrolled"), done.count("waiting")) == (14, 2)
    assert (await confirmed(browser, preview)) == result  # twice is once
    listed = (await browser.get(f"/api/sessions/{session.id}/enrolments")).json()
    assert sorted(one["name"] for one in listed) == sorted(name for name, _ in PEOPLE)
    assert {one["employer"]["zh"] for one in listed if one["employer"]} == {files.UNIVERSITY, files.INSTITUTE}
    await drain()
    async with world() as db:
        seen = await db.scalar(
            sa.text(
                "SELECT count(*) FROM person_access a JOIN organisation o ON o.id = a.org_id"
                " WHERE o.name ->> 'zh' = :u AND a.ground = 'enrolment' AND a.until IS NOT NULL"
            ),
            {"u": files.UNIVERSITY},
        )
        letters = await db.scalar(sa.text("SELECT count(*) FROM letter WHERE kind = 'enrolment.employer_sees'"))
        affiliations = await db.scalar(
            sa.text("SELECT count(*) FROM affiliation WHERE source = 'roster' AND confirmed_at IS NULL")
        )
        for statement in INVARIANTS.values():
            assert (await db.execute(sa.text(statement))).all() == []
    assert (seen, letters, affiliations) == (8, 12, 12)


async def test_the_same_file_twice_changes_nothing(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    await confirmed(browser, await sent(browser, "roster", sample("roster.xlsx"), target=session.id))

    async def counted() -> list[int]:
        async with world() as db:
            return [
                await db.scalar(sa.text(f"SELECT count(*) FROM {table}"))
                for table in (
                    "person",
                    "enrolment",
                    "identity_document",
                    "person_access",
                    "organisation",
                    "affiliation",
                )
            ]

    before = await counted()
    again = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    assert again["counts"] == {"new": 0, "changed": 0, "same": 16, "wrong": 9, "left_out": 2}
    page = await browser.get(f"/imports/{again['id']}")
    assert "此文件已于" in page.text
    assert (await confirmed(browser, again))["counts"]["same"] == 16
    assert await counted() == before


async def test_a_changed_sending_unit_is_a_change(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    first = f"姓名,身份证号,派出单位\r\n陈样一,{PEOPLE[0][1]},样例理工大学\r\n李样二,{PEOPLE[1][1]},\r\n"
    await confirmed(browser, await sent(browser, "roster", first.encode(), "名单.csv", session.id))
    second = first.replace("样例理工大学", "样例材料研究院").replace("李样二", "李样二二")
    preview = await sent(browser, "roster", second.encode(), "名单.csv", session.id)
    assert [one["outcome"] for one in preview["rows"]] == ["changed", "wrong"]
    assert preview["rows"][1]["reasons"][0].startswith("第 3 行“姓名”：")
    assert "李样二" not in preview["rows"][1]["reasons"][0]  # the name on record is not told
    result = await confirmed(browser, preview)
    assert result["rows"][0]["result"] == "updated"
    listed = {
        one["name"]: one["employer"] for one in (await browser.get(f"/api/sessions/{session.id}/enrolments")).json()
    }
    assert listed["陈样一"]["zh"] == "样例材料研究院"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_text_files_of_each_encoding_read_the_same(world: World, client_as: ClientAs, encoding: str) -> None:
    session, office = await base_with_session(world)
    text = "姓名,证件类型,证件号码\r\n" + "".join(f"{name},居民身份证,{number}\r\n" for name, number in PEOPLE[:6])
    preview = await sent(await client_as(office), "roster", text.encode(encoding), "名单.csv", session.id)
    assert preview["http"] == 201, preview
    assert preview["counts"]["new"] == 6


async def test_the_attendance_sample_becomes_hours(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    await confirmed(browser, await sent(browser, "roster", sample("roster.xlsx"), target=session.id))
    preview = await sent(browser, "attendance", sample("attendance.csv"), "考勤.csv", session.id)
    assert preview["http"] == 201, preview
    assert preview["counts"] == {"new": 20, "changed": 0, "same": 0, "wrong": 8, "left_out": 1}
    wrong = {one["row"]: one["reasons"][0] for one in preview["rows"] if one["outcome"] == "wrong"}
    assert wrong[23].startswith("第 23 行：与第 3 行重复")
    assert "没有此姓名和号码的学员" in wrong[24]
    assert "不是有效日期" in wrong[25]
    assert "没有这次课" in wrong[26]
    assert "第1次 2026-03-02 08:00" in wrong[26]  # what the session does have
    assert "第3次" in wrong[30]
    result = await confirmed(browser, preview)
    assert sum(one["result"] == "recorded" for one in result["rows"]) == 20
    listed = {one["name"]: one for one in (await browser.get(f"/api/sessions/{session.id}/enrolments")).json()}
    assert listed["陈样一"]["minutes"] == 180 + 135
    assert listed["王样三"]["minutes"] == 165 + 135  # fifteen minutes late in the morning
    assert listed["欧阳样五"]["minutes"] == 0 + 135
    assert listed["郑样九"]["minutes"] == 180
    hours = (await browser.get(f"/api/enrolments/{listed['陈样一']['id']}/hours")).json()
    assert hours == {"public_knowledge": 315}
    again = await sent(browser, "attendance", sample("attendance.csv"), "考勤.csv", session.id)
    assert again["counts"] == {"new": 0, "changed": 0, "same": 20, "wrong": 8, "left_out": 1}


async def test_the_past_certificates_sample_becomes_imported_qualifications(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        office = await given.staff(db, "scheduler", (await base(db)).org_id)
    browser = await client_as(office)
    preview = await sent(browser, "certificates", sample("past-certificates.csv"), "证书.csv")
    assert preview["http"] == 201, preview
    assert preview["counts"] == {"new": 8, "changed": 0, "same": 0, "wrong": 7, "left_out": 0}
    await confirmed(browser, preview)
    async with world() as db:
        rows = (await db.execute(sa.text("SELECT state, scheme, count(*) FROM qualification GROUP BY 1, 2"))).all()
    assert [tuple(row) for row in rows] == [("imported", "imported", 8)]
    again = await sent(browser, "certificates", sample("past-certificates.csv"), "证书.csv")
    assert again["counts"] == {"new": 0, "changed": 0, "same": 8, "wrong": 7, "left_out": 0}


async def test_the_technology_contracts_sample_is_recorded_with_its_registration(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        home = await given.organisation(db)
        officer = await given.staff(db, "incentive_officer", home.id)
        scheduler = await given.staff(db, "scheduler", home.id)
    browser = await client_as(officer)
    preview = await sent(browser, "contracts", sample("technology-contracts.xlsx"), "合同.xlsx")
    assert preview["http"] == 201, preview
    assert preview["counts"] == {"new": 6, "changed": 0, "same": 0, "wrong": 7, "left_out": 1}
    await confirmed(browser, preview)
    async with world() as db:
        rows = (
            await db.execute(
                sa.text(
                    "SELECT contract_fen, transaction_fen, state, kind FROM technology_contract"
                    " WHERE org_id = :o ORDER BY contract_no"
                ),
                {"o": home.id},
            )
        ).all()
    assert tuple(rows[0]) == (100_500_000, 80_000_000, "registered", "development")
    assert [row.kind for row in rows] == ["development", "transfer", "licence", "consulting", "service", "development"]
    again = await sent(browser, "contracts", sample("technology-contracts.xlsx"), "合同.xlsx")
    assert again["counts"] == {"new": 0, "changed": 0, "same": 6, "wrong": 7, "left_out": 1}
    refused = await sent(await client_as(scheduler), "contracts", sample("technology-contracts.xlsx"), "合同.xlsx")
    assert refused["http"] == 403
    assert (await (await client_as(scheduler)).get(f"/api/imports/{preview['id']}")).status_code == 404


async def test_neither_rows_nor_disk_hold_the_files_text(
    world: World, client_as: ClientAs, settings: Settings, keyring: Keyring
) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    preview = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    await confirmed(browser, preview)
    async with world() as db:
        row = (await db.execute(sa.text("SELECT * FROM file_import WHERE id = :i"), {"i": preview["id"]})).one()
    stored = json.dumps(row.rows, ensure_ascii=False) + json.dumps(row.counts)
    for name, number in PEOPLE:
        assert name not in stored
        assert number[6:] not in stored
    for text in ("错", "学生证", "1990-02-31", files.UNIVERSITY):
        assert text not in stored
    sealed = (settings.files_dir / row.file_key).read_bytes()
    assert sealed != sample("roster.xlsx")
    assert not sealed.startswith(b"PK")
    assert keyring.decrypt(sealed, f"file_import.file:{row.id}") == sample("roster.xlsx")


async def test_a_refused_row_stands_in_no_good_rows_way(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    number = PEOPLE[0][1]
    roster = f"姓名,身份证号\r\n=A1&B1,{number}\r\n陈样一,{number}\r\n陈样一,{number}\r\n"
    preview = await sent(browser, "roster", roster.encode(), "名单.csv", session.id)
    assert [one["outcome"] for one in preview["rows"]] == ["wrong", "new", "wrong"]
    assert preview["rows"][0]["reasons"][0].startswith("第 2 行“姓名”")
    assert preview["rows"][2]["reasons"] == ["第 4 行“身份证号”：与第 3 行重复，以前一行为准。"]
    await confirmed(browser, preview)
    listed = (await browser.get(f"/api/sessions/{session.id}/enrolments")).json()
    assert [one["name"] for one in listed] == ["陈样一"]


async def test_their_own_file_comes_back_with_the_reasons(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    preview = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    answer = await browser.get(f"/imports/{preview['id']}/file")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    back = read_sheet(answer.content, ROSTER_COLUMNS)
    assert back.header.error_place is not None
    reasons = {
        index + 1: row[back.header.error_place] for index, row in enumerate(back.raw) if row[back.header.error_place]
    }
    assert set(range(21, 30)) <= set(reasons)
    assert "1990-02-31" in str(reasons[23])  # their own file may say what stands in it
    english = await browser.get(f"/api/imports/{preview['id']}", headers={"accept-language": "en"})
    said = {one["row"]: one["reasons"] for one in english.json()["rows"]}
    assert said[25] == ["Row 25, “证件号码”: says the same as row 5; the first one counts."]


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"", "sheet-file-empty"),
        (b"PK\x03\x04 not a zip at all", "sheet-damaged"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web-page-not-sheet"),
        (b"%PDF-1.7", "not-a-sheet"),
        ("姓名,电话\r\n张三,1\r\n".encode(), "header-not-found"),
        (b"\xff\xfe\x00\xd8\x00", "encoding-unknown"),
        ('姓名,证件号码\r\n"张三,1\r\n'.encode(), "quotes-not-closed"),
        (("姓名,证件号码\r\n" + "张三,1\r\n" * 2100).encode(), "too-many-rows"),
    ],
)
async def test_hostile_and_wrong_files_are_refused_whole(
    world: World, client_as: ClientAs, content: bytes, slug: str
) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    refused = await sent(browser, "roster", content, target=session.id)
    assert refused["type"].rsplit("/", 1)[-1] == slug, refused
    page = await browser.post(f"/sessions/{session.id}/roster", files={"file": ("x.xlsx", content)})
    assert page.status_code == 422
    async with world() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM file_import")) == 0


async def test_a_file_beyond_the_limit_is_refused_before_it_is_read(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    answer = await sent(await client_as(office), "roster", b"x" * (9 * 2**20), target=session.id)
    assert answer["http"] == 413


async def test_pages_lead_from_upload_to_result(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    for path in (f"/sessions/{session.id}/roster", f"/sessions/{session.id}/attendance-list", "/imports"):
        assert (await browser.get(path)).status_code == 200
    none = await browser.post(f"/sessions/{session.id}/roster", data={"file": ""})
    assert none.status_code == 422
    uploaded = await browser.post(
        f"/sessions/{session.id}/roster", files={"file": ("学员名单.xlsx", sample("roster.xlsx"))}
    )
    assert uploaded.status_code == 303, uploaded.text
    where = uploaded.headers["location"]
    preview = await browser.get(where)
    assert "确认并保存 16 行" in preview.text
    assert "学员名单.xlsx" in preview.text
    assert (await browser.post(f"{where}/confirm")).status_code == 303
    assert "尚未保存" not in (await browser.get(where)).text
    dropped = await browser.post(f"{where}/drop")
    assert dropped.status_code == 409
    template = await browser.get(f"/sessions/{session.id}/roster/template.xlsx")
    assert read_sheet_headers(template.content) == ["姓名", "证件类型", "证件号码", "派出单位", "单位统一社会信用代码"]


def read_sheet_headers(content: bytes) -> list[str]:
    """The headers of the template, which has no row below them."""
    from io import BytesIO  # noqa: PLC0415

    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
        assert "填写说明" in book.sheet_names
        return [str(one).strip("*") for one in book.get_sheet_by_index(0).to_python()[0]]


async def test_strangers_find_neither_session_nor_upload(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    async with world() as db:
        stranger = await given.staff(db, "scheduler", (await base(db)).org_id)
        trainee = await given.holder(db, (await person(db)).id)
    preview = await sent(await client_as(office), "roster", sample("roster.xlsx"), target=session.id)
    browser = await client_as(stranger)
    for path in (f"/imports/{preview['id']}", f"/imports/{preview['id']}/file", f"/api/imports/{preview['id']}"):
        assert (await browser.get(path)).status_code == 404
    for path in (f"/imports/{preview['id']}/confirm", f"/api/imports/{preview['id']}/confirm"):
        assert (await browser.post(path)).status_code == 404
    assert (await browser.get(f"/sessions/{session.id}/roster")).status_code == 404
    assert (await sent(browser, "roster", sample("roster.xlsx"), target=session.id))["http"] == 404
    assert (await (await client_as(trainee)).get(f"/imports/{preview['id']}")).status_code == 403
    async with world() as db:
        assert await db.scalar(sa.text("SELECT count(*) FROM enrolment")) == 0
