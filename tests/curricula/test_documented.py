"""The schemas in docs/curricula.md are true of real values, and each refuses a value with a field too many."""

import json
import re
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from curricula import editions
from curricula.content import CONTENT, shipped
from curricula.items import Item
from curricula.papers import arrangement, candidate_paper, draw
from curricula.scoring import score
from tests.curricula.given import full_marks, items, right_answer

DOCUMENT = (CONTENT.parent / "docs" / "curricula.md").read_text(encoding="utf-8")
SCHEMAS = {
    one["$id"]: {**one, "$id": f"urn:{one['$id']}"}
    for one in map(json.loads, re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
}


def values() -> dict[str, list[Any]]:
    """Real values for each schema, from a form of each level."""
    found: dict[str, list[Any]] = {name: [] for name in SCHEMAS}
    library = shipped()
    for plan in library.blueprints.values():
        form = draw(plan, library.banks[plan.bank], 3, date(2026, 6, 1), library.register)
        arranged = arrangement(form, "seed")
        answers = {one.slot: right_answer(one.item) for one in form.slots}
        marks: dict[str, dict[str, str]] = {}
        for one in form.slots:
            marks.update(full_marks(one.item, one.slot))
        found["form"].append(form.to_json())
        found["arrangement"].append(arranged)
        found["candidate-slot"] += [one.to_json() for one in candidate_paper(form, arranged)]
        found["marks"].append(marks)
        found["score-record"] += [
            score(form, answers).to_json(),
            score(form, answers, marks).to_json(),
            score(form, {}).to_json(),
        ]
        found["item"] += [one.to_json() for one in library.banks[plan.bank].items]
    found["finding"] += [one.to_json() for one in editions.check("syllabus: 1\nlevel: x\n", "x.yaml")]
    return found


def test_all_schemas_are_read() -> None:
    assert set(SCHEMAS) == {"item", "form", "arrangement", "candidate-slot", "marks", "score-record", "finding"}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_true_of_real_values(name: str) -> None:
    real = values()[name]
    assert real
    schema = jsonschema_rs.validator_for(SCHEMAS[name])
    for value in real:
        schema.validate(value)
        if value:
            assert not schema.is_valid({**value, "a field too many": 1})


@given(items())
def test_the_schema_of_an_item_is_true_of_any_item(one: Item) -> None:
    jsonschema_rs.validator_for(SCHEMAS["item"]).validate(one.to_json())
