"""What becomes of a row, and how a finding is kept without the file's text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from service.exchange.errors.imports import RowRefused, WholeRowRefused
from service.foundation.errors import DomainError, every_refusal
from service.foundation.language import chinese, later, sentence
from service.foundation.sheets.cells import CellValue
from service.foundation.sheets.errors import CellRefused
from service.foundation.sheets.limits import MEGABYTE, Limits

LARGEST_FILE = 8 * MEGABYTE
IMPORT_LIMITS = Limits(file_bytes=LARGEST_FILE, rows=2_000)
"""A roster has tens of rows, the largest class seen 280: files beyond these limits are sent in parts."""

KEPT_DAYS = 90


class Outcome(StrEnum):
    """What a row is: something new, a change, nothing new, refused, or no row of the table at all."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"
    LEFT_OUT = "left_out"


OUTCOME_TITLES = {
    Outcome.NEW: later("New entry"),
    Outcome.CHANGED: later("Changed"),
    Outcome.SAME: later("Same as on record"),
    Outcome.WRONG: later("Wrong"),
    Outcome.LEFT_OUT: later("Left out"),
}

RESULT_TITLES = {
    "enrolled": later("enrolled"),
    "waiting": later("on the waiting list"),
    "updated": later("updated"),
    "recorded": later("recorded"),
    "amended": later("amended; the earlier score stays in the trail"),
}
"""What was done with a row that was kept."""

STATE_TITLES = {
    "previewed": later("waiting for confirmation"),
    "applied": later("applied"),
    "dropped": later("dropped"),
}

_FOOTER = re.compile(
    r"(?:合\s*计|平\s*均|总\s*计|小\s*计|共\s*[0-9]+\s*[人条项行]|填\s*表|制\s*表|审\s*核|经\s*办|备\s*注|注\s*[:：1]|说\s*明|以下空白|total\b)",
    re.IGNORECASE,
)


def is_footer(cells: Mapping[str, CellValue], whole_row: Sequence[CellValue]) -> bool:
    """Whether a row is no row of the table: none of the columns asked for is filled, or it is a total, a signature line
    or a note, that is a word of that kind and hardly anything else."""
    if not any(is_filled(value) for value in cells.values()):
        return True
    filled = [value for value in whole_row if is_filled(value)]
    return len(filled) <= 3 and isinstance(filled[0], str) and _FOOTER.match(filled[0].strip()) is not None


def is_filled(value: CellValue) -> bool:
    """Whether a cell holds anything but blanks."""
    return value is not None and str(value).strip() != ""


_FORMULA = re.compile(r"#(?:N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!)|=[A-Za-z+(].*", re.DOTALL)


def is_formula_rest(value: CellValue) -> bool:
    """Whether a cell shows a formula's error or the formula itself instead of a value."""
    return isinstance(value, str) and _FORMULA.fullmatch(value.strip()) is not None


_PLAIN_FACTS = frozenset(
    {"row", "column", "field", "limit", "length", "places", "choices", "kind", "minutes", "first", "last", "count"}
    | {
        "state",
        "begins",
        "opens",
        "full",
        "fields",
        "day",
        "signed_on",
        "region",
        "meetings",
        "second",
        "level",
        "claimed",
    }
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HIDDEN = "…"


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one row; `field` and `column` when one cell is meant."""

    row: int
    refusal: DomainError
    field: str | None = None
    column: str | None = None

    def said(self) -> str:
        """The whole sentence for the file that goes back to its owner."""
        return _said(self.row, self.column, self.refusal.message, self.refusal.facts, type(self.refusal))

    def stored(self) -> dict[str, Any]:
        """What is kept of it: slug, column and facts that cannot be personal; cell texts, names, numbers stay out."""
        facts = {name: _plain(name, value) for name, value in self.refusal.facts.items()}
        return {"slug": self.refusal.slug, "field": self.field, "column": self.column, "facts": facts}


def _plain(name: str, value: object) -> Any:
    if name == "reason" and str(value) in chinese():  # a sentence of ours, not of the file
        return str(value)
    if name not in _PLAIN_FACTS:
        return HIDDEN
    if name == "day" and not _DAY.fullmatch(str(value)):
        return HIDDEN
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value if isinstance(value, int | bool | dict) else str(value)


def _said(row: int, column: str | None, message: str, facts: Mapping[str, object], kind: type[DomainError]) -> str:
    reason = sentence(message, dict(facts))
    if issubclass(kind, CellRefused):
        return reason
    if column:
        return sentence(RowRefused.message, {"row": row, "column": column, "reason": reason})
    return sentence(WholeRowRefused.message, {"row": row, "reason": reason})


@cache
def _by_slug() -> dict[str, type[DomainError]]:
    return {one.slug: one for one in every_refusal()}


def said_again(row: int, stored: Mapping[str, Any]) -> str:
    """The sentence of a stored finding in the reader's language; what was not kept shows as an ellipsis."""
    kind = _by_slug().get(stored["slug"], DomainError)
    return _said(row, stored["column"], kind.message, stored["facts"], kind)
