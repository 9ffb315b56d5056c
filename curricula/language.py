"""Sentences of this package in the reader's language: English is the message id, Chinese stands in the catalogue."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from babel.messages.pofile import read_po

CHINESE = "zh-CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
CATALOGUE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "curricula.po"


class Spoken(Protocol):
    """What can be said as a sentence: a refusal or a finding."""

    @property
    def message(self) -> str:
        """The English message id with %(fact)s places."""

    @property
    def facts(self) -> Mapping[str, object]:
        """The values of those places."""


def later(message: str) -> str:
    """Mark a message id where it is written; it is translated where it is shown."""
    return message


@cache
def chinese_sentences() -> dict[str, str]:
    """Every Chinese sentence by its English message id; fuzzy entries do not count."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


def gettext(message: str, language: str = CHINESE) -> str:
    """The message in one of LANGUAGES; an unknown language is answered in Chinese."""
    return message if language == ENGLISH else chinese_sentences().get(message, message)


def sentence(spoken: Spoken, language: str = CHINESE) -> str:
    """A refusal or finding as one sentence; facts that are message ids, lists or {zh, en} are said in the same language."""
    return gettext(spoken.message, language) % {name: said(fact, language) for name, fact in spoken.facts.items()}


def said(fact: object, language: str = CHINESE) -> str:
    """How one fact is said."""
    if isinstance(fact, Mapping):
        chosen = fact.get("en" if language == ENGLISH else "zh") or fact.get("zh") or fact.get("en")
        return str(chosen or "")
    if isinstance(fact, list | tuple | set | frozenset):
        return (", " if language == ENGLISH else "、").join(said(one, language) for one in fact)
    return gettext(str(fact), language)
