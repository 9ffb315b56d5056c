"""Findings of the checker: which file, line and field, how bad, which rule, with the facts of the case."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curricula.language import CHINESE, ENGLISH, later, sentence
from curricula.reading import Document, Pointer, pointer_text
from curricula.refusals import ContentHasFaults

ERROR = "error"
WARNING = "warning"

# Every rule of the checker, its message id with places for facts.
RULES: dict[str, str] = {
    "missing": later("The field %(name)s is missing."),
    "unknown-key": later("The field %(name)s is not known here."),
    "not-a-mapping": later("Fields with names are expected here."),
    "not-a-list": later("A list is expected here."),
    "too-few": later("At least %(least)s entries are needed; there are %(given)s."),
    "not-text": later("Text is expected here; write numbers and words like true in quotation marks."),
    "empty-text": later("The text is empty."),
    "pattern": later("“%(given)s” does not have the form %(form)s."),
    "not-whole": later("A whole number from %(least)s to %(most)s is expected here."),
    "not-exact": later('An exact number is expected here: 3, "3.5" or "7/2".'),
    "out-of-range": later("%(given)s is not between %(least)s and %(most)s."),
    "not-a-choice": later("“%(given)s” is none of: %(choices)s."),
    "not-a-day": later("“%(given)s” is not a day written as 2026-01-31."),
    "not-true-false": later("true or false is expected here."),
    "chinese-missing": later("The Chinese text is missing."),
    "english-missing": later("The English text is missing."),
    "days-reversed": later("The last day %(until)s lies before the first day %(since)s."),
    "doubled": later("“%(given)s” stands twice."),
    "doubled-elsewhere": later("“%(given)s” is already in %(elsewhere)s."),
    "not-found": later("“%(given)s” is not found in %(where)s."),
    "periods-short": later("The courses of this module give %(given)s periods; the minimum is %(needed)s."),
    "sum-differs": later("The parts give %(given)s; the whole says %(needed)s."),
    "module-missing": later("The module %(module)s is missing."),
    "lowered": later("An overlay may add, never lower: %(given)s is below %(needed)s."),
    "key-not-an-option": later("The key %(given)s is not one of the options."),
    "key-wrong-shape": later("The key does not have the shape that the kind %(kind)s needs."),
    "field-not-for-kind": later("The field %(name)s does not belong to an item of the kind %(kind)s."),
    "all-options-are-key": later("Every option is in the key: the question cannot tell candidates apart."),
    "key-of-one": later("The key of a multiple choice item should name at least two options."),
    "level-outside": later("The level gives %(given)s points; the line has at most %(most)s."),
    "own-enemy": later("An item cannot be its own enemy."),
    "second-reader-missing": later("No second reader has checked this item yet."),
    "second-reader-differs": later("The second reader did not agree with this item."),
    "article-beyond": later("%(act)s has %(last)s articles; %(article)s is not one of them."),
    "article-not-described": later("Article %(article)s of %(act)s is not described in the register."),
    "stem-doubled": later("The question reads the same as %(elsewhere)s."),
    "differs-from": later("%(given)s differs from %(needed)s in %(where)s."),
    "cell-cannot-be-filled": later("The paper cannot be drawn: %(reason)s"),
}


@dataclass(frozen=True)
class Problem:
    """A fault at a place inside a value, before it is known which file the value came from."""

    pointer: Pointer
    rule: str
    facts: Mapping[str, object] = field(default_factory=dict)
    severity: str = ERROR


@dataclass(frozen=True)
class Finding:
    """One line of the checker's report; `line` is None for values that came without text."""

    file: str
    line: int | None
    field: str
    severity: str
    rule: str
    facts: Mapping[str, object]

    @property
    def message(self) -> str:
        """The English message id."""
        return RULES[self.rule]

    def to_json(self) -> dict[str, Any]:
        """The finding with its sentence in both languages."""
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "severity": self.severity,
            "rule": self.rule,
            "facts": {name: plain(value) for name, value in self.facts.items()},
            "sentence": {"zh": sentence(self, CHINESE), "en": sentence(self, ENGLISH)},
        }


def plain(fact: object) -> object:
    """A fact as JSON can hold it."""
    return fact if isinstance(fact, int | str | list | dict) else str(fact)


def placed(document: Document, problems: Iterable[Problem]) -> list[Finding]:
    """Problems as findings of a document, in the order of its lines."""
    found = [
        Finding(document.file, document.line(one.pointer), pointer_text(one.pointer), one.severity, one.rule, one.facts)
        for one in problems
    ]
    return sorted(found, key=lambda one: (one.line or 0, one.field, one.rule))


def errors(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Only those that stop a document from being used."""
    return (one for one in findings if one.severity == ERROR)


class Faults(ContentHasFaults):
    """ContentHasFaults with the findings themselves."""

    def __init__(self, file: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        super().__init__(
            file=file,
            count=len(self.findings),
            line=first.line if first.line is not None else "-",
            field=first.field or "/",
            first={"zh": sentence(first, CHINESE), "en": sentence(first, ENGLISH)},
        )


def refuse_errors(document: Document, problems: Iterable[Problem]) -> None:
    """Raise Faults when any of the problems is an error."""
    found = list(errors(placed(document, problems)))
    if found:
        raise Faults(document.file, found)
