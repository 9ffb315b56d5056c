"""The home page: for whom is signed in what needs them today, for everybody else the two doors."""

from typing import Any

from litestar import Request, Response, get

from service.desks.queries.tasks import tasks_of
from service.desks.rules import CHIPS
from service.foundation.language import sentence
from service.web.access import PUBLIC, access, actor_in
from service.web.database import Db
from service.web.templating import NAVIGATION, open_to, page


@get("/", **access(PUBLIC))
async def home(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """The home page."""
    actor = actor_in(request.scope)
    if actor is None:
        return page(request, "desks/welcome.html")
    tasks = [
        {
            "label": sentence(one.label, one.facts),
            "href": one.href,
            "hint": one.hint,
            "chip": CHIPS[one.urgency],
            "count": one.count,
            "urgency": one.urgency,
        }
        for one in await tasks_of(db, actor)
    ]
    doors = [one for one in NAVIGATION if open_to(one, actor)]
    return page(request, "desks/home.html", doors=doors, found=tasks)


handlers = [home]
