"""How a file's rows are read into a plan: what each row is, what is wrong with it, and what keeping it would do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.exchange.errors.imports import DayAhead, FormulaWithoutResult, IdentityKindUnknown
from service.exchange.rules.imports import Finding, Outcome, is_footer, is_formula_rest
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import DomainError
from service.foundation.keyring import Keyring
from service.foundation.sheets.cells import SheetRow
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet
from service.foundation.text import person_name
from service.people.rules import Identity, IdentityKind, check_identity, identity_kind

T = TypeVar("T")
Keep = Callable[[], Awaitable[tuple[str, UUID | None]]]
"""Keeps one row in the open transaction; answers what was done (a result word) and the id of what it concerns."""


@dataclass(frozen=True)
class Context:
    """What reading a file needs: the transaction, who uploads, what the file is for, and the import's own id."""

    db: AsyncSession
    keyring: Keyring
    actor: Actor
    target_id: UUID | None
    import_id: UUID


@dataclass
class Planned:
    """One row: its number in the file, what it is, what is wrong, and how it is kept when it is kept."""

    number: int
    outcome: Outcome
    findings: list[Finding] = field(default_factory=list)
    keep: Keep | None = None
    ref: UUID | None = None
    result: str | None = None

    def stored(self) -> dict[str, Any]:
        """The row as it is kept: no text of the file."""
        return {
            "row": self.number,
            "outcome": self.outcome.value,
            "reasons": [one.stored() for one in self.findings],
            "ref": str(self.ref) if self.ref else None,
            "result": self.result,
        }


class ImportKind(Protocol):
    """One kind of file that comes in."""

    key: str
    title: str
    permission: str
    columns: Sequence[Column]
    with_target: bool

    async def check_target(self, context: Context) -> None:
        """Refuse a file for something that is not there, not the actor's, or not ready for it."""

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """What each row is and would do, in the order of the file; writes nothing."""


class RowReader:
    """Reads the cells of one row and collects everything that is wrong with it, not only the first thing."""

    def __init__(self, row: SheetRow, sheet: Sheet) -> None:
        self.row = row
        self.whole_row = sheet.raw[row.number - 1]
        self.findings: list[Finding] = []

    @property
    def number(self) -> int:
        """The row as the file counts."""
        return self.row.number

    @property
    def left_out(self) -> bool:
        """Whether this is no row of the table but a total, a signature line or a note."""
        return is_footer(self.row.cells, self.whole_row)

    def label(self, name: str) -> str:
        """The file's own header of a field."""
        return self.row.labels.get(name, name)

    def refuse(self, refusal: DomainError, name: str | None = None) -> None:
        """Note what is wrong, with a column or with the whole row."""
        self.findings.append(Finding(self.number, refusal, name, self.label(name) if name else None))

    def read(self, name: str, reader: Callable[[], T]) -> T | None:
        """A cell's value, or None with a finding."""
        if is_formula_rest(self.row.cells.get(name)):
            self.refuse(FormulaWithoutResult(), name)
            return None
        try:
            return reader()
        except DomainError as refusal:
            self.refuse(refusal, name)
            return None

    def name(self) -> str | None:
        """The person's name, cleaned."""

        def cleaned() -> str | None:
            text = self.row.text("name", 200, required=True)
            return person_name(text) if text is not None else None

        return self.read("name", cleaned)

    def identity(self, *, required: bool = True) -> Identity | None:
        """The document of the columns identity_kind and identity_number, checked by the rule of its kind."""

        def checked() -> Identity | None:
            number = self.row.identity("identity_number", required=required)
            if number is None:
                return None
            named = self.row.text("identity_kind", 60)
            kind = identity_kind(named, number) if named else IdentityKind.RESIDENT
            if kind is None:
                raise IdentityKindUnknown
            return check_identity(kind, number, clock.today())

        return self.read("identity_number", checked)

    def planned(self, outcome: Outcome = Outcome.WRONG, keep: Keep | None = None, ref: UUID | None = None) -> Planned:
        """The row as planned; with findings it is wrong, whatever it would have been."""
        if self.findings:
            return Planned(self.number, Outcome.WRONG, self.findings)
        return Planned(self.number, outcome, keep=keep, ref=ref)

    def skipped(self) -> Planned:
        """The row as one that is no row of the table."""
        return Planned(self.number, Outcome.LEFT_OUT)


def read_past_day(reader: RowReader, name: str, *, required: bool = True) -> date | None:
    """A day that has come; a day ahead is refused."""
    day = reader.read(name, lambda: reader.row.day(name, required=required))
    if day is not None and day > clock.today():
        reader.refuse(DayAhead(day=day.isoformat()), name)
        return None
    return day


def count(rows: Sequence[Planned]) -> dict[str, int]:
    """How many rows of each outcome, every outcome named."""
    return {one.value: sum(row.outcome is one for row in rows) for one in Outcome}


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The same over stored rows."""
    return {one.value: sum(row["outcome"] == one.value for row in rows) for one in Outcome}
