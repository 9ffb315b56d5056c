"""The citation register: which acts and articles are cited, from when to when they apply, and what a change affects."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from curricula.bilingual import Bilingual
from curricula.findings import WARNING, Problem, refuse_errors
from curricula.items import Citation, Item
from curricula.reading import Document, Pointer
from curricula.refusals import ActUnknown, ArticleUnknown
from curricula.shapes import (
    bilingual,
    day,
    days_in_order,
    doubled,
    identifier,
    list_of,
    nothing_or,
    one_of,
    parsed_day,
    record,
    text,
    true_false,
    whole,
)

ACT_KINDS = ("law", "administrative_regulation", "judicial_interpretation", "local_regulation", "rule", "standard")
_FIELDS_OF_DOUBT = ("document_number", "adopted", "valid_from", "valid_to", "last_article", "articles")

_article = record(
    {"article": identifier(), "subject": bilingual()}, {"valid_from": nothing_or(day), "valid_to": nothing_or(day)}
)
_act = record(
    {
        "act": identifier(),
        "kind": one_of(*ACT_KINDS),
        "region": text(r"CN(-[A-Z]{2})?"),
        "title": bilingual(),
        "document_number": nothing_or(text()),
        "issuer": bilingual(),
        "adopted": nothing_or(day),
        "valid_from": day,
        "valid_to": nothing_or(day),
        "last_article": nothing_or(whole(least=1, most=5000)),
        "verified": true_false,
        "unconfirmed": list_of(one_of(*_FIELDS_OF_DOUBT)),
        "source": text(),
        "articles": list_of(_article),
    },
    {"replaces": nothing_or(identifier()), "note": nothing_or(bilingual())},
)


@dataclass(frozen=True)
class Article:
    """One article that is cited somewhere: what it is about, and its own days when they differ from the act's."""

    article: str
    subject: Bilingual
    valid_from: date | None = None
    valid_to: date | None = None

    def to_json(self) -> dict[str, Any]:
        """{article, subject, valid_from, valid_to}."""
        return {
            "article": self.article,
            "subject": self.subject.to_json(),
            "valid_from": _day_json(self.valid_from),
            "valid_to": _day_json(self.valid_to),
        }


@dataclass(frozen=True)
class Act:
    """One version of one act. `unconfirmed` names the fields that do not rest on the text that was read."""

    act: str
    kind: str
    region: str
    title: Bilingual
    document_number: str | None
    issuer: Bilingual
    adopted: date | None
    valid_from: date
    valid_to: date | None
    last_article: int | None
    verified: bool
    unconfirmed: tuple[str, ...]
    source: str
    articles: tuple[Article, ...]
    replaces: str | None = None
    note: Bilingual | None = None

    def described(self, article: str) -> Article | None:
        """The entry of an article, or None when the register only knows that it exists."""
        return next((one for one in self.articles if one.article == article), None)

    def has(self, article: str) -> bool:
        """Whether the act has the article: described, or a number up to its last."""
        if self.described(article) is not None:
            return True
        number = article.split("-")[0]
        return self.last_article is not None and number.isdecimal() and 1 <= int(number) <= self.last_article

    def in_force(self, article: str, on: date) -> bool:
        """Whether the article applied on the day: first and last day included."""
        entry = self.described(article)
        since = max(self.valid_from, entry.valid_from) if entry and entry.valid_from else self.valid_from
        ends = [one for one in (self.valid_to, entry.valid_to if entry else None) if one is not None]
        return since <= on and all(on <= end for end in ends)

    def to_json(self) -> dict[str, Any]:
        """The act as the register writes it."""
        return {
            "act": self.act,
            "kind": self.kind,
            "region": self.region,
            "title": self.title.to_json(),
            "document_number": self.document_number,
            "issuer": self.issuer.to_json(),
            "adopted": _day_json(self.adopted),
            "valid_from": _day_json(self.valid_from),
            "valid_to": _day_json(self.valid_to),
            "last_article": self.last_article,
            "verified": self.verified,
            "unconfirmed": list(self.unconfirmed),
            "source": self.source,
            "articles": [one.to_json() for one in self.articles],
            "replaces": self.replaces,
            "note": None if self.note is None else self.note.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "act") -> "Act":
        """An act from its JSON. Raises Faults."""
        refuse_errors(Document(file, value), act_problems(value, ()))
        return act_of(value)


