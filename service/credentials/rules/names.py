"""How a name is folded before it is compared: the same person, however the name is typed."""

import re
import unicodedata

_BETWEEN_WORDS = re.compile(r"[\s·•・‧.,，、]+")
_INSIDE_WORDS = re.compile(r"['’`´\-\u2010-\u2015]+")


def folded(name: str) -> str:
    """A name as it is compared: width, case, accents, dots and hyphens do not count, nor the order of Latin words."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name)).casefold()
    plain = unicodedata.normalize("NFC", "".join(one for one in plain if not unicodedata.combining(one)))
    words = [one for one in _BETWEEN_WORDS.split(_INSIDE_WORDS.sub("", plain)) if one]
    if all(one.isascii() for one in words):
        words.sort()  # OUYANG Nana and Nana Ouyang
    return "".join(words)
