"""Laws of appeals: until when one is in time, what opinions come to, what a decision's digest covers."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exams.rules import OUTCOME_ORDER, appeal_closes, decision_digest, panel_outcome
from service.foundation.clock import BEIJING

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given the zone
PANELS = st.lists(st.sampled_from(OUTCOME_ORDER), min_size=1, max_size=15).filter(lambda one: len(one) % 2 == 1)


@given(MOMENTS, st.integers(1, 90))
def test_window_ends_with_a_day_in_beijing_and_gives_every_day_whole(released: datetime, days: int) -> None:
    closes = appeal_closes(released, days)
    local = closes.astimezone(BEIJING)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert timedelta(days=days) < closes - released <= timedelta(days=days + 1)
    assert (local.date() - released.astimezone(BEIJING).date()).days == days + 1


def test_window_of_a_result_released_late_in_the_evening_in_beijing() -> None:
    released = datetime(2026, 6, 1, 23, 59, tzinfo=BEIJING)
    assert appeal_closes(released, 15) == datetime(2026, 6, 17, tzinfo=BEIJING)


@given(PANELS)
def test_plain_majority_is_the_outcome(opinions: list[str]) -> None:
    word, count = Counter(opinions).most_common(1)[0]
    outcome = panel_outcome(opinions)
    if count > len(opinions) / 2:
        assert outcome == word
    granting = [OUTCOME_ORDER.index(one) >= OUTCOME_ORDER.index(outcome) for one in opinions]
    more = [OUTCOME_ORDER.index(one) > OUTCOME_ORDER.index(outcome) for one in opinions]
    assert sum(granting) > len(opinions) / 2
    assert sum(more) < len(opinions) / 2


@given(PANELS, st.randoms())
def test_outcome_does_not_depend_on_who_spoke_first(opinions: list[str], random: object) -> None:
    mixed = list(opinions)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert panel_outcome(mixed) == panel_outcome(opinions)


@given(PANELS, st.integers(0, 14))
def test_no_voice_for_more_grants_less(opinions: list[str], place: int) -> None:
    raised = list(opinions)
    raised[place % len(raised)] = "upheld"
    assert OUTCOME_ORDER.index(panel_outcome(raised)) >= OUTCOME_ORDER.index(panel_outcome(opinions))


def test_one_voice_each_way_comes_to_what_two_would_grant() -> None:
    assert panel_outcome(["upheld", "dismissed", "partly_upheld"]) == "partly_upheld"


def test_even_number_of_opinions_is_no_panel() -> None:
    with pytest.raises(ValueError, match="even"):
        panel_outcome(["upheld", "dismissed"])


def test_digest_covers_each_part_of_a_decision() -> None:
    marks = {"20": {"r1": 1}}
    parts: list[tuple[str, str, str, bytes, dict[str, dict[str, int]] | None, str | None]]
    parts = [("a", "d", "upheld", b"x", marks, None)]
    parts += [("b", "d", "upheld", b"x", marks, None), ("a", "e", "upheld", b"x", marks, None)]
    parts += [("a", "d", "dismissed", b"x", marks, None), ("a", "d", "upheld", b"y", marks, None)]
    parts += [("a", "d", "upheld", b"x", None, None), ("a", "d", "upheld", b"x", marks, "1")]
    assert len({decision_digest(*one) for one in parts}) == len(parts)
