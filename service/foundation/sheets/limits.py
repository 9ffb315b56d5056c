"""What a file is and whether it may be unpacked, decided before any of its tables is read."""

import copy
import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from xml.parsers import expat

from service.foundation.sheets.errors import (
    CellFarAway,
    FileEmpty,
    FileTooLarge,
    NotASheet,
    SheetDamaged,
    SheetTooDense,
    TooManyColumns,
    TooManyRows,
    WebPageNotSheet,
)

SheetKind = Literal["xlsx", "xls", "ods", "csv"]
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read. The ratio of unpacked to packed counts from `dense_bytes` on, since the empty but
    formatted rows of an honest small workbook pack better than any bomb."""

    file_bytes: int = 20 * MEGABYTE
    entries: int = 200
    unpacked_bytes: int = 64 * MEGABYTE
    ratio: int = 50
    dense_bytes: int = 8 * MEGABYTE
    rows: int = 50_000
    columns: int = 200


LIMITS = Limits()

_ROWS_BEYOND = rb"(?:[6-9][0-9]{4}|[0-9]{6,})"
_COLUMNS_BEYOND = rb"(?:G[S-Z]|[H-Z][A-Z]|[A-Z]{3,})"
_FAR_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']((?:"
    + _COLUMNS_BEYOND
    + rb"[0-9]+|[A-Z]+"
    + _ROWS_BEYOND
    + rb"))[\"'](?:[^<>/]|/(?!>))*>",
    re.IGNORECASE,
)
_FAR_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?r=[\"']" + _ROWS_BEYOND + rb"[\"']")
_CELL_WITHOUT_PLACE = re.compile(rb"<(?:\w+:)?c(?:\s(?![^<>]*\br=)(?:[^<>/]|/(?!>))*)?>")


def kind_of(content: bytes, limits: Limits = LIMITS) -> SheetKind:
    """What a file is by its content, never by its name, after every limit that can be checked unread.

    Raises `FileEmpty`, `FileTooLarge`, `NotASheet`, `WebPageNotSheet`, `SheetDamaged`, `SheetTooDense`,
    `CellFarAway`, `TooManyRows`, `TooManyColumns`.
    """
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise FileEmpty()
    if len(content) > limits.file_bytes:
        raise FileTooLarge(megabytes=f"{len(content) / MEGABYTE:.1f}", limit=limits.file_bytes // MEGABYTE)
    if content.startswith(b"PK"):
        return _packed(content, limits)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"mime-version")):
        raise WebPageNotSheet()
    if start.startswith(
        (b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf", b"{\\rtf", b"\x1f\x8b")
    ):
        raise NotASheet()
    return "csv"


def _packed(content: bytes, limits: Limits) -> SheetKind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            declared = sum(entry.file_size for entry in entries)
            if len(entries) > limits.entries or declared > limits.unpacked_bytes:
                raise SheetTooDense()
            if declared > limits.dense_bytes and declared > limits.ratio * len(content):
                raise SheetTooDense()
            names = {entry.filename for entry in entries}
            kind: SheetKind
            if "xl/workbook.xml" in names:
                kind = "xlsx"
            elif "mimetype" in names and archive.read("mimetype")[:60].startswith(
                b"application/vnd.oasis.opendocument.spreadsheet"
            ):
                kind = "ods"
            else:
                raise NotASheet()
            for entry in entries:
                _check_entry(_unpacked(archive, entry), entry.filename, kind, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise SheetDamaged() from error
    return kind


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry unpacked to the end of its packed bytes, whatever size its directory claims."""
    unbounded = copy.copy(entry)
    unbounded.file_size = entry.file_size + 1
    with archive.open(unbounded) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise SheetDamaged()
    return content


def _check_entry(content: bytes, name: str, kind: SheetKind, limits: Limits) -> None:
    if kind == "xlsx" and name.startswith("xl/worksheets/"):
        if far := _FAR_CELL.search(content):
            raise CellFarAway(cell=far[1].decode())
        if _FAR_ROW.search(content) and _CELL_WITHOUT_PLACE.search(content):
            raise SheetDamaged()
    elif kind == "ods" and name == "content.xml":
        _OdsMeasure(limits).measure(content)


class _OdsMeasure:
    """Counts rows and columns that hold something, since one repeated cell of a few bytes can stand for millions."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.row = self.column = self.row_repeat = self.cell_repeat = 0
        self.filled_columns = 0
        self.cell_filled = False

    def measure(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise SheetDamaged() from error

    def _entity(self, *_: object) -> None:
        raise SheetDamaged()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "table":
                self.row = 0
            case "table-row":
                self.row_repeat = int(attributes.get("table:number-rows-repeated", "1"))
                self.column = self.filled_columns = 0
            case "table-cell" | "covered-table-cell":
                self.cell_repeat = int(attributes.get("table:number-columns-repeated", "1"))
                self.cell_filled = any(key.endswith(":value-type") for key in attributes)
            case "p":
                self.cell_filled = True

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "table-cell" | "covered-table-cell":
                self.column += self.cell_repeat
                if self.cell_filled:
                    self.filled_columns = self.column
                if self.filled_columns > self.limits.columns:
                    raise TooManyColumns(limit=self.limits.columns)
            case "table-row":
                self.row += self.row_repeat
                if self.filled_columns and self.row > self.limits.rows + 1_000:
                    raise TooManyRows(limit=self.limits.rows)
