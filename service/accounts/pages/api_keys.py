"""The page of an organisation's API keys: made, shown once, revoked."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from pydantic import BaseModel, ConfigDict, Field

from service.accounts.actions import make_api_key, revoke_api_key
from service.accounts.queries import keys_of
from service.accounts.rules import API_SCOPES
from service.accounts.schemas import ApiKeyCreate, ApiKeyMade
from service.foundation import clock
from service.foundation.clock import BEIJING
from service.foundation.language import gettext, later
from service.organisations.actions import open_sandbox
from service.organisations.queries import sandbox_of
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

MANAGES = "keys_api.manage|keys.manage"


class ApiKeyForm(BaseModel):
    """A new key as the page asks for it; `last_day` is the last day on which it works, in Beijing."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=10)
    sandbox: bool = False
    last_day: date | None = None

    def create(self) -> ApiKeyCreate:
        """The same as the API takes it."""
        ends = None if self.last_day is None else datetime.combine(self.last_day, time.max, BEIJING)
        return ApiKeyCreate(name=self.name, scopes=self.scopes, sandbox=self.sandbox, expires_at=ends)


async def shown_keys(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    form: Submission[Any],
    made: ApiKeyMade | None = None,
    status: int = 200,
) -> Response[str]:
    """The keys of the organisation, the form, and a key just made."""
    return page(
        request,
        "accounts/api_keys.html",
        status=status,
        keys=await keys_of(db, actor.org),
        form=form,
        made=made,
        now=clock.now(),
        scopes=[(name, gettext(title)) for name, title in API_SCOPES.items()],
        scope_titles=API_SCOPES,
        sandbox=await sandbox_of(db, actor.org),
    )


@get("/api-keys", **access(MANAGES))
async def keys_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The organisation's API keys."""
    return await shown_keys(request, db, actor, Submission())


@post("/api-keys", **access(MANAGES))
async def make_key(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """Make a key; it is shown this once."""
    form = await read_form(request, ApiKeyForm, lists=("scopes",))
    if form.data is not None:
        given = form.data.create()
        made = await attempt(db, form, lambda: make_api_key(db, actor, given))
        if made is not None:
            await db.flush()
            answer = await shown_keys(request, db, actor, Submission(), made, 201)
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return await shown_keys(request, db, actor, form, status=422)


@post("/api-keys/{key_id:uuid}/revoke", **access(MANAGES))
async def revoke_key(db: Db, actor: Who, key_id: FromPath[UUID]) -> Response[Any]:
    """Revoke a key: refused from the next request on."""
    await revoke_api_key(db, actor, key_id)
    return redirect("/api-keys", later("The key is revoked."))


@post("/api-keys/sandbox/reset", **access(MANAGES))
async def reset_sandbox(db: Db, actor: Who) -> Response[Any]:
    """End the sandbox and open a fresh one."""
    await open_sandbox(db, actor, again=True)
    return redirect("/api-keys", later("The sandbox is fresh again; its data is there in a moment."))


handlers = [keys_page, make_key, revoke_key, reset_sandbox]
