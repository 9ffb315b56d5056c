"""How many minutes of a meeting count for whom."""

from service.attendance.errors import LateMinutesNeeded, MinutesNeedless
from service.foundation.language import later

PRESENCE_TITLES = {
    "present": later("Present"),
    "late": later("Late"),
    "absent": later("Absent"),
    "excused": later("Excused"),
}

EARLY_MINUTES = 60
"""How long before a meeting begins its list may be opened: a working value."""


def minutes_counted(presence: str, meeting_minutes: int, missed: int | None) -> int:
    """Minutes that count: all for the present, all but the `missed` for the late, none for the others.

    Raises LateMinutesNeeded, MinutesNeedless. What is counted is never typed, only what was missed.
    """
    if presence == "late":
        if missed is None or not 1 <= missed < meeting_minutes:
            raise LateMinutesNeeded(field="minutes", minutes=meeting_minutes)
        return meeting_minutes - missed
    if missed:
        raise MinutesNeedless(field="minutes")
    return meeting_minutes if presence == "present" else 0
