"""The inbox for machines."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.status_codes import HTTP_200_OK

from service.foundation.paging import Page, bounded, cursor_of, key_of
from service.letters.actions import mark_read
from service.letters.queries import letters_to, shown
from service.letters.schemas import LetterRead
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


@get("/api/inbox", responses=problem_responses(422), **access("own.inbox"))
async def list_letters(
    db: Db, actor: Who, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> Page[LetterRead]:
    """The actor's letters, newest first."""
    most = bounded(limit)
    rows = await letters_to(db, actor, key_of(cursor), most)
    following = cursor_of(rows[-1].id) if len(rows) == most else None
    return Page(rows=[shown(row) for row in rows], next=following)


@post(
    "/api/inbox/{letter_id:uuid}/read",
    status_code=HTTP_200_OK,
    responses=problem_responses(404),
    **access("own.inbox"),
)
async def read_letter(db: Db, actor: Who, letter_id: FromPath[UUID]) -> LetterRead:
    """Mark a letter as read."""
    return shown(await mark_read(db, actor, letter_id))


handlers = [list_letters, read_letter]
