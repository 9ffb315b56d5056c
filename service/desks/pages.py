"""The home page: for whom is signed in what needs them today, for everybody else the two doors."""

from typing import Any

from litestar import Request, Response, get

from service.web.access import PUBLIC, access, actor_in
from service.web.templating import NAVIGATION, page


@get("/", **access(PUBLIC))
async def home(request: Request[Any, Any, Any]) -> Response[str]:
    """The home page."""
    actor = actor_in(request.scope)
    if actor is None:
        return page(request, "desks/welcome.html")
    doors = [
        one for one in NAVIGATION if not one.permission or any(actor.may(each) for each in one.permission.split("|"))
    ]
    return page(request, "desks/home.html", doors=doors)


handlers = [home]
