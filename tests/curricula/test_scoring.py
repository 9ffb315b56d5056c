"""Scoring: every kind and policy by example, and the laws that hold for any form and any answer."""

import itertools
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.banks import Bank
from curricula.bilingual import Bilingual
from curricula.canonical import digest
from curricula.cutscores import Cut
from curricula.items import POLICIES, Item, NumericKey, RubricLevel, RubricLine
from curricula.papers import Form, draw
from curricula.refusals import MarkForUnknownPlace, MarkOutOfRange
from curricula.scoring import ScoreRecord, can_be_read, marks_offered, read_mark, read_number, score, share_earned
from tests.curricula.given import blueprint, cell, full_marks, item, items, right_answer

DAY = date(2026, 6, 1)


def form_of(*chosen: Item, points: int | Fraction = 2, pass_mark: Fraction = Fraction(3, 5)) -> Form:
    """A form that holds exactly these items, each worth the same."""
    plan = blueprint(cell(count=len(chosen), points=Fraction(points), difficulty=(1, 5)), pass_mark=pass_mark)
    return draw(plan, Bank.of(chosen), 1, DAY)


def earned(kind: str, answer: Any, **changes: Any) -> tuple[str, str]:
    """Share of the points and state for one answer to one question."""
    share, state = share_earned(item(kind, **changes).questions[0], answer)
    return str(share), state


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("B", ("1", "scored")),
        ("A", ("0", "scored")),
        (None, ("0", "unanswered")),
        ("", ("0", "unanswered")),
        ("Z", ("0", "unreadable")),
        (["B"], ("0", "unreadable")),
        (True, ("0", "unreadable")),
        ({"x": 1}, ("0", "unreadable")),
    ],
)
def test_single_choice_gives_all_or_nothing(answer: Any, expected: tuple[str, str]) -> None:
    assert earned("single", answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, ("1", "scored")),
        (False, ("0", "scored")),
        (None, ("0", "unanswered")),
        ("true", ("0", "unreadable")),
        (1, ("0", "unreadable")),
    ],
)
def test_true_false_takes_only_true_and_false(answer: Any, expected: tuple[str, str]) -> None:
    assert earned("true_false", answer) == expected


# Four options, key A and C: what each policy gives for each choice.
POLICY_TABLE = {
    "all_or_nothing": {"AC": "1", "A": "0", "ABC": "0", "B": "0", "ABCD": "0", "AB": "0"},
    "right_minus_wrong": {"AC": "1", "A": "1/2", "ABC": "1/2", "B": "0", "ABCD": "0", "AB": "0"},
    "each_option": {"AC": "1", "A": "3/4", "ABC": "3/4", "B": "1/4", "ABCD": "1/2", "AB": "1/2", "BD": "0"},
    "partial_if_none_wrong": {"AC": "1", "A": "1/2", "ABC": "0", "B": "0", "ABCD": "0", "AB": "0"},
}


@pytest.mark.parametrize(
    ("policy", "chosen", "share"),
    [(policy, chosen, share) for policy, rows in POLICY_TABLE.items() for chosen, share in rows.items()],
)
def test_each_policy_of_multiple_choice_gives_its_share(policy: str, chosen: str, share: str) -> None:
    assert earned("multiple", list(chosen), policy=policy) == (share, "scored")


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_chosen_earns_nothing_under_every_policy(policy: str) -> None:
    assert earned("multiple", [], policy=policy) == ("0", "unanswered")
    assert earned("multiple", ["Z"], policy=policy) == ("0", "unreadable")
    assert earned("multiple", "AC", policy=policy) == ("0", "unreadable")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("12.5", "1"),
        ("12.6", "1"),
        ("12.4", "1"),
        ("12.6000001", "0"),
        ("12.3999999", "0"),
        ("１２．５", "1"),
        (" 12.5 万元 ", "1"),
        (12.5, "1"),
        ({"value": "12.5"}, "1"),
        ({"value": "12.5", "unit": "万元"}, "1"),
        ({"value": "12.5", "unit": "元"}, "0"),
        ("25/2", "1"),
        ("+12.5", "1"),
        ("125000", "0"),
    ],
)
def test_numbers_are_compared_exactly_with_the_ends_of_the_tolerance_included(answer: Any, expected: str) -> None:
    assert earned("numeric", answer)[0] == expected


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,250", Fraction(1250)),
        ("1,25", None),
        ("-0.5", Fraction(-1, 2)),
        (".5", Fraction(1, 2)),
        ("−3", Fraction(-3)),
        ("约3", None),
        ("1e3", None),
        ("nan", None),
        (True, None),
        ([], None),
        ("٣", None),
        (7, Fraction(7)),
        ("", None),
    ],
)
def test_a_written_number_is_read_exactly_or_not_at_all(written: Any, number: Fraction | None) -> None:
    assert read_number(written) == number


