"""What a task on the home page is, and in which order tasks stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Urgency = Literal["now", "soon", "open", "info"]
ORDER: dict[Urgency, int] = {"now": 0, "soon": 1, "open": 2, "info": 3}
CHIPS: dict[Urgency, str] = {"now": "err", "soon": "warn", "open": "pending", "info": "info"}


@dataclass(frozen=True)
class Task:
    """One thing that needs the reader today: a sentence (message id with facts), where to do it, and how many."""

    label: str
    href: str
    count: int = 1
    urgency: Urgency = "open"
    facts: dict[str, Any] = field(default_factory=dict)
    hint: str = ""


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """The most pressing first, in the order of the rooms within the same urgency."""
    return sorted(tasks, key=lambda one: ORDER[one.urgency])
