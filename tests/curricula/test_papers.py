"""Papers: a form is drawn when one exists, by the seed alone, or refused with the cells that stand in the way."""

import itertools
import json
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.banks import Bank
from curricula.content import shipped
from curricula.findings import Faults
from curricula.laws import Register
from curricula.papers import Blueprint, Form, arrangement, candidate_paper, draw
from curricula.papers.matching import NoChoice, choose, shortage_of
from curricula.refusals import (
    ArrangementDoesNotFit,
    BlueprintDoesNotFitBank,
    CellsShortOfItems,
    EnemiesInTheWay,
    FormChanged,
    FormSearchTooLong,
)
from tests.curricula.given import blueprint, cell, item

DAY = date(2026, 6, 1)


def bank_of(count: int, **changes: Any) -> Bank:
    """So many single choice items."""
    return Bank.of(item("single", f"T-{n}", **changes) for n in range(1, count + 1))


def possible(needs: dict[str, int], fitting: dict[str, list[str]], enemies: dict[str, set[str]]) -> bool:
    """Whether any choice exists, by trying all of them."""

    def fill(cells: list[str], taken: frozenset[str]) -> bool:
        if not cells:
            return True
        for chosen in itertools.combinations([one for one in fitting[cells[0]] if one not in taken], needs[cells[0]]):
            now = taken | set(chosen)
            if not any(enemies.get(one, set()) & now for one in now) and fill(cells[1:], now):
                return True
        return False

    return fill(list(needs), frozenset())


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, list[str]], dict[str, set[str]]]:
    """Small needs, fittings and enmities, often without a solution."""
    names = [f"i{n}" for n in range(draw(st.integers(1, 7)))]
    cells = [f"c{n}" for n in range(draw(st.integers(1, 4)))]
    needs = {one: draw(st.integers(1, 3)) for one in cells}
    fitting = {one: draw(st.lists(st.sampled_from(names), unique=True)) for one in cells}
    enemies: dict[str, set[str]] = {}
    for left, right in draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6)):
        if left != right:
            enemies.setdefault(left, set()).add(right)
            enemies.setdefault(right, set()).add(left)
    return needs, fitting, enemies


@given(puzzles())
def test_a_choice_is_found_exactly_when_trying_all_of_them_finds_one(puzzle: tuple[Any, Any, Any]) -> None:
    needs, fitting, enemies = puzzle
    if not possible(needs, fitting, enemies):
        with pytest.raises(NoChoice) as none:
            choose(needs, fitting, enemies)
        shortage = none.value.shortage
        if shortage is not None:
            reached = {one for name in shortage.cells for one in fitting[name]}
            assert len(reached) == shortage.available
            assert sum(needs[name] for name in shortage.cells) == shortage.needed > len(reached)
        return
    chosen = choose(needs, fitting, enemies)
    taken = [one for group in chosen.values() for one in group]
    assert len(taken) == len(set(taken))
    assert {name: len(group) for name, group in chosen.items()} == needs
    assert all(one in fitting[name] for name, group in chosen.items() for one in group)
    assert not any(other in enemies.get(one, set()) for one in taken for other in taken)


@given(puzzles())
def test_a_shortage_is_named_exactly_when_there_is_no_choice_among_friends(puzzle: tuple[Any, Any, Any]) -> None:
    needs, fitting, _ = puzzle
    assert (shortage_of(needs, fitting) is None) == possible(needs, fitting, {})


@given(st.integers(0, 10**9), st.integers(1, 7), st.integers(1, 5))
def test_a_form_satisfies_its_blueprint_or_is_refused(seed: int, easy: int, hard: int) -> None:
    # Six of the eight items fit the first cell, four the second, two of them both.
    bank = Bank.of(item("single", f"T-{n}", difficulty=1 + n % 5) for n in range(8))
    plan = blueprint(cell("easy", easy, difficulty=(1, 3)), cell("hard", hard, difficulty=(3, 5)))
    if easy > 6 or hard > 4 or easy + hard > 8:
        with pytest.raises(CellsShortOfItems) as refusal:
            draw(plan, bank, seed, DAY)
        assert refusal.value.facts["cells"]
        return
    form = draw(plan, bank, seed, DAY)
    names = [one.item.id for one in form.slots]
    assert len(names) == len(set(names)) == plan.questions
    for one in plan.cells:
        filled = [slot for slot in form.slots if slot.cell == one.id]
        assert len(filled) == one.count
        assert all(one.takes(slot.item) and slot.points == one.points for slot in filled)
    assert form.points == plan.points


