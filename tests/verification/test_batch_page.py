"""Verifiers check many certificates on a page: a list or a file in, a table, a workbook and a report out."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from certificates.serial import CertificateNumber
from service.foundation import clock
from service.foundation.sheets.writing import XlsxExport
from service.verification import actions
from service.verification.actions import forget_answers
from service.verification.sheets import ASKED
from service.verification.tables import BatchCheck
from tests.conftest import As, ClientAs, World
from tests.given import accounts
from tests.given import credentials as given
from tests.verification.test_checking import changed

UNKNOWN = str(CertificateNumber("JSJL", "36", 2029, 1))


class Office:
    """A university with a verifier's browser, and certificates issued elsewhere."""

    def __init__(self, house: given.IssuingWorld, made: list[Any], browser: httpx.AsyncClient) -> None:
        self.house, self.made, self.browser = house, made, browser

    async def send(self, pasted: str = "", file: tuple[str, bytes] | None = None) -> httpx.Response:
        """Check a list or a file."""
        data = {"_csrf": self.browser.headers["x-csrf-token"], "pasted": pasted}
        files = {"file": (file[0], file[1], "application/octet-stream")} if file else None
        return await self.browser.post("/verify/batch", data=data, files=files)

    async def report(self, answer: httpx.Response) -> httpx.Response:
        """The page of the answers."""
        assert answer.status_code == 303, answer.text
        return await self.browser.get(answer.headers["location"])


@pytest.fixture
async def office(world: World, client_as: ClientAs) -> Office:
    """Two certificates, and a verifier."""
    async with world() as db:
        house = await given.issuing_world(db, people=2)
        made = await given.issued(db, house)
        university = await accounts.organisation(db, "某核验大学")
        verifier = await accounts.staff(db, "university_verifier", university.id)
    rank = {one.person.id: place for place, one in enumerate(house.trainees)}
    made.sort(key=lambda one: rank[one.person_id])
    return Office(house, made, await client_as(verifier))


async def test_pasted_list_is_answered_row_by_row(office: Office, acting: As) -> None:
    first, second = office.made
    await changed(acting, office.house, second.id, "suspended", "investigation")
    lines = [
        "证书编号\t姓名",
        f"{first.number}\t林知远\t2026级",
        f"{second.number.lower()}，欧阳娜娜",
        f"{first.number} 王小明",
        f"{UNKNOWN}, 林知远",
        "",
        "JSJL-07-2026-000128-1, 张三",
        f"{first.number}",
    ]
    page = await office.report(await office.send("\n".join(lines)))
    assert page.status_code == 200, page.text
    for said in (
        "有效",
        "已暂停",
        "查无此证或姓名不符",
        "未核验",
        "2026级",
        "第 8 行：缺少姓名",
        "某核验大学",
        "本报告证明什么",
    ):
        assert said in page.text, said
    assert page.text.count("查无此证或姓名不符") >= 2, "a wrong name is answered like an unknown number"
    front = await office.browser.get("/verify/batch")
    assert "最近的核验" in front.text
    assert "批量核验" in front.text


async def test_workbook_and_csv_come_in_and_a_workbook_goes_out(office: Office) -> None:
    first, second = office.made
    target = BytesIO()
    with XlsxExport(target, ASKED) as book:
        book.append({"number": first.number, "name": "林知远", "reference": "甲"})
        book.append({"number": second.number, "name": "OUYANG Nana"})
        book.append({"number": second.number})
    text = f"姓名,证书编号\n林知远,{first.number}\n".encode("gb18030")
    for name, content, valid in (("a.xlsx", target.getvalue(), 2), ("b.csv", text, 1)):
        answer = await office.send(file=(name, content))
        page = await office.report(answer)
        assert page.status_code == 200, page.text
        got = await office.browser.get(f"{answer.headers['location']}/answers")
        assert got.headers["content-type"].startswith("application/vnd.openxmlformats")
        rows = CalamineWorkbook.from_filelike(BytesIO(got.content)).get_sheet_by_index(0).to_python()
        assert "北京时间" in str(rows[0][0])
        assert rows[1][:5] == ["行号", "证书编号", "核验的姓名", "备注", "状态"]
        assert [one[4] for one in rows[2:]].count("有效") == valid
    empty = await office.browser.get("/verify/batch/template")
    assert CalamineWorkbook.from_filelike(BytesIO(empty.content)).sheet_names[0] == "核验名单"


