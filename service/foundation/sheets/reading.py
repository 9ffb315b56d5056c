"""A spreadsheet or text file read into rows that keep the numbers their owner sees."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from service.foundation.errors import DomainError
from service.foundation.sheets.cells import CellValue, SheetRow
from service.foundation.sheets.columns import SEARCHED_ROWS, Column, Header, find_header
from service.foundation.sheets.errors import (
    EncodingUnknown,
    HeaderNotFound,
    NoRows,
    NotASheet,
    QuotesNotClosed,
    SheetDamaged,
    SheetLocked,
    TooManyColumns,
    TooManyRows,
)
from service.foundation.sheets.limits import LIMITS, Limits, SheetKind, kind_of

NOTES_SHEET = "填写说明"
_FILLED_CELLS = 200_000
"""How many cells below merged ones are filled with their value; honest files stay far below."""

Row = TypeVar("Row")
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it was read.

    `rows` are the rows below the header that hold anything. `raw` is every row of the file, the first at index 0, for
    giving the file back. `encoding` and `delimiter` are those of a text file.
    """

    kind: SheetKind
    name: str
    header: Header
    rows: tuple[SheetRow, ...]
    raw: tuple[tuple[CellValue, ...], ...]
    merged: tuple[Span, ...] = ()
    encoding: str = ""
    delimiter: str = ","

    @property
    def unknown_headers(self) -> tuple[str, ...]:
        """Headers of the file that nobody asked for."""
        return self.header.unknown


def read_sheet(content: bytes, columns: Sequence[Column], *, limits: Limits = LIMITS) -> Sheet:
    """Read an .xlsx, .xls, .ods or .csv file by its content; of several sheets the one whose header fits best.

    Values of cells merged downwards count for each row they cover. Raises what `kind_of` and `find_header` raise, and
    `SheetLocked`, `SheetDamaged`, `EncodingUnknown`, `QuotesNotClosed`, `TooManyRows`, `TooManyColumns`, `NoRows`.
    Takes seconds for the largest files: call it in a worker, not on the event loop.
    """
    kind = kind_of(content, limits)
    if kind == "csv":
        return _read_text(content, columns, limits)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    except PasswordError as error:
        raise SheetLocked() from error
    except CalamineError as error:
        if kind == "xls" and b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in content:
            raise SheetLocked() from error
        raise (NotASheet if kind == "xls" else SheetDamaged)() from error
    with workbook:
        return _best_sheet(workbook, kind, columns, limits)


def _best_sheet(workbook: CalamineWorkbook, kind: SheetKind, columns: Sequence[Column], limits: Limits) -> Sheet:
    refusal: DomainError | None = None
    best: tuple[int, CalamineSheet, Header] | None = None
    for name in workbook.sheet_names:
        if name == NOTES_SHEET:
            continue
        try:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.end is not None and sheet.end[1] >= limits.columns:
                raise TooManyColumns(limit=limits.columns)
            header = find_header(list(_first(_padded(sheet), SEARCHED_ROWS + 1)), columns)
        except CalamineError as error:
            refusal = _clearer(refusal, _caused(SheetDamaged(), error))
        except DomainError as error:
            refusal = _clearer(refusal, error)
        else:
            if best is None or len(header.places) > best[0]:
                best = (len(header.places), sheet, header)
    if best is None:
        raise refusal or NotASheet()
    _, sheet, header = best
    if sheet.end is not None and sheet.end[0] >= limits.rows + header.last_row:
        raise TooManyRows(limit=limits.rows)
    raw = tuple(tuple(row) for row in _padded(sheet))
    merged = tuple(sheet.merged_cell_ranges or ())
    return Sheet(kind, sheet.name, header, _below(raw, header, limits, _downwards(merged, raw)), raw, merged)


def _clearer(first: DomainError | None, second: DomainError) -> DomainError:
    """Of two refusals the one that says more than that no header was found; else the first."""
    return (
        second
        if first is None or (isinstance(first, HeaderNotFound) and not isinstance(second, HeaderNotFound))
        else first
    )


def _caused(refusal: DomainError, error: Exception) -> DomainError:
    refusal.__cause__ = error
    return refusal


def _padded(sheet: CalamineSheet) -> Iterator[list[CellValue]]:
    """Rows from the file's first row and first column on; the library begins at the first filled column."""
    before: list[CellValue] = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + list(row)


def _first(rows: Iterator[Row], count: int) -> Iterator[Row]:
    for _, row in zip(range(count), rows, strict=False):
        yield row


def _downwards(merged: Sequence[Span], raw: Sequence[Sequence[CellValue]]) -> dict[tuple[int, int], CellValue]:
    """Values for the cells below the first of a downward merge, by row and column index."""
    filled: dict[tuple[int, int], CellValue] = {}
    for (top, left), (bottom, _) in merged:
        if top >= len(raw) or left >= len(raw[top]) or bottom == top:
            continue
        for row in range(top + 1, min(bottom, len(raw) - 1) + 1):
            if len(filled) >= _FILLED_CELLS:
                return filled
            filled[row, left] = raw[top][left]
    return filled


def _below(
    raw: Sequence[Sequence[CellValue]],
    header: Header,
    limits: Limits,
    filled: Mapping[tuple[int, int], CellValue],
) -> tuple[SheetRow, ...]:
    rows: list[SheetRow] = []
    for index in range(header.last_row, len(raw)):
        values = raw[index]
        kept = [value for place, value in enumerate(values) if place != header.error_place]
        if not any(value.strip() if isinstance(value, str) else value is not None for value in kept):
            continue
        cells = {
            field: filled.get((index, place)) or (values[place] if place < len(values) else None)
            for field, place in header.places.items()
        }
        rows.append(SheetRow(index + 1, cells, header.labels))
        if len(rows) > limits.rows:
            raise TooManyRows(limit=limits.rows)
    if not rows:
        raise NoRows(row=header.last_row)
    return tuple(rows)


def decoded(content: bytes) -> tuple[str, str]:
    """A text file's text and the name of its encoding: UTF-8 with or without mark, UTF-16 with mark, else GB18030.

    Nothing is guessed from frequencies: short Chinese texts fool every guesser. Raises `EncodingUnknown`.
    """
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise EncodingUnknown()


def _read_text(content: bytes, columns: Sequence[Column], limits: Limits) -> Sheet:
    text, encoding = decoded(content)
    refusal: DomainError | None = None
    best: Sheet | None = None
    for delimiter in (",", "\t", ";"):
        if delimiter != "," and delimiter not in text:
            continue
        try:
            raw = _split(text, delimiter, limits)
            header = find_header(raw[: SEARCHED_ROWS + 1], columns)
            if best is None or len(header.places) > len(best.header.places):
                rows = _below(raw, header, limits, {})
                best = Sheet("csv", "", header, rows, raw, encoding=encoding, delimiter=delimiter)
        except DomainError as error:
            refusal = _clearer(refusal, error)
    if best is None:
        raise refusal or NotASheet()
    return best


def _split(text: str, delimiter: str, limits: Limits) -> tuple[tuple[CellValue, ...], ...]:
    rows: list[tuple[CellValue, ...]] = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if len(row) > limits.columns:
                raise TooManyColumns(limit=limits.columns)
            rows.append(tuple(row))
            if len(rows) > limits.rows + SEARCHED_ROWS + 2:
                raise TooManyRows(limit=limits.rows)
    except csv.Error as error:
        raise QuotesNotClosed(row=len(rows) + 1) from error
    return tuple(rows)