def test_an_unreadable_number_is_marked_as_such() -> None:
    assert earned("numeric", "十二万五千") == ("0", "unreadable")
    assert earned("numeric", "  ") == ("0", "unanswered")


@pytest.mark.parametrize("answer", [True, ["作答"], {"text": ["作答"]}])
def test_an_essay_that_is_no_text_waits_for_nobody(answer: Any) -> None:
    record = score(form_of(item("essay")), {"1": answer})
    assert record.pending == ()
    assert record.slots[0].places[0].state == "unreadable"


ANYTHING = st.one_of(
    st.sampled_from(["A", "B", "ZZ", "maybe", "12abc", "NaN", "12.5", "１，２５０", " 3 万元", ".5"]),
    st.booleans(),
    st.text(max_size=5),
    st.lists(st.sampled_from(["A", "B", "ZZ"]), max_size=3),
    st.dictionaries(st.sampled_from(["value", "unit", "text"]), st.text(max_size=3), max_size=2),
)


@given(items(("single", "multiple", "true_false", "numeric")), ANYTHING)
def test_what_cannot_be_read_without_the_key_is_what_scoring_calls_unreadable(one: Item, answer: Any) -> None:
    question = one.questions[0]
    unit = question.key.unit if isinstance(question.key, NumericKey) else None
    _, state = share_earned(question, answer)
    readable = can_be_read(question.kind, answer, [option.id for option in question.options], unit)
    assert state == "unanswered" or (state == "unreadable") == (not readable)


def test_a_case_is_scored_part_by_part_in_the_points_of_the_form() -> None:
    form = form_of(item("case"), points=24)
    record = score(form, {"1": {"a": "B", "b": "作答"}}, {"1.b": {"r1": 3, "r2": "9/2"}})
    places = {one.place: str(one.earned) for one in record.slots[0].places}
    assert places == {"1.a": "4", "1.b": "15"}
    assert str(record.earned) == "19"


def test_a_case_answered_with_something_else_is_unreadable_and_never_read_as_its_part() -> None:
    record = score(form_of(item("case")), {"1": "B"})
    assert record.slots[0].places[0].state == "unreadable"
    assert record.earned == 0


def test_an_essay_waits_until_every_line_has_its_mark() -> None:
    form = form_of(item("essay"), item("single", "T-2"))
    slot = next(one.slot for one in form.slots if one.item.kind == "essay")
    for marks in (None, {slot: {"r1": 2}}):
        record = score(form, {slot: "作答"}, marks)
        assert record.pending == (slot,)
        assert record.passed is None
        assert record.to_json()["state"] == "pending"
    done = score(form, {slot: "作答"}, {slot: {"r1": 2, "r2": 6}})
    assert done.pending == ()
    assert done.earned == Fraction(8, 10) * 2


def test_a_blank_essay_needs_no_marker() -> None:
    record = score(form_of(item("essay")), {"1": "  \n"})
    assert record.pending == ()
    assert record.slots[0].places[0].state == "unanswered"
    assert record.passed is False


