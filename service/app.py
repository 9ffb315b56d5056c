"""Where rooms, web and settings meet: the application, and the worker over the same rooms."""

import asyncio
import importlib
import importlib.util
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa
from litestar import Litestar, MediaType, Request, Response, get
from litestar.config.response_cache import ResponseCacheConfig
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.plugins.pydantic import PydanticPlugin
from prometheus_client import generate_latest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

import service
from service.accounts.passwords import Passwords
from service.accounts.queries import actor_of
from service.accounts.rules import ROLE_TITLES, roles_for
from service.foundation import announcing, working
from service.foundation.database import Sessions, make_engine, make_sessions
from service.foundation.errors import NotFound
from service.foundation.keyring import keyring_at
from service.foundation.language import later
from service.foundation.rendering import RenderingPool
from service.letters.messages import messages_of
from service.settings import Settings, get_settings
from service.web.access import PUBLIC, SIGNED_IN, access, guard_access, provide_actor
from service.web.csrf import refuse_foreign, refuse_missing_file, refuse_unreadable
from service.web.database import SessionMiddleware, unit_of_work
from service.web.description import ClosedSchemas, describe, description_of, hide, openapi_config
from service.web.headers import secure_headers
from service.web.idempotency import keep_answer, replay
from service.web.language import LanguageMiddleware
from service.web.limits import Limits, address_of
from service.web.logs import JOBS_HELD, JOBS_WAITING, OLDEST_JOB, REGISTRY, LogMiddleware, configure_logs
from service.web.problems import EXCEPTION_HANDLERS
from service.web.signed_in import SignInMiddleware
from service.web.templating import NAVIGATION, STATIC, NavigationEntry, page, problem_page

ENTRIES = [
    NavigationEntry("/inbox", later("Inbox"), "own.inbox"),
    NavigationEntry("/courses", later("Find a course")),
    NavigationEntry("/my/profile", later("My profile"), "own.profile"),
    NavigationEntry("/my/enrolments", later("My courses"), "own.enrolments"),
    NavigationEntry("/my/sittings", later("My exams"), "own.sittings"),
    NavigationEntry("/my/credentials", later("My certificates"), "own.credentials"),
    NavigationEntry("/sessions", later("Course sessions"), "courses.read"),
    NavigationEntry("/rooms", later("Rooms"), "timetable.plan|timetable.read"),
    NavigationEntry("/my/timetable", later("My timetable"), "timetable.read"),
    NavigationEntry("/people", later("People"), "people.read"),
    NavigationEntry("/employees", later("Employees"), "people.employ"),
    NavigationEntry("/erasures", later("Erasure requests"), "people.erase"),
    NavigationEntry("/personal-fields", later("Register of personal data"), "people.erase|journal.read"),
    NavigationEntry("/organisations", later("Organisations"), "organisations.manage"),
    NavigationEntry("/exams", later("Exams"), "exams.read"),
    NavigationEntry("/marking", later("Marking"), "exams.mark"),
    NavigationEntry("/appeals", later("Appeals"), "appeals.manage|appeals.hear"),
    NavigationEntry("/items", later("Item bank"), "items.read"),
    NavigationEntry("/issuing", later("Certificates"), "credentials.read"),
    NavigationEntry("/verify/batch", later("Check certificates"), "verification.batch"),
    NavigationEntry("/imports", later("Imports"), "exchange.import"),
    NavigationEntry("/exports", later("Exports"), "exports.make"),
    NavigationEntry("/contracts", later("Contracts"), "contracts.manage"),
    NavigationEntry("/incentives", later("Incentives"), "incentives.read"),
    NavigationEntry("/payouts", later("Payouts"), "payouts.propose|payouts.approve|payouts.pay"),
    NavigationEntry("/my/statements", later("My statements"), "own.statements"),
    NavigationEntry("/editions", later("Standards and syllabi"), "editions.read"),
    NavigationEntry("/bases", later("Register of bases"), "bases.read"),
    NavigationEntry("/statistics", later("Statistics"), "statistics.read|statistics.read_province|statistics.read_own"),
    NavigationEntry("/journal", later("Journal"), "journal.read|journal.read_own"),
    NavigationEntry("/accounts", later("Accounts and posts"), "posts.manage|accounts.manage"),
    NavigationEntry("/api-keys", later("API keys"), "keys_api.manage|keys.manage"),
    NavigationEntry("/operations", later("Operations"), "operations.read"),
]


