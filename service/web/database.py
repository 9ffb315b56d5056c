"""One session a request, one transaction, one commit: after the answer is rendered and before it is sent."""

from collections.abc import AsyncGenerator
from typing import Any, cast

from litestar import Request
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

Db = NamedDependency[AsyncSession]


class SessionMiddleware(ASGIMiddleware):
    """Opens one session per request, shared by sign-in, guards and handler; no connection is taken until it is used."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "no_session"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hold the session open around the request and give its connection back at the end."""
        sessions = scope["litestar_app"].state.sessions
        async with sessions() as db:
            scope["tmc_db"] = db  # type: ignore[typeddict-unknown-key]
            await next_app(scope, receive, send)


def session_of(scope: Scope) -> AsyncSession:
    """The request's session."""
    return cast("AsyncSession", scope["tmc_db"])  # type: ignore[typeddict-item]


async def unit_of_work(request: Request[Any, Any, Any]) -> AsyncGenerator[AsyncSession, None]:
    """The dependency `db`: commits when the handler has answered, rolls back on anything raised.

    A failing commit is raised, so the caller is answered with a failure and never with a false success.
    """
    db = session_of(request.scope)
    try:
        yield db
    except BaseException:
        await db.rollback()
        raise
    await db.commit()
