"""What each number means, and which numbers are too small to be shown to readers outside the base."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.foundation.language import later

SMALLEST_SHOWN = 5
"""Counts of people from 1 to 4 are hidden from readers outside the base."""

Counts = dict[str, int | None]
"""Measure -> count; None is a hidden count."""


@dataclass(frozen=True)
class Measure:
    """One number: its name, its unit, and its definition, which stands beside it wherever it is shown."""

    name: str
    title: str
    unit: str
    definition: str
    of_people: bool = True


MEASURES: tuple[Measure, ...] = (
    Measure(
        "sessions",
        later("Course sessions"),
        later("sessions"),
        later(
            "Sessions published or closed whose first day lies in the year; planned and cancelled ones are not counted."
        ),
        of_people=False,
    ),
    Measure(
        "enrolments",
        later("Enrolments (person-times)"),
        later("person-times"),
        later(
            "Seats held in these sessions. Who attends two sessions counts twice; waiting and withdrawn are not counted."
        ),
    ),
    Measure(
        "persons",
        later("Persons (each counted once)"),
        later("people"),
        later(
            "Different human beings among these enrolments, counted once over the whole line. People of several lines"
            " can be the same, so lines do not add up to the total."
        ),
    ),
    Measure(
        "completed",
        later("Completed"),
        later("person-times"),
        later("Enrolments of these sessions that were closed as completed."),
    ),
    Measure(
        "results",
        later("Released results"),
        later("person-times"),
        later("Results released by two people for exams held in the year; of several releases of one exam, the last."),
    ),
    Measure(
        "passed",
        later("Passed"),
        later("person-times"),
        later("Released results that reach the pass mark. Pass rate = passed / released results."),
    ),
    Measure(
        "certificates",
        later("Certificates issued"),
        later("certificates"),
        later(
            "Completion and level certificates awarded in the year, later changes of state included; new versions of one"
            " number count once. Statements of hours are not certificates."
        ),
    ),
    Measure(
        "certificates_valid",
        later("Of these valid today"),
        later("certificates"),
        later("Certificates of the line before that are neither expired, suspended nor revoked today."),
    ),
    Measure(
        "specimens",
        later("Specimens"),
        later("specimens"),
        later(
            "Certificates marked SPECIMEN, of the demonstration or of bases not yet verified; never among the others."
        ),
    ),
)
NAMES = tuple(one.name for one in MEASURES)
OF_PEOPLE = tuple(one.name for one in MEASURES if one.of_people)
EMPTY: dict[str, int] = dict.fromkeys(NAMES, 0)


def too_small(count: int | None) -> bool:
    """Whether a count of people is one that could point at somebody: 1 to 4."""
    return count is not None and 0 < count < SMALLEST_SHOWN


def hide_small(rows: Sequence[Mapping[str, int]]) -> list[Counts]:
    """The rows of one table with small counts hidden, and one more in a column where a single hidden one could be worked out.

    A hidden count would follow from the total and the other lines, so a second one, the smallest that is left, goes too.
    """
    shown: list[Counts] = [dict(row) for row in rows]
    for name in OF_PEOPLE:
        hidden = [row for row in shown if too_small(row[name])]
        for row in hidden:
            row[name] = None
        left = [row for row in shown if row[name]]
        if len(hidden) == 1 and len(shown) > 1 and left:
            min(left, key=lambda row: row[name] or 0)[name] = None
    for row in shown:
        failed = None if row["results"] is None or row["passed"] is None else row["results"] - row["passed"]
        if too_small(failed):
            row["passed"] = None
    return shown


def pass_rate(row: Mapping[str, int | None]) -> str | None:
    """Passed of released results in percent with one decimal place, halves up; None when there are none or they are hidden."""
    results, passed = row["results"], row["passed"]
    if not results or passed is None:
        return None
    tenths = (2000 * passed + results) // (2 * results)
    return f"{tenths // 10}.{tenths % 10}%"
