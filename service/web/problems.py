"""Refusals as RFC 9457 problems for machines and as a page for people, in the reader's language."""

from typing import Any, cast

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE
from litestar.types import ExceptionHandlersMap
from pydantic import BaseModel
from pydantic import ValidationError as PydanticError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.foundation.errors import DomainError, NotAllowed, TemporarilyUnavailable
from service.foundation.language import current_language, gettext, later, sentence
from service.web.language import introduce, request_id_of
from service.web.validation import FieldProblem, field_problems

log = structlog.get_logger("problems")

TITLES = {
    400: later("The request could not be read"),
    401: later("Please sign in"),
    403: later("Not allowed"),
    404: later("Nothing found here"),
    405: later("This address does not take that method"),
    409: later("This cannot be done now"),
    413: later("Too large"),
    415: later("This kind of content is not accepted"),
    422: later("Some entries need another look"),
    429: later("Too many tries"),
    500: later("Something went wrong on our side"),
    503: later("Busy for a moment"),
}

UNEXPECTED = later("Nothing was changed. Please try again; if it happens again, tell us this request number.")


class Problem(BaseModel):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldProblem] = []
    facts: dict[str, Any] = {}


def problem_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """OpenAPI entries for the problems a handler may answer with."""
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=TITLES.get(status, "Problem"),
            media_type="application/problem+json",
        )
        for status in statuses
    }


def problem_of(request: Request[Any, Any, Any], error: Exception) -> Problem:
    """What to tell the caller of an error; unexpected ones are logged here and tell nothing of their cause."""
    status, slug, detail = 500, "internal-error", gettext(UNEXPECTED)
    problems: list[FieldProblem] = []
    facts: dict[str, Any] = {}
    if isinstance(error, DomainError):
        status, slug = error.status, error.slug
        detail = sentence(error.message, error.facts)
        facts = {
            name: value if isinstance(value, int | bool | dict | list) else str(value)
            for name, value in error.facts.items()
        }
        if error.field is not None:
            problems = [FieldProblem(pointer="/" + error.field.replace(".", "/"), detail=detail)]
    elif isinstance(error, ValidationException | PydanticError):
        status, slug = 422, "invalid-request"
        problems = field_problems(error)
        detail = gettext(later("Some entries cannot be accepted; see the list."))
    elif isinstance(error, OverflowError):
        status, slug = 422, "out-of-range"
        detail = gettext(later("A date or number lies outside what this service can count."))
    elif isinstance(error, RecursionError | msgspec.DecodeError):
        status, slug, detail = 400, "http-400", gettext(later("The content could not be read."))
    elif isinstance(error, HTTPException):
        status, slug = error.status_code, f"http-{error.status_code}"
        detail = gettext(HTTP_DETAILS.get(status, TITLES.get(status, UNEXPECTED)))
        limit = _largest(request) if status == HTTP_413_REQUEST_ENTITY_TOO_LARGE else None
        if limit is not None:
            facts = {"limit_bytes": limit}
            detail = sentence(TOO_LARGE, {"limit": shown_size(limit)})
    elif isinstance(error, DBAPIError) and _cannot_be_kept(error):
        status, slug, detail = (
            422,
            "invalid-request",
            gettext(later("A text holds a character that cannot be kept, or a number is too large.")),
        )
    elif isinstance(error, OperationalError | PoolTimeout | ConnectionError | OSError) or _is_lost(error):
        log.warning("problem.database_away", error=type(error).__name__)
        status, slug = 503, TemporarilyUnavailable.slug
        detail = gettext(TemporarilyUnavailable.message)
    else:
        log.error("problem.unexpected", path=request.scope.get("path_template", ""), exc_info=error)
    return Problem(
        type=f"/problems/{slug}",
        title=gettext(getattr(error, "title", None) or TITLES.get(status, TITLES[500 if status >= 500 else 400])),
        status=status,
        detail=detail,
        instance=request.scope["path"],
        request_id=request_id_of(request.scope),
        errors=problems,
        facts=facts,
    )


HTTP_DETAILS = {
    400: later("The content could not be read."),
    404: later("Nothing was found at this address for you."),
    405: later("This address does not take that method."),
    413: later("The content is larger than this address takes."),
    415: later("Please send the kind of content this address takes."),
}


TOO_LARGE = later("The content is larger than this address takes: at most %(limit)s.")


def shown_size(size: int) -> str:
    """Bytes as people read them, in whole MB (2**20) or KB (2**10), rounded down."""
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} KB"


def _largest(request: Request[Any, Any, Any]) -> int | None:
    """How many bytes the address takes, or None when it says nothing of it."""
    handler = request.scope.get("route_handler")
    limit = handler.resolve_request_max_body_size() if isinstance(handler, HTTPRouteHandler) else None
    return limit if isinstance(limit, int) else None


def _is_lost(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and bool(error.connection_invalidated)


# What PostgreSQL says of values that no column holds: null characters, half characters, numbers and times out of range.
UNKEPT = {"22003", "22008", "22021", "22P05"}


def _cannot_be_kept(error: DBAPIError) -> bool:
    cause: BaseException | None = error.orig
    while cause is not None:
        if getattr(cause, "sqlstate", None) in UNKEPT or isinstance(cause, asyncpg.DataError | UnicodeEncodeError):
            return True
        cause = cause.__cause__
    return False


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the answer is for a person's browser."""
    path = request.scope["path"]
    if path.startswith(("/api/", "/schema", "/metrics", "/health", "/.well-known")):
        return False
    return "text/html" in request.headers.get("accept", "") or not request.headers.get("accept")


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The exception handler of the whole app."""
    introduce(request.scope)
    if isinstance(error, NotAllowed):
        error.facts["needs"] = request.app.state.roles_for(str(error.facts.get("needs", "")))
    problem = problem_of(request, error)
    headers = {"Content-Language": current_language()}
    if isinstance(error, HTTPException) and error.headers:
        headers.update(dict(error.headers))
    if "seconds" in problem.facts:
        headers["Retry-After"] = str(problem.facts["seconds"])
    elif problem.status == 503:
        headers["Retry-After"] = "2"
    if wants_page(request):
        return cast("Response[Any]", request.app.state.problem_page(request, problem, headers))
    return Response(
        content=problem.model_dump(mode="json"),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: answer_problem, HTTPException: answer_problem}
