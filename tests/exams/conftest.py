"""What the tests of exams share: saves run on the test's own connection."""

import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.given.exams import OneConnection


@pytest.fixture
def app(app: Litestar, connection: AsyncConnection) -> Litestar:
    """The application with the stand-in for its save pool."""
    app.state.save_pool = OneConnection(connection)
    return app
