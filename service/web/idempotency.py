"""A write repeated with the same Idempotency-Key is answered as the first time; with other content it is refused."""

import hashlib
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from service.foundation.errors import ContentConflict, InvalidInput
from service.foundation.language import later
from service.foundation.records import now_by_database
from service.web.access import actor_in
from service.web.database import session_of

HEADER = "idempotency-key"


class IdempotentAnswer(SQLModel, table=True):
    """One row is the stored answer to one account's write under one key; kept seven days.

    Tenancy: gate. Personal: the answer's body may hold the account's own data.
    """

    __tablename__ = "idempotent_answer"

    account_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    route: str = Field(max_length=200)
    digest: bytes
    status: int | None = Field(default=None)
    media_type: str | None = Field(default=None, max_length=100)
    body: bytes | None = Field(default=None)
    created_at: datetime = now_by_database()


_pending: ContextVar[tuple[AsyncSession, UUID, str] | None] = ContextVar("pending", default=None)


async def replay(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Before the handler: the stored answer if there is one; else claim the key in this request's transaction.

    Raises ContentConflict for the same key with another route or body.
    """
    _pending.set(None)
    key = request.headers.get(HEADER)
    actor = actor_in(request.scope)
    if key is None or request.method in ("GET", "HEAD", "OPTIONS") or actor is None or actor.account_id is None:
        return None
    if not key or len(key) > 255:
        raise InvalidInput(field=HEADER, reason=later("Between 1 and 255 characters, please."))
    if actor.sandbox:  # one account makes live and sandbox keys: what is tried out never answers a real write
        key = f"sandbox:{actor.org_id}:{hashlib.sha256(key.encode()).hexdigest()}"
    db = session_of(request.scope)
    route = f"{request.method} {request.scope['path']}"[:200]
    digest = hashlib.sha256(await request.body()).digest()
    claim = insert(IdempotentAnswer).values(account_id=actor.account_id, key=key, route=route, digest=digest)
    claimed = await db.scalar(claim.on_conflict_do_nothing().returning(col(IdempotentAnswer.key)))
    if claimed is not None:
        _pending.set((db, actor.account_id, key))
        return None
    stored = await db.get(IdempotentAnswer, (actor.account_id, key))
    if stored is None or stored.digest != digest or stored.route != route:
        raise ContentConflict(reference=request.headers[HEADER])
    return Response(
        content=stored.body or b"",
        status_code=stored.status or 200,
        media_type=stored.media_type or "application/json",
        headers={"Idempotent-Replayed": "true"},
    )


async def keep_answer(response: Response[Any]) -> Response[Any]:
    """After the handler and before the commit: store a successful answer under the claimed key, in the same transaction."""
    pending = _pending.get()
    if pending is None:
        return response
    db, account_id, key = pending
    _pending.set(None)
    if 200 <= (response.status_code or 200) < 300:
        body = response.content if isinstance(response.content, bytes) else to_json(response.content)
        await db.execute(
            sa.update(IdempotentAnswer)
            .where(col(IdempotentAnswer.account_id) == account_id, col(IdempotentAnswer.key) == key)
            .values(status=response.status_code, media_type=str(response.media_type or "application/json"), body=body)
        )
    return response
