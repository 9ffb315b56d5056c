"""One cell read as what its column holds; each refusal names the row and the column as the file has them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeGuard, TypeVar
from zoneinfo import ZoneInfo

from service.foundation.errors import DomainError
from service.foundation.money import parse_yuan
from service.foundation.sheets.errors import (
    CellEmpty,
    CellForbiddenCharacter,
    CellNotAChoice,
    CellNotADate,
    CellNotAMoment,
    CellNotAnAmount,
    CellNotANumber,
    CellNotAPhone,
    CellTooLong,
    StoredAsNumber,
)
from service.foundation.text import ForbiddenCharacter, TextTooLong, clean

CellValue = str | int | float | bool | date | datetime | time | timedelta | None
Kind = TypeVar("Kind")
BEIJING = ZoneInfo("Asia/Shanghai")
GUARDED = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that make a spreadsheet run a text as a formula."""

_SERIAL_START = date(1899, 12, 30)  # day 0 of Excel's count, its false 1900-02-29 included
_SERIALS = range(3_654, 109_574)  # 1910 to 2199: smaller numbers are ages and counts, not days
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)


def guarded(text: str) -> str:
    """A text that no spreadsheet runs as a formula: a leading `= + - @`, tab or line end gets an apostrophe before it.

    A negative number stays as it is.
    """
    if text.startswith(GUARDED) and not re.fullmatch(r"-[0-9]+(?:\.[0-9]+)?", text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`."""
    return text[1:] if text.startswith("'") and guarded(text[1:]) == text else text


def plain_text(value: CellValue) -> str:
    """A cell's value as the text a person sees; whole numbers without `.0`."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 10**15 else format(value, ".15g")
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case str():
            return value
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the header: its number as the file counts, and its cells by field.

    Every reader returns None for an empty cell, or raises `CellEmpty` when `required`.
    """

    number: int
    cells: Mapping[str, CellValue]
    labels: Mapping[str, str]

    def _where(self, field: str) -> dict[str, object]:
        return {"row": self.number, "column": self.labels.get(field, field), "field": field}

    def _given(self, field: str, required: bool) -> CellValue:
        value = self.cells.get(field)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            if required:
                raise CellEmpty(**self._where(field))
            return None
        return value

    def text(self, field: str, max_length: int = 200, *, required: bool = False, lines: bool = False) -> str | None:
        """A text, cleaned; a number comes as its digits. Raises `CellTooLong`, `CellForbiddenCharacter`."""
        value = self._given(field, required)
        if value is None:
            return None
        try:
            cleaned = clean(unguarded(plain_text(value)), max_length, lines=lines)
        except TextTooLong as refusal:
            raise CellTooLong(**self._where(field), **refusal.facts) from refusal
        except ForbiddenCharacter as refusal:
            raise CellForbiddenCharacter(**self._where(field), character=refusal.facts["character"]) from refusal
        if not cleaned and required:
            raise CellEmpty(**self._where(field))
        return cleaned or None

    def identity(self, field: str, *, required: bool = False) -> str | None:
        """A document number as text, blanks and apostrophes gone; its kind's rule is checked elsewhere.

        Raises `StoredAsNumber` when the file holds it as a quantity of 15 or more digits, whose last digits no
        spreadsheet keeps, or as a power of ten.
        """
        value = self._given(field, required)
        if _is_number(value):
            if abs(value) >= 10**14 or float(value) != int(value):
                raise StoredAsNumber(**self._where(field))
            return str(int(value))
        text = self.text(field, 64, required=required)
        if text is None:
            return None
        folded = re.sub(r"[\s'’‘`]+", "", unicodedata.normalize("NFKC", text))
        if _EXPONENT.fullmatch(folded) or re.fullmatch(r"[0-9]\.[0-9]+E\+?[0-9]+", folded, re.IGNORECASE):
            raise StoredAsNumber(**self._where(field))
        return folded

    def phone(self, field: str, *, required: bool = False) -> str | None:
        """A phone number as typed, without blanks and hyphens; whether it can be called is checked elsewhere."""
        value = self._given(field, required)
        if value is None:
            return None
        text = re.sub(r"[\s\-'()]+", "", unicodedata.normalize("NFKC", plain_text(value)))
        if not re.fullmatch(r"\+?[0-9]{5,15}", text):
            raise CellNotAPhone(**self._where(field), text=plain_text(value)[:40])
        return text

    def day(self, field: str, *, required: bool = False) -> date | None:
        """A day: a date cell, a serial number, `2026年5月1日`, `2026/5/1`, `2026.5.1`, `2026-05-01`, `20260501`.

        Raises `CellNotADate`, also for years of two digits and for orders that may be read in two ways.
        """
        value = self._given(field, required)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = _day_of_number(value) if _is_number(value) else _day_of_text(plain_text(value))
        if found is None:
            raise CellNotADate(**self._where(field), text=plain_text(value)[:40])
        return found

    def moment(self, field: str, *, required: bool = False) -> datetime | None:
        """A day and time in Beijing, with its zone; a day alone is refused. Raises `CellNotAMoment`."""
        value = self._given(field, required)
        if value is None:
            return None
        found: datetime | None = None
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, float) and int(value) in _SERIALS and not value.is_integer():
            seconds = round((value - int(value)) * 86_400)
            found = datetime.combine(_SERIAL_START, time()) + timedelta(days=int(value), seconds=seconds)
        elif isinstance(value, str):
            found = _moment_of_text(value)
        if found is None:
            raise CellNotAMoment(**self._where(field), text=plain_text(value)[:40])
        return found.replace(tzinfo=BEIJING)

    def yuan(self, field: str, *, required: bool = False) -> int | None:
        """An amount in yuan as fen. Raises `CellNotAnAmount`.

        A number cell is taken at the fifteen digits a spreadsheet shows, so that 0.1 + 0.2 is 0.3.
        """
        value = self._given(field, required)
        if value is None:
            return None
        text = _shown_number(value) if _is_number(value) else plain_text(value)
        try:
            return parse_yuan(text.removeprefix("'"))
        except DomainError as refusal:
            reason = refusal.facts.get("reason", refusal.message)
            raise CellNotAnAmount(**self._where(field), text=text[:40], reason=reason) from refusal

    def decimal(self, field: str, places: int = 2, *, required: bool = False) -> Decimal | None:
        """A number with at most `places` decimal places, exact. Raises `CellNotANumber`."""
        value = self._given(field, required)
        if value is None:
            return None
        text = _shown_number(value) if _is_number(value) else plain_text(value)
        folded = unicodedata.normalize("NFKC", text.removeprefix("'")).strip()
        number = Decimal(folded) if re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?", folded) else None
        if number is None or number != round(number, places):
            raise CellNotANumber(**self._where(field), text=text[:40], places=places)
        return round(number, places)

    def whole(self, field: str, *, required: bool = False) -> int | None:
        """A whole number. Raises `CellNotANumber`."""
        number = self.decimal(field, 0, required=required)
        return None if number is None else int(number)

    def choice(self, field: str, choices: Mapping[str, Kind], *, required: bool = False) -> Kind | None:
        """One of the offered values by any of its names, width and case aside. Raises `CellNotAChoice`."""
        text = self.text(field, required=required)
        if text is None:
            return None
        folded = {_folded(name): value for name, value in choices.items()}
        if _folded(text) not in folded:
            raise CellNotAChoice(**self._where(field), text=text[:40], choices=list(choices)[:12])
        return folded[_folded(text)]


