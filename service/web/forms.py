"""Forms of pages: read with the same Create schema as the API, shown again with what was typed and why it was refused."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar, cast

from litestar import Request
from litestar.datastructures import UploadFile
from pydantic import BaseModel
from pydantic import ValidationError as PydanticError
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.errors import DomainError, NotAllowed
from service.foundation.language import sentence
from service.web.csrf import FORM_FIELD
from service.web.validation import field_problems

S = TypeVar("S", bound=BaseModel)
R = TypeVar("R")


class Submission(Generic[S]):
    """What was sent in a form: `values` as typed, `data` when it is a valid S, `errors` as [{field, message}]."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = values or {}
        self.files: dict[str, UploadFile] = {}
        self.data: S | None = None
        self.errors: list[dict[str, str]] = []

    def get(self, field: str, default: Any = "") -> Any:
        """What was typed into a field, to be shown again."""
        return self.values.get(field, default)

    def error(self, field: str) -> str:
        """The message beside a field, or nothing."""
        return next((one["message"] for one in self.errors if one["field"] == field), "")

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at its field, or above the form when it speaks of none."""
        self.errors.append({"field": error.field or "", "message": sentence(error.message, error.facts)})


async def read_form(request: Request[Any, Any, Any], schema: type[S], lists: tuple[str, ...] = ()) -> Submission[S]:
    """Read a form as `schema`. Empty entries count as left out; `lists` names fields that may come several times.

    Dotted names (`title.zh`) become nested groups.
    """
    form = await request.form()
    submission: Submission[S] = Submission()
    nested: dict[str, Any] = {}
    for name in form:
        if name == FORM_FIELD:
            continue
        given = form.getall(name)
        if any(isinstance(one, UploadFile) for one in given):
            submission.files[name] = cast("UploadFile", given[0])
            continue
        value: Any = [one for one in given if one != ""] if name in lists else given[-1]
        submission.values[name] = value
        if value == "":
            continue
        target = nested
        *groups, last = name.split(".")
        for group in groups:
            target = target.setdefault(group, {})
        target[last] = value
    for name in lists:
        nested.setdefault(name, [])
    try:
        submission.data = schema.model_validate(nested)
    except PydanticError as error:
        submission.errors = [
            {"field": one.pointer.strip("/").replace("/", "."), "message": one.detail} for one in field_problems(error)
        ]
    return submission


async def attempt(db: AsyncSession, form: Submission[Any], action: Callable[[], Awaitable[R]]) -> R | None:
    """Run an action inside a savepoint; a refusal is kept on the form and nothing half-done stays. NotAllowed flies on."""
    try:
        async with db.begin_nested():
            return await action()
    except NotAllowed:
        raise
    except DomainError as error:
        form.refuse(error)
        return None
