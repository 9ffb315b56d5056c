"""What is kept of people, and why: for everybody in words, for the administrators column by column."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from service.people.reading import FieldClass, field_classes, personal_fields, table_titles
from service.web.access import SIGNED_IN, Who, access
from service.web.templating import page


def kept_in(chosen: FieldClass) -> list[Mapping[str, str]]:
    """The names of the records that hold a class of data, each once."""
    titles = table_titles()
    tables = [table for table, columns in personal_fields().items() if chosen in columns.values()]
    return [titles[table].model_dump() for table in tables]


@get("/my/data", **access(SIGNED_IN))
async def kept_page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """What this service keeps of people, in words."""
    rows = [(one, kept_in(one)) for one in field_classes().values()]
    return page(
        request, "people/kept.html", rows=rows, registers=actor.may("people.erase") or actor.may("journal.read")
    )


@get("/personal-fields", **access("people.erase|journal.read"))
async def fields_page(request: Request[Any, Any, Any], level: FromQuery[str] = "") -> Response[str]:
    """The register of personal data: every column of every table."""
    titles = table_titles()
    rows = [
        (titles[table].model_dump(), table, column, one)
        for table, columns in personal_fields().items()
        for column, one in columns.items()
        if level in ("", one.level)
    ]
    return page(request, "people/fields.html", rows=rows, level=level)


handlers = [kept_page, fields_page]
