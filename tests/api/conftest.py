"""The running service of these tests, on a database of its own."""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import NoLimits
from tests.database import TestServer
from tests.live import Live, serving


@pytest.fixture(scope="package")
def live(server: TestServer) -> Iterator[Live]:
    """The running service, its limits counted and not enforced, so that tests do not wait for each other."""
    name = f"tmc_api_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    with serving(server, name, NoLimits()) as running:
        yield running
