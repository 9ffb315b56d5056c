"""Two languages: English message ids in the code, Chinese complete, one .po a room read at start."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CHINESE = "zh-CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
CATALOGUES = Path(__file__).parent.parent / "locale" / "zh_CN" / "LC_MESSAGES"

_speaking: ContextVar[str] = ContextVar("language", default=CHINESE)


def later(message: str) -> str:
    """Mark a message id for translation where it is written; it is translated where it is shown."""
    return message


@cache
def chinese() -> dict[str, str]:
    """Every Chinese sentence by its English message id, over all rooms' catalogues."""
    sentences: dict[str, str] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                if not message.id:
                    continue
                ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
                text = message.string[0] if isinstance(message.string, tuple | list) else message.string
                if text and not message.fuzzy:
                    for one in ids:
                        sentences[str(one)] = str(text)
    return sentences


def current_language() -> str:
    """The language spoken now: `zh-CN` or `en`."""
    return _speaking.get()


def set_language(language: str) -> None:
    """Speak this language for the rest of the request or job."""
    _speaking.set(language if language in LANGUAGES else CHINESE)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak another language inside the block: a letter speaks its recipient's."""
    token = _speaking.set(language if language in LANGUAGES else CHINESE)
    try:
        yield
    finally:
        _speaking.reset(token)


def gettext(message: str, language: str | None = None) -> str:
    """The sentence for a message id in the reader's language; the id itself is the English."""
    if (language or _speaking.get()) == ENGLISH:
        return message
    return chinese().get(message, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Chinese has one form; English two."""
    if _speaking.get() == ENGLISH:
        return singular if count == 1 else plural
    return chinese().get(singular, chinese().get(plural, plural))


def sentence(message: str, facts: dict[str, object], language: str | None = None) -> str:
    """A message with its facts filled in; a Bilingual or marked fact is spoken in the same language."""
    chosen = language or _speaking.get()
    spoken = {name: spoken_fact(value, chosen) for name, value in facts.items()}
    try:
        return gettext(message, chosen) % spoken
    except (KeyError, ValueError, TypeError):
        return gettext(message, chosen)


def spoken_fact(value: object, language: str) -> str:
    """How one fact is said: bilingual values in the reader's language, lists joined, words translated."""
    if isinstance(value, dict):
        return said(value, language)
    if isinstance(value, list | tuple | set | frozenset):
        joint = "、" if language == CHINESE else ", "
        return joint.join(spoken_fact(one, language) for one in value)
    return gettext(str(value), language)


def said(bilingual: dict[str, str] | None, language: str | None = None) -> str:
    """What people typed as {zh, en}, in the reader's language with fall-back to Chinese."""
    if not bilingual:
        return ""
    key = "en" if (language or _speaking.get()) == ENGLISH else "zh"
    return bilingual.get(key) or bilingual.get("zh") or bilingual.get("en") or ""
