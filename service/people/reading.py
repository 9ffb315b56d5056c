"""Reads the shipped purposes of consent and the register of personal fields; refuses what it does not know."""

import hashlib
import re
from functools import cache
from importlib import resources
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.foundation.language import later
from service.people.errors import PeopleDataUnreadable

M = TypeVar("M", bound=BaseModel)
REASONS = {
    "extra_forbidden": later("this entry is not known."),
    "missing": later("this entry is missing."),
    "class": later("no class of this name stands above."),
    "table": later("this table has no name above."),
    "yaml": later("this is not YAML."),
}
OTHER = later("this value is not possible here.")


class Bilingual(BaseModel):
    """A text in Chinese and English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Purpose(BaseModel):
    """One purpose a person is asked for, with the text as shown; `per_organisation` consents name an organisation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(pattern=r"^[0-9]{1,4}$")
    sensitive: bool
    per_organisation: bool
    title: Bilingual
    text: Bilingual

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of version, Chinese and English text: what a consent keeps of what was shown."""
        return hashlib.sha256("\n".join((self.version, self.text.zh, self.text.en)).encode()).hexdigest()


class FieldClass(BaseModel):
    """What some columns hold, why they are kept, on what basis, how long, and who may see them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Bilingual
    level: Literal["ordinary", "sensitive"]
    purpose: Bilingual
    basis: Bilingual
    retention: Bilingual
    seen_by: Bilingual


class _Purposes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    purposes: dict[str, Purpose]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: dict[str, FieldClass]
    tables: dict[str, Bilingual]
    fields: dict[str, dict[str, str]]


def _read(kind: type[M], text: str) -> M:
    try:
        return kind.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "-"
        raise PeopleDataUnreadable(place=place, reason=REASONS["yaml"]) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "-"
        raise PeopleDataUnreadable(place=place, reason=REASONS.get(first["type"], OTHER)) from error


def read_purposes(text: str) -> dict[str, Purpose]:
    """Purposes by name from YAML; raises PeopleDataUnreadable with the place."""
    return _read(_Purposes, text).purposes


class FieldRegister(BaseModel):
    """The register: classes by name, titles of tables, and personal columns by table, each with its class."""

    model_config = ConfigDict(frozen=True)

    classes: dict[str, FieldClass]
    tables: dict[str, Bilingual]
    fields: dict[str, dict[str, FieldClass]]


def read_fields(text: str) -> FieldRegister:
    """The register from YAML; raises PeopleDataUnreadable with the place."""
    register = _read(_Fields, text)
    for table, columns in register.fields.items():
        if table not in register.tables:
            raise PeopleDataUnreadable(place=f"fields.{table}", reason=REASONS["table"])
        for column, name in columns.items():
            if name not in register.classes:
                raise PeopleDataUnreadable(place=f"fields.{table}.{column}", reason=REASONS["class"])
    fields = {
        table: {column: register.classes[name] for column, name in columns.items()}
        for table, columns in register.fields.items()
    }
    return FieldRegister(classes=register.classes, tables=register.tables, fields=fields)


def _shipped(name: str) -> str:
    return (resources.files("service.people") / "data" / name).read_text(encoding="utf-8")


@cache
def purposes() -> dict[str, Purpose]:
    """The shipped purposes of consent."""
    return read_purposes(_shipped("consents.yaml"))


@cache
def field_register() -> FieldRegister:
    """The shipped register of personal data."""
    return read_fields(_shipped("fields.yaml"))


def personal_fields() -> dict[str, dict[str, FieldClass]]:
    """The shipped register of personal columns: table -> column -> class."""
    return field_register().fields


def field_classes() -> dict[str, FieldClass]:
    """What is kept of people, by class."""
    return field_register().classes


def table_titles() -> dict[str, Bilingual]:
    """What a record of each table is called."""
    return field_register().tables


def personal_columns(docstring: str, columns: set[str]) -> set[str]:
    """The columns a table's docstring calls personal (after `Personal:`), out of all its columns."""
    found = re.search(r"Personal: ([^.;(]*)", " ".join(docstring.split()))
    if found is None or found.group(1).startswith("none"):
        return set()
    return set(re.findall(r"[a-z_]+", found.group(1))) & columns