@dataclass(frozen=True)
class Register:
    """All acts by id."""

    acts: Mapping[str, Act]

    @classmethod
    def of(cls, acts: Iterable[Act]) -> "Register":
        """A register of these acts; a later one of the same id wins."""
        return cls({one.act: one for one in acts})

    def act(self, name: str) -> Act:
        """The act of this id. Raises ActUnknown."""
        if name not in self.acts:
            raise ActUnknown(act=name)
        return self.acts[name]

    def in_force(self, citation: Citation, on: date) -> bool:
        """Whether a cited article applied on the day; an act that is not in the register never applies."""
        act = self.acts.get(citation.act)
        return act is not None and act.in_force(citation.article, on)

    def citation_problems(self, value: Mapping[str, Any], at: Pointer) -> Iterator[Problem]:
        """Problems of a citation {act, article}: unknown act, an article beyond its last, one not described."""
        act = self.acts.get(str(value.get("act")))
        article = str(value.get("article"))
        if act is None:
            yield Problem((*at, "act"), "not-found", {"given": str(value.get("act")), "where": "laws"})
        elif not act.has(article):
            facts = {"act": act.title.to_json(), "last": act.last_article or "?", "article": article}
            yield Problem((*at, "article"), "article-beyond", facts)
        elif act.described(article) is None:
            facts = {"act": act.title.to_json(), "article": article}
            yield Problem((*at, "article"), "article-not-described", facts, WARNING)


@dataclass(frozen=True)
class Affected:
    """What cites an act or one of its articles, and so must be looked at when it changes."""

    act: str
    article: str | None
    items: tuple[tuple[str, int], ...]
    courses: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """{act, article, items: [{id, version}], courses}."""
        return {
            "act": self.act,
            "article": self.article,
            "items": [{"id": name, "version": version} for name, version in self.items],
            "courses": list(self.courses),
        }


def affected(
    register: Register,
    act: str,
    article: str | None = None,
    items: Iterable[Item] = (),
    courses: Iterable[tuple[str, tuple[Citation, ...]]] = (),
) -> Affected:
    """What cites the act, or the one article of it.

    `courses` are pairs of a course's name and its citations. Raises ActUnknown, ArticleUnknown.
    """
    found = register.act(act)
    if article is not None and not found.has(article):
        raise ArticleUnknown(act=act, article=article)

    def cites(citations: Iterable[Citation]) -> bool:
        return any(one.act == act and article in (None, one.article) for one in citations)

    return Affected(
        act,
        article,
        tuple(sorted((item.id, item.version) for item in items if cites(item.citations))),
        tuple(name for name, citations in courses if cites(citations)),
    )


def act_problems(value: Any, at: Pointer) -> Iterator[Problem]:
    """Every problem of one act of the register."""
    yield from _act(value, at)
    if not isinstance(value, Mapping):
        return
    yield from days_in_order(value, at)
    articles = value.get("articles")
    if not isinstance(articles, list):
        return
    named = [(n, one) for n, one in enumerate(articles) if isinstance(one, Mapping)]
    yield from doubled([((*at, "articles", n, "article"), str(one.get("article"))) for n, one in named])
    for n, one in named:
        yield from days_in_order(one, (*at, "articles", n))
        last, number = value.get("last_article"), str(one.get("article")).split("-")[0]
        if isinstance(last, int) and number.isdecimal() and int(number) > last:
            facts = {"act": str(value.get("act")), "last": last, "article": number}
            yield Problem((*at, "articles", n, "article"), "article-beyond", facts)


def act_of(value: Mapping[str, Any]) -> Act:
    """An act from a value whose shape was checked before."""
    since = parsed_day(value["valid_from"])
    assert since is not None
    return Act(
        act=value["act"],
        kind=value["kind"],
        region=value["region"],
        title=Bilingual.from_json(value["title"]),
        document_number=value["document_number"],
        issuer=Bilingual.from_json(value["issuer"]),
        adopted=parsed_day(value["adopted"]),
        valid_from=since,
        valid_to=parsed_day(value["valid_to"]),
        last_article=value["last_article"],
        verified=value["verified"],
        unconfirmed=tuple(value["unconfirmed"]),
        source=value["source"],
        articles=tuple(
            Article(
                one["article"],
                Bilingual.from_json(one["subject"]),
                parsed_day(one.get("valid_from")),
                parsed_day(one.get("valid_to")),
            )
            for one in value["articles"]
        ),
        replaces=value.get("replaces"),
        note=Bilingual.from_json(value["note"]) if value.get("note") else None,
    )


def _day_json(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
