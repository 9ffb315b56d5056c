"""Whether meetings cover what a syllabus requires, and when people may sign up; pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from curricula.editions import Course, Module, Syllabus
from service.courses.errors import CourseNotInSyllabus, FormNotOffered
from service.foundation.language import later
from service.foundation.templates import show_periods

FORM_TITLES = {
    "classroom": later("In the classroom"),
    "online": later("Online"),
    "practice": later("Practice"),
    "degree_course": later("Degree course"),
}
LEVEL_TITLES = {"initial": later("Initial"), "intermediate": later("Intermediate"), "senior": later("Senior")}
STATE_TITLES = {
    "planned": later("Planned"),
    "published": later("Published"),
    "closed": later("Closed"),
    "cancelled": later("Cancelled"),
}


@dataclass(frozen=True)
class CourseHours:
    """Minutes planned for one course against its length; what exceeds the length does not count."""

    code: str
    title: dict[str, str]
    required: bool
    length: int
    planned: int

    @property
    def counted(self) -> int:
        """Minutes that count towards the module: no course counts for more than its length."""
        return min(self.planned, self.length)

    @property
    def missing(self) -> int:
        """Minutes a required course still lacks; 0 for an elective."""
        return max(self.length - self.planned, 0) if self.required else 0


@dataclass(frozen=True)
class ModuleHours:
    """Minutes counted in one module against what completion needs."""

    module: str
    title: dict[str, str]
    needed: int
    courses: tuple[CourseHours, ...]

    @property
    def counted(self) -> int:
        """Minutes that count in the module."""
        return sum(one.counted for one in self.courses)

    @property
    def missing(self) -> int:
        """Minutes the module lacks."""
        return max(self.needed - self.counted, 0)


@dataclass(frozen=True)
class Coverage:
    """What the meetings of a session give, against its syllabus."""

    modules: tuple[ModuleHours, ...]
    needed: int
    minutes_per_period: int

    @property
    def counted(self) -> int:
        """Minutes that count over all modules."""
        return sum(one.counted for one in self.modules)

    @property
    def missing(self) -> int:
        """Minutes the whole lacks."""
        return max(self.needed - self.counted, 0)

    @property
    def complete(self) -> bool:
        """Whether every required course, every module and the whole are covered."""
        return not self.missing and not any(
            one.missing or any(course.missing for course in one.courses) for one in self.modules
        )

    def lacks(self) -> list[dict[str, str]]:
        """Each gap as a bilingual phrase: required courses first, then modules, then the whole."""
        found = [
            self._phrase(f"{course.code} {course.title['zh']}", f"{course.code} {course.title['en']}", course.missing)
            for one in self.modules
            for course in one.courses
            if course.missing
        ]
        found += [
            self._phrase(f"模块“{one.title['zh']}”", f"module “{one.title['en']}”", one.missing)
            for one in self.modules
            if one.missing
        ]
        return found + ([self._phrase("总学时", "total hours", self.missing)] if self.missing else [])

    def _phrase(self, zh: str, en: str, minutes: int) -> dict[str, str]:
        periods = show_periods(minutes, self.minutes_per_period)
        return {"zh": f"{zh}缺{periods}学时", "en": f"{en}: {periods} periods"}


def coverage(syllabus: Syllabus, meetings: Iterable[tuple[str, int]]) -> Coverage:
    """What meetings (course code, minutes) give against a syllabus. No course counts for more than its own length, so that
    repeating an easy course cannot stand for the others; unknown courses count nothing.
    """
    planned: Counter[str] = Counter()
    for code, minutes in meetings:
        planned[code] += minutes
    return Coverage(
        tuple(
            ModuleHours(
                module.id,
                module.title.to_json(),
                module.minimum_periods * syllabus.minutes_per_period,
                tuple(
                    CourseHours(
                        course.id,
                        course.title.to_json(),
                        course.required,
                        course.periods * syllabus.minutes_per_period,
                        planned[course.id],
                    )
                    for course in module.courses
                ),
            )
            for module in syllabus.modules
        ),
        syllabus.total_minimum_minutes(),
        syllabus.minutes_per_period,
    )


def course_in(syllabus: Syllabus, code: str) -> tuple[Module, Course]:
    """A course of a syllabus with its module. Raises CourseNotInSyllabus."""
    for module, course in syllabus.courses():
        if course.id == code:
            return module, course
    raise CourseNotInSyllabus(field="course_code", course=code)


def offered_in(syllabus: Syllabus, code: str, form: str) -> tuple[Module, Course]:
    """A course of a syllabus that may be taught in this form. Raises CourseNotInSyllabus, FormNotOffered."""
    module, course = course_in(syllabus, code)
    if form not in course.forms:
        allowed = [FORM_TITLES[one] for one in course.forms]
        raise FormNotOffered(field="form", course=course.title.to_json(), forms=allowed)
    return module, course


def meeting_title(session_title: dict[str, str], course: Course) -> dict[str, str]:
    """What rooms' and lecturers' calendars say of a meeting: the session and the course."""
    english = session_title.get("en") or session_title["zh"]
    return {"zh": f"{session_title['zh']}：{course.title.zh}", "en": f"{english}: {course.title.en}"}


def sign_up_state(
    state: str, opens_at: datetime | None, closes_at: datetime | None, seats_left: int, now: datetime
) -> str:
    """`open`, `waiting` (open, but full: the waiting list), `soon`, `over`; of what is not published always `over`."""
    if state != "published" or (closes_at is not None and now >= closes_at):
        return "over"
    if opens_at is not None and now < opens_at:
        return "soon"
    return "open" if seats_left > 0 else "waiting"
