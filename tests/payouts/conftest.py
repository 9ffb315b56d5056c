"""The rendering processes that print statements end with the tests."""

from collections.abc import Iterator

import pytest

from service.foundation import announcing
from service.foundation.rendering import RenderingPool


@pytest.fixture(scope="package", autouse=True)
def rendering() -> Iterator[None]:
    """A pool of one process, closed at the end."""
    pool = RenderingPool(1)
    before = announcing.resources.get("rendering")
    announcing.resources["rendering"] = pool
    yield
    pool.close()
    if before is None:
        del announcing.resources["rendering"]
    else:
        announcing.resources["rendering"] = before
