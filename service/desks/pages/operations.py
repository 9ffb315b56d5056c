"""Operations: figures of the installation, and held jobs with a way to queue them again."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from service.desks.actions import requeue
from service.desks.queries.operations import health, held_jobs
from service.foundation.language import later
from service.web.access import Who, access
from service.web.database import Db
from service.web.templating import page, redirect


@get("/operations", **access("operations.read"))
async def operations(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """How the installation does."""
    figures = await health(db, request.app.state.settings)
    return page(request, "desks/operations.html", health=figures, jobs=await held_jobs(db))


@post("/operations/jobs/{job_id:int}/requeue", **access("operations.read"))
async def requeue_job(db: Db, actor: Who, job_id: FromPath[int]) -> Redirect:
    """Queue a held job again."""
    await requeue(db, actor, job_id)
    return redirect("/operations", later("The job is queued again."))


handlers = [operations, requeue_job]