@given(st.integers(0, 10**9))
def test_the_same_seed_gives_the_same_form(seed: int) -> None:
    bank, plan = bank_of(12), blueprint(cell(count=5))
    assert draw(plan, bank, seed, DAY).digest() == draw(plan, Bank.of(reversed(bank.items)), str(seed), DAY).digest()


def test_other_seeds_draw_other_items_and_each_item_about_as_often() -> None:
    bank, plan = bank_of(12), blueprint(cell(count=3))
    drawn = [one.item.id for seed in range(800) for one in draw(plan, bank, seed, DAY).slots]
    for one in bank.items:
        assert 140 <= drawn.count(one.id) <= 260  # 200 expected, standard deviation 12.2


def test_a_tight_bank_is_solved_by_moving_items_between_cells() -> None:
    bank = Bank.of([item("single", "T-1", difficulty=1), item("single", "T-2", difficulty=5)])
    plan = blueprint(cell("any", 1), cell("easy", 1, difficulty=(1, 1)))
    for seed in range(30):
        form = draw(plan, bank, seed, DAY)
        assert {one.cell: one.item.id for one in form.slots} == {"any": "T-2", "easy": "T-1"}


def test_a_short_bank_is_refused_naming_the_cells_and_the_numbers() -> None:
    bank = Bank.of([*bank_of(5).items, item("single", "H-1", difficulty=5), item("single", "H-2", difficulty=5)])
    plan = blueprint(
        cell("fine", 2, difficulty=(1, 4)), cell("h1", 2, difficulty=(5, 5)), cell("h2", 1, difficulty=(5, 5))
    )
    with pytest.raises(CellsShortOfItems) as refusal:
        draw(plan, bank, 1, DAY)
    assert refusal.value.facts == {
        "cells": ["h1", "h2"],
        "needed": 3,
        "available": 2,
        "outdated": 0,
        "day": "2026-06-01",
    }


def test_enemies_never_meet_and_are_named_when_they_leave_no_choice() -> None:
    bank = Bank.of([item("single", "T-1", enemies=["T-2"]), item("single", "T-2"), item("single", "T-3")])
    for seed in range(30):
        names = {one.item.id for one in draw(blueprint(cell(count=2)), bank, seed, DAY).slots}
        assert not {"T-1", "T-2"} <= names
    with pytest.raises(EnemiesInTheWay) as refusal:
        draw(blueprint(cell("all", 3)), bank, 1, DAY)
    assert refusal.value.facts == {"cells": ["all"]}


def test_a_search_cut_short_says_that_nothing_is_proved() -> None:
    with pytest.raises(FormSearchTooLong) as refusal:
        draw(blueprint(cell(count=5)), bank_of(9), 1, DAY, most_steps=2)
    assert refusal.value.facts["steps"] == 2


def test_items_whose_law_was_not_in_force_on_the_day_are_not_drawn() -> None:
    register = Register.of(
        [shipped().register.act("transformation-law-2015"), shipped().register.act("anti-unfair-competition-law-2019")]
    )
    old = [{"act": "anti-unfair-competition-law-2019", "article": "9"}]
    bank = Bank.of([item("single", "T-1"), item("single", "T-2", citations=old)])
    plan = blueprint(cell("two", 2))
    assert len(draw(plan, bank, 1, date(2025, 10, 14), register).slots) == 2
    with pytest.raises(CellsShortOfItems) as refusal:
        draw(plan, bank, 1, date(2025, 10, 15), register)
    assert refusal.value.facts["outdated"] == 1
    assert refusal.value.facts["available"] == 1


def test_only_items_of_the_level_are_drawn() -> None:
    bank = Bank.of([item("single", "T-1"), item("single", "T-2", level=["senior"])])
    assert [one.item.id for one in draw(blueprint(cell()), bank, 1, DAY).slots] == ["T-1"]
    with pytest.raises(CellsShortOfItems):
        draw(blueprint(cell(), level="intermediate"), bank, 1, DAY)


