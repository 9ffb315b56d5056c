"""The rooms' jobs listen, as in the worker; papers are rendered in a pool that ends with the tests."""

from collections.abc import Iterator

import pytest

from service.app import doors
from service.foundation import announcing
from service.foundation.rendering import RenderingPool

doors("jobs")


@pytest.fixture(scope="session", autouse=True)
def rendering() -> Iterator[RenderingPool]:
    """The worker's rendering pool."""
    pool = RenderingPool(1)
    announcing.resources["rendering"] = pool
    yield pool
    announcing.resources.pop("rendering", None)
    pool.close()
