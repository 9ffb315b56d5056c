"""`check`: every sentence of the service has its Chinese, with the same facts; `update`: new ones enter their catalogue.

The pure packages `certificates` and `curricula` keep catalogues of their own, checked by their tests.
"""
# ruff: noqa: T201 - a script that prints its findings

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from service.cli.main import tree
from service.cli.speaking import help_messages
from tests.house.messages import SERVICE, held, idle, lacking, said_by_service

CATALOGUES = SERVICE / "locale" / "zh_CN" / "LC_MESSAGES"
PLACES = re.compile(r"%\((\w+)\)")


def check() -> int:
    """Print what lacks its Chinese, or has Chinese that names facts the English does not have; return the status."""
    chinese = {one: text for entries in held().values() for one, text in entries.items() if text}
    wrong = lacking() + [f"tmc --help: {one}" for one in help_messages(tree()) if one not in chinese]
    for line in wrong:
        print(f"no Chinese: {line}")
    for message, text in chinese.items():
        # A singular may say “one” where the one Chinese form says the number.
        if extra := set(PLACES.findall(text)) - set(PLACES.findall(message)) - {"num"}:
            wrong.append(message)
            print(f"facts the English does not have: {sorted(extra)} in {text!r}")
    if wrong:
        print(f"{len(wrong)} messages; make messages adds them to the .po of their room, for you to write the Chinese")
    return 1 if wrong else 0


def catalogue_of(file: str) -> str:
    """Return the catalogue of a file's sentences: its room's, the templates' shared one, or the app's."""
    place = Path(file).relative_to("service").parts
    if place[0] == "templates":
        return place[1] if (SERVICE / place[1] / "__init__.py").exists() else "base"
    return place[0].removesuffix(".py")


def update() -> int:
    """Add new messages, empty, to the catalogue of their room; say which entries nothing says any more (they stay)."""
    there = {one for entries in held().values() for one in entries}
    new: dict[str, list[str]] = {}
    for message, files in sorted(said_by_service().items()):
        if message not in there:
            new.setdefault(catalogue_of(min(files)), []).append(message)
    new.setdefault("cli", []).extend(one for one in help_messages(tree()) if one not in there)
    for name, messages in new.items():
        path = CATALOGUES / f"{name}.po"
        catalogue = Catalog(locale="zh_CN", charset="utf-8", fuzzy=False)
        if path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, locale="zh_CN")
        for message in messages:
            catalogue.add(message)
        if messages:
            with path.open("wb") as file:
                write_po(file, catalogue, width=0)
            print(f"{path.name}: {len(messages)} new")
    help_pages = set(help_messages(tree()))
    for line in idle():
        if line.partition(": ")[2] not in help_pages:
            print(f"nothing says any more: {line}")
    return 0


if __name__ == "__main__":
    sys.exit({"check": check, "update": update}[sys.argv[1]]())
