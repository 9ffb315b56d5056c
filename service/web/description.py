"""The OpenAPI description tells every route's refusals and who may come in, from the access rule the route carries."""

from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from litestar._openapi.schema_generation import SchemaCreator
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, Schema, SecurityScheme
from litestar.plugins.pydantic import PydanticSchemaPlugin
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition
from litestar.typing import FieldDefinition
from pydantic import BaseModel

from service.web.access import PUBLIC
from service.web.csrf import HEADER, SAFE
from service.web.problems import problem_responses
from service.web.signed_in import cookie_name

SESSION, FORM_TOKEN, KEY = "session", "form_token", "api_key"


class ClosedSchemas(PydanticSchemaPlugin):
    """Schemas of models that forbid unknown entries say so; Litestar's own plugin leaves that out."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Models that forbid unknown entries."""
        return isinstance(value, type) and issubclass(value, BaseModel) and value.model_config.get("extra") == "forbid"

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        """The model's schema, closed."""
        schema = super().to_openapi_schema(field_definition, schema_creator)
        schema.additional_properties = False
        return schema


def operation_name(handler: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]) -> str:
    """The operation's id: room, function and method; unique, because a handler has one address in the API."""
    room = handler.fn.__module__.removeprefix("service.").split(".")[0]
    return f"{room}.{handler.handler_name}.{str(getattr(method, 'value', method)).lower()}"


def refusals_of(handler: HTTPRouteHandler) -> set[int]:
    """The problem statuses every route of this kind may answer with, whatever its room does.

    401 and 403 where somebody must be signed in; 403 for any write from a foreign page; 400 and 413 for what
    cannot be read; 409 for a repeated Idempotency-Key with other content; 404 where the path names a thing; 422 where
    anything is read from the request; 503 while the database is away.
    """
    statuses = set() if handler.opt.get("no_session") else {503}
    unsafe = not handler.http_methods <= SAFE
    if handler.opt.get("access") != PUBLIC:
        statuses |= {401, 403}
    if unsafe:
        statuses |= {400, 403, 409, 413, 422}
    if any("{" in path for path in handler.paths):
        statuses |= {404, 422}
    return statuses | ({400, 422} if takes_parameters(handler) else set())


def takes_parameters(handler: HTTPRouteHandler) -> bool:
    """Whether the handler takes anything but what the service gives it."""
    given = {"db", "actor", "request", "scope", "state", "headers", "return"}
    return bool(set(handler.fn.__annotations__) - given)


def describe(handlers: Iterable[Any]) -> None:
    """Complete the declared responses and the security of API handlers; what a room declares itself stays."""
    for handler in handlers:
        if not isinstance(handler, HTTPRouteHandler):
            continue
        handler.responses = {**problem_responses(*sorted(refusals_of(handler))), **(handler.responses or {})}
        if handler.opt.get("access") != PUBLIC:
            safe = handler.http_methods <= SAFE
            handler.security = [{SESSION: []} if safe else {SESSION: [], FORM_TOKEN: []}, {KEY: []}]


def hide(handlers: Iterable[Any]) -> None:
    """Keep pages for people out of the description for machines."""
    for handler in handlers:
        handler.include_in_schema = False


def description_of(app: Litestar) -> dict[str, Any]:
    """The OpenAPI 3.1 description; routes with the option `answers` list every kind of file they may answer with."""
    described: dict[str, Any] = app.openapi_schema.to_schema()
    kinds = {}
    for route in app.routes:
        for method, (handler, *_) in getattr(route, "route_handler_map", {}).items():
            if "answers" in handler.opt:
                kinds[operation_name(handler, method, [])] = handler.opt["answers"]
    for item in described["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") in kinds:
                files = {kind: {"schema": {"type": "string"}} for kind in kinds[operation["operationId"]]}
                operation["responses"]["200"]["content"] = files
    return described


def openapi_config() -> OpenAPIConfig:
    """The configuration of the description; it is served by the service's own route and by no plugin."""
    schemes: dict[str, Any] = {
        SESSION: SecurityScheme(
            type="apiKey", name=cookie_name(), security_scheme_in="cookie", description="The cookie of a sign-in."
        ),
        FORM_TOKEN: SecurityScheme(
            type="apiKey",
            name=HEADER,
            security_scheme_in="header",
            description="The form token a sign-in answers with.",
        ),
        KEY: SecurityScheme(type="http", scheme="bearer", description="An organisation's API key, with its scopes."),
    }
    return OpenAPIConfig(
        title="Technology Manager Service",
        version="0.1.0",
        render_plugins=[],
        path="/schema/none",
        use_handler_docstrings=True,
        operation_id_creator=operation_name,
        components=Components(security_schemes=schemes),
    )
