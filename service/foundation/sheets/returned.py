"""Their own file back, with a column that says what was wrong in each row."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from service.foundation.sheets.cells import CellValue, guarded, plain_text
from service.foundation.sheets.columns import ERROR_HEADER
from service.foundation.sheets.reading import Sheet
from service.foundation.sheets.writing import CELL_LENGTH, WORKBOOK_OPTIONS, sheet_name


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong: the row as the file counts, the field when one cell is meant, and the sentence to write."""

    row: int
    field: str | None
    sentence: str


def with_errors(sheet: Sheet, problems: Iterable[RowProblem]) -> tuple[bytes, str]:
    """The file as it came plus the column 错误说明, wrong cells tinted; the second value is its ending.

    Right rows are kept. A text file keeps its encoding and delimiter; .xls and .ods come back as .xlsx. A column
    错误说明 from an earlier round is used again.
    """
    by_row: dict[int, list[RowProblem]] = defaultdict(list)
    for problem in problems:
        by_row[problem.row].append(problem)
    width = max((len(row) for row in sheet.raw), default=0)
    place = sheet.header.error_place if sheet.header.error_place is not None else width
    if sheet.kind == "csv":
        return _text_file(sheet, by_row, place), "csv"
    return _workbook(sheet, by_row, place), "xlsx"


def _sentences(problems: Iterable[RowProblem]) -> str:
    return guarded("\n".join(dict.fromkeys(problem.sentence for problem in problems)))[:CELL_LENGTH]


def _text_file(sheet: Sheet, by_row: Mapping[int, list[RowProblem]], place: int) -> bytes:
    target = StringIO(newline="")
    writer = csv.writer(target, delimiter=sheet.delimiter, lineterminator="\r\n")
    for number, row in enumerate(sheet.raw, start=1):
        values = [guarded(plain_text(value)) for value in row]
        values += [""] * (place + 1 - len(values)) if number == sheet.header.last_row or number in by_row else []
        if number == sheet.header.last_row:
            values[place] = ERROR_HEADER
        elif number in by_row:
            values[place] = _sentences(by_row[number])
        elif len(values) > place and number > sheet.header.last_row and sheet.header.error_place is not None:
            values[place] = ""
        writer.writerow(values)
    return target.getvalue().encode(sheet.encoding)


def _workbook(sheet: Sheet, by_row: Mapping[int, list[RowProblem]], place: int) -> bytes:
    target = BytesIO()
    book: Any = xlsxwriter.Workbook(target, {**WORKBOOK_OPTIONS, "in_memory": True})
    page = book.add_worksheet(sheet_name(sheet.name))
    formats: dict[tuple[str, bool, bool], Any] = {}

    def shape(number_format: str, *, wrong: bool = False, head: bool = False) -> Any:
        key = (number_format, wrong, head)
        if key not in formats:
            properties: dict[str, object] = {"num_format": number_format}
            properties |= {"bg_color": "#FFD9D9"} if wrong else {}
            properties |= {"bold": True, "align": "center", "text_wrap": True} if head else {}
            formats[key] = book.add_format(properties)
        return formats[key]

    header = sheet.header
    for (top, left), (bottom, right) in sheet.merged:
        if bottom < header.last_row and (bottom, right) != (top, left):
            page.merge_range(top, left, bottom, right, "", shape("@", head=True))
    for index, row in enumerate(sheet.raw):
        number = index + 1
        found = by_row.get(number, [])
        places = (header.places.get(problem.field or "") for problem in found)
        wrong = {wrong_place for wrong_place in places if wrong_place is not None}
        for column, value in enumerate(row):
            if column == place:
                continue
            marked = column in wrong
            if value is None or value == "":
                if marked:
                    page.write_blank(index, column, None, shape("@", wrong=True))
                continue
            _write(page, index, column, value, shape(_format_of(value), wrong=marked, head=number <= header.last_row))
        for column in wrong - set(range(len(row))):
            page.write_blank(index, column, None, shape("@", wrong=True))
        if number == header.last_row:
            page.write_string(index, place, ERROR_HEADER, shape("@", head=True))
        elif found:
            page.write_string(index, place, _sentences(found), shape("@", wrong=True))
    page.set_column(0, max(place - 1, 0), 18)
    page.set_column(place, place, 60)
    page.freeze_panes(header.last_row, 0)
    book.close()
    return target.getvalue()


def _format_of(value: CellValue) -> str:
    match value:
        case datetime():
            return "yyyy-mm-dd hh:mm:ss"
        case date():
            return "yyyy-mm-dd"
        case time() | timedelta():
            return "hh:mm:ss"
        case bool() | int() | float():
            return "General"
        case _:
            return "@"


def _write(page: Any, row: int, column: int, value: CellValue, shape: Any) -> None:
    match value:
        case bool():
            page.write_boolean(row, column, value, shape)
        case int() | float():
            page.write_number(row, column, value, shape)
        case datetime() | date() if value.year > 1900:
            page.write_datetime(row, column, value, shape)
        case time() | timedelta():
            page.write_datetime(row, column, value, shape)
        case _:
            page.write_string(row, column, guarded(plain_text(value))[:CELL_LENGTH], shape)
