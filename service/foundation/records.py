"""The base of every row: steady constraint names, UUIDv7 keys, UTC moments, enums as text."""

import secrets
import time
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, 5.7 and 6.2 method 3): 48 bits of milliseconds, 12 bits of their fraction, 62 random
    bits; rows of one transaction keep their order. Made here, since only PostgreSQL 18 can."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (nanoseconds * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return UUID(int=value)


class Record(SQLModel):
    """What every table shares: a UUIDv7 key and the moment the row was written (UTC, the database's clock)."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = Field(
        default=None,
        sa_type=sa.DateTime(timezone=True),
        sa_column_kwargs={"server_default": sa.func.now(), "nullable": False},
    )


# For tables that may be written by whoever may not read them: no RETURNING, which row-level security answers as a read.
WRITE_ONLY = {"eager_defaults": False}


def stored_as_text(kind: type[Enum]) -> Any:
    """Column type for an enum kept as its readable value and read back as the enum; no CREATE TYPE, no ALTER TYPE."""
    return sa.Enum(
        kind,
        native_enum=False,
        length=40,
        values_callable=lambda members: [str(member.value) for member in members],
        create_constraint=False,
    )


def choice(kind: type[Enum], default: Any = ..., **column: Any) -> Any:
    """A field holding one value of an enum, stored as text."""
    extra: dict[str, Any] = {"sa_type": stored_as_text(kind), "nullable": False, **column}
    return Field(**extra) if default is ... else Field(default=default, **extra)


def moment(optional: bool = False, **column: Any) -> Any:
    """A field holding a moment (timestamptz, UTC)."""
    kind = sa.DateTime(timezone=True)
    if optional:
        return Field(default=None, sa_type=kind, nullable=True, **column)
    return Field(sa_type=kind, nullable=False, **column)


def now_by_database(**column: Any) -> Any:
    """A moment the database fills in when the row is written."""
    return Field(
        default=None,
        sa_type=sa.DateTime(timezone=True),
        sa_column_kwargs={"server_default": sa.func.now(), "nullable": False, **column},
    )


def document(optional: bool = False) -> Any:
    """A field holding JSON (JSONB), for frozen content, facts and bilingual text {zh, en}."""
    if optional:
        return Field(default=None, sa_type=JSONB, nullable=True)
    return Field(sa_type=JSONB, nullable=False)


def whole(optional: bool = False, default: Any = ..., **extra: Any) -> Any:
    """A field holding a whole number of 64 bits: fen, minutes, units, never a fraction."""
    if optional:
        return Field(default=None, sa_type=sa.BigInteger, nullable=True, **extra)
    if default is not ...:
        return Field(default=default, sa_type=sa.BigInteger, nullable=False, **extra)
    return Field(sa_type=sa.BigInteger, nullable=False, **extra)


def refers_to(target: str, optional: bool = False, index: bool = True, **extra: Any) -> Any:
    """A foreign key field: `refers_to("person.id")`. Rows that are referred to cannot vanish (RESTRICT)."""
    if optional:
        return Field(default=None, foreign_key=target, nullable=True, index=index, ondelete="RESTRICT", **extra)
    return Field(foreign_key=target, nullable=False, index=index, ondelete="RESTRICT", **extra)


def one_of(column: str, kind: type[Enum]) -> sa.CheckConstraint:
    """A CHECK that a text column holds one of the enum's values."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")