@pytest.mark.parametrize("mark", [5, -1, "x", 2.5, None, True, "1/0"])
def test_a_mark_outside_its_line_is_refused(mark: Any) -> None:
    with pytest.raises(MarkOutOfRange) as refusal:
        score(form_of(item("essay")), {"1": "作答"}, {"1": {"r1": mark, "r2": 1}})
    assert refusal.value.facts["line"] == "r1"
    assert refusal.value.facts["most"] == 4


def rubric_line(points: Fraction, levels: list[Fraction]) -> RubricLine:
    """A rubric line of so many points with these levels."""
    words = Bilingual("论点", "Claim")
    return RubricLine("r1", words, points, tuple(RubricLevel(one, words) for one in levels))


@pytest.mark.parametrize(
    ("written", "number"),
    [(2, "2"), (" 2 ", "2"), ("2.0", "2"), ("4/2", "2"), (0, "0"), ("1/3", None), (1, None), (5, None), (-1, None)],
)
def test_a_line_with_levels_is_marked_by_a_level_or_nothing(written: Any, number: str | None) -> None:
    read = read_mark(written, rubric_line(Fraction(4), [Fraction(4), Fraction(2)]))
    assert (None if read is None else str(read)) == number


@pytest.mark.parametrize("written", [2.5, True, None, "", "viel", [1]])
def test_what_is_no_exact_number_is_no_mark(written: Any) -> None:
    assert read_mark(written, rubric_line(Fraction(4), [])) is None


QUARTERS = st.integers(0, 40).map(lambda number: Fraction(number, 4))


@given(QUARTERS, st.lists(QUARTERS, max_size=5), QUARTERS)
def test_a_mark_that_is_read_fits_its_line_and_every_level_can_be_given(
    points: Fraction, levels: list[Fraction], mark: Fraction
) -> None:
    line = rubric_line(points, [min(one, points) for one in levels])
    read = read_mark(str(mark), line)
    assert read in (None, mark)
    assert (read is not None) == (mark <= points and (not levels or mark in marks_offered(line)))
    assert all(read_mark(one, line) == one for one in [*marks_offered(line), Fraction(0)])
    assert RubricLine.from_json(line.to_json()) == line


@pytest.mark.parametrize("marks", [{"2": {"r1": 1}}, {"1": {"r9": 1}}, {"1.a": {"r1": 1}}])
def test_a_mark_for_something_the_form_does_not_ask_is_refused(marks: Mapping[str, Any]) -> None:
    with pytest.raises(MarkForUnknownPlace):
        score(form_of(item("essay")), {"1": "作答"}, marks)


def test_an_answer_to_a_slot_that_is_not_there_is_listed_and_changes_nothing() -> None:
    form = form_of(item("single"))
    record = score(form, {"1": "B", "99": "B"})
    assert record.unplaced == ("99",)
    assert record.earned == form.points


def test_reaching_the_pass_mark_exactly_passes_and_a_hair_less_does_not() -> None:
    cut = Cut(Fraction(2, 3), Fraction(10))
    assert cut.passes(Fraction(20, 3))
    assert not cut.passes(Fraction(20, 3) - Fraction(1, 10**12))


def test_modules_and_units_add_up_to_the_whole() -> None:
    form = form_of(
        item("single", "T-1", module="capability", unit="TM-U8"), item("single", "T-2"), item("true_false", "T-3")
    )
    record = score(form, {one.slot: right_answer(one.item) for one in form.slots[:2]}).to_json()
    for group in (record["modules"], record["units"]):
        assert sum(Fraction(one["earned"]) for one in group.values()) == Fraction(record["earned"])
        assert sum(Fraction(one["points"]) for one in group.values()) == Fraction(record["points"])
    assert set(record["units"]) == {"TM-U8", "TM-U3"}


