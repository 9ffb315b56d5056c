"""Every route says who may come in; a route that says nothing lets nobody in."""

from typing import Any, TypedDict, cast

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from service.foundation.actor import Actor
from service.foundation.errors import NotAllowed, SignInNeeded

PUBLIC = "public"
SIGNED_IN = "signed-in"

Who = NamedDependency[Actor]


class AccessRule(TypedDict):
    """Keyword arguments for a route decorator."""

    opt: dict[str, Any]


def access(rule: str, **opt: Any) -> AccessRule:
    """The access rule of a route: `public`, `signed-in`, or a permission. Use as `@get("/x", **access("courses.plan"))`.

    Further keywords become handler options: `idempotent=True`, `scope="..."` for API keys, `limit="..."`.
    """
    return {"opt": {"access": rule, **opt}}


def actor_in(scope: Scope) -> Actor | None:
    """Who is signed in on this request, or None."""
    return cast("Actor | None", scope.get("tmc_actor"))


def guard_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The app-wide guard: denies what has no rule, asks for sign-in, then for the permission."""
    rule = handler.opt.get("access")
    if rule == PUBLIC or (rule is None and getattr(handler, "http_methods", None) == {"OPTIONS"}):
        return
    actor = actor_in(connection.scope)
    if rule is None:
        raise NotAllowed(needs="access-rule")
    if actor is None:
        raise SignInNeeded
    if rule != SIGNED_IN and not any(actor.may(one) for one in str(rule).split("|")):
        raise NotAllowed(needs=str(rule))


def provide_actor(scope: Scope) -> Actor:
    """The dependency `actor`: who is signed in; raises SignInNeeded."""
    actor = actor_in(scope)
    if actor is None:
        raise SignInNeeded
    return actor
