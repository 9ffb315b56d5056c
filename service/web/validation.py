"""What is wrong with which field, said in the reader's language, from pydantic's and msgspec's findings."""

from typing import Any

from litestar.exceptions import ValidationException
from pydantic import BaseModel
from pydantic import ValidationError as PydanticError

from service.foundation.errors import DomainError
from service.foundation.language import gettext, later, sentence


class FieldProblem(BaseModel):
    """One field's problem; `pointer` is a JSON pointer into what was sent."""

    pointer: str
    detail: str


MESSAGES = {
    "missing": later("Please fill this in."),
    "extra_forbidden": later("This entry is not known here."),
    "string_too_short": later("At least %(min_length)s characters, please."),
    "string_too_long": later("At most %(max_length)s characters."),
    "string_pattern_mismatch": later("This does not have the expected form."),
    "string_type": later("Text is expected here."),
    "int_parsing": later("A whole number is expected here."),
    "int_type": later("A whole number is expected here."),
    "int_from_float": later("A whole number is expected here."),
    "decimal_parsing": later("A number is expected here."),
    "float_parsing": later("A number is expected here."),
    "bool_parsing": later("Yes or no is expected here."),
    "bool_type": later("Yes or no is expected here."),
    "uuid_parsing": later("This choice is not known here."),
    "uuid_type": later("This choice is not known here."),
    "enum": later("Please choose one of the offered values."),
    "literal_error": later("Please choose one of the offered values."),
    "date_parsing": later("A date such as 2026-05-15 is expected here."),
    "date_from_datetime_parsing": later("A date such as 2026-05-15 is expected here."),
    "date_type": later("A date such as 2026-05-15 is expected here."),
    "datetime_parsing": later("A date and time such as 2026-05-15 09:00 is expected here."),
    "datetime_from_date_parsing": later("A date and time such as 2026-05-15 09:00 is expected here."),
    "datetime_type": later("A date and time such as 2026-05-15 09:00 is expected here."),
    "timezone_aware": later("A time with its zone is expected here."),
    "greater_than": later("This must be more than %(gt)s."),
    "greater_than_equal": later("This must be at least %(ge)s."),
    "less_than": later("This must be less than %(lt)s."),
    "less_than_equal": later("This must be at most %(le)s."),
    "too_short": later("At least %(min_length)s entries, please."),
    "too_long": later("At most %(max_length)s entries."),
    "list_type": later("A list is expected here."),
    "dict_type": later("A group of entries is expected here."),
    "model_attributes_type": later("A group of entries is expected here."),
    "json_invalid": later("The content could not be read."),
}
OTHER = later("This cannot be accepted.")


def field_problems(error: Exception) -> list[FieldProblem]:
    """The problems by field, from a pydantic error or from Litestar's wrapper around one."""
    inner = _pydantic_cause(error)
    if inner is not None:
        return [_told(detail) for detail in inner.errors(include_url=False, include_input=False)]
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        return [
            FieldProblem(pointer="/" + str(one.get("key", "")).replace(".", "/"), detail=gettext(OTHER))
            for one in error.extra
            if isinstance(one, dict)
        ]
    return []


def _pydantic_cause(error: BaseException | None) -> PydanticError | None:
    for _ in range(4):
        if error is None:
            return None
        if isinstance(error, PydanticError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _told(detail: Any) -> FieldProblem:
    pointer = "/" + "/".join(str(part) for part in detail["loc"])
    context: dict[str, Any] = dict(detail.get("ctx") or {})
    raised = context.get("error")
    if isinstance(raised, DomainError):
        return FieldProblem(pointer=pointer, detail=sentence(raised.message, raised.facts))
    if isinstance(raised, ValueError) and raised.args:
        return FieldProblem(pointer=pointer, detail=gettext(str(raised.args[0])))
    message = MESSAGES.get(detail["type"], OTHER)
    return FieldProblem(pointer=pointer, detail=sentence(message, context))
