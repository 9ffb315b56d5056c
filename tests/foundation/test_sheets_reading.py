"""Spreadsheets with the faults offices send are read row by row, or refused with the place named."""

import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.sheets.cells import BEIJING, CellValue, SheetRow, guarded, unguarded
from service.foundation.sheets.columns import CellKind, Column, find_header, folded_header
from service.foundation.sheets.errors import (
    CellEmpty,
    CellFarAway,
    CellForbiddenCharacter,
    CellNotAChoice,
    CellNotADate,
    CellNotAMoment,
    CellNotAnAmount,
    CellNotANumber,
    CellNotAPhone,
    CellTooLong,
    ColumnsMissing,
    ColumnTwice,
    EncodingUnknown,
    FileEmpty,
    FileTooLarge,
    HeaderNotFound,
    NoRows,
    NotASheet,
    QuotesNotClosed,
    SheetDamaged,
    SheetLocked,
    SheetTooDense,
    StoredAsNumber,
    TooManyColumns,
    TooManyRows,
    WebPageNotSheet,
)
from service.foundation.sheets.limits import Limits, kind_of
from service.foundation.sheets.reading import decoded, read_sheet

COLUMNS = (
    Column("name", "姓名", aliases=("学员姓名",), required=True),
    Column(
        "identity", "证件号码", aliases=("身份证号", "身份证号码", "ID number"), required=True, kind=CellKind.IDENTITY
    ),
    Column("phone", "手机号", aliases=("联系方式手机", "手机", "联系电话"), kind=CellKind.PHONE),
    Column("born", "出生日期", kind=CellKind.DATE),
    Column("fee", "费用（元）", aliases=("费用",), kind=CellKind.YUAN),
)


def workbook(fill: Callable[[Any, Any], None], name: str = "名单") -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(book, book.add_worksheet(name))
    book.close()
    return target.getvalue()


def rows_of(*rows: tuple[object, ...]) -> bytes:
    def fill(_: Any, sheet: Any) -> None:
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value)

    return workbook(fill)


def row(**cells: CellValue) -> SheetRow:
    return SheetRow(7, cells, {"value": "某列"})


def test_title_rows_marks_and_blank_rows_do_not_disturb() -> None:
    sheet = read_sheet(
        rows_of(
            ("2026 年第三期学员名单",),
            (),
            ("序号", "姓 名*", "身份证号\n（必填）", "备注"),
            (1, "张三", "11010119900307002X", "x"),
            (),
            (2, "李四", "110101199003070038"),
        ),
        COLUMNS,
    )
    assert sheet.kind == "xlsx"
    assert sheet.header.last_row == 3
    assert sheet.unknown_headers == ("序号", "备注")
    assert [(one.number, one.text("name"), one.identity("identity")) for one in sheet.rows] == [
        (4, "张三", "11010119900307002X"),
        (6, "李四", "110101199003070038"),
    ]
    assert sheet.rows[0].text("phone") is None


def test_a_table_that_begins_in_the_second_column_keeps_its_places() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(4, 1, ["姓名", "证件号码"])
        sheet.write_row(5, 1, ["张三", "E1234567"])

    sheet = read_sheet(workbook(fill), COLUMNS)
    assert sheet.header.last_row == 5
    assert sheet.rows[0].number == 6
    assert sheet.rows[0].text("name") == "张三"
    assert sheet.raw[5][1] == "张三"


def test_headers_over_two_merged_rows_are_put_together() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 1, 0, "姓名")
        sheet.merge_range(0, 1, 1, 1, "证件号码")
        sheet.merge_range(0, 2, 0, 3, "联系方式")
        sheet.write_row(1, 2, ["手机", "邮箱"])
        sheet.write_row(2, 0, ["张三", "E1234567", "13812345678", "a@b.cn"])

    sheet = read_sheet(workbook(fill), COLUMNS)
    assert (sheet.header.first_row, sheet.header.last_row) == (1, 2)
    assert sheet.rows[0].phone("phone") == "13812345678"
    assert len(sheet.rows) == 1


