"""Saving one answer: one round trip on a pool of its own, committed as one statement; nothing else of the house commits so."""

import asyncio
import json
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from service.exams.schemas import SaveOutcome
from service.foundation.errors import TemporarilyUnavailable

SIGNATURE = "save_answer(bytea, uuid, integer, bigint, jsonb, boolean)"

# Checks sign-in, owner, state, stored deadline by the database's clock, and the rising revision; writes answer and trail.
# The share lock orders a save against submitting and closing: what they count is what was acknowledged before.
# outcome: saved | stale | late (kept in the trail, never scored) | closed (the same, after handing in) | unknown | signed_out
SAVE_ANSWER = """
CREATE FUNCTION save_answer(
    in_token bytea, in_sitting uuid, in_slot integer, in_revision bigint, in_response jsonb, in_flagged boolean
) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    signed_person uuid;
    chosen sitting%ROWTYPE;
    present answer%ROWTYPE;
    moment timestamptz;
    found_outcome text;
BEGIN
    SELECT a.person_id INTO signed_person FROM sign_in s JOIN account a ON a.id = s.account_id
    WHERE s.token_hash = in_token AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND a.state = 'active';
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'signed_out');
    END IF;
    SELECT * INTO chosen FROM sitting t WHERE t.id = in_sitting AND t.person_id = signed_person FOR SHARE;
    IF NOT FOUND OR in_slot < 1 OR in_slot > chosen.slots OR chosen.state IN ('ready', 'absent') THEN
        RETURN jsonb_build_object('outcome', 'unknown');
    END IF;
    moment := clock_timestamp();
    IF chosen.state = 'open' AND moment <= chosen.deadline_at THEN
        INSERT INTO answer AS kept (sitting_id, slot, org_id, person_id, revision, response, flagged, saved_at)
        VALUES (in_sitting, in_slot, chosen.org_id, chosen.person_id, in_revision, in_response, in_flagged, moment)
        ON CONFLICT (sitting_id, slot) DO UPDATE SET revision = EXCLUDED.revision, response = EXCLUDED.response,
            flagged = EXCLUDED.flagged, saved_at = EXCLUDED.saved_at
        WHERE kept.revision < EXCLUDED.revision
        RETURNING * INTO present;
        IF FOUND THEN
            INSERT INTO answer_trail (sitting_id, slot, org_id, person_id, revision, response, late, saved_at)
            VALUES (in_sitting, in_slot, chosen.org_id, chosen.person_id, in_revision, in_response, false, moment);
            found_outcome := 'saved';
        ELSE
            SELECT * INTO present FROM answer a WHERE a.sitting_id = in_sitting AND a.slot = in_slot;
            IF present.revision = in_revision AND present.response IS NOT DISTINCT FROM in_response
                AND present.flagged = in_flagged THEN
                found_outcome := 'saved';
            ELSE
                found_outcome := 'stale';
            END IF;
        END IF;
    ELSE
        found_outcome := CASE WHEN chosen.state = 'submitted' THEN 'closed' ELSE 'late' END;
        INSERT INTO answer_trail (sitting_id, slot, org_id, person_id, revision, response, late, saved_at)
        SELECT in_sitting, in_slot, chosen.org_id, chosen.person_id, in_revision, in_response, true, moment
        WHERE NOT EXISTS (SELECT FROM answer_trail b WHERE b.sitting_id = in_sitting AND b.slot = in_slot
            AND b.revision = in_revision AND b.response IS NOT DISTINCT FROM in_response);
        SELECT * INTO present FROM answer a WHERE a.sitting_id = in_sitting AND a.slot = in_slot;
    END IF;
    RETURN jsonb_build_object(
        'outcome', found_outcome, 'revision', coalesce(present.revision, 0), 'response', present.response,
        'flagged', coalesce(present.flagged, false), 'saved_at', present.saved_at, 'server_time', moment,
        'seconds_left', CASE WHEN chosen.state = 'open'
            THEN greatest(0, floor(extract(epoch FROM chosen.deadline_at - moment)))::int ELSE 0 END);
END $$
"""

CALL = "SELECT save_answer($1, $2, $3, $4, $5::jsonb, $6)"
ACQUIRE_SECONDS = 5
LOST = (  # what a moment may mend: the connection broke, the server is starting, full, or the row was locked too long
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
)


class SavePool(Protocol):
    """Where a save runs: the pool in service, the test's own connection in tests."""

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """Run one statement and give its one value."""

    async def close(self) -> None:
        """Give all connections back."""


class AnswerPool:
    """Connections for saves alone, so that nothing else can take them; opened at the first save of the process."""

    def __init__(self, url: str, size: int) -> None:
        self.url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.size = size
        self._lock = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None

    async def _opened(self) -> asyncpg.Pool:
        async with self._lock:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self.url,
                    min_size=1,
                    max_size=self.size,
                    timeout=5,
                    command_timeout=15,
                    server_settings={"timezone": "UTC", "statement_timeout": "15000", "lock_timeout": "10000"},
                )
        return self._pool

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """Run one statement in a transaction of its own."""
        pool = await self._opened()
        async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await connection.fetchval(query, *arguments)

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.close()


def pool_in(state: Any) -> SavePool:
    """The pool of the running application (its `state`), made at the first save. Raises TemporarilyUnavailable without a database."""
    if state.save_pool is None:
        if not state.settings.database_url:
            raise TemporarilyUnavailable
        state.save_pool = AnswerPool(state.settings.database_url, state.settings.save_pool_size)
    pool: SavePool = state.save_pool
    return pool


async def save_answer(
    pool: SavePool, token_hash: bytes, sitting_id: UUID, slot: int, revision: int, response: Any, flagged: bool = False
) -> SaveOutcome:
    """Save one answer (a JSON value, None for no answer) as `revision` of its slot; returns only after the commit.

    A revision saved before with the same content is `saved` again, so a save whose answer got lost may be repeated; that is
    what happens here, once, when the connection breaks. Raises TemporarilyUnavailable when the database is away.
    """
    arguments = (token_hash, sitting_id, slot, revision, json.dumps(response, ensure_ascii=False), flagged)
    for last in (False, True):
        try:
            found = json.loads(await pool.fetchval(CALL, *arguments))
            break
        except (*LOST, TimeoutError) as error:
            if last:
                raise TemporarilyUnavailable from error
    saved_at = found.get("saved_at")
    return SaveOutcome(
        outcome=found["outcome"],
        revision=found.get("revision", 0),
        response=found.get("response"),
        flagged=found.get("flagged", False),
        saved_at=datetime.fromisoformat(saved_at) if saved_at else None,
        server_time=datetime.fromisoformat(found["server_time"]) if found.get("server_time") else None,
        seconds_left=found.get("seconds_left", 0),
    )
