"""Laws of coverage and of the sign-up window."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curricula.content import shipped
from service.courses.rules import coverage, sign_up_state

SYLLABUS = shipped().syllabi[("technology-manager", "2026.1", "initial")]
CODES = [course.id for _, course in SYLLABUS.courses()]
WHOLE = [(course.id, course.periods * SYLLABUS.minutes_per_period) for _, course in SYLLABUS.courses()]
REQUIRED = [course for _, course in SYLLABUS.courses() if course.required]
meetings = st.lists(st.tuples(st.sampled_from([*CODES, "NO-SUCH-COURSE"]), st.integers(1, 600)), max_size=30)


def test_a_meeting_for_each_course_of_its_length_covers_everything() -> None:
    found = coverage(SYLLABUS, WHOLE)
    assert found.complete
    assert found.lacks() == []
    assert found.counted == sum(minutes for _, minutes in WHOLE)


def test_an_empty_programme_lacks_every_required_course_every_module_and_the_whole() -> None:
    said = " ".join(one["zh"] for one in coverage(SYLLABUS, []).lacks())
    assert all(course.id in said for course in REQUIRED)
    assert all(module.title.zh in said for module in SYLLABUS.modules)
    assert "总学时缺44学时" in said


@given(meetings)
def test_the_order_of_meetings_does_not_matter(planned: list[tuple[str, int]]) -> None:
    assert coverage(SYLLABUS, planned) == coverage(SYLLABUS, reversed(planned))


@given(meetings, st.sampled_from(CODES), st.integers(1, 600))
def test_another_meeting_never_makes_a_gap_larger(planned: list[tuple[str, int]], code: str, minutes: int) -> None:
    before, after = coverage(SYLLABUS, planned), coverage(SYLLABUS, [*planned, (code, minutes)])
    assert after.missing <= before.missing
    assert all(b.missing <= a.missing for a, b in zip(before.modules, after.modules, strict=True))
    assert not (before.complete and not after.complete)


@given(st.sampled_from(CODES), st.integers(1, 40))
def test_repeating_one_course_counts_its_own_length_only(code: str, times: int) -> None:
    length = dict(WHOLE)[code]
    found = coverage(SYLLABUS, [(code, length)] * times)
    assert found.counted == length
    assert not found.complete


@given(meetings)
def test_complete_means_exactly_that_nothing_is_lacking(planned: list[tuple[str, int]]) -> None:
    found = coverage(SYLLABUS, planned)
    assert found.complete == (found.lacks() == [])


@given(st.sampled_from(REQUIRED), st.integers(1, 100))
def test_a_required_course_short_of_one_minute_is_named(course, short: int) -> None:  # type: ignore[no-untyped-def]
    planned = [(code, minutes - min(short, minutes - 1) if code == course.id else minutes) for code, minutes in WHOLE]
    assert course.id in coverage(SYLLABUS, planned).lacks()[0]["en"]


NOW = datetime(2030, 1, 1, tzinfo=UTC)
moments = st.one_of(st.none(), st.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=hours)))


@given(moments, moments, st.integers(0, 5))
def test_sign_up_is_open_inside_its_window_only(
    opens_at: datetime | None, closes_at: datetime | None, seats: int
) -> None:
    found = sign_up_state("published", opens_at, closes_at, seats, NOW)
    inside = (opens_at is None or opens_at <= NOW) and (closes_at is None or closes_at > NOW)
    assert (found in ("open", "waiting")) == inside
    assert (found == "open") == (inside and seats > 0)


@given(st.sampled_from(["planned", "closed", "cancelled"]), moments, moments, st.integers(0, 5))
def test_nobody_signs_up_for_what_is_not_published(
    state: str, opens_at: datetime | None, closes_at: datetime | None, seats: int
) -> None:
    assert sign_up_state(state, opens_at, closes_at, seats, NOW) == "over"
