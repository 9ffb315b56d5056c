"""The import contracts hold, and each one breaks on a planted fault."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LINTER = Path(sys.executable).parent / "lint-imports"

# Which contract each planted import breaks, and where it is planted.
FAULTS = {
    "service stands on certificates": ("certificates/planted.py", "import service.settings\n"),
    "rooms lean only on rooms below": ("service/organisations/planted.py", "import service.accounts.rules\n"),
    "a folder without a place": ("service/attic/__init__.py", '"""No room has this name."""\n'),
    "inside a room": ("service/accounts/rules.py", "import service.accounts.actions\n"),
    "only the app and the command line": ("service/accounts/planted.py", "import service.ledger.api\n"),
    "the domain does not know the web": ("service/ledger/rules.py", "import litestar\n"),
    "pure code does not know the database": ("curricula/planted.py", "import sqlalchemy\n"),
    "no import goes round in a circle": ("curricula/turning/__init__.py", "import curricula.turning_back\n"),
}
SAYS = {
    "a folder without a place": "rooms lean only on rooms below",
    "only the app and the command line": "only the app",
}


def lint(folder: Path) -> tuple[int, str]:
    """Exit status and words of import-linter in a folder."""
    done = subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages' Python files, to plant faults in."""
    target = tmp_path_factory.mktemp("house")
    for package in ("service", "certificates", "curricula"):
        shutil.copytree(
            ROOT / package,
            target / package,
            ignore=lambda folder, names: [
                name for name in names if not (Path(folder) / name).is_dir() and not name.endswith(".py")
            ],
        )
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    status, words = lint(copy)
    assert status == 0, words


@pytest.mark.parametrize("fault", FAULTS)
def test_each_contract_breaks_on_a_planted_fault(copy: Path, fault: str) -> None:
    place, planted = FAULTS[fault]
    target = copy / place
    before = target.read_text() if target.exists() else None
    target.parent.mkdir(parents=True, exist_ok=True)
    extra: list[Path] = []
    if "circle" in fault:
        back = copy / "curricula/turning_back.py"
        back.write_text("import curricula.turning\n")
        extra.append(back)
    if "only the app" in fault and not (copy / "service/ledger/api.py").exists():
        door = copy / "service/ledger/api.py"
        door.write_text('"""A door."""\n')
        extra.append(door)
    target.write_text((before or "") + "\n" + planted)
    try:
        status, words = lint(copy)
    finally:
        if before is None:
            target.unlink()
            if target.name == "__init__.py":
                target.parent.rmdir() if not any(target.parent.iterdir()) else shutil.rmtree(target.parent)
        else:
            target.write_text(before)
        for one in extra:
            one.unlink()
    assert status != 0, words
    assert any(SAYS.get(fault, fault) in line and "BROKEN" in line for line in words.splitlines()), words