def test_the_hashes_change_with_what_they_stand_for_and_with_nothing_else() -> None:
    form = form_of(item("essay"))
    one = score(form, {"1": "作答"}, {"1": {"r1": 1, "r2": 2}})
    other_answer = score(form, {"1": "另答"}, {"1": {"r1": 1, "r2": 2}})
    other_mark = score(form, {"1": "作答"}, {"1": {"r1": 2, "r2": 2}})
    other_key = score(form_of(item("essay", version=2)), {"1": "作答"}, {"1": {"r1": 1, "r2": 2}})

    def differing(left: ScoreRecord, right: ScoreRecord) -> set[str]:
        return {name for name in left.hashes if left.hashes[name] != right.hashes[name]}

    assert differing(one, other_answer) == {"answers"}
    assert differing(one, other_mark) == {"marks"}
    assert differing(one, other_key) == {"form", "items"}
    assert one.hashes["form"] == form.digest()


some_answers = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(list("ABCDEF")),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["a", "b", "text", "value", "unit"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(items(), min_size=1, max_size=6, unique_by=lambda one: one.id), st.data())
def test_whatever_is_answered_the_score_lies_between_nothing_and_the_points(
    chosen: list[Item], data: st.DataObject
) -> None:
    form = form_of(*chosen)
    answers = {one.slot: data.draw(some_answers) for one in form.slots}
    record = score(form, answers)
    assert 0 <= record.earned <= record.points == form.points
    for slot in record.slots:
        assert 0 <= slot.earned <= slot.points
    assert ScoreRecord.from_json(json.loads(record.canonical_bytes())).canonical_bytes() == record.canonical_bytes()


@given(st.lists(items(), min_size=1, max_size=6, unique_by=lambda one: one.id))
def test_right_answers_and_full_marks_earn_every_point_and_silence_none(chosen: list[Item]) -> None:
    form = form_of(*chosen)
    marks: dict[str, dict[str, str]] = {}
    for one in form.slots:
        marks.update(full_marks(one.item, one.slot))
    record = score(form, {one.slot: right_answer(one.item) for one in form.slots}, marks)
    assert record.earned == form.points
    assert record.passed is True
    silent = score(form, {})
    assert silent.earned == 0
    assert silent.passed is False


@given(st.lists(items(), min_size=2, max_size=5, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_in_which_answers_come_does_not_change_a_byte(chosen: list[Item], random: Any) -> None:
    form = form_of(*chosen)
    answers = {one.slot: right_answer(one.item) for one in form.slots}
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    assert score(form, dict(shuffled)).canonical_bytes() == score(form, answers).canonical_bytes()


@given(items(("multiple",)), st.data())
def test_the_order_of_choices_does_not_change_what_they_earn(one: Item, data: st.DataObject) -> None:
    question = one.questions[0]
    chosen = data.draw(st.lists(st.sampled_from([option.id for option in question.options]), unique=True, max_size=4))
    shares = {share_earned(question, list(order)) for order in itertools.permutations(chosen)}
    assert len(shares) == 1


@given(items(("multiple",)), st.data())
def test_a_wrong_choice_more_never_raises_and_a_right_choice_more_never_lowers(one: Item, data: st.DataObject) -> None:
    question = one.questions[0]
    assert isinstance(question.key, tuple)
    ids = {option.id for option in question.options}
    chosen = data.draw(st.sets(st.sampled_from(sorted(ids)), min_size=1))
    share, _ = share_earned(question, sorted(chosen))
    for more in sorted(ids - chosen):
        after, _ = share_earned(question, sorted(chosen | {more}))
        if more in question.key:
            assert after >= share
        else:
            assert after <= share


@given(
    st.dictionaries(st.text(max_size=5), st.integers(-(2**50), 2**50) | st.text(max_size=5), max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_digest_does_not_depend_on_the_order_of_keys(value: dict[str, Any], random: Any) -> None:
    pairs = list(value.items())
    random.shuffle(pairs)
    assert digest(dict(pairs)) == digest(value)
