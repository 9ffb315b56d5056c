"""Passwords by argon2id (19 MiB, 2 passes, 1 lane: OWASP's figures), in threads, two at once, a short queue."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from service.accounts.errors import PasswordTooWeak
from service.foundation.errors import TemporarilyUnavailable

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
DUMMY = HASHER.hash("nobody has this password")
SHORTEST = 12
LONGEST = 200
AT_ONCE = 2
QUEUE = 50
COMMON = {
    "123456789012",
    "password1234",
    "qwertyuiop12",
    "administrator",
    "abcdefghijkl",
    "111111111111",
    "000000000000",
}


class Passwords:
    """Hashes and checks passwords without holding up the event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def check(self, stored: str | None, given: str) -> bool:
        """Whether the password fits; an unknown account costs the same time. TemporarilyUnavailable past the queue."""
        if self._waiting >= QUEUE:
            raise TemporarilyUnavailable
        self._waiting += 1
        try:
            async with self._turns:
                fits = await asyncio.to_thread(_verify, stored or DUMMY, given)
        finally:
            self._waiting -= 1
        return fits and stored is not None

    async def hash(self, given: str, field: str = "password") -> str:
        """The stored form of a new password; raises PasswordTooWeak, which names the field."""
        if not SHORTEST <= len(given) <= LONGEST or given.lower() in COMMON or len(set(given)) < 4:
            raise PasswordTooWeak(field=field)
        async with self._turns:
            return await asyncio.to_thread(HASHER.hash, given)


def _verify(stored: str, given: str) -> bool:
    try:
        return HASHER.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return False
