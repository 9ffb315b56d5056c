"""Pages of an employer: who works here, asked of each person."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.language import later
from service.people.actions import end_employment, record_employee
from service.people.doorway import keyring
from service.people.queries import employees, seen_people
from service.people.rules import IDENTITY_NAMES
from service.people.schemas import EmployeeCreate, EmploymentEnd
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


async def shown_employees(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """Employees with the form that records one."""
    rows = await employees(db, actor)
    named = {one.id: one.name for one in await seen_people(db, actor, limit=200)}
    return page(
        request,
        "people/employees.html",
        status=422 if form.errors else 200,
        rows=rows,
        named=named,
        kinds=IDENTITY_NAMES,
        form=form,
    )


@get("/employees", **access("people.employ"))
async def employees_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """People my organisation says work for it."""
    return await shown_employees(request, db, actor, Submission())


@post("/employees", **access("people.employ"))
async def employee_form(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Record an employee and ask the person."""
    form = await read_form(request, EmployeeCreate)
    if form.data is not None:
        new = form.data
        if await attempt(db, form, lambda: record_employee(db, keyring(), actor, new)) is not None:
            return redirect("/employees", later("Recorded. The person is asked and counts after agreeing."))
    return await shown_employees(request, db, actor, form)


@post("/employees/{affiliation_id:uuid}/end", **access("people.employ"))
async def end_form(
    request: Request[Any, Any, Any], db: Db, actor: Who, affiliation_id: FromPath[UUID]
) -> Response[Any]:
    """Say when an employment ends."""
    form = await read_form(request, EmploymentEnd)
    if form.data is not None:
        await end_employment(db, actor, affiliation_id, form.data.ends_on)
        return redirect("/employees", later("The end of the employment is recorded."))
    return await shown_employees(request, db, actor, form)


handlers = [employees_page, employee_form, end_form]
