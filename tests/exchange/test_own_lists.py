"""A session's own lists go out with names and meetings, are filled in, and come back; what fits no meeting says which there are."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from httpx import AsyncClient
from hypothesis import given as for_all
from hypothesis import strategies as st

from service.exchange.actions.own_lists import ATTENDANCE_LIST, ROSTER_LIST, exact_text, written
from service.exchange.rules.columns import ATTENDANCE_COLUMNS, ROSTER_COLUMNS, learner_code
from service.exchange.rules.imports import IMPORT_LIMITS
from service.foundation.actor import Actor
from service.foundation.sheets.reading import read_sheet
from service.foundation.sheets.writing import CellIn
from service.samples.files import PEOPLE, sample
from tests.conftest import ClientAs, World
from tests.exchange.sending import FIRST_DAY, base_with_session, confirmed, sent


async def full_class(world: World, client_as: ClientAs) -> tuple[UUID, Actor, AsyncClient]:
    """A session with the sixteen people of the roster sample."""
    session, office = await base_with_session(world)
    browser = await client_as(office)
    await confirmed(browser, await sent(browser, "roster", sample("roster.xlsx"), target=session.id))
    return session.id, office, browser


async def meeting_ids(browser: AsyncClient, session_id: UUID) -> list[str]:
    """The meetings as the upload page lists them, in order."""
    page = (await browser.get(f"/sessions/{session_id}/attendance-list")).text
    found: list[str] = []
    for part in page.split("list/csv?meeting=")[1:]:
        found.append(part[:36])
    return found


async def test_the_attendance_list_of_one_meeting_is_filled_in_and_comes_back(
    world: World, client_as: ClientAs
) -> None:
    session_id, _, browser = await full_class(world, client_as)
    third = (await meeting_ids(browser, session_id))[2]
    place = f"/sessions/{session_id}/attendance-list/list"
    answer = await browser.get(f"{place}/csv?meeting={third}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, *lines = answer.content.decode("utf-8-sig").splitlines()
    assert header == "学员编号,姓名,课次,上课日期,开始时间,课程,出勤情况（出勤/迟到/缺勤/请假）,迟到分钟"
    assert len(lines) == 16
    assert all(",第3次,2026-03-" in line and line.endswith(",,") for line in lines)
    marks = {0: "出勤,", 1: "迟到,20", 2: "缺勤,"}
    filled = [line[:-1] + marks[place] if place in marks else line for place, line in enumerate(lines)]
    preview = await sent(
        browser, "attendance", "\r\n".join([header, *filled]).encode("utf-8-sig"), "考勤.csv", session_id
    )
    assert preview["counts"] == {"new": 3, "changed": 0, "same": 0, "wrong": 0, "left_out": 13}
    await confirmed(browser, preview)
    book = await browser.get(f"{place}/xlsx?meeting={third}")
    rows = read_sheet(book.content, ATTENDANCE_COLUMNS).rows
    kept = [(row.cells["presence"], row.cells["missed"]) for row in rows if row.cells["presence"]]
    assert sorted(kept, key=str) == sorted([("出勤", ""), ("迟到", 20), ("缺勤", "")], key=str)
    again = await sent(browser, "attendance", book.content, "考勤.xlsx", session_id)
    assert again["counts"] == {"new": 0, "changed": 0, "same": 3, "wrong": 0, "left_out": 13}


async def test_the_list_of_all_meetings_names_each_and_comes_back_empty(world: World, client_as: ClientAs) -> None:
    session_id, _, browser = await full_class(world, client_as)
    count = len(await meeting_ids(browser, session_id))
    book = await browser.get(f"/sessions/{session_id}/attendance-list/list/xlsx")
    assert book.status_code == 200, book.text
    preview = await sent(browser, "attendance", book.content, "考勤.xlsx", session_id)
    assert preview["counts"] == {"new": 0, "changed": 0, "same": 0, "wrong": 0, "left_out": 16 * count}


async def test_a_list_beyond_what_may_come_back_is_given_meeting_by_meeting(
    world: World, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, _, browser = await full_class(world, client_as)
    monkeypatch.setattr("service.exchange.actions.own_lists.IMPORT_LIMITS", IMPORT_LIMITS.__class__(rows=20))
    refused = await browser.get(f"/sessions/{session_id}/attendance-list/list/xlsx")
    assert refused.status_code == 422
    assert "请按课次分别下载" in refused.text
    first = (await meeting_ids(browser, session_id))[0]
    assert (await browser.get(f"/sessions/{session_id}/attendance-list/list/xlsx?meeting={first}")).status_code == 200


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"课次": "2"}, True),
        ({"课次": "第 2 次课"}, True),
        ({"上课日期": "2026-03-02", "开始时间": "8:00"}, True),
        ({"课程": "技术转移与成果转化概论"}, True),
        ({"课次": "1", "上课日期": "2026年3月2日"}, True),
        ({"课次": "1", "上课日期": "2026-03-03"}, False),
        ({"课次": "999"}, False),
        ({"上课日期": "2026-03-02"}, False),
        ({"课程": "没有这门课"}, False),
        ({"课次": "上午"}, False),
        ({}, False),
    ],
)
async def test_a_meeting_is_found_by_number_or_by_day_time_and_course(
    world: World, client_as: ClientAs, cells: dict[str, str], found: bool
) -> None:
    session_id, _, browser = await full_class(world, client_as)
    header = ["姓名", "课次", "上课日期", "开始时间", "课程", "出勤情况"]
    row = [PEOPLE[0][0], *(cells.get(name, "") for name in header[1:5]), "出勤"]
    content = f"{','.join(header)}\r\n{','.join(row)}\r\n".encode()
    preview: Any = await sent(browser, "attendance", content, "考勤.csv", session_id)
    assert (preview["counts"]["new"] == 1) is found, preview["rows"]
    if not found and cells and "上午" not in cells.values():
        assert "次 2026-03-" in preview["rows"][0]["reasons"][0]  # which meetings there are


async def test_the_reasons_name_the_nearest_meetings_in_both_languages(world: World, client_as: ClientAs) -> None:
    session_id, _, browser = await full_class(world, client_as)
    content = f"姓名,上课日期,出勤情况\r\n{PEOPLE[0][0]},2025-12-31,出勤\r\n".encode()
    preview = await sent(browser, "attendance", content, "考勤.csv", session_id)
    (reason,) = preview["rows"][0]["reasons"]
    assert reason.startswith("第 2 行“上课日期”：本班没有这次课。本班的课：第1次 2026-03-02 08:00《")
    english = await browser.get(f"/api/imports/{preview['id']}", headers={"accept-language": "en"})
    assert "It has: no. 1 2026-03-02 08:00 “" in english.json()["rows"][0]["reasons"][0]


async def test_the_roster_template_comes_back_filled_in_either_format(world: World, client_as: ClientAs) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    empty = await browser.get(f"/sessions/{session.id}/roster/template.csv")
    assert empty.content.startswith(b"\xef\xbb\xbf")
    header = empty.content.decode("utf-8-sig").strip()
    row = f"{PEOPLE[0][0]},居民身份证,{PEOPLE[0][1]},,"
    preview = await sent(browser, "roster", f"{header}\r\n{row}\r\n".encode("utf-8-sig"), "名单.csv", session.id)
    assert preview["counts"]["new"] == 1, preview
    people = [{"name": name, "identity_number": number} for name, number in PEOPLE[:3]]
    book = await sent(browser, "roster", written(ROSTER_LIST, people, "名单", "xlsx"), "名单.xlsx", session.id)
    assert book["counts"]["new"] == 3, book


async def test_lists_are_the_bases_own_and_each_taking_is_journaled(world: World, client_as: ClientAs) -> None:
    session_id, office, browser = await full_class(world, client_as)
    other, stranger = await base_with_session(world)
    foreign = await client_as(stranger)
    for path in ("attendance-list/list/xlsx", "roster/template.csv"):
        assert (await foreign.get(f"/sessions/{session_id}/{path}")).status_code == 404
    theirs = (await meeting_ids(foreign, other.id))[:1]
    for meeting in theirs:
        path = f"/sessions/{session_id}/attendance-list/list/csv?meeting={meeting}"
        assert (await browser.get(path)).status_code == 404
    assert (await browser.get(f"/sessions/{session_id}/attendance-list/list/pdf")).status_code == 404
    first = (await meeting_ids(browser, session_id))[0]
    await browser.get(f"/sessions/{session_id}/attendance-list/list/csv?meeting={first}")
    async with world() as db:
        taken = sa.text("SELECT details FROM journal_entry WHERE action = 'list.taken' AND account_id = :a")
        rows = (await db.execute(taken, {"a": office.account_id})).scalars().all()
    assert [one["rows"] for one in rows] == [16]


@for_all(hundredths=st.integers(0, 100_000))
def test_a_kept_score_is_written_as_exactly_what_it_is(hundredths: int) -> None:
    text = exact_text(hundredths, 100)
    whole, _, rest = text.partition(".")
    assert int(whole) * 100 + int((rest + "00")[:2]) == hundredths
    assert not rest.endswith("0")


@for_all(ids=st.lists(st.uuids(), max_size=50, unique=True))
def test_learner_codes_are_no_numbers_and_tell_people_apart(ids: list[UUID]) -> None:
    codes = {learner_code(one) for one in ids}
    assert len(codes) == len({one.hex[-10:] for one in ids})
    assert all(code[0] == "S" and len(code) == 11 for code in codes)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_hints_in_headers_read_back_as_the_same_columns(ending: Any) -> None:
    rows: list[dict[str, CellIn]] = [
        {"learner": "S0", "name": "张三", "meeting": "第1次", "day": FIRST_DAY, "presence": "出勤"}
    ]
    back = read_sheet(written(ATTENDANCE_LIST, rows, "考勤表", ending), ATTENDANCE_COLUMNS)
    assert set(back.header.places) == {one.field for one in ATTENDANCE_LIST}
    assert back.rows[0].day("day") == date(2026, 3, 2)
    roster = read_sheet(written(ROSTER_LIST, [{"name": "张三"}], "名单", ending), ROSTER_COLUMNS)
    assert set(roster.header.places) == {one.field for one in ROSTER_COLUMNS}