def test_cells_merged_downwards_count_for_every_row() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["姓名", "证件号码", "费用"])
        sheet.write_column(1, 0, ["张三", "李四", "王五"])
        sheet.write_column(1, 1, ["E1234567", "E1234568", "E1234569"])
        sheet.merge_range(1, 2, 3, 2, 1200)

    sheet = read_sheet(workbook(fill), COLUMNS)
    assert [one.yuan("fee") for one in sheet.rows] == [120_000] * 3
    assert sheet.raw[2][2] == ""


def test_the_sheet_that_fits_is_chosen_and_the_notes_are_passed_over() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "请看第二页")
        notes = book.add_worksheet("填写说明")
        notes.write_row(0, 0, ["姓名", "证件号码", "手机号", "出生日期"])
        notes.write_row(1, 0, ["示例", "E0000000"])
        wanted = book.add_worksheet("学员")
        wanted.write_row(0, 0, ["姓名", "证件号码"])
        wanted.write_row(1, 0, ["张三", "E1234567"])

    sheet = read_sheet(workbook(fill), COLUMNS)
    assert sheet.name == "学员"
    assert sheet.rows[0].text("name") == "张三"


def test_an_identity_number_stored_as_a_quantity_is_refused_with_its_place() -> None:
    sheet = read_sheet(rows_of(("姓名", "身份证号"), ("张三", 110101199003070021)), COLUMNS)
    with pytest.raises(StoredAsNumber) as refused:
        sheet.rows[0].identity("identity")
    assert refused.value.facts == {"row": 2, "column": "身份证号", "field": "identity"}
    for value in ("1.10101E+17", "1.1010119900307e+17", 1.1010119900307e17, 110101199003071, 123.5):
        with pytest.raises(StoredAsNumber):
            row(value=value).identity("value")
    assert row(value=12345678.0).identity("value") == "12345678"
    assert row(value="'１１０１０１ 19900307002x\t").identity("value") == "11010119900307002x"
    assert row(value="E12345678").identity("value") == "E12345678"


@pytest.mark.parametrize(
    "value",
    [
        "2026年5月1日",
        "2026 年 5 月 1 号",
        "2026/5/1",
        "2026.5.1",
        "2026-05-01",
        "2026-5-01 00:00:00",
        "２０２６／５／１",
        "20260501",
        20260501,
        46143,
        46143.0,
        "46143",
        date(2026, 5, 1),
        datetime(2026, 5, 1),  # noqa: DTZ001
    ],
)
def test_days_are_read_in_every_common_dress(value: CellValue) -> None:
    assert row(value=value).day("value") == date(2026, 5, 1)


@pytest.mark.parametrize(
    "value",
    [
        "5/1/2026",
        "26-5-1",
        "2026-13-1",
        "2026-02-30",
        "2026年5月",
        "昨天",
        "2026-5/1",
        45,
        20261301,
        "2026-05-01 13:00",
        True,
    ],
)
def test_what_may_be_two_days_or_none_is_refused(value: CellValue) -> None:
    with pytest.raises(CellNotADate) as refused:
        row(value=value).day("value")
    assert refused.value.facts["row"] == 7
    assert refused.value.facts["column"] == "某列"


@given(st.dates(date(1910, 1, 1), date(2199, 12, 31)))
def test_the_serial_number_of_a_day_is_that_day(day: date) -> None:
    serial = day.toordinal() - date(1899, 12, 30).toordinal()
    assert row(value=float(serial)).day("value") == day
    assert row(value=f"{day.year}年{day.month}月{day.day}日").day("value") == day


def test_moments_are_beijing_time() -> None:
    wanted = datetime(2026, 5, 15, 9, 5, tzinfo=BEIJING)
    for value in (
        datetime(2026, 5, 15, 9, 5),  # noqa: DTZ001
        "2026-05-15 09:05",
        "2026年5月15日 9:05",
        "2026/5/15T09:05:00",
        "2026.5.15　９：０５",
    ):
        assert row(value=value).moment("value") == wanted
    assert row(value=46157 + (9 * 60 + 5) / 1440).moment("value") == wanted
    for wrong in ("2026-05-15", "2026-05-15 25:00", "2026-05-15 9", 46157.0, date(2026, 5, 15), "上午"):
        with pytest.raises(CellNotAMoment):
            row(value=wrong).moment("value")


