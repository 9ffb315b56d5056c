"""Pages: the template's own context plus what every page shows (actor, language, navigation, flash)."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.foundation.language import LANGUAGES, current_language, gettext, said, sentence
from service.foundation.templates import render
from service.settings import get_settings
from service.web.access import actor_in
from service.web.cookies import cookie_in
from service.web.csrf import form_token
from service.web.problems import Problem

STATIC = Path(__file__).parent.parent / "static"
FLASH = "flash"


@dataclass(frozen=True)
class NavigationEntry:
    """One entry of the main navigation: shown to whom the permission allows (any of `a|b`; empty: all signed in)."""

    href: str
    label: str  # message id
    permission: str = ""


def open_to(entry: NavigationEntry, actor: Actor) -> bool:
    """Whether an entry is this actor's: what is one's own needs a person, or standing as oneself."""
    if entry.permission.startswith("own.") and actor.person_id is None and actor.post_id is not None:
        return False
    return not entry.permission or any(actor.may(each) for each in entry.permission.split("|"))


NAVIGATION: list[NavigationEntry] = []  # filled by service.app, in order


@cache
def static(path: str) -> str:
    """The address of a static file with its digest, so that it may be cached for ever."""
    content = (STATIC / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


def _sign(content: str) -> str:
    return keyring_at(get_settings().keyring_path).token("flash", content)[:32]


def flash_cookie(kind: str, message: str, **facts: Any) -> Cookie:
    """A one-time message (`ok`, `warn`, `err`, `info`) for the next page; `message` is a message id."""
    content = base64.urlsafe_b64encode(json.dumps([kind, message, facts]).encode()).decode()
    return Cookie(key=FLASH, value=f"{content}.{_sign(content)}", path="/", httponly=True, samesite="lax", max_age=60)


def flashes(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """The messages left for this page by the one before."""
    content, _, signature = (cookie_in(request.scope, FLASH) or "").rpartition(".")
    if not content or not hmac.compare_digest(signature.encode(), _sign(content).encode()):
        return []
    kind, message, facts = json.loads(base64.urlsafe_b64decode(content))
    return [{"kind": kind, "text": sentence(message, facts)}]


def redirect(to: str, message: str | None = None, kind: str = "ok", **facts: Any) -> Redirect:
    """303 to a page of ours, with a one-time message (a message id)."""
    cookies = [flash_cookie(kind, message, **facts)] if message else []
    return Redirect(
        path=to if to.startswith("/") and not to.startswith("//") else "/", status_code=303, cookies=cookies
    )


class ShownActor:
    """What the page header shows of the actor."""

    def __init__(self, actor: Actor, role_titles: dict[str, str]) -> None:
        self.name = actor.name
        self.role = actor.role
        self.role_title = gettext(role_titles.get(actor.role, actor.role))
        self.organisation_name = said(actor.organisation_name)
        self.permissions = actor.permissions
        self.by_password = actor.strong and not actor.by_key
        self.posts = [
            {
                "id": str(post.id),
                "title": gettext(role_titles.get(post.role, post.role)),
                "organisation_name": said(post.organisation_name),
                "current": post.current,
            }
            for post in actor.posts
        ]

    def may(self, permission: str) -> bool:
        """Whether the present post carries this permission (any of `a|b`)."""
        return any(one in self.permissions for one in permission.split("|"))


def page_context(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What base.html needs on every page."""
    actor = actor_in(request.scope)
    path = request.scope["path"]
    shown: tuple[str, str] | None = request.scope.get("tmc_shown")  # type: ignore[assignment]
    entries = [
        {"href": one.href, "label": gettext(one.label), "current": path == one.href or path.startswith(one.href + "/")}
        for one in NAVIGATION
        if actor is not None and open_to(one, actor)
    ]
    return {
        "request_path": path + (f"?{request.url.query}" if request.url.query else ""),
        "language": current_language(),
        "languages": LANGUAGES,
        "actor": ShownActor(actor, request.app.state.role_titles) if actor else None,
        "csrf_token": form_token(shown),
        "theme": cookie_in(request.scope, "theme") or "auto",
        "text_size": cookie_in(request.scope, "text_size") or "standard",
        "nav": entries,
        "flash": flashes(request),
        "demo": get_settings().demo,
        "static": static,
        "service_name": gettext("Technology Manager Service"),
        "problem": None,
        "base_url": get_settings().base_url,
    }


def page(request: Request[Any, Any, Any], template: str, status: int = 200, **shown: Any) -> Response[str]:
    """Render a page now, inside the request's transaction, so that a template error rolls back."""
    html = render(template, {**page_context(request), **shown})
    response = Response(content=html, status_code=status, media_type="text/html")
    if cookie_in(request.scope, FLASH):
        response.delete_cookie(FLASH, path="/")
    return response


def back_to(request: Request[Any, Any, Any]) -> str:
    """The page of ours the reader came from, to load it again; empty when there is none."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host", "") or not came.path.startswith("/") or came.path.startswith("//"):
        return ""
    return came.path + (f"?{came.query}" if came.query else "")


def problem_page(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> Response[Any]:
    """A refusal as a page; who is not signed in is led to the sign-in page and back."""
    path = request.scope["path"]
    if problem.status == 401 and request.method == "GET":
        return Redirect(path=f"/sign-in?next={path}", status_code=303)
    shown = {**page_context(request), "problem": problem, "back": back_to(request)}
    html = render("errors/problem.html", shown)
    return Response(content=html, status_code=problem.status, media_type="text/html", headers=headers)
