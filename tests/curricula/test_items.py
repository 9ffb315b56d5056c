"""Items: what they must be, what their digest covers, and what a candidate never sees."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.findings import Faults
from curricula.items import KINDS, Item, candidate_view, option_order
from curricula.refusals import OptionOrderWrong
from tests.curricula.given import a_question, an_item, item, items

FIELDS_A_CANDIDATE_MAY_SEE = {
    "kind", "stem", "questions", "id", "points", "options", "label", "text", "policy", "unit", "zh", "en",
}  # fmt: skip


def faults(value: Any) -> set[tuple[str, str]]:
    """(field, rule) of every error in an item."""
    with pytest.raises(Faults) as refusal:
        Item.from_json(value)
    return {(one.field, one.rule) for one in refusal.value.findings}


def every_field(value: Any) -> set[str]:
    """The names of all fields at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in every_field(one)}
    return {name for one in value for name in every_field(one)} if isinstance(value, list) else set()


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_of_each_kind_comes_back_from_its_json(kind: str) -> None:
    one = item(kind)
    assert Item.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert len(one.digest()) == 64


@pytest.mark.parametrize("kind", KINDS)
def test_a_candidate_sees_no_key_rationale_citation_or_name(kind: str) -> None:
    secret = "机密"
    value = an_item(kind, "NAME-IN-BANK", rationale={"zh": secret}, cognitive="analyse")
    for asked in [value, *value.get("parts", [])]:
        for line in asked.get("rubric", []):
            line["criterion"] = {"zh": secret}
    seen = candidate_view(Item.from_json(value)).to_json()
    assert every_field(seen) <= FIELDS_A_CANDIDATE_MAY_SEE
    written = json.dumps(seen, ensure_ascii=False)
    assert secret not in written
    assert "NAME-IN-BANK" not in written
    assert "transformation-law-2015" not in written


@given(items(), st.text(max_size=10))
def test_no_view_of_any_item_holds_more_than_a_candidate_may_see(one: Item, seed: str) -> None:
    seen = candidate_view(one, option_order(one, seed)).to_json()
    assert every_field(seen) <= FIELDS_A_CANDIDATE_MAY_SEE
    for question in seen["questions"]:
        assert "key" not in question


@given(items(), st.text(max_size=10), st.text(max_size=10))
def test_two_items_that_differ_only_in_their_key_look_the_same_to_a_candidate(one: Item, seed: str, note: str) -> None:
    other = one.to_json()
    other["rationale"] = {"zh": "另一解析" + note}
    if one.kind == "true_false":
        other["key"] = not other["key"]
    if one.kind == "single":
        other["key"] = other["options"][0]["id"]
    if one.kind == "numeric":
        other["key"] = {**other["key"], "value": "1", "tolerance": 9}
    order = option_order(one, seed)
    assert candidate_view(Item.from_json(other), order) == candidate_view(one, order)


@given(items(), st.text(max_size=10))
def test_an_option_order_rearranges_and_is_the_same_for_the_same_seed(one: Item, seed: str) -> None:
    order = option_order(one, seed)
    assert order == option_order(one, seed)
    for question in one.questions:
        if question.options:
            assert sorted(order[question.id]) == sorted(option.id for option in question.options)


def test_option_orders_of_many_candidates_put_each_option_first_about_as_often() -> None:
    one = item("single")
    first = [option_order(one, str(seed))[""][0] for seed in range(4000)]
    for option in "ABCD":
        assert 880 <= first.count(option) <= 1120  # 1000 expected, four standard deviations (27.4) and a little


def test_options_that_must_stay_in_order_stay() -> None:
    one = item("single", shuffle=False)
    assert option_order(one, "any seed")[""] == ["A", "B", "C", "D"]


@pytest.mark.parametrize("order", [["A", "B", "C"], ["A", "A", "B", "C"], ["A", "B", "C", "Z"]])
def test_an_order_that_is_no_rearrangement_is_refused(order: list[str]) -> None:
    with pytest.raises(OptionOrderWrong) as refusal:
        candidate_view(item("single"), {"": order})
    assert refusal.value.facts == {"item": "T-1"}