def test_amounts_numbers_phones_and_choices_are_read_or_refused() -> None:
    assert row(value=0.1 + 0.2).yuan("value") == 30
    assert row(value=12345.67).yuan("value") == 1_234_567
    assert row(value="¥1,200.5").yuan("value") == 120_050
    assert row(value=1e5).yuan("value") == 10_000_000
    assert row(value="'-20").yuan("value") == -2_000
    for wrong in ("1,23", 0.001, "免费", True):
        with pytest.raises(CellNotAnAmount):
            row(value=wrong).yuan("value")
    assert row(value=85.5).decimal("value", 1) == Decimal("85.5")
    assert row(value="８５．５").decimal("value", 1) == Decimal("85.5")
    assert row(value=3.0).whole("value") == 3
    for wrong in ("八十", 85.55, "1,000", "NaN", "inf", True, "1" * 40):
        with pytest.raises(CellNotANumber):
            row(value=wrong).decimal("value", 1)
    with pytest.raises(CellNotANumber):
        row(value=2.5).whole("value")
    assert row(value=13812345678.0).phone("value") == "13812345678"
    assert row(value="'+86 138-1234-5678").phone("value") == "+8613812345678"
    for wrong in ("无", "138x", 1.5):
        with pytest.raises(CellNotAPhone):
            row(value=wrong).phone("value")
    assert row(value=" 初 级 ").choice("value", {"初级": 1, "中级": 2}) == 1
    with pytest.raises(CellNotAChoice) as refused:
        row(value="特级").choice("value", {"初级": 1, "中级": 2})
    assert refused.value.facts["choices"] == ["初级", "中级"]


def test_texts_are_cleaned_measured_and_missed() -> None:
    assert row(value=" 张\u200b三 ").text("value") == "张三"
    assert row(value=12.0).text("value") == "12"
    assert row(value=date(2026, 5, 1)).text("value") == "2026-05-01"
    assert row(value="'=1+1").text("value") == "=1+1"
    with pytest.raises(CellTooLong):
        row(value="字" * 9).text("value", 8)
    with pytest.raises(CellForbiddenCharacter):
        row(value="a\x07").text("value")
    readers = ("text", "identity", "phone", "day", "moment", "yuan", "decimal", "whole")
    for reader in readers:
        for empty in (None, "", "  ", "\u3000"):
            assert getattr(row(value=empty), reader)("value") is None
            with pytest.raises(CellEmpty):
                getattr(row(value=empty), reader)("value", required=True)
    with pytest.raises(CellEmpty):
        row(value="\u200b").text("value", required=True)


@given(st.text(max_size=20))
def test_a_guarded_text_runs_nowhere_and_comes_back(text: str) -> None:
    safe = guarded(text)
    assert safe[:1] not in ("=", "+", "@", "\t", "\r")
    assert not safe.startswith("-") or safe[1:].replace(".", "").isdigit()
    if not text.startswith("'"):
        assert unguarded(safe) == text


