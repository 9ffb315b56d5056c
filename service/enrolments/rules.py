"""What an enrolment may become, what its holder consents to, and what is still missing of the hours."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from curricula.editions import EntryRule
from service.foundation.clock import BEIJING
from service.foundation.language import later

ARCHIVE_YEARS = 6
"""How long after the last day a base sees those it taught: a working value until its archive rule replaces it."""

PURPOSE = "training-administration"
CONSENT_VERSION = "1"
CONSENT = later(
    "I allow the training base to use my name, my identity document and my employer to administer this course: to"
    " enrol me, record attendance, hold the examination and issue the certificate. The base keeps these records for"
    " %(years)s years after the course. I can withdraw this consent at any time under “My profile”; what was lawfully"
    " done until then stays."
)

STATE_TITLES = {
    "waiting": later("Waiting list"),
    "enrolled": later("Enrolled"),
    "withdrawn": later("Withdrawn"),
    "refused": later("Not admitted"),
    "completed": later("Course completed"),
    "not_completed": later("Course not completed"),
}

SOURCE_TITLES = {
    "self": later("Applied in person"),
    "staff": later("Enrolled by the base"),
    "roster": later("From a roster"),
    "transfer": later("Transferred"),
}

HOLDS_SEAT = ("enrolled", "completed", "not_completed")


ENTRY = later("This course admits holders of a %(level)s certificate or above.")
CLAIMED_TOO = later("A certificate issued before may be entered by the base from its list of past certificates.")

LEVEL_TITLES = {
    "initial": later("initial"),
    "intermediate": later("intermediate"),
    "senior": later("senior"),
}


@dataclass(frozen=True)
class Held:
    """A certificate a person holds, as a rule of entry reads it; `claimed` when a base states it and we did not issue it."""

    id: UUID
    scheme: str
    level: str
    awarded_on: date
    valid_until: date | None
    state: str
    claimed: bool


def admitting(entry: EntryRule, held: Iterable[Held], day: date) -> Held | None:
    """The certificate by which a rule of entry is met on a day: one issued here before a claimed one, then the latest.

    One issued here must be valid and of the rule's scheme; a claimed one counts only where the rule says so.
    """

    def counts(one: Held) -> bool:
        if one.level not in entry.levels or (one.valid_until is not None and one.valid_until < day):
            return False
        return entry.claimed if one.claimed else one.scheme == entry.scheme and one.state == "valid"

    fitting = [one for one in held if counts(one)]
    return max(fitting, key=lambda one: (not one.claimed, one.awarded_on, one.id.int), default=None)


def consent_digest(text: str) -> str:
    """SHA-256 (hex) of the text as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def seen_until(ends_on: date, years: int = ARCHIVE_YEARS) -> datetime:
    """The end of the day, Beijing time, until which a base sees a person it enrolled."""
    year = ends_on.year + years
    last = date(year, 2, 28) if (ends_on.month, ends_on.day) == (2, 29) else ends_on.replace(year=year)
    return datetime.combine(last + timedelta(days=1), time(), BEIJING)


@dataclass(frozen=True)
class ModuleHours:
    """Minutes earned and needed in one module."""

    module: str
    title: Mapping[str, str]
    earned: int
    needed: int

    @property
    def missing(self) -> int:
        """Minutes still missing, never below zero."""
        return max(0, self.needed - self.earned)


@dataclass(frozen=True)
class Progress:
    """Hours so far against what completion needs; all in minutes."""

    modules: tuple[ModuleHours, ...]
    earned: int
    needed: int
    minutes_per_period: int

    @property
    def missing(self) -> int:
        """Minutes missing over all modules, whichever is more: the sum of the modules' gaps or the total's gap."""
        return max(sum(one.missing for one in self.modules), self.needed - self.earned, 0)

    @property
    def complete(self) -> bool:
        """Whether the hours suffice; the examination is asked elsewhere."""
        return self.missing == 0


def progress(
    required: Sequence[tuple[str, Mapping[str, str], int]],
    total: int,
    minutes_per_period: int,
    earned: Mapping[str, int],
) -> Progress:
    """Hours by module against `required` (module, title, minutes needed) and the total needed, in minutes.

    Minutes in a module the syllabus does not know count for the total only.
    """
    modules = tuple(ModuleHours(name, title, earned.get(name, 0), needed) for name, title, needed in required)
    return Progress(modules, sum(earned.values()), total, minutes_per_period)