def test_labels_follow_the_place_and_answers_name_the_option() -> None:
    seen = candidate_view(item("single"), {"": ["D", "B", "A", "C"]}).to_json()["questions"][0]["options"]
    assert [(one["label"], one["id"]) for one in seen] == [("A", "D"), ("B", "B"), ("C", "A"), ("D", "C")]


def test_a_view_shows_the_points_of_the_form_shared_out_over_the_parts() -> None:
    view = candidate_view(item("case"), None, Fraction(6))
    assert [one.points for one in view.questions] == [Fraction(1), Fraction(5)]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("single", {"key": "Z"}, ("/key", "key-not-an-option")),
        ("single", {"key": ["A"]}, ("/key", "key-wrong-shape")),
        ("multiple", {"key": "A"}, ("/key", "key-wrong-shape")),
        ("multiple", {"key": []}, ("/key", "key-wrong-shape")),
        ("multiple", {"key": ["A", "A"]}, ("/key/1", "doubled")),
        ("multiple", {"key": ["A", "Q"]}, ("/key/1", "key-not-an-option")),
        ("multiple", {"policy": "generous"}, ("/policy", "not-a-choice")),
        ("true_false", {"key": "yes"}, ("/key", "key-wrong-shape")),
        ("true_false", {"options": a_question("single")["options"]}, ("/options", "field-not-for-kind")),
        ("numeric", {"key": {"value": "about 3"}}, ("/key/value", "not-exact")),
        ("numeric", {"key": {"value": "3", "tolerance": "-1"}}, ("/key/tolerance", "out-of-range")),
        ("essay", {"key": "A"}, ("/key", "field-not-for-kind")),
        ("essay", {"points": 11}, ("/rubric", "sum-differs")),
        ("case", {"points": 13}, ("/parts", "sum-differs")),
        ("single", {"points": 0}, ("/points", "out-of-range")),
        ("single", {"points": 1.5}, ("/points", "not-exact")),
        ("single", {"difficulty": 6}, ("/difficulty", "not-whole")),
        ("single", {"difficulty": True}, ("/difficulty", "not-whole")),
        ("single", {"module": "other"}, ("/module", "not-a-choice")),
        ("single", {"level": []}, ("/level", "too-few")),
        ("single", {"stem": {"en": "only English"}}, ("/stem", "chinese-missing")),
        ("single", {"stem": {"zh": " "}}, ("/stem/zh", "empty-text")),
        ("single", {"enemies": ["T-1"]}, ("/enemies", "own-enemy")),
        ("single", {"answer": "B"}, ("/answer", "unknown-key")),
        ("single", {"second_reader": {"checked_on": "2026-02-30", "result": "agrees"}}, ("/second_reader/checked_on", "not-a-day")),
        ("single", {"second_reader": {"checked_on": "2026-02-01", "result": "differs"}}, ("/second_reader/result", "second-reader-differs")),
        ("single", {"citations": [{"act": "x"}]}, ("/citations/0", "missing")),
    ],
)  # fmt: skip
def test_a_planted_fault_in_an_item_is_named_by_field_and_rule(
    kind: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert expected in faults(an_item(kind, **changes))


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_without_any_one_needed_field_is_refused(kind: str) -> None:
    whole = an_item(kind)
    for name in set(whole) - {"enemies", "second_reader"}:
        assert ("", "missing") in faults({key: value for key, value in whole.items() if key != name})


@pytest.mark.parametrize("value", [None, 3, "text", [], {}])
def test_what_is_no_item_at_all_is_refused(value: Any) -> None:
    assert faults(value)


def test_a_level_beyond_its_rubric_line_is_named() -> None:
    value = an_item("essay")
    value["rubric"][0]["levels"][0]["points"] = 5
    assert ("/rubric/0/levels/0/points", "level-outside") in faults(value)


@given(items())
def test_another_key_is_another_digest(one: Item) -> None:
    changed = {**one.to_json(), "version": one.version + 1}
    assert Item.from_json(changed).digest() != one.digest()
    assert Item.from_json(dict(reversed(one.to_json().items()))).digest() == one.digest()
