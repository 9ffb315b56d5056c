"""Many certificates at once, as people have them: a pasted list or a workbook in, a workbook of answers out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from service.foundation.clock import BEIJING as _BEIJING
from service.foundation.language import CHINESE, current_language, gettext, later, said, sentence
from service.foundation.sheets.cells import SheetRow
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.errors import CellRefused
from service.foundation.sheets.limits import MEGABYTE, Limits
from service.foundation.sheets.reading import read_sheet
from service.foundation.sheets.writing import XlsxExport, write_template
from service.verification.errors import NothingPasted, TooManyItems
from service.verification.rules import ROWS_AT_ONCE, SAID, UNKNOWN_IN_BULK
from service.verification.schemas import BatchItem, CheckedRow

LARGEST_FILE = 2 * MEGABYTE
LIMITS = Limits(file_bytes=LARGEST_FILE, unpacked_bytes=16 * MEGABYTE, rows=ROWS_AT_ONCE, columns=60)

NUMBER = Column(
    "number",
    "证书编号",
    ("编号", "证书号", "证书编码", "certificate number", "number"),
    required=True,
    kind=CellKind.IDENTITY,
    width=24,
    example="JSJL-07-2026-000128-0",
    note="按证书上的写法，空格与大小写不限",
)
NAME = Column(
    "name",
    "姓名",
    ("持证人", "持证人姓名", "学员姓名", "name"),
    required=True,
    width=16,
    example="林知远",
    note="证书上的中文姓名或英文姓名",
)
REFERENCE = Column("reference", "备注", ("说明", "学号", "reference"), width=16, note="原样返回")
ASKED = (NUMBER, NAME, REFERENCE)

_BETWEEN = re.compile(r"[\t,，;；]+")
_HEADERS = {"证书编号", "编号", "证书号", "certificate number", "number"}


@dataclass(frozen=True)
class AskedRow:
    """One row as it was given: what is asked, or why it cannot be."""

    row: int
    number: str
    name: str
    reference: str | None = None
    problem: str | None = None

    @property
    def item(self) -> BatchItem:
        """The question of this row."""
        return BatchItem(number=self.number, name=self.name, reference=self.reference)


def pasted_rows(text: str) -> list[AskedRow]:
    """The rows of a pasted list: number, then name, parted by a tab, a comma or a blank; row numbers are line numbers.

    Raises NothingPasted, TooManyItems.
    """
    rows = []
    for place, line in enumerate(text.splitlines(), start=1):
        bare = line.strip().strip("\ufeff")
        if not bare:
            continue
        parts = [one.strip() for one in _BETWEEN.split(bare)] if _BETWEEN.search(bare) else bare.split(None, 1)
        if parts[0].casefold() in _HEADERS:
            continue
        number, name = parts[0], parts[1] if len(parts) > 1 else ""
        reference = parts[2][:100] if len(parts) > 2 and parts[2] else None
        rows.append(_asked(place, number, name, reference))
    if not rows:
        raise NothingPasted(field="pasted")
    if len(rows) > ROWS_AT_ONCE:
        raise TooManyItems(field="pasted", limit=ROWS_AT_ONCE)
    return rows


def sheet_rows(content: bytes) -> list[AskedRow]:
    """The rows of a workbook or CSV file; a bad cell is a problem of its row. Raises what `read_sheet` raises."""
    return [_of_sheet(one) for one in read_sheet(content, ASKED, limits=LIMITS).rows]


def _of_sheet(row: SheetRow) -> AskedRow:
    try:
        number = row.text("number", 60, required=True) or ""
        name = row.text("name", 100, required=True) or ""
        return _asked(row.number, number, name, row.text("reference", 100))
    except CellRefused as refusal:
        return AskedRow(row.number, "", "", problem=sentence(refusal.message, refusal.facts))


def _asked(row: int, number: str, name: str, reference: str | None) -> AskedRow:
    if not name:
        problem = sentence(later("Row %(row)s: the name is missing. Write number and name."), {"row": row})
        return AskedRow(row, number[:60], "", reference, problem)
    if len(number) > 60 or len(name) > 100:
        problem = sentence(later("Row %(row)s: number or name is too long."), {"row": row})
        return AskedRow(row, number[:60], name[:100], reference, problem)
    return AskedRow(row, number, name, reference)


def state_said(state: str | None) -> str:
    """A state as a row says it; none is a row that could not be asked."""
    if state is None:
        return gettext(later("Not checked"))
    title = SAID[state].title
    if state == "unknown":
        title = UNKNOWN_IN_BULK
    return gettext(title)


def answer_columns() -> list[Column]:
    """The columns of the answers in the reader's language."""
    return [
        Column("row", gettext(later("Row")), kind=CellKind.WHOLE, width=8),
        Column("number", gettext(later("Certificate number")), kind=CellKind.IDENTITY, width=24),
        Column("name", gettext(later("Name asked for")), width=16),
        Column("reference", gettext(later("Reference")), width=16),
        Column("state", gettext(later("State")), width=16),
        Column("explained", gettext(later("What it means")), width=44),
        Column("title", gettext(later("Certificate")), width=22),
        Column("level", gettext(later("Level")), width=18),
        Column("base", gettext(later("Base")), width=28),
        Column("awarded_on", gettext(later("Awarded on")), kind=CellKind.DATE, width=14),
        Column("valid_until", gettext(later("Valid until")), kind=CellKind.DATE, width=14),
        Column("since", gettext(later("In this state since")), kind=CellKind.DATE, width=14),
    ]


def answers_workbook(rows: Sequence[CheckedRow], checked_at: datetime, organisation: str, account: str) -> bytes:
    """The answers as a workbook; its title says when, for whom, and that it speaks of that moment only."""
    target = BytesIO()
    told = sentence(
        later(
            "Checked at %(time)s (Beijing time) for %(organisation)s by %(account)s. States are those of that moment."
        ),
        {"time": f"{checked_at:%Y-%m-%d %H:%M:%S}", "organisation": organisation, "account": account},
    )
    with XlsxExport(target, answer_columns(), gettext(later("Answers")), title=told) as book:
        for one in rows:
            book.append(_line(one))
    return target.getvalue()


def _line(one: CheckedRow) -> dict[str, Any]:
    answer = one.answer
    line: dict[str, Any] = {
        "row": one.row,
        "number": one.number,
        "name": one.name,
        "reference": one.reference,
        "state": state_said(None if answer is None else answer.state),
        "explained": one.problem or (answer.sentence if answer else ""),
    }
    if answer is not None and answer.number is not None:
        line |= {
            "title": said(answer.title or {}) + (" 样章 SPECIMEN" if answer.specimen else ""),
            "level": said(answer.level or {}),
            "base": f"{answer.base_code} {said(answer.base or {})}",
            "awarded_on": answer.awarded_on,
            "valid_until": answer.valid_until,
            "since": None if answer.state_since is None else day_of(answer.state_since),
        }
    return line


def day_of(moment: datetime) -> date:
    """The day in China of a moment."""
    return moment.astimezone(_BEIJING).date()


def template() -> bytes:
    """An empty list to fill in, with what each column is."""
    target = BytesIO()
    language = current_language()
    notes = ["填好后在“批量核验”页面上传；每次最多 500 行。"] if language == CHINESE else ["At most 500 rows at once."]
    write_template(target, ASKED, "核验名单" if language == CHINESE else "Certificates", notes=notes, language=language)
    return target.getvalue()