def _is_number(value: CellValue) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown_number(value: float) -> str:
    """A number cell at the fifteen digits a spreadsheet shows, without an exponent."""
    return format(Decimal(format(value, ".15g")), "f")


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _day_of_number(value: float) -> date | None:
    if float(value) != int(value) and int(value) not in _SERIALS:
        return None
    whole = int(value)
    if whole in _SERIALS:
        return _SERIAL_START + timedelta(days=whole)
    return _calendar(whole // 10_000, whole // 100 % 100, whole % 100) if 19_000_101 <= whole <= 21_991_231 else None


def _day_of_text(text: str) -> date | None:
    folded = unicodedata.normalize("NFKC", unguarded(text)).strip()
    folded = re.sub(r"[T\s]0{1,2}:00(?::00(?:\.0+)?)?$", "", folded)
    if re.fullmatch(r"[0-9]{5}(?:\.0+)?", folded):
        return _day_of_number(float(folded))
    if match := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", folded):
        return _calendar(*map(int, match.groups()))
    if match := re.fullmatch(r"([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号]?", folded):
        return _calendar(*map(int, match.groups()))
    if match := re.fullmatch(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", folded):
        return _calendar(int(match[1]), int(match[3]), int(match[4]))
    return None


def _moment_of_text(text: str) -> datetime | None:
    folded = unicodedata.normalize("NFKC", unguarded(text)).strip()
    match = re.fullmatch(r"(.*?[0-9日号])[T\s]*(?<![0-9])([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?", folded)
    if match is None:
        return None
    day = _day_of_text(match[1].strip())
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return datetime.combine(day, time(hour, minute, second))


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None
