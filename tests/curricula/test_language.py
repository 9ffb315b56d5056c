"""Every refusal, every rule of the checker and every word of the command line has its sentence in both languages."""

import ast
import re
from pathlib import Path

import pytest

import curricula
from curricula.findings import RULES, Finding
from curricula.language import chinese_sentences, gettext, said, sentence
from curricula.refusals import CellsShortOfItems, Refusal, SyntaxBroken, every_refusal

PLACE = re.compile(r"%\((\w+)\)s")
PACKAGE = Path(curricula.__file__).parent


def marked() -> set[str]:
    """Every message id written in the package's code."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "later":
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    found.add(str(argument.value))
    return found


def test_the_catalogue_holds_exactly_the_sentences_of_the_code() -> None:
    assert set(chinese_sentences()) == marked()


@pytest.mark.parametrize("message", sorted(marked()))
def test_each_chinese_sentence_is_chinese_and_speaks_of_the_same_facts(message: str) -> None:
    chinese = gettext(message, "zh-CN")
    assert set(PLACE.findall(chinese)) == set(PLACE.findall(message))
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert gettext(message, "en") == message


def test_every_refusal_has_its_own_slug_and_its_sentence_in_both_languages() -> None:
    classes = list(every_refusal())
    named = [one for one in classes if "slug" in vars(one)]
    assert len({one.slug for one in named}) == len(named)
    for one in classes:
        facts = dict.fromkeys(PLACE.findall(one.message), "X")
        refusal: Refusal = Refusal.__new__(one)
        refusal.facts = facts
        assert "%(" not in sentence(refusal, "en")
        assert sentence(refusal, "zh-CN") != sentence(refusal, "en")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_of_the_checker_has_its_sentence_in_both_languages(rule: str) -> None:
    finding = Finding("f", 1, "/x", "error", rule, dict.fromkeys(PLACE.findall(RULES[rule]), "X"))
    spoken = finding.to_json()["sentence"]
    assert spoken["zh"] != spoken["en"]
    assert "%(" not in spoken["zh"] + spoken["en"]


def test_facts_that_are_messages_or_lists_or_bilingual_are_said_in_the_same_language() -> None:
    refusal = SyntaxBroken(file="a.yaml", line=3, reason="the nesting is too deep")
    assert sentence(refusal, "zh-CN") == "a.yaml 第 3 行：嵌套层次过深。"
    short = CellsShortOfItems(cells=["a", "b"], needed=3, available=2, outdated=0, day="2026-01-01")
    assert "a、b" in sentence(short, "zh-CN")
    assert "a, b" in sentence(short, "en")
    assert said({"zh": "法", "en": "Act"}, "en") == "Act"
    assert said({"zh": "法"}, "en") == "法"


def test_an_unknown_language_is_answered_in_chinese() -> None:
    assert gettext("This cannot be done.", "fr") == "无法进行此操作。"
