"""A bank: a named and versioned set of items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curricula import canonical
from curricula.items import Item


@dataclass(frozen=True)
class Bank:
    """Items under one name; `public` says that its keys may be shown to anyone. One version of each item."""

    id: str
    version: int
    public: bool
    items: tuple[Item, ...]

    @classmethod
    def of(cls, items: Iterable[Item], name: str = "bank", version: int = 1, public: bool = False) -> "Bank":
        """A bank of these items, as a service has them in its rows."""
        return cls(name, version, public, tuple(sorted(items, key=lambda item: item.id)))

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.items}

    def enemies(self) -> dict[str, frozenset[str]]:
        """Who must not meet whom, both ways, whichever of the two says so."""
        found: dict[str, set[str]] = {item.id: set() for item in self.items}
        for item in self.items:
            for other in item.enemies:
                if other in found:
                    found[item.id].add(other)
                    found[other].add(item.id)
        return {name: frozenset(others) for name, others in found.items()}

    def to_json(self) -> dict[str, Any]:
        """{bank, version, public, items}."""
        return {
            "bank": self.id,
            "version": self.version,
            "public": self.public,
            "items": [item.to_json() for item in self.items],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Bank":
        """A bank from its JSON. Raises Faults."""
        items = (Item.from_json(one) for one in value["items"])
        return cls.of(items, value["bank"], value["version"], value["public"])

    def digest(self) -> str:
        """The SHA-256 over name, version and every item."""
        return canonical.digest(self.to_json())
