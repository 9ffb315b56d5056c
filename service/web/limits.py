"""Limits on tries: one token bucket per rule and subject, kept in PostgreSQL, refused tries counted too."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from litestar import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import Field, SQLModel

from service.foundation.errors import TooManyTries
from service.foundation.records import now_by_database
from service.settings import get_settings


class RateBucket(SQLModel, table=True):
    """One row is one subject's remaining tries under one rule; `subject` is a digest, never an address or number.

    Tenancy: function only. Personal: none.
    """

    __tablename__ = "rate_bucket"

    rule: str = Field(primary_key=True, max_length=60)
    subject: bytes = Field(primary_key=True)
    tokens: float
    updated_at: datetime = now_by_database()


@dataclass(frozen=True)
class Rule:
    """`burst` tries at once, then one more every `seconds`."""

    name: str
    burst: int
    seconds: int


SIGN_IN_BY_ACCOUNT = Rule("sign-in-account", 10, 90)
SIGN_IN_BY_ADDRESS = Rule("sign-in-address", 60, 10)
CODE_PAUSE = Rule("code-pause", 1, 60)
CODE_BY_PHONE = Rule("code-phone", 5, 600)
CODE_BY_ADDRESS = Rule("code-address", 30, 60)
CODE_TRIES = Rule("code-tries", 6, 120)
LOOK_UP = Rule("look-up", 60, 60)
LOOK_UP_WRONG = Rule("look-up-wrong", 30, 120)
UPLOAD = Rule("upload", 30, 20)


class Limits:
    """Takes tries from buckets on a connection of its own, so that a refused request's rollback cannot undo it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def take(self, rule: Rule, subject: str) -> None:
        """Take one try; raises TooManyTries with the seconds to wait when the bucket is empty."""
        async with self.engine.connect() as connection:
            wait = await connection.scalar(
                sa.text("SELECT take_token(:rule, :subject, :burst, :seconds)"), self._named(rule, subject)
            )
        if wait and wait > 0:
            raise TooManyTries(seconds=int(wait))

    @staticmethod
    def _named(rule: Rule, subject: str) -> dict[str, Any]:
        digest = hashlib.sha256(f"{rule.name}\x00{subject}".encode()).digest()
        return {"rule": rule.name, "subject": digest, "burst": rule.burst, "seconds": rule.seconds}


TAKE_TOKEN = """
CREATE FUNCTION take_token(in_rule text, in_subject bytea, burst int, seconds int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE left_over double precision;
BEGIN
    INSERT INTO rate_bucket AS bucket (rule, subject, tokens, updated_at)
    VALUES (in_rule, in_subject, burst - 1, clock_timestamp())
    ON CONFLICT (rule, subject) DO UPDATE SET
        tokens = greatest(-1, least(burst, bucket.tokens
            + extract(epoch FROM clock_timestamp() - bucket.updated_at) / seconds) - 1),
        updated_at = clock_timestamp()
    RETURNING tokens INTO left_over;
    IF left_over >= 0 THEN RETURN 0; END IF;
    RETURN greatest(1, ceil(-left_over * seconds))::int;
END $$;
"""


def address_of(request: Request[Any, Any, Any]) -> str:
    """The caller's network address; X-Forwarded-For is believed only from a named proxy."""
    client = request.client.host if request.client else "unknown"
    proxies = {one.strip() for one in get_settings().trusted_proxies.split(",") if one.strip()}
    if client in proxies:
        forwarded = request.headers.get("x-forwarded-for", "")
        hops = [one.strip() for one in forwarded.split(",") if one.strip()]
        for hop in reversed(hops):
            if hop not in proxies:
                return hop
    return client
