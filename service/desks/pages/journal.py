"""The journal as a page and for machines: searched by act, thing and day, each reading written down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromQuery
from pydantic import BaseModel

from service.desks.actions import read_journal
from service.desks.errors import SearchRefused
from service.desks.queries.journal import Search, search_of
from service.foundation.paging import cursor_of, key_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission
from service.web.templating import page

READS = "journal.read|journal.read_own"
PAGE = 50


class JournalRow(BaseModel):
    """An entry as it is shown: ids, codes and numbers only."""

    id: UUID
    created_at: datetime
    action: str
    subject_kind: str
    subject_id: UUID
    org_id: UUID | None
    account_id: UUID | None
    person_id: UUID | None
    details: dict[str, Any]


@get("/journal", **access(READS))
async def journal_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    action: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    day: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """Entries, newest first."""
    form: Submission[Any] = Submission({"action": action, "subject": subject, "day": day})
    search: Search | None = None
    try:
        search = search_of(action, subject, day)
    except SearchRefused as refusal:
        form.refuse(refusal)
    rows = [] if search is None else await read_journal(db, actor, search, key_of(after), PAGE + 1)
    following = cursor_of(rows[PAGE - 1].id) if len(rows) > PAGE else None
    shown = [JournalRow.model_validate(row, from_attributes=True) for row in rows[:PAGE]]
    return page(
        request,
        "desks/journal.html",
        status=200 if search else 422,
        form=form,
        rows=shown,
        following=following,
        everywhere=actor.may("journal.read"),
    )


handlers = [journal_page]
