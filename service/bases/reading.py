"""Reads a register of bases from YAML text; refuses what it does not know, with the place."""

from datetime import date
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.bases.errors import RegisterUnreadable
from service.bases.rules import Tier
from service.foundation.language import later
from service.organisations.rules import OrganisationKind

REASONS = {
    "extra_forbidden": later("this entry is not known."),
    "missing": later("this entry is missing."),
    "evidence": later("a verified base needs a source and the day it was recorded."),
    "twice": later("this code stands twice."),
    "parent": later("the parent is no base of this register."),
    "yaml": later("this is not YAML."),
}
OTHER = later("this value is not possible here.")


class BilingualName(BaseModel):
    """A name in Chinese and English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class HostEntry(BaseModel):
    """An organisation hosting a base from-to, as a register names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: BilingualName
    kind: OrganisationKind
    uscc: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    source: str = Field(min_length=1, max_length=500)


class Slot(BaseModel):
    """One slot of the register. `province` is two digits of GB/T 2260."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[0-9A-Z]{2,4}$")
    tier: Tier
    parent: str | None = None
    name: BilingualName
    province: str | None = Field(default=None, pattern=r"^[1-8][0-9]$")
    city: str | None = Field(default=None, max_length=40)
    verified: bool
    source: str | None = Field(default=None, min_length=1, max_length=500)
    recorded_on: date | None = None
    hosts: tuple[HostEntry, ...] = ()

    @model_validator(mode="after")
    def verified_by_evidence(self) -> "Slot":
        """A verified slot names its source and the day."""
        if self.verified and (self.source is None or self.recorded_on is None):
            raise ValueError(REASONS["evidence"])
        return self


class Register(BaseModel):
    """A register of bases, each code once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edition: str
    written_on: date
    bases: tuple[Slot, ...]


def read_register(text: str) -> Register:
    """Read a register from YAML; raises RegisterUnreadable with the place (`bases.4.tier`) and the reason."""
    try:
        register = Register.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "-"
        raise RegisterUnreadable(place=place, reason=REASONS["yaml"]) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raised = (first.get("ctx") or {}).get("error")
        reason = str(raised) if isinstance(raised, ValueError) else REASONS.get(first["type"], OTHER)
        place = ".".join(str(part) for part in first["loc"]) or "-"
        raise RegisterUnreadable(place=place, reason=reason) from error
    seen: set[str] = set()
    for number, slot in enumerate(register.bases):
        if slot.code in seen:
            raise RegisterUnreadable(place=f"bases.{number}.code", reason=REASONS["twice"])
        seen.add(slot.code)
    for number, slot in enumerate(register.bases):
        if slot.parent is not None and slot.parent not in seen - {slot.code}:
            raise RegisterUnreadable(place=f"bases.{number}.parent", reason=REASONS["parent"])
    return register


def shipped_register() -> Register:
    """The register that comes with the service: 36 national slots."""
    return read_register((resources.files("service.bases") / "data" / "register.yaml").read_text(encoding="utf-8"))
