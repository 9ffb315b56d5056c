"""Reads the journal's sentences; refuses what it does not know."""

import re
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from service.desks.errors import ActsUnreadable
from service.foundation.language import said

PLACES = {"thing", "person"}


class Phrase(BaseModel):
    """A phrase in Chinese and English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @field_validator("zh", "en")
    @classmethod
    def _known_places(cls, text: str) -> str:
        if not set(re.findall(r"\{(\w+)\}", text)) <= PLACES:
            raise ValueError("a phrase names the thing and the person only")
        return text

    def said(self, **facts: str) -> str:
        """In the reader's language, with thing and person filled in."""
        return said({"zh": self.zh, "en": self.en}).format(**facts)


class Acts(BaseModel):
    """Phrases by act, and words for the kinds of things."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acts: dict[str, Phrase]
    things: dict[str, Phrase]


def read_acts(text: str) -> Acts:
    """The phrases from YAML; raises ActsUnreadable with the place."""
    try:
        return Acts.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ActsUnreadable(place="-") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ActsUnreadable(place=".".join(str(part) for part in first["loc"]) or "-") from error


@cache
def shipped_acts() -> Acts:
    """The shipped phrases."""
    return read_acts((resources.files("service.desks") / "data" / "acts.yaml").read_text(encoding="utf-8"))
