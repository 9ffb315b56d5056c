"""Templates, exports and returned files open in a spreadsheet as their reader expects."""

import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from service.foundation.sheets.cells import BEIJING
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.errors import NoRows, TextTooLongForCell
from service.foundation.sheets.reading import Sheet, read_sheet
from service.foundation.sheets.returned import RowProblem, with_errors
from service.foundation.sheets.writing import CellIn, CsvEncoding, CsvExport, XlsxExport, sheet_name, write_template

COLUMNS = (
    Column("name", "姓名", required=True, example="张三"),
    Column("kind", "证件类型", required=True, choices=("居民身份证", "护照"), example="居民身份证"),
    Column(
        "identity", "证件号码", required=True, kind=CellKind.IDENTITY, example="11010119900307002X", note="与证件一致"
    ),
    Column("phone", "手机号", kind=CellKind.PHONE),
    Column("born", "出生日期", kind=CellKind.DATE),
    Column("signed", "签到时间", kind=CellKind.MOMENT),
    Column("fee", "费用", kind=CellKind.YUAN),
    Column("periods", "学时", kind=CellKind.WHOLE),
    Column("mark", "成绩", kind=CellKind.DECIMAL),
)

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=12
).filter(lambda text: text.strip() and not text.startswith("'"))
ROWS = st.fixed_dictionaries(
    {
        "name": TEXTS.map(lambda text: "甲" + text + "乙"),
        "kind": st.sampled_from(["居民身份证", "护照"]),
        "identity": st.text(st.sampled_from("0123456789X"), min_size=18, max_size=18),
        "phone": st.sampled_from(["+8613812345678", "13812345678", None]),
        "born": st.none() | st.dates(date(1910, 1, 1), date(2100, 1, 1)),
        "signed": st.none() | st.integers(0, 60_000_000).map(lambda minutes: datetime.fromtimestamp(minutes * 60, UTC)),
        "fee": st.none() | st.integers(-(10**14), 10**14),
        "periods": st.none() | st.integers(0, 10**9),
        "mark": st.none() | st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100),
    }
)


def exported(kind: str, rows: list[dict[str, CellIn]]) -> bytes:
    target = BytesIO()
    export: CsvExport | XlsxExport
    encodings: dict[str, CsvEncoding] = {"csv": "utf-8-sig", "gb18030": "gb18030"}
    export = (
        XlsxExport(target, COLUMNS, title="名单") if kind == "xlsx" else CsvExport(target, COLUMNS, encodings[kind])
    )
    with export:
        for row in rows:
            export.append(row)
    return target.getvalue()


def read_back(sheet: Sheet) -> Iterator[Mapping[str, object]]:
    for row in sheet.rows:
        yield {
            "name": row.cells["name"],
            "kind": row.text("kind"),
            "identity": row.identity("identity"),
            "phone": row.phone("phone"),
            "born": row.day("born"),
            "signed": row.moment("signed"),
            "fee": row.yuan("fee"),
            "periods": row.whole("periods"),
            "mark": row.decimal("mark"),
        }


@pytest.mark.parametrize("kind", ["xlsx", "csv", "gb18030"])
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_what_is_exported_is_read_back_the_same(kind: str, rows: list[dict[str, CellIn]]) -> None:
    assert list(read_back(read_sheet(exported(kind, rows), COLUMNS))) == rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd|x", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
