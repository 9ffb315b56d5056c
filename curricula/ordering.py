"""Orders drawn from a seed: the same on every machine and in every version of the language."""

import hashlib
from collections.abc import Iterable


def shuffled(names: Iterable[str], seed: str) -> list[str]:
    """The names in an order that only the seed decides: each is sorted by the SHA-256 of seed and name."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}\x00{name}".encode()).digest())
