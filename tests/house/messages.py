"""Finds every sentence the service can say, by room, and what the Chinese catalogues lack or hold for nothing."""

from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
SERVICE = ROOT / "service"
KEYWORDS = {"later": None, "gettext": None, "ngettext": (1, 2), "_": None}


def said_in(path: Path) -> set[str]:
    """The message ids of one Python or template file."""
    method = "jinja2.ext:babel_extract" if path.suffix in (".html", ".txt") else "python"
    options = {"newstyle_gettext": "true", "trimmed": "false", "silent": "false", "extensions": "jinja2.ext.do"}
    found: set[str] = set()
    for _, message, _, _ in extract(method, BytesIO(path.read_bytes()), KEYWORDS, (), options):
        for one in message if isinstance(message, tuple) else (message,):
            if one:
                found.add(one)
    return found


def said_by_service() -> dict[str, set[str]]:
    """Message id -> the files that say it."""
    files = [*SERVICE.rglob("*.py"), *(SERVICE / "templates").rglob("*.html"), *(SERVICE / "templates").rglob("*.txt")]
    said: dict[str, set[str]] = {}
    for path in files:
        for message in said_in(path):
            said.setdefault(message, set()).add(str(path.relative_to(ROOT)))
    return said


def held() -> dict[str, dict[str, str]]:
    """Catalogue -> message id -> Chinese."""
    catalogues: dict[str, dict[str, str]] = {}
    for path in sorted((SERVICE / "locale/zh_CN/LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            entries: dict[str, str] = {}
            for message in read_po(file, locale="zh_CN"):
                ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
                text = message.string[0] if isinstance(message.string, tuple | list) else message.string
                for one in ids:
                    if one:
                        entries[str(one)] = "" if message.fuzzy else str(text or "")
        catalogues[path.stem] = entries
    return catalogues


def lacking() -> list[str]:
    """`file: sentence` for everything said that has no Chinese."""
    chinese = {one for entries in held().values() for one, text in entries.items() if text}
    return sorted(f"{min(files)}: {message}" for message, files in said_by_service().items() if message not in chinese)


def idle() -> list[str]:
    """`catalogue: sentence` for every entry nothing says any more."""
    said = set(said_by_service())
    return sorted(f"{name}: {one}" for name, entries in held().items() for one in entries if one not in said)


if __name__ == "__main__":
    for line in (*(f"no Chinese: {one}" for one in lacking()), *(f"idle: {one}" for one in idle())):
        print(line)  # noqa: T201 - a script that prints its findings
    raise SystemExit(1 if lacking() else 0)
