"""One commit: nothing but the two homes commits, and no statement sets a session for good."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HOMES = {"service/web/database.py", "service/foundation/working.py"}
EXEMPT = {
    "service/templates/parts/icons.html": "shapes written in the file itself",
    "service/templates/parts/tables.html": "two tag names written in the line itself",
    "service/templates/accounts/made.html": "a QR picture made by the service itself, of a secret it made itself",
    "service/templates/documents/statement.html": "the style sheet of the printed statement, a file of the service",
    "service/cli/backups.py": "a script for one connection of psql that ends with it",
}
PACKAGES = ("service", "certificates", "curricula")


def commits_in(source: str) -> list[int]:
    """Lines on which a method called commit is called."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]


def sources() -> list[Path]:
    """Every Python file of the packages."""
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def test_only_the_two_homes_commit() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if str(path.relative_to(ROOT)) not in HOMES and not str(path.relative_to(ROOT)).startswith("service/cli/")
        for line in commits_in(path.read_text())
    }
    assert found == set()


def test_a_planted_commit_is_found() -> None:
    assert commits_in("async def enrol(db):\n    await db.commit()\n") == [2]


@pytest.mark.parametrize(
    "pattern", [r'"SET (?!LOCAL|CONSTRAINTS|TRANSACTION)', r"\|\s*safe\b", r"debug\s*=\s*True", r'text\(f"']
)
def test_forbidden_words_stand_nowhere(pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*sources(), *(ROOT / "service/templates").rglob("*.html")]
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if str(path.relative_to(ROOT)) not in EXEMPT and re.search(pattern, line)
    ]
    assert found == []


def test_alembic_folder_never_hides_the_library() -> None:
    assert not (ROOT / "alembic/__init__.py").exists()


def test_nothing_postpones_annotations() -> None:
    """Litestar and SQLModel read annotations when the program runs."""
    found = [str(path) for path in sources() if "from __future__ import annotations" in path.read_text()]
    assert found == []
