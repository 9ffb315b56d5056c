"""One structured line a request and the metrics beside it: route templates, never paths with data in them."""

import re
import sys
import time
from typing import Any, TextIO, cast

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.web.access import actor_in

log = structlog.get_logger("requests")
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "tmc_requests_total", "Answers by route, method and status", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram("tmc_request_seconds", "Seconds to the answer by route", ["route"], registry=REGISTRY)
JOBS_WAITING = Gauge("tmc_jobs_waiting", "Jobs waiting in the queue", registry=REGISTRY)
OLDEST_JOB = Gauge("tmc_oldest_job_seconds", "Age of the oldest waiting job", registry=REGISTRY)
JOBS_HELD = Gauge("tmc_jobs_held", "Failed jobs held for a person", registry=REGISTRY)


def configure_logs(as_json: bool) -> None:
    """Structured logs to standard error: JSON lines in service, readable ones at a desk."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    shared.append(structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer())
    shared.append(without_numbers)
    structlog.configure(
        processors=shared,
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", StandardError())),
        cache_logger_on_first_use=True,
    )


class StandardError:
    """Standard error as it is at the moment of writing, whoever has replaced it since the start."""

    def write(self, text: str) -> int:
        """Write to today's standard error."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush today's standard error."""
        sys.stderr.flush()


NUMBERS = re.compile(r"(?<![0-9A-Fa-f-])\+?\d{11,18}[Xx]?(?![0-9A-Fa-f-])")


def without_numbers(logger: Any, method: str, line: Any) -> Any:
    """Blank what looks like a mobile or identity number in a finished line: no personal data in logs, tracebacks included."""
    return NUMBERS.sub("[number]", line) if isinstance(line, str) else line


class LogMiddleware(ASGIMiddleware):
    """Counts and times every answer under its route's template."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Log after the answer has begun, whatever happens later."""
        began = time.perf_counter()
        status = 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watching)
        finally:
            took = time.perf_counter() - began
            route = str(scope.get("path_template") or "unrouted")
            REQUESTS.labels(route, scope["method"], status).inc()  # type: ignore[typeddict-item]
            SECONDS.labels(route).observe(took)
            actor = actor_in(scope)
            log.info(
                "request",
                route=route,
                method=scope["method"],  # type: ignore[typeddict-item]
                status=status,
                milliseconds=round(took * 1000, 1),
                account_id=str(actor.account_id) if actor and actor.account_id else None,
                role=actor.role if actor else None,
            )
