"""The statistics as a table to take away: every line of every breakdown, hidden counts as they are shown."""

from io import BytesIO

from service.foundation.language import gettext, later
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.writing import CellIn, CsvExport, XlsxExport
from service.statistics.schemas import LineRead, StatisticsRead

HIDDEN = "<5"


def columns(read: StatisticsRead) -> list[Column]:
    """Breakdown, line, one column a measure, pass rate."""
    return [
        Column("by", gettext(later("Breakdown"))),
        Column("title", gettext(later("Line")), width=30),
        *(Column(one.name, one.title, kind=CellKind.WHOLE, width=14) for one in read.definitions),
        Column("pass_rate", gettext(later("Pass rate"))),
    ]


def cells(by: str, line: LineRead) -> dict[str, CellIn]:
    """One line; a hidden count is the text `<5`."""
    counts: dict[str, CellIn] = {name: HIDDEN if count is None else count for name, count in line.counts.items()}
    return {"by": by, "title": line.title, **counts, "pass_rate": line.pass_rate}


def table(read: StatisticsRead, form: str) -> bytes:
    """The table as `xlsx` or `csv`, its definitions below the counts."""
    target = BytesIO()
    writer = (
        XlsxExport(target, columns(read), gettext(later("Statistics")))
        if form == "xlsx"
        else CsvExport(target, columns(read))
    )
    for by, found in (
        (gettext(later("Total")), [read.total]),
        (gettext(later("By base")), read.by_base),
        (gettext(later("By level")), read.by_level),
        (gettext(later("By year")), read.by_year),
    ):
        for line in found:
            writer.append(cells(by, line))
    for one in read.definitions:
        writer.append({"by": gettext(later("Definition")), "title": f"{one.title}: {one.definition}"})
    writer.append({"by": gettext(later("Known at")), "title": read.known_at.isoformat(timespec="seconds")})
    writer.close()
    return target.getvalue()
