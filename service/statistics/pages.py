"""The statistics page: how many, where, which level, passing how often; every number with its definition."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from service.courses.rules import LEVEL_TITLES
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.language import gettext, later
from service.statistics.queries import statistics
from service.statistics.sheets import HIDDEN, table
from service.web.access import Who, access
from service.web.database import Db
from service.web.templating import page

READ = "statistics.read|statistics.read_province|statistics.read_own"
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
SCOPES = {
    "nation": later("All bases of the country"),
    "province": later("Bases of your province"),
    "own": later("Your own base"),
}


def year_of(text: str) -> int | None:
    """A year of the address, or None for all years."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


@get("/statistics", **access(READ))
async def statistics_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, year: FromQuery[str] = "", level: FromQuery[str] = ""
) -> Response[str]:
    """Counts for one year or all."""
    read = await statistics(db, actor, year_of(year), level)
    this_year = clock.today().year
    years = sorted({str(this_year), *(one.key for one in read.by_year)}, reverse=True)
    bars = sorted(
        (one for one in read.by_base if one.counts["persons"]), key=lambda one: (-(one.counts["persons"] or 0), one.key)
    )
    return page(
        request,
        "statistics/statistics.html",
        read=read,
        scope=SCOPES[read.scope],
        hidden=HIDDEN,
        bars=bars,
        year=str(read.year or ""),
        level=read.level or "",
        year_options=[("", gettext(later("All years"))), *((one, one) for one in years)],
        level_options=[
            ("", gettext(later("All levels"))),
            *((key, gettext(title)) for key, title in LEVEL_TITLES.items()),
        ],
    )


@get("/statistics/file/{form:str}", **access(READ))
async def statistics_file(
    db: Db, actor: Who, form: FromPath[str], year: FromQuery[str] = "", level: FromQuery[str] = ""
) -> Response[bytes]:
    """The same as a workbook (`xlsx`) or as CSV."""
    if form not in MEDIA_TYPES:
        raise NotFound(what="format")
    read = await statistics(db, actor, year_of(year), level)
    name = f"statistics-{read.year or 'all'}-{clock.today():%Y%m%d}.{form}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(table(read, form), media_type=MEDIA_TYPES[form], headers=headers)


handlers = [statistics_page, statistics_file]
