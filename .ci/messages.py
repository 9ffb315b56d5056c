# ruff: noqa: T201 - a script that prints its findings
"""Keeps the Chinese catalogues complete and current: `check` refuses what lacks a sentence, `update` adds what is new.

A catalogue is one .po a room (`service/locale/zh_CN/LC_MESSAGES/<room>.po`); `certificates` and `curricula` have one each.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from service.cli.main import tmc
from service.cli.speaking import help_messages

PROJECT = Path(__file__).resolve().parents[1]
KEYWORDS = {"gettext": None, "later": None, "ngettext": (1, 2), "sentence": None, "_": None}
PLACES = re.compile(r"%\((\w+)\)|\{(\w+)\}")


@dataclass
class Source:
    """One catalogue and the code whose messages it translates."""

    catalogue: Path
    python: list[Path] = field(default_factory=list)
    templates: list[Path] = field(default_factory=list)


def sources() -> Iterator[Source]:
    """Every catalogue with its code: one per room, one for shared templates, one per pure package."""
    service = PROJECT / "service"
    folder = service / "locale" / "zh_CN" / "LC_MESSAGES"
    shared = sorted((service / "templates").glob("*.html"))
    for place in sorted((service / "templates").glob("*/")):
        if not (service / place.name).is_dir():
            shared += sorted(place.rglob("*.html")) + sorted(place.rglob("*.txt"))
    yield Source(folder / "templates.po", [], shared)
    for room in sorted(path for path in service.iterdir() if (path / "__init__.py").exists()):
        templates = service / "templates" / room.name
        yield Source(
            folder / f"{room.name}.po",
            sorted(room.rglob("*.py")),
            sorted(templates.rglob("*.html")) + sorted(templates.rglob("*.txt")),
        )
    yield Source(folder / "service.po", sorted(service.glob("*.py")), [])
    for package in ("certificates", "curricula"):
        root = PROJECT / package
        found = sorted((root / "locale").rglob("*.po"))
        catalogue = found[0] if found else root / "locale" / "zh_CN" / "LC_MESSAGES" / f"{package}.po"
        yield Source(catalogue, sorted(root.rglob("*.py")), sorted((root / "templates").rglob("*.html")))


def messages_of(source: Source) -> dict[str, str]:
    """Message id to the place it is written at, for all code of one catalogue."""
    found: dict[str, str] = {}
    for method, paths in (("python", source.python), ("jinja2", source.templates)):
        for path in paths:
            options = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"} if method == "jinja2" else {}
            for line, words, _, _ in extract_from_file(method, path, KEYWORDS, options=options):
                # Chinese has one plural form: the catalogue is asked for the singular's id.
                word = words[0] if isinstance(words, tuple) else words
                if word and word.strip():
                    found.setdefault(word, f"{path.relative_to(PROJECT)}:{line}")
        if method == "python":
            for path in paths:
                for message, line in refusal_messages(path):
                    found.setdefault(message, f"{path.relative_to(PROJECT)}:{line}")
    if source.catalogue.name == "cli.po":
        for message in help_messages(tmc):
            found.setdefault(message, "service/cli: help")
    return found


def refusal_messages(path: Path) -> Iterator[tuple[str, int]]:
    """Message ids that stand as a class's `message`, marked or not, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                targets = [part.target] if isinstance(part, ast.AnnAssign) else getattr(part, "targets", [])
                value = getattr(part, "value", None)
                named = any(isinstance(one, ast.Name) and one.id == "message" for one in targets)
                if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, part.lineno


def read(path: Path) -> Catalog:
    """Read a catalogue, an empty one when the file is not there."""
    if not path.exists():
        return Catalog(locale="zh_CN", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_CN")


def sentences(catalogue: Catalog) -> dict[str, str]:
    """Message id to Chinese sentence, both of a plural's ids; what is fuzzy or empty is left out."""
    found: dict[str, str] = {}
    for message in catalogue:
        text = message.string[0] if isinstance(message.string, tuple | list) else message.string
        if message.id and text and not message.fuzzy:
            for one in message.id if isinstance(message.id, tuple | list) else (message.id,):
                found[str(one)] = str(text)
    return found


def check() -> int:
    """Print what lacks a Chinese sentence or has other places for facts than the English; return the exit status."""
    listed = list(sources())
    by_package = {
        package: {
            key: value
            for source in listed
            if source.catalogue.is_relative_to(PROJECT / package)
            for key, value in sentences(read(source.catalogue)).items()
        }
        for package in ("service", "certificates", "curricula")
    }
    wrong = 0
    for source in listed:
        package = source.catalogue.relative_to(PROJECT).parts[0]
        for message, place in messages_of(source).items():
            chinese = by_package[package].get(message)
            if chinese is None:
                print(f"{place}: no Chinese sentence for {message!r}")
            elif set(PLACES.findall(chinese)) - set(PLACES.findall(message)):
                print(f"{place}: the Chinese of {message!r} names facts the English does not have: {chinese!r}")
            else:
                continue
            wrong += 1
    if wrong:
        print(f"{wrong} messages; run make messages, then write their Chinese into the .po named for the room")
    return 1 if wrong else 0


def update() -> int:
    """Add new messages, empty, to their catalogues; say which entries no code marks any more (they are kept)."""
    known: dict[str, str] = {}
    for source in sources():
        if source.catalogue.is_relative_to(PROJECT / "service"):
            known |= sentences(read(source.catalogue))
    for source in sources():
        found = messages_of(source)
        catalogue = read(source.catalogue)
        there = sentences(catalogue)
        elsewhere = known if source.catalogue.is_relative_to(PROJECT / "service") else {}
        new = [one for one in found if one not in there and one not in elsewhere and catalogue.get(one) is None]
        for message in new:
            catalogue.add(message, locations=[])
        if new:
            source.catalogue.parent.mkdir(parents=True, exist_ok=True)
            with source.catalogue.open("wb") as file:
                write_po(file, catalogue, width=0, omit_header=False)
            print(f"{source.catalogue.relative_to(PROJECT)}: {len(new)} new")
        for message in sorted(set(there) - set(found)):
            print(f"{source.catalogue.relative_to(PROJECT)}: not marked anywhere: {message!r}")
    return 0


if __name__ == "__main__":
    sys.exit({"check": check, "update": update}[sys.argv[1]]())
