"""The command line: check content, draw a form, score answers, see what a change of law affects. JSON out."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from curricula.banks import Bank
from curricula.checking import check_paths
from curricula.content import kind_of_document, shipped, yaml_files
from curricula.findings import Faults, plain
from curricula.formats.bank_yaml import read_bank
from curricula.items import Item
from curricula.language import CHINESE, ENGLISH, LANGUAGES, gettext, later, sentence
from curricula.laws import affected
from curricula.papers import Blueprint, Form, arrangement, candidate_paper, draw
from curricula.reading import read_file
from curricula.refusals import FileMissing, KindUnknown, Refusal, Unreadable
from curricula.scoring import score

OK, FOUND, UNREADABLE = 0, 1, 2

_HELP = {
    "about": later(
        "Checks training content, draws papers and scores answers. Writes JSON; ends with 0 when all is well, 1 when something was found or refused, 2 when something cannot be read."
    ),
    "help": later("show this help and end"),
    "language": later("language of sentences and help: zh-CN or en (default: from LANG)"),
    "check": later("check files and folders; with none, everything shipped"),
    "paths": later("YAML or JSON files, or folders of them"),
    "draw": later("draw a form from a blueprint and a bank"),
    "blueprint": later("a blueprint's file, or the name of a shipped one"),
    "bank": later("a bank's file or folder, or the name of a shipped one"),
    "seed": later("the seed; the same seed gives the same form"),
    "day": later("the day of the exam, 2026-01-31; only questions whose law is in force are drawn (default: today)"),
    "candidate": later("print the paper of one candidate with this seed, without keys, instead of the form"),
    "score": later("score the answers to a form"),
    "form": later("the file of a form, as `draw` wrote it"),
    "answers": later("a JSON or YAML file: answers by slot"),
    "marks": later("a JSON or YAML file: marks by place and rubric line"),
    "affected": later("list questions and courses that cite an act or one of its articles"),
    "act": later("the act's id, or id:article"),
    "more-banks": later("further bank files or folders to look through"),
    "usage": later("usage: "),
    "arguments": later("Arguments"),
    "options": later("Options"),
    "verbs": later("Verbs"),
}
_USAGE_FAULT = later("The command line is not understood; see --help.")


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks the chosen language; a fault in usage ends with 2."""

    language = CHINESE

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments, add_help=False, formatter_class=_Formatter)
        self._positionals.title = gettext(_HELP["arguments"], self.language)
        self._optionals.title = gettext(_HELP["options"], self.language)
        self.add_argument("-h", "--help", action="help", help=gettext(_HELP["help"], self.language))

    def error(self, message: str) -> NoReturn:
        """One sentence and the usage line; the parser's own words follow in English only."""
        detail = f" ({message})" if self.language == ENGLISH else ""
        self.exit(UNREADABLE, f"{gettext(_USAGE_FAULT, self.language)}{detail}\n{self.format_usage()}")


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """The word before the usage line in the reader's language."""
        super().add_usage(
            usage, actions, groups, gettext(_HELP["usage"], _Parser.language) if prefix is None else prefix
        )


def main(arguments: Sequence[str]) -> int:
    """Run one verb; the exit code."""
    language = _language(arguments)
    parsed = _parser(language).parse_args(arguments)
    try:
        answer, code = parsed.run(parsed)
    except Faults as refusal:
        findings = [one.to_json() for one in refusal.findings]
        _write({"refused": refusal.slug, "sentence": sentence(refusal, language), "findings": findings})
        return FOUND
    except Unreadable as refusal:
        sys.stderr.write(sentence(refusal, language) + "\n")
        return UNREADABLE
    except Refusal as refusal:
        facts = {name: plain(fact) for name, fact in refusal.facts.items()}
        _write({"refused": refusal.slug, "sentence": sentence(refusal, language), "facts": facts})
        return FOUND
    _write(answer)
    return int(code)


