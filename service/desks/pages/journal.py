"""The journal as a page and as a file: sentences, searched by period, name, act and thing, each reading written down."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from service.desks.actions import export_journal, read_journal
from service.desks.errors import SearchRefused
from service.desks.queries.journal import Search, search_of, told
from service.desks.reading import shipped_acts
from service.desks.sheets import table
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.paging import cursor_of, key_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission
from service.web.templating import page

READS = "journal.read|journal.read_own"
PAGE = 50
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def act_options() -> list[tuple[str, str]]:
    """Every act as it is said, without its thing, in the order of the words."""
    return sorted(
        ((name, phrase.said(thing="…", person="…")) for name, phrase in shipped_acts().acts.items()),
        key=lambda one: (one[1], one[0]),
    )


@get("/journal", **access(READS))
async def journal_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    act: FromQuery[str] = "",
    who: FromQuery[str] = "",
    thing: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """Entries, newest first."""
    asked = {"since": since, "until": until, "act": act, "who": who, "thing": thing}
    form: Submission[Any] = Submission(dict(asked))
    search: Search | None = None
    try:
        search = search_of(**asked)
    except SearchRefused as refusal:
        form.refuse(refusal)
    rows = [] if search is None else await read_journal(db, actor, search, key_of(after), PAGE + 1)
    following = cursor_of(rows[PAGE - 1].id) if len(rows) > PAGE else None
    kept = {name: value for name, value in asked.items() if value}
    return page(
        request,
        "desks/journal.html",
        status=200 if search else 422,
        form=form,
        rows=await told(db, rows[:PAGE]),
        query=urlencode(kept),
        without_thing=urlencode({name: value for name, value in kept.items() if name != "thing"}),
        next_query="" if following is None else urlencode({**kept, "after": following}),
        acts=act_options(),
        everywhere=actor.may("journal.read"),
        may_export=actor.may("journal.export"),
    )


@get("/journal/file/{form:str}", **access("journal.export"))
async def journal_file(
    db: Db,
    actor: Who,
    form: FromPath[str],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    act: FromQuery[str] = "",
    who: FromQuery[str] = "",
    thing: FromQuery[str] = "",
) -> Response[bytes]:
    """The entries found as a workbook (`xlsx`) or as CSV."""
    if form not in MEDIA_TYPES:
        raise NotFound(what="format")
    rows = await export_journal(db, actor, search_of(since, until, act, who, thing))
    content = table(await told(db, rows), form)
    headers = {
        "Content-Disposition": f"attachment; filename=journal-{clock.today():%Y%m%d}.{form}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


handlers = [journal_page, journal_file]