async def test_five_hundred_rows_are_checked_and_more_are_refused(office: Office) -> None:
    number = office.made[0].number
    page = await office.report(await office.send("\n".join(f"{number}, 林知远" for _ in range(500))))
    assert page.text.count("JSJL-") >= 500
    refused = await office.send("\n".join(f"{number}, 林知远" for _ in range(501)))
    assert refused.status_code == 422
    assert "一次最多核验 500 份证书" in refused.text


@pytest.mark.parametrize(
    ("pasted", "file"), [("", None), ("  \n\n", None), ("", ("x.xlsx", b"PK nothing")), ("", ("x.csv", b"a,b\n1,2\n"))]
)
async def test_nothing_to_check_is_said_and_nothing_is_kept(
    office: Office, world: World, pasted: str, file: tuple[str, bytes] | None
) -> None:
    answer = await office.send(pasted, file)
    assert answer.status_code == 422
    assert "尚未核验" in answer.text
    async with world() as db:
        assert await db.scalar(sa.select(sa.func.count()).select_from(BatchCheck)) == 0


async def test_an_organisation_has_its_look_ups_a_day_on_page_and_interface_together(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "ROWS_A_DAY", 3)
    number = office.made[0].number
    items = {"items": [{"number": number, "name": "林知远"}] * 2}
    assert (await office.browser.post("/api/verify/batch", json=items)).status_code == 200
    refused = await office.send("\n".join([f"{number}, 林知远"] * 2))
    assert refused.status_code == 429
    assert "今天还可核验 1 条" in refused.text
    machine = await office.browser.post("/api/verify/batch", json=items)
    assert machine.json()["type"] == "/problems/too-many-look-ups-today"
    assert (await office.report(await office.send(f"{number}, 林知远"))).status_code == 200


async def test_a_check_is_journaled_without_names_and_its_answers_end(
    office: Office, world: World, client_as: ClientAs
) -> None:
    number = office.made[0].number
    answer = await office.send(f"{number}, 林知远\n{number}, 王小明")
    async with world() as db:
        [row] = (await db.execute(sa.text("SELECT * FROM batch_check"))).mappings().all()
        journal = str((await db.execute(sa.text("SELECT action, details FROM journal_entry"))).all())
    assert dict(row["counts"]) == {"unknown": 1, "valid": 1}
    assert "林知远".encode() not in bytes(row["answers_sealed"])
    assert "verification.batch_checked" in journal
    assert "林知远" not in journal
    assert number not in journal.partition("verification.batch_checked")[2][:200]
    holder = await client_as(office.house.trainees[0].actor)
    assert "某核验大学" in (await holder.get(f"/my/credentials/{office.made[0].id}")).text
    async with world() as db:
        other = await accounts.staff(db, "university_verifier", (await accounts.organisation(db)).id)
    assert (await (await client_as(other)).get(answer.headers["location"])).status_code == 404
    with clock.held_at(clock.now() + timedelta(days=8)):
        gone = await office.browser.get(answer.headers["location"])
        assert gone.status_code in (401, 410)
        async with world() as db:
            assert await forget_answers(db) == 1
            assert await forget_answers(db) == 0


async def test_the_page_is_for_verifiers_only(office: Office, client_as: ClientAs) -> None:
    assert (await (await client_as(None)).get("/verify/batch")).status_code == 401
    assert (await (await client_as(office.house.decider)).get("/verify/batch")).status_code == 403


async def test_the_single_answer_says_when_and_what_it_proves(office: Office, client_as: ClientAs) -> None:
    made = office.made[0]
    page = await (await client_as(None)).get(f"/V/{made.number}/{made.check_code}")
    for said in ("北京时间", "本结果证明什么", "打印"):
        assert said in page.text
