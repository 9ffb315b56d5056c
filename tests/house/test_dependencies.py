"""What the product imports is what its own lock installs: a package that only the tests bring is found before users do."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"service", "certificates", "curricula", "alembic"}


def imported(source: str) -> Iterator[str]:
    """The top-level names a module's source imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def locked(text: str) -> set[str]:
    """The distributions a lock installs, by normalised name."""
    return {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def missing(names: Iterable[str], lock: set[str]) -> set[str]:
    """Names that are neither of the standard library nor of a distribution in the lock."""
    homes = packages_distributions()
    return {
        name
        for name in set(names) - OURS - set(sys.stdlib_module_names)
        if not {re.sub(r"[-_.]+", "-", one).lower() for one in homes.get(name, ())} & lock
    }


def test_the_products_lock_holds_what_the_product_imports() -> None:
    lock = locked((ROOT / "requirements.lock").read_text())
    names = {
        name
        for package in ("service", "certificates", "curricula")
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path.read_text("utf-8"))
    }
    assert {"litestar", "weasyprint", "asyncpg"} <= names
    assert missing(names, lock) == set()


def test_a_planted_import_is_found() -> None:
    lock = locked((ROOT / "requirements.lock").read_text())
    planted = "def late() -> None:\n    import hypothesis\n    from stdnum.cn import uscc\n    import json\n"
    assert missing(imported(planted), lock) == {"hypothesis", "stdnum"}
