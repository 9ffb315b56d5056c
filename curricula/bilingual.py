"""Words in two languages: Chinese always, English where it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curricula.language import ENGLISH


@dataclass(frozen=True)
class Bilingual:
    """One text in Chinese and, where given, English."""

    zh: str
    en: str | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Bilingual":
        """From {zh, en}; the shape was checked before."""
        return cls(str(value["zh"]), value.get("en"))

    def to_json(self) -> dict[str, str]:
        """{zh, en}, without en when there is none."""
        return {"zh": self.zh} if self.en is None else {"zh": self.zh, "en": self.en}

    def said(self, language: str) -> str:
        """The text in the language, in Chinese when there is no English."""
        return self.en if language == ENGLISH and self.en else self.zh


def optional_bilingual(value: Mapping[str, Any] | None) -> Bilingual | None:
    """None stays None."""
    return None if value is None else Bilingual.from_json(value)
