"""Templates to fill in and tables to take away, written row by row so that memory stays flat."""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import TextIOWrapper
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self

import xlsxwriter

from service.foundation.language import CHINESE, ENGLISH
from service.foundation.money import yuan_text
from service.foundation.sheets.cells import BEIJING, guarded
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.errors import TextTooLongForCell
from service.foundation.sheets.reading import NOTES_SHEET

CellIn = str | int | bool | Decimal | date | datetime | None
CsvEncoding = Literal["utf-8-sig", "gb18030"]
SHEET_ROWS = 1_048_576
CELL_LENGTH = 32_767
TEMPLATE_ROWS = 5_000
_EXACT = 10**15
_TEXT_KINDS = frozenset({CellKind.TEXT, CellKind.IDENTITY, CellKind.PHONE})
_NUMBER_KINDS = frozenset({CellKind.WHOLE, CellKind.DECIMAL})
_NUMBER_FORMATS = {
    CellKind.DATE: "yyyy-mm-dd",
    CellKind.MOMENT: "yyyy-mm-dd hh:mm",
    CellKind.YUAN: "#,##0.00",
    CellKind.WHOLE: "0",
    CellKind.DECIMAL: "General",
}
WORKBOOK_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


class Export(Protocol):
    """A table being written; rows are values by field, amounts in fen."""

    def append(self, row: Mapping[str, CellIn]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Finish the file; nothing of it may be used before."""


def text_of(column: Column, value: CellIn) -> str:
    """A value as a text file holds it: amounts with two places, days and Beijing times in ISO order, guarded texts."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int() if column.kind is CellKind.YUAN:
            return yuan_text(value)
        case datetime():
            return _beijing(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case str():
            return guarded(value)
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def _beijing(value: datetime) -> datetime:
    return (value.astimezone(BEIJING) if value.tzinfo else value).replace(tzinfo=None)


def sheet_name(text: str) -> str:
    """A name that a workbook accepts for a sheet: at most 31 characters, none of `[]:*?/\\`, no apostrophe at the ends."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", text)[:31].strip(" '") or "Sheet1"


class CsvExport:
    """A text file in UTF-8 with mark, or in GB18030 for old Excel and WPS; every cell guarded against formulas."""

    def __init__(self, target: BinaryIO, columns: Sequence[Column], encoding: CsvEncoding = "utf-8-sig") -> None:
        self._columns = tuple(columns)
        self._stream = TextIOWrapper(target, encoding=encoding, newline="", write_through=False)
        self._writer = csv.writer(self._stream, lineterminator="\r\n")
        self._writer.writerow([column.header for column in self._columns])

    def append(self, row: Mapping[str, CellIn]) -> None:
        """Write one row."""
        self._writer.writerow([text_of(column, row.get(column.field)) for column in self._columns])

    def close(self) -> None:
        """Finish; the target stays open."""
        self._stream.flush()
        self._stream.detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class XlsxExport:
    """A workbook written in constant memory: text-typed numbers, frozen header, a further sheet when one is full.

    `title` is a line above the header. Raises `TextTooLongForCell` on append.
    """

    def __init__(
        self,
        target: BinaryIO | str,
        columns: Sequence[Column],
        name: str = "名单",
        *,
        title: str = "",
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self._columns = tuple(columns)
        self._name, self._title, self._sheet_rows = sheet_name(name)[:26].strip() or "Sheet1", title, sheet_rows
        self._book: Any = xlsxwriter.Workbook(target, {**WORKBOOK_OPTIONS, "constant_memory": True})
        self._formats = cell_formats(self._book)
        self._sheets = 0
        self._row = 0
        self._sheet: Any = None
        self._open_sheet()

    def _open_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(self._name if self._sheets == 1 else f"{self._name} ({self._sheets})")
        self._row = 0
        if self._title:
            self._sheet.write_string(0, 0, self._title, self._formats["title"])
            self._row = 1
        _write_header(self._sheet, self._row, self._columns, self._formats, marks=False)
        self._row += 1

    def append(self, row: Mapping[str, CellIn]) -> None:
        """Write one row."""
        if self._row >= self._sheet_rows:
            self._open_sheet()
        for place, column in enumerate(self._columns):
            _write_cell(self._sheet, self._row, place, column, row.get(column.field), self._formats)
        self._row += 1

    def close(self) -> None:
        """Finish the workbook."""
        self._book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def cell_formats(book: Any) -> dict[str, Any]:
    """The formats of a workbook by name: header, title, note, wrong, and one for each kind of cell."""
    formats = {
        "header": book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "required": book.add_format(
            {
                "bold": True,
                "bg_color": "#E8EEF4",
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "font_color": "#A02020",
            }
        ),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "note": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for kind in CellKind:
        formats[kind.value] = book.add_format({"num_format": "@" if kind in _TEXT_KINDS else _NUMBER_FORMATS[kind]})
    return formats


def _write_header(sheet: Any, row: int, columns: Sequence[Column], formats: Mapping[str, Any], *, marks: bool) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats[column.kind.value])
        marked = marks and column.required
        sheet.write_string(
            row, place, column.header + ("*" if marked else ""), formats["required" if marked else "header"]
        )
    sheet.freeze_panes(row + 1, 0)


def _write_cell(sheet: Any, row: int, place: int, column: Column, value: CellIn, formats: Mapping[str, Any]) -> None:
    shape = formats[column.kind.value]
    match value:
        case None:
            return
        case bool() | str():
            text = text_of(column, value)
            if len(text) > CELL_LENGTH:
                raise TextTooLongForCell(column=column.header)
            sheet.write_string(row, place, text, shape)
        # midnight has no fraction of a day: a reader would take it for a day alone, so it is written as text
        case datetime() if column.kind is CellKind.MOMENT and value.year > 1900 and _beijing(value).time() != time():
            sheet.write_datetime(row, place, _beijing(value), shape)
        case date() if column.kind is CellKind.DATE and not isinstance(value, datetime) and value.year > 1900:
            sheet.write_datetime(row, place, value, shape)
        case int() if column.kind is CellKind.YUAN and abs(value) < _EXACT:
            sheet.write_number(row, place, Decimal(value) / 100, shape)
        case int() if column.kind in _NUMBER_KINDS and abs(value) < _EXACT:
            sheet.write_number(row, place, value, shape)
        case Decimal() if column.kind in _NUMBER_KINDS and abs(value) < _EXACT:
            sheet.write_number(row, place, value, shape)
        case _:
            sheet.write_string(row, place, text_of(column, value), shape)


_NOTES_HEADERS = {
    CHINESE: ("列名", "是否必填", "填写要求", "示例"),
    ENGLISH: ("Column", "Required", "How to fill it in", "Example"),
}
_REQUIRED_WORDS = {CHINESE: ("必填", "选填"), ENGLISH: ("required", "optional")}
_KIND_NOTES = {
    CHINESE: {
        CellKind.IDENTITY: "按文本填写，末位 X 大小写均可",
        CellKind.PHONE: "按文本填写，大陆号码为 11 位",
        CellKind.DATE: "如 2026-05-15 或 2026年5月15日",
        CellKind.MOMENT: "北京时间，如 2026-05-15 09:00",
        CellKind.YUAN: "单位：元，最多两位小数",
        CellKind.WHOLE: "整数",
        CellKind.DECIMAL: "数字",
        CellKind.TEXT: "",
    },
    ENGLISH: {
        CellKind.IDENTITY: "as text; the last place may be x or X",
        CellKind.PHONE: "as text; mainland numbers have 11 digits",
        CellKind.DATE: "such as 2026-05-15",
        CellKind.MOMENT: "Beijing time, such as 2026-05-15 09:00",
        CellKind.YUAN: "in yuan, at most two decimal places",
        CellKind.WHOLE: "a whole number",
        CellKind.DECIMAL: "a number",
        CellKind.TEXT: "",
    },
}


def write_template(
    target: BinaryIO | str,
    columns: Sequence[Column],
    name: str,
    *,
    notes: Sequence[str] = (),
    language: str = CHINESE,
) -> None:
    """A workbook to fill in: required headers marked `*`, text-typed numbers, drop-downs, and a sheet 填写说明.

    The second sheet tells each column's rule and gives one worked row from the columns' examples; `notes` stand below.
    """
    spoken = language if language in _NOTES_HEADERS else CHINESE
    book: Any = xlsxwriter.Workbook(target, {**WORKBOOK_OPTIONS, "in_memory": True})
    formats = cell_formats(book)
    sheet = book.add_worksheet(sheet_name(name))
    _write_header(sheet, 0, columns, formats, marks=True)
    explained = book.add_worksheet(NOTES_SHEET)
    offered = [column for column in columns if column.choices]
    if offered:
        choices = book.add_worksheet("选项")
        choices.hide()
        for place, column in enumerate(offered):
            for row, choice in enumerate(column.choices):
                choices.write_string(row, place, guarded(choice))
            letter = xlsxwriter.utility.xl_col_to_name(place)
            sheet.data_validation(
                1,
                columns.index(column),
                TEMPLATE_ROWS,
                columns.index(column),
                {"validate": "list", "source": f"='选项'!${letter}$1:${letter}${len(column.choices)}"},
            )
    for place, text in enumerate(_NOTES_HEADERS[spoken]):
        explained.write_string(0, place, text, formats["header"])
        explained.set_column(place, place, (18, 10, 60, 28)[place])
    explained.freeze_panes(1, 0)
    for row, column in enumerate(columns, start=1):
        kind_note = _KIND_NOTES[spoken][column.kind]
        lines = [column.note, kind_note, " / ".join(column.choices)]
        required = _REQUIRED_WORDS[spoken][0 if column.required else 1]
        for place, text in enumerate((column.header, required, "\n".join(filter(None, lines)), column.example)):
            explained.write_string(row, place, guarded(text), formats["note"])
    below = len(columns) + 2
    for place, column in enumerate(columns):
        explained.write_string(below, place, column.header, formats["header"])
        explained.write_string(below + 1, place, guarded(column.example), formats["note"])
    for offset, note in enumerate(notes, start=below + 3):
        explained.write_string(offset, 0, guarded(note))
    sheet.activate()
    book.close()