def test_a_blueprint_for_another_bank_is_refused() -> None:
    with pytest.raises(BlueprintDoesNotFitBank):
        draw(blueprint(cell(), bank="other"), bank_of(3), 1, DAY)


def test_a_unit_takes_items_of_its_elements_and_not_of_its_namesakes() -> None:
    one = cell(units=("TM-U1",))
    assert one.takes(item("single", unit="TM-U1"))
    assert one.takes(item("single", unit="TM-U1.2"))
    assert not one.takes(item("single", unit="TM-U12"))


def test_a_frozen_form_comes_back_and_a_changed_one_is_refused() -> None:
    form = draw(blueprint(cell(count=3)), bank_of(5), 7, DAY)
    frozen = json.loads(json.dumps(form.to_json()))
    assert Form.from_json(frozen) == form
    assert Form.from_json(frozen).digest() == form.digest()
    frozen["slots"][1]["item"]["key"] = "C"
    with pytest.raises(FormChanged) as refusal:
        Form.from_json(frozen)
    assert refusal.value.facts == {"slot": "2"}
    frozen = form.to_json()
    frozen["slots"].pop()
    with pytest.raises(FormChanged):
        Form.from_json(frozen)
    with pytest.raises(Faults):
        Form.from_json({"slots": []})


@given(st.text(max_size=12))
def test_each_candidate_gets_every_question_once_in_an_order_of_the_seed(seed: str) -> None:
    bank = Bank.of([item(kind, f"T-{kind}-{n}") for kind in ("single", "multiple", "case", "essay") for n in range(2)])
    form = draw(blueprint(cell(count=8, points=Fraction(3))), bank, 1, DAY)
    arranged = json.loads(json.dumps(arrangement(form, seed)))
    assert arranged == arrangement(form, seed)
    paper = candidate_paper(form, arranged)
    assert sorted(one.slot for one in paper) == sorted(form.by_slot)
    assert [one.number for one in paper] == list(range(1, 9))
    kinds = [one.item.kind for one in paper]
    assert kinds == sorted(kinds, key=("single", "multiple", "case", "essay").index)
    assert sum(question.points for one in paper for question in one.item.questions) == form.points
    assert '"key"' not in json.dumps([one.to_json() for one in paper])


def test_candidates_with_other_seeds_sit_before_other_orders() -> None:
    form = draw(blueprint(cell(count=6)), bank_of(6), 1, DAY)
    assert len({tuple(arrangement(form, str(seed))["order"]) for seed in range(20)}) > 10


def test_an_arrangement_of_another_form_is_refused() -> None:
    form, other = draw(blueprint(cell(count=2)), bank_of(5), 1, DAY), draw(blueprint(cell(count=3)), bank_of(5), 1, DAY)
    with pytest.raises(ArrangementDoesNotFit):
        candidate_paper(form, arrangement(other, "x"))


def test_a_blueprint_comes_back_from_its_json_and_its_sums_must_agree() -> None:
    plan = blueprint(cell("a", 2), cell("b", 1, units=("TM-U1",), difficulty=(2, 4)))
    assert Blueprint.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    for changes, field in (({"questions": 4}, "/questions"), ({"points": 5}, "/points")):
        with pytest.raises(Faults) as refusal:
            Blueprint.from_json({**plan.to_json(), **changes})
        assert [(one.field, one.rule) for one in refusal.value.findings] == [(field, "sum-differs")]


def test_a_large_bank_is_drawn_without_a_long_search() -> None:
    bank = Bank.of(
        item("single", f"T-{n}", difficulty=1 + n % 5, enemies=[f"T-{n ^ 1}"], unit=f"TM-U{1 + n % 8}")
        for n in range(600)
    )
    cells = [
        cell(f"u{unit}d{level}", 3, units=(f"TM-U{unit}",), difficulty=(level, level))
        for unit in range(1, 9)
        for level in range(1, 5)
    ]
    form = draw(blueprint(*cells), bank, 1, DAY, most_steps=200)
    assert len(form.slots) == 96
