"""Engines, sessions and the scope the database is told; nothing here commits."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from service.foundation.actor import Scope

Sessions = async_sessionmaker[AsyncSession]

TELL = sa.text(
    "SELECT set_config('app.reach', :reach, true), set_config('app.account', :account, true),"
    " set_config('app.person', :person, true), set_config('app.org', :org, true)"
)


def told(scope: Scope) -> dict[str, str]:
    """The scope as the parameters of TELL; absent parts are empty text, which policies read as nobody."""
    return {
        "reach": scope.reach.value,
        "account": str(scope.account_id or ""),
        "person": str(scope.person_id or ""),
        "org": str(scope.org_id or ""),
    }


class ScopedSession(Session):
    """The synchronous heart of our sessions: tells the database the scope at each begin."""


@event.listens_for(ScopedSession, "after_begin")
def tell_scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """`set_config(..., true)` lasts for the transaction only, so a pooled connection forgets it."""
    scope = session.info.get("scope")
    if scope is not None and not transaction.nested:
        connection.execute(TELL, told(scope))


def make_engine(url: str, pool_size: int = 10, **options: Any) -> AsyncEngine:
    """An engine over asyncpg: UTC, a statement timeout of 30 s, a lock timeout of 10 s."""
    settings = {"timezone": "UTC", "statement_timeout": "30000", "lock_timeout": "10000"}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not carry what somebody typed into the log
        connect_args={"server_settings": settings, "timeout": 5},
        **options,
    )


def make_sessions(bind: Any, **options: Any) -> Sessions:
    """A factory of scoped sessions that keep attributes after the commit."""
    return async_sessionmaker(bind, sync_session_class=ScopedSession, expire_on_commit=False, **options)


async def set_scope(db: AsyncSession, scope: Scope) -> None:
    """Tell the database who acts from here on: now, when a transaction is open, and at each later begin."""
    db.info["scope"] = scope
    if db.in_transaction():
        await db.execute(TELL, told(scope))


def scope_of(db: AsyncSession) -> Scope:
    """Who the database was told acts in this session."""
    return cast("Scope", db.info.get("scope") or Scope())
