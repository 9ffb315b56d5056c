"""Sentences of this package in the reader's language, read from its own gettext catalogue."""

from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent / "locale"
DOMAIN = "certificates"


@lru_cache(maxsize=8)
def _catalogue(locale: str) -> Catalog | None:
    path = LOCALES / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def locale_of(language: str) -> str | None:
    """The catalogue's locale for a language tag such as ``zh``, ``zh-Hans`` or ``zh_CN``; None for English and others."""
    return "zh_CN" if language.lower().replace("_", "-").split("-")[0] == "zh" else None


def phrase(text: str, language: str) -> str:
    """The text in that language when the catalogue knows it, else as it is: reasons inside a sentence, or plain data."""
    locale = locale_of(language)
    catalogue = None if locale is None else _catalogue(locale)
    found = None if catalogue is None else catalogue.get(text)
    return found.string if found is not None and isinstance(found.string, str) and found.string else text


def sentence(message: str, language: str, **facts: object) -> str:
    """The message in that language with its facts filled in.

    ``message`` is the English message id with ``{fact}`` places; a message without translation stays English.
    """
    return phrase(message, language).format(**facts)