def _write(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, else that of LANG, else Chinese; needed before parsing so that help speaks it."""
    for place, one in enumerate(arguments):
        if one.startswith("--language="):
            return _known(one.partition("=")[2])
        if one == "--language" and place + 1 < len(arguments):
            return _known(arguments[place + 1])
    return _known(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")


def _known(name: str) -> str:
    return ENGLISH if name.lower().startswith("en") else CHINESE


def _parser(language: str) -> argparse.ArgumentParser:
    _Parser.language = language

    def said(name: str) -> str:
        return gettext(_HELP[name], language)

    top = _Parser(prog="python -m curricula", description=said("about"))
    top.add_argument("--language", choices=LANGUAGES, help=said("language"))
    verbs = top.add_subparsers(title=said("verbs"), metavar="VERB", required=True, parser_class=_Parser)

    def verb(name: str, run: Callable[[argparse.Namespace], tuple[Any, int]]) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=said(name), description=said(name))
        made.add_argument("--language", choices=LANGUAGES, help=said("language"))
        made.set_defaults(run=run)
        return made

    checking = verb("check", _check)
    checking.add_argument("paths", nargs="*", metavar="PATH", type=Path, help=said("paths"))
    drawing = verb("draw", _draw)
    drawing.add_argument("blueprint", metavar="BLUEPRINT", help=said("blueprint"))
    drawing.add_argument("bank", metavar="BANK", help=said("bank"))
    drawing.add_argument("--seed", required=True, metavar="N", help=said("seed"))
    drawing.add_argument("--day", type=date.fromisoformat, metavar="D", help=said("day"))
    drawing.add_argument("--candidate", metavar="SEED", help=said("candidate"))
    scoring = verb("score", _score)
    scoring.add_argument("form", metavar="FORM", type=Path, help=said("form"))
    scoring.add_argument("answers", metavar="ANSWERS", type=Path, help=said("answers"))
    scoring.add_argument("--marks", metavar="MARKS", type=Path, help=said("marks"))
    affecting = verb("affected", _affected)
    affecting.add_argument("act", metavar="ACT[:ARTICLE]", help=said("act"))
    affecting.add_argument("--bank", action="append", default=[], metavar="BANK", help=said("more-banks"))
    return top


def _check(parsed: argparse.Namespace) -> tuple[Any, int]:
    report = check_paths(parsed.paths)
    return report.to_json(), FOUND if report.has_errors else OK


def _draw(parsed: argparse.Namespace) -> tuple[Any, int]:
    day = parsed.day or datetime.now(ZoneInfo("Asia/Shanghai")).date()
    form = draw(_blueprint(parsed.blueprint), _bank(parsed.bank), parsed.seed, day, shipped().register)
    if parsed.candidate is None:
        return form.to_json(), OK
    arranged = arrangement(form, parsed.candidate)
    return {"questions": [one.to_json() for one in candidate_paper(form, arranged)]}, OK


def _score(parsed: argparse.Namespace) -> tuple[Any, int]:
    form = Form.from_json(read_file(parsed.form).value, str(parsed.form))
    record = score(form, _mapping(parsed.answers), _mapping(parsed.marks) if parsed.marks else None)
    return {**record.to_json(), "digest": record.digest()}, OK


def _affected(parsed: argparse.Namespace) -> tuple[Any, int]:
    library = shipped()
    act, _, article = parsed.act.partition(":")
    items: dict[str, Item] = {}
    for bank in [*library.banks.values(), *(_bank(one) for one in parsed.bank)]:
        items.update({item.id: item for item in bank.items})
    found = affected(library.register, act, article or None, items.values(), library.cited_courses())
    return found.to_json(), OK


def _mapping(path: Path) -> dict[str, Any]:
    value = read_file(path).value
    if not isinstance(value, dict):
        raise KindUnknown(file=str(path), line=1, kinds=["1, 2, 3 …"])
    return value


def _blueprint(name: str) -> Blueprint:
    for blueprint in shipped().blueprints.values():
        if blueprint.blueprint == name:
            return blueprint
    document = read_file(Path(name))
    return Blueprint.from_json(document.value, document.file)


def _bank(name: str) -> Bank:
    if name in shipped().banks:
        return shipped().banks[name]
    documents = [read_file(path) for path in yaml_files([Path(name)])]
    banks = [one for one in documents if kind_of_document(one) == "bank"]
    if not banks:
        raise FileMissing(file=name)
    return read_bank(banks)
