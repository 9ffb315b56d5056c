"""Items, blueprints and answers for the tests of curricula."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from curricula.bilingual import Bilingual
from curricula.items import KINDS, POLICIES, Item
from curricula.papers import Blueprint, Cell

LETTERS = "ABCDEF"


def a_question(kind: str, **changes: Any) -> dict[str, Any]:
    """The asked and scored fields of a question of a kind, as content writes them."""
    options = [{"id": one, "text": {"zh": f"选项{one}"}} for one in "ABCD"]
    fields: dict[str, dict[str, Any]] = {
        "single": {"options": options, "key": "B", "points": 2},
        "multiple": {"options": options, "key": ["A", "C"], "policy": "all_or_nothing", "points": 4},
        "true_false": {"key": True, "points": 1},
        "numeric": {"key": {"value": "12.5", "tolerance": "0.1", "unit": "万元"}, "points": 3},
        "essay": {
            "rubric": [
                {
                    "id": "r1",
                    "criterion": {"zh": "论点"},
                    "points": 4,
                    "levels": [{"points": 4, "text": {"zh": "完整"}}, {"points": 0, "text": {"zh": "没有"}}],
                },
                {"id": "r2", "criterion": {"zh": "论据"}, "points": 6, "levels": []},
            ],
            "points": 10,
        },
    }
    return {"kind": kind, "stem": {"zh": f"{kind}的题干", "en": f"a {kind} question"}, **fields[kind], **changes}


def an_item(kind: str = "single", name: str = "T-1", **changes: Any) -> dict[str, Any]:
    """A whole item of a kind, as content writes it."""
    if kind == "case":
        parts = [{"id": "a", **a_question("single")}, {"id": "b", **a_question("essay")}]
        asked: dict[str, Any] = {"kind": "case", "stem": {"zh": "案例材料"}, "parts": parts, "points": 12}
    else:
        asked = a_question(kind)
    return {
        "id": name,
        "version": 1,
        **asked,
        "rationale": {"zh": "解析"},
        "citations": [{"act": "transformation-law-2015", "article": "45"}],
        "unit": "TM-U3",
        "module": "policy_and_law",
        "level": ["initial", "senior"],
        "cognitive": "apply",
        "difficulty": 3,
        "enemies": [],
        "second_reader": {"checked_on": "2026-02-01", "result": "agrees"},
        **changes,
    }


def item(kind: str = "single", name: str = "T-1", **changes: Any) -> Item:
    """The same as a value."""
    return Item.from_json(an_item(kind, name, **changes))


def blueprint(
    *cells: Cell, bank: str = "bank", level: str = "initial", pass_mark: Fraction = Fraction(3, 5)
) -> Blueprint:
    """A blueprint of these cells."""
    words = Bilingual("蓝图", "blueprint")
    syllabus = ("technology-manager", "2026.1", level)
    return Blueprint("paper", 1, words, bank, syllabus, False, words, 60, pass_mark, True, tuple(cells))


def cell(name: str = "c", count: int = 1, **changes: Any) -> Cell:
    """A cell that takes every kind."""
    return Cell(**{"id": name, "kinds": KINDS, "count": count, "points": Fraction(2), **changes})


@st.composite
def items(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> Item:
    """Any item: any kind, policy, key, points, difficulty, module."""
    kind = draw(st.sampled_from(kinds))
    number = draw(st.integers(1, 10**6))
    changes: dict[str, Any] = {
        "difficulty": draw(st.integers(1, 5)),
        "module": draw(st.sampled_from(("public_knowledge", "policy_and_law", "practical_skills", "capability"))),
        "unit": draw(st.sampled_from([f"TM-U{n}" for n in range(1, 9)])),
    }
    if kind in ("single", "multiple"):
        offered = draw(st.integers(2, 6))
        options = [{"id": one, "text": {"zh": f"选项{one}"}} for one in LETTERS[:offered]]
        changes["options"] = options
        ids = LETTERS[:offered]
        changes["points"] = draw(st.integers(1, 9))
        if kind == "single":
            changes["key"] = draw(st.sampled_from(ids))
        else:
            changes["key"] = sorted(draw(st.sets(st.sampled_from(ids), min_size=1)))
            changes["policy"] = draw(st.sampled_from(POLICIES))
    if kind == "numeric":
        value, tolerance = draw(st.decimals(-(10**6), 10**6, places=3)), draw(st.decimals(0, 10, places=2))
        changes["key"] = {"value": f"{value:f}", "tolerance": f"{tolerance:f}", "unit": "万元"}
    return item(kind, f"T-{number}", **changes)


def right_answer(item: Item) -> Any:
    """An answer to a whole item that earns all that a key can give."""
    answers = {}
    for question in item.questions:
        key = question.key_json()
        if question.kind == "numeric":
            key = key["value"]
        answers[question.id] = "作答" if question.kind == "essay" else key
    return answers if item.kind == "case" else answers[""]


def full_marks(item: Item, slot: str) -> dict[str, dict[str, str]]:
    """All points for every essay in an item."""
    return {
        f"{slot}.{question.id}" if question.id else slot: {line.id: str(line.points) for line in question.rubric}
        for question in item.questions
        if question.kind == "essay"
    }


def an_act_file(path: Path, old: str = "", new: str = "") -> Path:
    """A file of one act of the register, with one replacement."""
    text = """act: sample-act
kind: law
region: CN
title: {zh: 样例法, en: Sample Act}
document_number: null
issuer: {zh: 样例机关, en: Sample issuer}
adopted: null
valid_from: 2020-01-01
valid_to: null
last_article: 9
verified: false
unconfirmed: []
source: sample
articles: []
"""
    path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return path
