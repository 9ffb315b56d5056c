"""What can be exported: kinds, their columns and formats, and the names of files inside an archive."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from service.foundation.language import later

Format = Literal["xlsx", "csv", "csv_gb", "zip"]
NAME_BYTES = 180
KEPT_DAYS = 7
OPEN_AT_ONCE = 3


@dataclass(frozen=True)
class ExportColumn:
    """A column one may choose: its field, its header as a message id, what its cells hold."""

    field: str
    title: str
    kind: Literal["text", "date", "moment", "yuan", "identity", "whole"] = "text"
    width: int = 16


@dataclass(frozen=True)
class ExportKind:
    """A kind of export: title, what it needs besides `exports.make`, formats and columns in their order."""

    title: str
    hint: str
    formats: tuple[Format, ...]
    columns: tuple[ExportColumn, ...]
    needs: str = "exports.make"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of all columns."""
        return tuple(one.field for one in self.columns)


FORMAT_TITLES: dict[str, str] = {
    "xlsx": later("Excel workbook (.xlsx)"),
    "csv": later("CSV, UTF-8"),
    "csv_gb": later("CSV, GB18030 (old Excel and WPS)"),
    "zip": later("Archive of PDF files (.zip)"),
}
SUFFIXES: dict[str, str] = {"xlsx": ".xlsx", "csv": ".csv", "csv_gb": ".csv", "zip": ".zip"}
MEDIA_TYPES: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "csv_gb": "text/csv",
    "zip": "application/zip",
}
ENCODINGS: dict[str, str] = {"csv_gb": "gb18030"}  # of text; all other text is UTF-8
TABLES: tuple[Format, ...] = ("xlsx", "csv", "csv_gb")

PEOPLE = ExportKind(
    later("People and their certificates"),
    later("One line for each certificate, and one for each person without any."),
    TABLES,
    (
        ExportColumn("name", later("Name"), width=14),
        ExportColumn("english_name", later("English name"), width=20),
        ExportColumn("identity_kind", later("Identity document")),
        ExportColumn("identity", later("Identity number (masked)"), "identity", 24),
        ExportColumn("number", later("Certificate number"), "identity", 26),
        ExportColumn("title", later("Certificate"), width=28),
        ExportColumn("level", later("Level")),
        ExportColumn("state", later("State"), width=10),
        ExportColumn("awarded_on", later("Awarded on"), "date", 12),
        ExportColumn("valid_until", later("Valid until"), "date", 12),
        ExportColumn("issuer", later("Issuer"), width=30),
        ExportColumn("periods", later("Periods"), width=10),
        ExportColumn("grounds", later("Ground on which you see the person"), width=24),
        ExportColumn("seen_until", later("Seen until"), "date", 12),
        ExportColumn("specimen", later("Specimen"), width=10),
    ),
)
CERTIFICATES = ExportKind(
    later("Certificates as PDF files"),
    later("One PDF for each certificate that stands, named by person and number, with a list of what is inside."),
    ("zip",),
    (),
)
INCENTIVES = ExportKind(
    later("Incentive records of your organisation"),
    later("One line for each person's part of each accrual, as it stands in the ledger."),
    TABLES,
    (
        ExportColumn("name", later("Name"), width=14),
        ExportColumn("contract_no", later("Contract number"), "identity", 22),
        ExportColumn("contract_title", later("Contract"), width=30),
        ExportColumn("plan", later("Plan"), width=24),
        ExportColumn("event", later("Event"), width=16),
        ExportColumn("reference", later("Reference"), "identity", 22),
        ExportColumn("effective_on", later("Effective on"), "date", 12),
        ExportColumn("event_amount", later("Amount of the event (yuan)"), "yuan", 18),
        ExportColumn("accrual", later("Accrual"), width=12),
        ExportColumn("earned", later("Earned (yuan)"), "yuan", 18),
        ExportColumn("booked", later("Booked under the yearly cap (yuan)"), "yuan", 18),
    ),
    needs="incentives.read",
)
KINDS: dict[str, ExportKind] = {"people": PEOPLE, "certificates": CERTIFICATES, "incentives": INCENTIVES}

STATE_TITLES = {
    "valid": later("Valid"),
    "expired": later("Expired"),
    "suspended": later("Suspended"),
    "revoked": later("Revoked"),
    "superseded": later("Superseded"),
}
GROUND_TITLES = {
    "employment": later("Employment"),
    "enrolment": later("Enrolment"),
    "consent": later("Consent"),
    "contract": later("Contract"),
}
ACCRUAL_TITLES = {
    "event": later("Accrual"),
    "reversal": later("Reversal"),
    "adjustment": later("Adjustment"),
}
EVENT_TITLES = {
    "receipt": later("Money received"),
    "refund": later("Refund"),
    "cost": later("Cost"),
    "profit": later("Profit"),
    "loss": later("Loss"),
    "pool": later("Award pool"),
    "contract_concluded": later("Contract concluded"),
    "transaction_concluded": later("Transaction concluded"),
    "reversal": later("Reversal"),
}

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")


def safe_stem(name: str, number: str) -> str:
    """`姓名_证书编号` as every file system takes it: no path, no control or direction marks, bounded length."""
    text = "".join(one for one in f"{name}_{number}" if unicodedata.category(one) not in ("Cf", "Cc", "Cs", "Co"))
    text = _FORBIDDEN.sub(" ", text).strip(" .") or "_"
    if _RESERVED.match(text):
        text = "_" + text
    while len(text.encode()) > NAME_BYTES:
        text = text[:-1]
    return text


class FileNames:
    """Gives names inside one archive, numbering those that would be the same on a disk that ignores case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, number: str, suffix: str = ".pdf") -> str:
        """A name nobody else in this archive has: `姓名_证书编号.pdf`, then `姓名_证书编号 (2).pdf`."""
        stem = safe_stem(name, number)
        for candidate in _numbered(stem):
            folded = unicodedata.normalize("NFC", candidate).casefold()
            if folded not in self._taken:
                self._taken.add(folded)
                return candidate + suffix
        raise AssertionError("numbers do not end")


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem} ({number})"
        number += 1
