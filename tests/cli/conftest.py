"""Installations for the tests of the command line."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Terminal]]:
    """Makes new installations, and takes them away at the end."""
    made: list[Terminal] = []

    def make() -> Terminal:
        made.append(Terminal(tmp_path_factory.mktemp("var"), free_port()))
        return made[-1]

    yield make
    for terminal in made:
        terminal.server().destroy()
        shutil.rmtree(terminal.var)


@pytest.fixture(scope="module")
def migrated(installed: Callable[[], Terminal]) -> Terminal:
    """An installation at the newest revision."""
    terminal = installed()
    done = terminal.tmc("db", "upgrade")
    assert done.returncode == 0, done.stderr
    return terminal


@pytest.fixture
def somewhere(tmp_path: Path) -> Terminal:
    """An installation that nothing has been made of yet."""
    return Terminal(tmp_path / "var")
