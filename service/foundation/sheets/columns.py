"""Columns a table is asked for, and the header row in which they are found under any of their names."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.foundation.sheets.errors import ColumnsMissing, ColumnTwice, HeaderNotFound

SEARCHED_ROWS = 20
ERROR_HEADER = "错误说明"
_ERROR_HEADERS = frozenset({"错误说明", "errors"})


class CellKind(StrEnum):
    """What a column holds, which decides how it is written and formatted."""

    TEXT = "text"
    IDENTITY = "identity"
    PHONE = "phone"
    DATE = "date"
    MOMENT = "moment"
    YUAN = "yuan"  # values are fen
    WHOLE = "whole"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its field, the header written, other headers under which it is read, and what it holds.

    `choices` become a drop-down in the template; `example` and `note` stand on the sheet 填写说明.
    """

    field: str
    header: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    kind: CellKind = CellKind.TEXT
    choices: tuple[str, ...] = ()
    width: int = 16
    example: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The header found: its first and last row (counted from 1), field -> column index, and headers nobody asked for."""

    first_row: int
    last_row: int
    places: Mapping[str, int]
    labels: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    error_place: int | None = field(default=None)


def folded_header(text: str) -> str:
    """A header as it is compared: full width folded, marks for "required" and blanks gone, lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*※:：_\-]+", "", folded)


def _names(text: str) -> list[str]:
    folded = folded_header(text)
    bare = re.sub(r"[(\[【].*?[)\]】]", "", folded)
    return [name for name in dict.fromkeys((folded, bare)) if name]


def find_header(rows: Sequence[Sequence[object]], columns: Sequence[Column], *, start_row: int = 1) -> Header:
    """The row among the first twenty that names most columns, alone or together with the row below (merged headers).

    Raises `HeaderNotFound`, `ColumnsMissing` for required columns, `ColumnTwice` when two headers mean one field.
    """
    meanings: dict[str, str] = {}
    for column in columns:
        for name in (column.header, column.field, *column.aliases):
            meanings.setdefault(folded_header(name), column.field)
    best: tuple[int, int, int, list[list[str]]] | None = None
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        single = [[_text(value)] for value in row]
        options = [(1, single)]
        if index + 1 < len(rows):
            options.append((2, _two_rows(row, rows[index + 1])))
        for height, labels in options:
            score = len({meaning for texts in labels if (meaning := _meaning(texts, meanings))})
            if best is None or score > best[0]:
                best = (score, index, height, labels)
    if best is None or best[0] < min(2, len(columns)):
        raise HeaderNotFound(searched=SEARCHED_ROWS, columns=[column.header for column in columns if column.required])
    _, index, height, labels = best
    header = _placed(labels, columns, meanings, start_row + index, height)
    missing = [column.header for column in columns if column.required and column.field not in header.places]
    if missing:
        raise ColumnsMissing(row=header.last_row, columns=missing)
    return header


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _two_rows(upper: Sequence[object], lower: Sequence[object]) -> list[list[str]]:
    """For each column the texts it may be known by: the lower header, the group above with it, or the upper alone."""
    labels: list[list[str]] = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = _text(upper[place]) if place < len(upper) else ""
        below = _text(lower[place]) if place < len(lower) else ""
        group = above or (group if below else "")
        labels.append([below, group + below] if below else [above])
    return labels


def _meaning(texts: Sequence[str], meanings: Mapping[str, str]) -> str | None:
    for text in reversed(texts):
        for name in _names(text):
            if name in meanings:
                return meanings[name]
    return None


def _placed(
    labels: Sequence[Sequence[str]], columns: Sequence[Column], meanings: Mapping[str, str], row: int, height: int
) -> Header:
    places: dict[str, int] = {}
    shown: dict[str, str] = {}
    unknown: list[str] = []
    error_place: int | None = None
    headers = {column.field: column.header for column in columns}
    for place, texts in enumerate(labels):
        label = re.sub(r"[*＊※\s]+", "", texts[0])
        meaning = _meaning(texts, meanings)
        if meaning is None:
            if folded_header(label) in _ERROR_HEADERS:
                error_place = place
            elif label:
                unknown.append(label)
        elif meaning in places:
            raise ColumnTwice(first=shown[meaning], second=label, meaning=headers[meaning])
        else:
            places[meaning], shown[meaning] = place, label
    return Header(row, row + height - 1, places, shown, tuple(unknown), error_place)