def doors(kind: str) -> list[Any]:
    """The `handlers` of every room's module of this kind (`api`, `pages`, `jobs`); jobs subscribe by being imported."""
    found: list[Any] = []
    for room in sorted(pkgutil.iter_modules(service.__path__), key=lambda one: one.name):
        name = f"service.{room.name}.{kind}"
        if room.ispkg and importlib.util.find_spec(name):
            found.extend(getattr(importlib.import_module(name), "handlers", []))
    return found


doors("tables")  # a foreign key is found only when the table it names has been imported


async def refuse_or_replay(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Before every handler: foreign writes are refused, repeated ones answered as the first time."""
    refuse_unreadable(request)
    await refuse_foreign(request)
    await refuse_missing_file(request)
    return await replay(request)


TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
}


@get("/static/{path:path}", **access(PUBLIC, no_session=True))
async def static_file(path: FromPath[Path]) -> Response[bytes]:
    """A file of the static folder: no links followed, known kinds only, cached by its digest in the address."""
    target = STATIC / str(path).lstrip("/")
    if (
        target.suffix not in TYPES
        or target.is_symlink()
        or not target.resolve().is_relative_to(STATIC.resolve())
        or not target.is_file()
    ):
        raise NotFoundException
    content = await asyncio.to_thread(target.read_bytes)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, media_type=TYPES[target.suffix], headers=headers)


@get("/health/live", **access(PUBLIC, no_session=True))
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@get("/health/ready", **access(PUBLIC, no_session=True))
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """The database answers within two seconds: 200, else 503."""
    try:
        async with asyncio.timeout(2):
            async with request.app.state.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
    except Exception:
        return Response({"status": "database-away"}, status_code=503, headers={"Retry-After": "2"})
    return Response({"status": "ready"})


@get("/metrics", media_type=MediaType.TEXT, **access(PUBLIC))
async def metrics(request: Request[Any, Any, Any]) -> str:
    """Prometheus metrics, to this machine only."""
    if address_of(request) not in ("127.0.0.1", "::1", "unknown"):
        raise NotFound
    async with request.app.state.engine.connect() as connection:
        row = (await connection.execute(sa.text("SELECT * FROM queue_figures()"))).one()
    JOBS_WAITING.set(row.waiting)
    OLDEST_JOB.set(row.oldest_seconds)
    JOBS_HELD.set(row.held)
    return generate_latest(REGISTRY).decode()


@get("/schema/openapi.json", include_in_schema=False, **access(SIGNED_IN))
async def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The OpenAPI 3.1 description, for whom is signed in."""
    return description_of(request.app)


@get("/schema", include_in_schema=False, **access(SIGNED_IN))
async def schema_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The interface for other systems as a page of our own: nothing is loaded from elsewhere."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, methods in sorted(request.app.openapi_schema.to_schema()["paths"].items()):
        if not path.startswith("/api/"):
            continue
        for method, operation in methods.items():
            told = str(operation.get("description") or operation.get("summary") or "").split("\n")[0]
            shown = {"method": method.upper(), "path": path, "summary": told}
            groups.setdefault(path.split("/")[2], []).append(shown)
    return page(
        request, "schema.html", groups=[{"name": name, "operations": rows} for name, rows in sorted(groups.items())]
    )


@get("/design", **access(PUBLIC))
async def design(request: Request[Any, Any, Any]) -> Response[str]:
    """Every piece the pages are made of; in the demonstration only."""
    if not get_settings().demo:
        raise NotFound
    return page(request, "design.html")


def create_app(
    settings: Settings | None = None, sessions: Sessions | None = None, engine: AsyncEngine | None = None
) -> Litestar:
    """The whole application. Tests give their own sessions and engine; otherwise they are made from the settings."""
    settings = settings or get_settings()
    configure_logs(settings.log_json)
    keyring_at(settings.keyring_path)
    engine = engine or make_engine(_app_url(settings), settings.pool_size)
    sessions = sessions or make_sessions(engine)
    NAVIGATION[:] = ENTRIES
    api, pages = doors("api"), doors("pages")
    doors("jobs")
    describe([*api, live, ready])
    hide([*pages, static_file, metrics, design])

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        if settings.database_url:
            await refuse_powerful_role(engine)
            await refuse_demonstration(engine, settings)
        yield
        app.state.rendering.close()
        if app.state.save_pool is not None:
            await app.state.save_pool.close()
        await engine.dispose()

    app = Litestar(
        route_handlers=[*api, *pages, static_file, live, ready, metrics, openapi, schema_page, design],
        dependencies={"db": Provide(unit_of_work), "actor": Provide(provide_actor, sync_to_thread=False)},
        guards=[guard_access],
        middleware=[LanguageMiddleware(), LogMiddleware(), SessionMiddleware(), SignInMiddleware()],
        exception_handlers=EXCEPTION_HANDLERS,
        before_request=refuse_or_replay,
        after_request=keep_answer,
        before_send=[secure_headers],
        lifespan=[lifespan],
        request_max_body_size=256 * 1024,
        response_cache_config=ResponseCacheConfig(),
        openapi_config=openapi_config(),
        # None: a field's own strictness holds; Litestar's default of False would read `true` as one fen.
        plugins=[ClosedSchemas(), PydanticPlugin(validate_strict=None)],  # type: ignore[arg-type]
        debug=False,
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.sessions = sessions
    app.state.actor_of = actor_of
    app.state.role_titles = ROLE_TITLES
    app.state.roles_for = roles_for
    app.state.passwords = Passwords()
    app.state.limits = Limits(engine)
    app.state.short_messages = messages_of(settings.sms, settings.sms_token)
    app.state.problem_page = problem_page
    app.state.rendering = RenderingPool(settings.render_processes)
    app.state.save_pool = None
    return app


def _app_url(settings: Settings) -> str:
    if not settings.database_url:
        raise SystemExit("DATABASE_URL is not set; `tmc run` starts the embedded database and sets it.")
    return settings.database_url


class TooPowerful(RuntimeError):
    """The service was given a database role that owns tables or passes row-level security by."""


async def refuse_powerful_role(engine: AsyncEngine) -> None:
    """Refuse to start as a superuser, as a role with BYPASSRLS, or as the owner of tables."""
    async with engine.connect() as connection:
        powerful = await connection.scalar(
            sa.text(
                "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
                " AND tableowner = current_user) FROM pg_roles WHERE rolname = current_user"
            )
        )
    if powerful:
        raise TooPowerful(
            "DATABASE_URL names a role that owns tables or bypasses row-level security; use the application's role"
        )


class DemonstrationAccounts(RuntimeError):
    """A database with demonstration accounts is opened by anything but the demonstration."""


async def refuse_demonstration(engine: AsyncEngine, settings: Settings) -> None:
    """Refuse to start on a database that holds demonstration accounts, unless this is the demonstration."""
    if settings.demo:
        return
    async with engine.connect() as connection:
        if await connection.scalar(sa.text("SELECT has_demo_accounts()")):
            raise DemonstrationAccounts("this database holds demonstration accounts; only `tmc run --demo` may open it")


def dsn_of(url: str) -> dict[str, Any]:
    """The arguments of asyncpg.connect for a SQLAlchemy URL."""
    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host
    return {
        "host": host,
        "port": parsed.port or 5432,
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
    }


async def run_worker(settings: Settings | None = None, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set; start again a moment after the database went away."""
    settings = settings or get_settings()
    configure_logs(settings.log_json)
    if not settings.worker_database_url:
        raise SystemExit("WORKER_DATABASE_URL is not set")
    stop = stop or asyncio.Event()
    doors("jobs")
    engine = make_engine(settings.worker_database_url, 6)
    sessions = make_sessions(engine)
    announcing.resources["settings"] = settings
    announcing.resources["rendering"] = RenderingPool(settings.render_processes)
    announcing.resources["short_messages"] = messages_of(settings.sms, settings.sms_token)
    try:
        while not stop.is_set():
            try:
                await working.work(sessions, stop, dsn_of(settings.worker_database_url))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                working.log.warning("worker.database_away")
                await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=2)
    finally:
        announcing.resources["rendering"].close()
        await engine.dispose()