CSV_TEXT = '姓名,证件号码,备注\r\n张三,E1234567,"甲\n乙"\r\n\r\n李四𠮷,E1234568,\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_files_are_read_in_the_encodings_offices_use(encoding: str, delimiter: str) -> None:
    sheet = read_sheet(CSV_TEXT.replace(",", delimiter).encode(encoding), COLUMNS)
    assert [(one.number, one.text("name")) for one in sheet.rows] == [(2, "张三"), (4, "李四𠮷")]
    assert sheet.encoding == {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    assert sheet.delimiter == delimiter


def test_a_short_gbk_file_is_not_taken_for_another_language() -> None:
    assert decoded("姓名,证件号码\n王五,E1".encode("gbk")) == ("姓名,证件号码\n王五,E1", "gb18030")


@pytest.mark.parametrize("content", ["姓名,a".encode("utf-16-le"), b"\x81\xff\xff", "姓名,a".encode("utf-32")])
def test_an_unknown_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(EncodingUnknown):
        read_sheet(content, COLUMNS)


def test_a_quotation_mark_out_of_place_is_refused_near_its_row() -> None:
    with pytest.raises(QuotesNotClosed) as refused:
        read_sheet('姓名,证件号码\n"张三,E1\n李四,E2\n'.encode(), COLUMNS)
    assert refused.value.facts["row"] == 2


def test_missing_double_and_absent_headers_are_named() -> None:
    with pytest.raises(HeaderNotFound) as absent:
        read_sheet("甲,乙\n1,2\n".encode(), COLUMNS)
    assert absent.value.facts["columns"] == ["姓名", "证件号码"]
    with pytest.raises(ColumnsMissing) as missing:
        read_sheet("\n姓名\t手机\n张三\t1\n".encode(), COLUMNS)
    assert missing.value.facts == {"row": 2, "columns": ["证件号码"]}
    with pytest.raises(ColumnTwice) as twice:
        read_sheet("姓名,学员姓名,证件号码\n张三,李四,E1\n".encode(), COLUMNS)
    assert twice.value.facts == {"first": "姓名", "second": "学员姓名", "meaning": "姓名"}
    with pytest.raises(NoRows):
        read_sheet("姓名,证件号码\n,\n  ,\n".encode(), COLUMNS)


def test_a_header_is_compared_without_its_dress() -> None:
    assert folded_header(" ＊姓 名： ") == "姓名"
    header = find_header([["费用(元)", "姓名*", "ID  Number"], [1, "a", "b"]], COLUMNS)
    assert dict(header.places) == {"fee": 0, "name": 1, "identity": 2}


def test_files_that_are_no_tables_are_refused() -> None:
    for content in (b"", b" \r\n ", b"\xef\xbb\xbf"):
        with pytest.raises(FileEmpty):
            kind_of(content)
    for content in (b"<html><table>", b"\n <!DOCTYPE html>", b'<?xml version="1.0"?><Workbook/>'):
        with pytest.raises(WebPageNotSheet):
            kind_of(content)
    for content in (
        b"%PDF-1.7",
        b"\x89PNG\r\n",
        packed({"word/document.xml": b"x"}),
        packed({"mimetype": b"application/epub"}),
    ):
        with pytest.raises(NotASheet):
            kind_of(content)
    for content in (b"PK\x03\x04 not really", rows_of(("姓名",))[:-40]):
        with pytest.raises(SheetDamaged):
            kind_of(content)
    with pytest.raises(SheetDamaged):
        read_sheet(packed({"xl/workbook.xml": b"<workbook"}), COLUMNS)
    with pytest.raises(NotASheet):
        read_sheet(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), COLUMNS)
    with pytest.raises(SheetLocked):
        read_sheet(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000) + "EncryptedPackage".encode("utf-16-le"), COLUMNS)


def packed(entries: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_limits_hold_before_anything_is_unpacked() -> None:
    with pytest.raises(FileTooLarge) as large:
        kind_of(b"a" * 2_000, Limits(file_bytes=1_000))
    assert large.value.facts["megabytes"] == "0.0"
    with pytest.raises(SheetTooDense):
        kind_of(packed({"xl/workbook.xml": b"x", "xl/media/a": bytes(9 * 2**20)}))
    with pytest.raises(SheetTooDense):
        kind_of(packed({"xl/workbook.xml": b"x", "a": bytes(65 * 2**20)}))
    with pytest.raises(SheetTooDense):
        kind_of(packed({"xl/workbook.xml": b"x"} | {f"a{number}": b"" for number in range(200)}))


def test_an_entry_that_hides_its_size_is_refused() -> None:
    content = bytearray(packed({"xl/workbook.xml": b"x" * 5_000}))
    true_size = struct.pack("<I", 5_000)
    assert content.count(true_size) == 2
    lying = bytes(content).replace(true_size, struct.pack("<I", 50))
    with pytest.raises(SheetDamaged):
        kind_of(lying)


def test_a_far_cell_is_named_instead_of_filling_the_memory() -> None:
    for place in ("XFD1048576", "A60000", "GS1"):
        with pytest.raises(CellFarAway) as refused:
            read_sheet(far_cell(place), COLUMNS)
        assert refused.value.facts["cell"] == place


def far_cell(place: str) -> bytes:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["姓名", "证件号码"])
        sheet.write(place, "x")

    return workbook(fill)


def test_empty_cells_far_away_that_only_carry_a_format_do_no_harm() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["姓名", "证件号码"])
        sheet.write_row(1, 0, ["张三", "E1234567"])
        sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))

    assert len(read_sheet(workbook(fill), COLUMNS).rows) == 1