@pytest.mark.parametrize("kind", ["xlsx", "csv", "gb18030"])
def test_no_exported_text_is_run_as_a_formula(kind: str, text: str) -> None:
    content = exported(kind, [{"name": text, "identity": "E1"}])
    sheet = read_sheet(content, COLUMNS)
    assert str(sheet.rows[0].cells["name"]).startswith("'")
    if kind == "xlsx":
        with zipfile.ZipFile(BytesIO(content)) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_numbers_of_documents_are_text_and_amounts_are_numbers() -> None:
    row: dict[str, CellIn] = {
        "name": "张三",
        "identity": "110101199003070021",
        "fee": 1_234_567,
        "born": date(1990, 3, 7),
    }
    cells = CalamineWorkbook.from_filelike(BytesIO(exported("xlsx", [row]))).get_sheet_by_index(0).to_python()[2]
    assert cells[2] == "110101199003070021"
    assert cells[4] == date(1990, 3, 7)
    assert cells[6] == 12345.67
    assert exported("csv", [row]).startswith(b"\xef\xbb\xbf")
    assert "张三,,110101199003070021,,1990-03-07,,12345.67,,\r\n".encode("gb18030") in exported("gb18030", [row])


def test_moments_are_written_in_beijing_time_and_rare_kinds_as_text() -> None:
    row: dict[str, CellIn] = {
        "signed": datetime(2026, 5, 15, 1, 5, tzinfo=UTC),
        "name": True,
        "identity": 5,
        "phone": date(1890, 1, 2),
    }
    sheet = read_sheet(exported("xlsx", [row, {"born": date(1890, 1, 2), "fee": 10**16 + 1, "name": "张三"}]), COLUMNS)
    assert sheet.rows[0].moment("signed") == datetime(2026, 5, 15, 9, 5, tzinfo=BEIJING)
    assert sheet.rows[0].text("name") == "是"
    assert sheet.rows[0].identity("identity") == "5"
    assert sheet.rows[0].text("phone") == "1890-01-02"
    assert sheet.rows[1].text("born") == "1890-01-02"
    assert sheet.rows[1].yuan("fee") == 10**16 + 1
    assert "2026-05-15 09:05" in exported("csv", [row]).decode()
    midnight: dict[str, CellIn] = {"signed": datetime(2026, 5, 15, tzinfo=BEIJING), "name": "张三"}
    assert read_sheet(exported("xlsx", [midnight]), COLUMNS).rows[0].moment("signed") == midnight["signed"]


def test_a_full_sheet_is_followed_by_another() -> None:
    target = BytesIO()
    with XlsxExport(target, COLUMNS, "学员/名单", sheet_rows=3) as export:
        for number in range(5):
            export.append({"name": f"张{number}"})
    book = CalamineWorkbook.from_filelike(BytesIO(target.getvalue()))
    assert book.sheet_names == ["学员 名单", "学员 名单 (2)", "学员 名单 (3)"]
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names] == [3, 3, 2]


def test_a_text_longer_than_a_cell_is_refused_rather_than_dropped() -> None:
    with pytest.raises(TextTooLongForCell) as refused:
        exported("xlsx", [{"name": "字" * 32_768}])
    assert refused.value.facts == {"column": "姓名"}
    assert sheet_name("[]'") == "Sheet1"
    assert len(sheet_name("名" * 50)) == 31


