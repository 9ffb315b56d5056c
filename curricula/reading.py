"""Reading YAML and JSON into plain JSON values, remembering the line of every field."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from curricula.language import later
from curricula.refusals import FileMissing, FileNotText, FileTooLarge, SyntaxBroken

MOST_BYTES = 8 * 1024 * 1024
DEEPEST = 40
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}

Pointer = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One file as a plain JSON value; `lines` gives the line (from 1) of each pointer."""

    file: str
    value: Any
    lines: dict[Pointer, int] = field(default_factory=dict)

    def line(self, pointer: Pointer) -> int | None:
        """The line of a field, or of the nearest thing that holds it; None for values that came without text."""
        for length in range(len(pointer), -1, -1):
            if pointer[:length] in self.lines:
                return self.lines[pointer[:length]]
        return None


def pointer_text(pointer: Pointer) -> str:
    """A pointer as RFC 6901 text: `/modules/0/title`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def read_file(path: Path) -> Document:
    """Read one YAML or JSON file. Raises FileMissing, FileNotText, FileTooLarge, SyntaxBroken."""
    if not path.is_file():
        raise FileMissing(file=str(path))
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileTooLarge(file=str(path), bytes=size, limit=MOST_BYTES)
    read = read_json if path.suffix == ".json" else read_text
    return read(path.read_bytes(), str(path))


def read_json(text: str | bytes, file: str) -> Document:
    """Read JSON as it is sent between programs; only the first line is known. Raises FileNotText, SyntaxBroken."""
    if isinstance(text, bytes):
        text = _decoded(text, file)
    try:
        value = json.loads(text, object_pairs_hook=_single_fields)
    except json.JSONDecodeError as fault:
        reason = later("the line does not follow the rules of JSON")
        raise SyntaxBroken(file=file, line=fault.lineno, reason=reason) from None
    except _FieldTwice:
        raise SyntaxBroken(file=file, line=1, reason=later("the same field stands twice")) from None
    except RecursionError:
        raise SyntaxBroken(file=file, line=1, reason=later("the nesting is too deep")) from None
    return Document(file, value, {(): 1})


class _FieldTwice(Exception):
    """A JSON object names a field twice."""


def _single_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _FieldTwice
    return found


def read_text(text: str | bytes, file: str) -> Document:
    """Read YAML or JSON (which is YAML). Only true, false, null and whole numbers are not text: days and decimals stay as
    they were written, so no number is ever a float. Anchors, tags and several documents in one file are refused.

    Raises FileNotText, FileTooLarge, SyntaxBroken.
    """
    if isinstance(text, bytes):
        text = _decoded(text, file)
    elif len(text) > MOST_BYTES:
        raise FileTooLarge(file=file, bytes=len(text), limit=MOST_BYTES)
    builder = _Builder(file)
    try:
        events = yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader)
        value = builder.document(iter(events))
    except yaml.MarkedYAMLError as fault:
        mark: Any = fault.problem_mark or fault.context_mark
        row = int(mark.line) if mark else 0
        raise SyntaxBroken(file=file, line=row + 1, reason=_reason(fault, text, row)) from None
    except yaml.YAMLError as fault:
        position = getattr(fault, "position", 0)
        line = text.count("\n", 0, position) + 1
        raise SyntaxBroken(file=file, line=line, reason=later("a control character that text cannot hold")) from None
    return Document(file, value, builder.lines)


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MOST_BYTES:
        raise FileTooLarge(file=file, bytes=len(raw), limit=MOST_BYTES)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise FileNotText(file=file, line=raw.count(b"\n", 0, fault.start) + 1) from None


def _reason(fault: yaml.MarkedYAMLError, text: str, row: int) -> str:
    problem = f"{fault.context or ''} {fault.problem or ''}"
    rows = text.splitlines()
    line = rows[row] if row < len(rows) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return later("a tab stands where spaces must indent")
    open_at_the_end = "while parsing a flow" in problem and row >= len(rows)
    if "quoted scalar" in problem or open_at_the_end:
        return later("a quotation mark or bracket is not closed")
    if "mapping values are not allowed" in problem:
        return later("a colon stands where none can be; text holding a colon and a space needs quotation marks")
    if "nesting" in problem or "depth" in problem:
        return later("the nesting is too deep")
    return later("the line does not follow the rules of YAML")


class _Builder:
    """Builds values from the parser's events; one use a document."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Pointer, int] = {}

    def document(self, events: Iterator[Any]) -> Any:
        seen, value = False, None
        for event in events:
            if isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                continue
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise self._broken(event, later("a second document begins; one file holds one"))
                seen = True
                continue
            value = self._value(event, events, ())
        return value

    def _broken(self, event: Any, reason: str) -> SyntaxBroken:
        return SyntaxBroken(file=self.file, line=_line(event), reason=reason)

    def _value(self, event: Any, events: Iterator[Any], at: Pointer) -> Any:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._broken(event, later("anchors and aliases are not used here"))
        if getattr(event, "tag", None) not in (None, "!"):
            raise self._broken(event, later("tags are not used here"))
        if len(at) > DEEPEST:
            raise self._broken(event, later("the nesting is too deep"))
        self.lines.setdefault(at, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, at)
        return self._mapping(events, at)

    def _list(self, events: Iterator[Any], at: Pointer) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*at, len(found))))
        return found

    def _mapping(self, events: Iterator[Any], at: Pointer) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag not in (None, "!"):
                raise self._broken(event, later("a field's name must be plain text"))
            name = str(event.value)
            if name in found:
                raise self._broken(event, later("the same field stands twice"))
            self.lines[(*at, name)] = _line(event)
            found[name] = self._value(next(events), events, (*at, name))
        return found


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> str | int | bool | None:
    text = str(event.value)
    if event.style is None or event.style == "":
        if text in WORDS:
            return WORDS[text]
        if WHOLE.fullmatch(text):
            return int(text)
    return text