def test_rows_and_columns_beyond_the_limits_are_refused() -> None:
    few = Limits(rows=3, columns=4)
    header = ("姓名", "证件号码")
    good = rows_of(header, *[("张三", "E1")] * 3)
    assert len(read_sheet(good, COLUMNS, limits=few).rows) == 3
    with pytest.raises(TooManyRows):
        read_sheet(rows_of(header, *[("张三", "E1")] * 4), COLUMNS, limits=few)
    with pytest.raises(TooManyColumns):
        read_sheet(rows_of((*header, 1, 2, 3), ("张三", "E1")), COLUMNS, limits=few)
    with pytest.raises(TooManyRows):
        read_sheet(("姓名,证件号码\n" + "张三,E1\n" * 4).encode(), COLUMNS, limits=few)
    with pytest.raises(TooManyColumns):
        read_sheet("姓名,证件号码,1,2,3\n张三,E1\n".encode(), COLUMNS, limits=few)


def ods(table: str, declaration: str = "") -> bytes:
    names = ["office:1.0", "table:1.0", "text:1.0"]
    spaces = " ".join(f'xmlns:{one.split(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{one}"' for one in names)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{declaration}<office:document-content {spaces}>'
        f'<office:body><office:spreadsheet><table:table table:name="名单">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def ods_row(*values: str, repeated: int = 1, columns: int = 1) -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>{value}</text:p></table:table-cell>'
        for value in values
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def test_open_document_sheets_are_read_and_their_bombs_are_not() -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    sheet = read_sheet(ods(ods_row("姓名", "证件号码") + ods_row("张三", "E1234567") + empty), COLUMNS)
    assert sheet.kind == "ods"
    assert [(one.number, one.text("name")) for one in sheet.rows] == [(2, "张三")]
    with pytest.raises(TooManyRows):
        read_sheet(ods(ods_row("姓名", "证件号码") + ods_row("张三", "E1", repeated=1_000_000)), COLUMNS)
    with pytest.raises(TooManyColumns):
        read_sheet(ods(ods_row("姓名", "证件号码") + ods_row("张三", columns=16_000)), COLUMNS)
    with pytest.raises(SheetDamaged):
        read_sheet(ods(ods_row("&a;"), '<!DOCTYPE x [<!ENTITY a "aaaa">]>'), COLUMNS)
    with pytest.raises(SheetDamaged):
        read_sheet(ods("<table:table-row>"), COLUMNS)


def xls(*cells: tuple[int, int, str | float]) -> bytes:
    """The smallest .xls: a BIFF8 workbook stream of one sheet inside a compound file of eleven sectors."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))

    end = record(0x000A, b"")
    name = "名单".encode("utf-16-le")
    size_of_globals = len(begin(5)) + 4 + 8 + len(name) + len(end)
    stream = begin(5) + record(0x0085, struct.pack("<IHBB", size_of_globals, 0, 2, 1) + name) + end + begin(0x10)
    for line, column, value in cells:
        if isinstance(value, str):
            stream += record(0x0204, struct.pack("<HHHHB", line, column, 0, len(value), 1) + value.encode("utf-16-le"))
        else:
            stream += record(0x0203, struct.pack("<HHHd", line, column, 0, value))
    stream = (stream + end).ljust(4096, b"\0")
    free, chain_end = 0xFFFFFFFF, 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, chain_end, 0, chain_end, 0) + struct.pack(
        "<109I", 0, *[free] * 108
    )
    sectors = struct.pack("<128I", 0xFFFFFFFD, chain_end, *range(3, 10), chain_end, *[free] * 118)

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        written = (label + "\0").encode("utf-16-le")
        return (
            written.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(written), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, chain_end, 0) + entry("Workbook", 2, free, 2, 4096)
    return header + sectors + directory.ljust(512, b"\0") + stream


def test_old_binary_workbooks_are_read() -> None:
    content = xls((0, 0, "姓名"), (0, 1, "证件号码"), (2, 0, "张三"), (2, 1, 110101199003070021.0))
    sheet = read_sheet(content, COLUMNS)
    assert sheet.kind == "xls"
    assert [(one.number, one.text("name")) for one in sheet.rows] == [(3, "张三")]
    with pytest.raises(StoredAsNumber):
        sheet.rows[0].identity("identity")
