"""Why the embedded server cannot be used, in both languages."""

import sys


class EmbeddedServerRefusedError(RuntimeError):
    """The embedded server cannot be used; the two sentences say why and what to do."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese}\n{english}")
        self.chinese = chinese
        self.english = english


def tell(sentence: str) -> None:
    """Say one thing to whoever started us."""
    sys.stderr.write(sentence + "\n")