def test_a_large_export_keeps_memory_flat(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        with XlsxExport(str(tmp_path / "large.xlsx"), COLUMNS) as export:
            for number in range(count):
                export.append({"name": "张三", "identity": f"{number:018d}", "fee": number})
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2


def template() -> bytes:
    target = BytesIO()
    write_template(target, COLUMNS, "学员名单", notes=["=不要改动列名"])
    return target.getvalue()


def test_a_template_marks_required_columns_and_explains_itself() -> None:
    content = template()
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names == ["学员名单", "填写说明", "选项"]
    assert book.get_sheet_by_index(0).to_python()[0][:4] == ["姓名*", "证件类型*", "证件号码*", "手机号"]
    notes = book.get_sheet_by_name("填写说明").to_python()
    assert notes[0][:4] == ["列名", "是否必填", "填写要求", "示例"]
    assert notes[3][:4] == ["证件号码", "必填", "与证件一致\n按文本填写，末位 X 大小写均可", "11010119900307002X"]
    assert notes[len(COLUMNS) + 2][:3] == [column.header for column in COLUMNS[:3]]
    assert notes[len(COLUMNS) + 3][:3] == ["张三", "居民身份证", "11010119900307002X"]
    assert notes[-1][0] == "'=不要改动列名"
    with zipfile.ZipFile(BytesIO(content)) as archive:
        first = archive.read("xl/worksheets/sheet1.xml").decode()
        assert 'state="hidden"' in archive.read("xl/workbook.xml").decode()
    assert "<pane " in first
    assert 'sqref="B2:B5001"' in first
    assert "选项" in first
    english = BytesIO()
    write_template(english, COLUMNS, "Roster", language="en")
    spoken = CalamineWorkbook.from_filelike(BytesIO(english.getvalue())).get_sheet_by_name("填写说明").to_python()
    assert spoken[1][:2] == ["姓名", "required"]


def test_a_template_filled_in_is_read_without_its_notes() -> None:
    with pytest.raises(NoRows):
        read_sheet(template(), COLUMNS)


FAULTY = "名单,,\r\n姓名,证件类型,证件号码\r\n张三,护照,E1234567\r\n=李四,,\r\n王五,护照\r\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_comes_back_as_it_was_with_one_more_column(encoding: str) -> None:
    sheet = read_sheet(FAULTY.encode(encoding), COLUMNS)
    problems = [
        RowProblem(4, "identity", "第 4 行：请填写证件号码"),
        RowProblem(4, None, "重复"),
        RowProblem(4, None, "重复"),
    ]
    content, ending = with_errors(sheet, problems)
    assert ending == "csv"
    assert content.decode(encoding) == (
        '名单,,\r\n姓名,证件类型,证件号码,错误说明\r\n张三,护照,E1234567\r\n\'=李四,,,"第 4 行：请填写证件号码\n重复"\r\n王五,护照\r\n'
    )
    again = read_sheet(content, COLUMNS)
    assert again.header.error_place == 3
    assert "错误说明" not in again.unknown_headers
    assert again.rows[1].text("name") == "=李四"
    settled, _ = with_errors(again, [])
    assert settled.decode(encoding).splitlines()[1] == "姓名,证件类型,证件号码,错误说明"
    assert "重复" not in settled.decode(encoding)


def test_a_workbook_comes_back_with_wrong_cells_tinted_and_right_rows_kept() -> None:
    rows: list[dict[str, CellIn]] = [
        {"name": "张三", "kind": "护照", "identity": "E1234567", "born": date(1990, 3, 7), "fee": 100},
        {"name": "李四", "kind": "护照", "identity": "E1", "signed": datetime(2026, 5, 15, 1, tzinfo=UTC)},
        {"name": "王五"},
    ]
    sheet = read_sheet(exported("xlsx", rows), COLUMNS)
    content, ending = with_errors(
        sheet, [RowProblem(4, "identity", "=证件号码不对"), RowProblem(5, "fee", "请填写费用")]
    )
    assert ending == "xlsx"
    returned = read_sheet(content, COLUMNS)
    assert [dict(row.cells) for row in returned.rows] == [dict(row.cells) for row in sheet.rows]
    assert [row[9] for row in returned.raw] == ["", "错误说明", "", "'=证件号码不对", "请填写费用"]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        cells = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "FFD9D9" in styles
    tinted = [part.split('"')[0] for part in cells.split('<c r="')[1:]]
    assert "G5" in tinted
    assert "F5" not in tinted
    once_more, _ = with_errors(returned, [])
    assert [row[9] for row in read_sheet(once_more, COLUMNS).raw] == ["", "错误说明", "", "", ""]


def test_an_old_workbook_comes_back_in_the_new_form() -> None:
    sheet = read_sheet(exported("xlsx", [{"name": "张三", "identity": "E1"}]), COLUMNS)
    old = Sheet("xls", "", sheet.header, sheet.rows, sheet.raw, (((0, 0), (0, 3)),))
    content, ending = with_errors(old, [RowProblem(3, None, "错")])
    assert ending == "xlsx"
    assert read_sheet(content, COLUMNS).raw[0][0] == "名单"
