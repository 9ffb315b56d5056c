"""The inbox."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from service.foundation.language import later
from service.foundation.paging import cursor_of, key_of
from service.letters.actions import mark_all_read, mark_read
from service.letters.queries import letters_to, shown, unread
from service.letters.rules import kind_of, link_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.templating import page, redirect

PAGE = 30


@get("/inbox", **access("own.inbox"))
async def inbox(
    request: Request[Any, Any, Any], db: Db, actor: Who, after: FromQuery[str | None] = None
) -> Response[str]:
    """The actor's letters, newest first."""
    rows = await letters_to(db, actor, key_of(after), PAGE + 1)
    following = cursor_of(rows[PAGE - 1].id) if len(rows) > PAGE else None
    letters = [shown(row) for row in rows[:PAGE]]
    return page(request, "letters/inbox.html", letters=letters, unread=await unread(db, actor), following=following)


@post("/inbox/{letter_id:uuid}/open", **access("own.inbox"))
async def open_letter(db: Db, actor: Who, letter_id: FromPath[UUID]) -> Redirect:
    """Mark a letter as read and go where it leads."""
    row = await mark_read(db, actor, letter_id)
    return redirect(link_of(kind_of(row.kind), row.facts) or "/inbox")


@post("/inbox/read", **access("own.inbox"))
async def read_all(db: Db, actor: Who) -> Redirect:
    """Mark every letter as read."""
    await mark_all_read(db, actor)
    return redirect("/inbox", later("All messages are marked as read."))


handlers = [inbox, open_letter, read_all]
