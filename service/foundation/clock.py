"""Python's time, through one place a test can hold still. The database's clock decides whatever has a deadline."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """Today's date in Beijing."""
    return now().astimezone(BEIJING).date()


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at this moment inside the block."""
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)
