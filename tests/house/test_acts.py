"""Every act written into the journal has its sentence in both languages, and every kind of thing its word."""

from pathlib import Path

import pytest

from service.desks.errors import ActsUnreadable
from service.desks.queries.titles import SOURCES
from service.desks.reading import read_acts, shipped_acts
from tests.house.acts import acts_in

PLANTED = """
from enum import StrEnum

SUBJECT = "thing"


class Way(StrEnum):
    UP = "up"
    DOWN = "down"


async def act(db, row, fresh, way: Way):
    note(db, "thing.planted" if fresh else "thing.replanted", SUBJECT, row.id)
    note(db, f"thing.{way.value}", "thing", row.id)
    _noted(db, row, "thing.called")


def _noted(db, row, action):
    note(db, action, "thing", row.id)


async def hidden(db, row):
    note(db, row.action, "thing", row.id)
"""


def test_every_act_in_code_has_its_sentence_and_every_thing_its_word() -> None:
    acts, kinds, unreadable = acts_in()
    assert unreadable == []
    assert len(acts) > 100
    sentences = shipped_acts()
    assert {name: place for name, place in acts.items() if name not in sentences.acts} == {}
    assert {name: place for name, place in kinds.items() if name not in sentences.things} == {}


def test_titles_are_sought_for_known_things_only() -> None:
    assert set(SOURCES) <= set(shipped_acts().things)


def test_a_planted_act_without_a_sentence_is_found_and_one_that_hides_is_told(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(PLANTED, encoding="utf-8")
    acts, kinds, unreadable = acts_in(tmp_path)
    assert set(acts) == {"thing.planted", "thing.replanted", "thing.up", "thing.down", "thing.called"}
    assert set(kinds) == {"thing"}
    assert len(unreadable) == 1
    assert not set(acts) & set(shipped_acts().acts)


@pytest.mark.parametrize(
    "text",
    [
        "acts: {x.y: {zh: 做了}}\nthings: {}",
        "acts: {x.y: {zh: '{name}做了', en: did}}\nthings: {}",
        "acts: {}\nthings: {}\nothers: {}",
        "acts: [",
    ],
)
def test_sentences_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ActsUnreadable):
        read_acts(text)
