"""The citation register: days, articles, and what a change of law affects."""

from datetime import date
from typing import Any

import pytest

from curricula.content import shipped
from curricula.findings import Faults
from curricula.items import Citation
from curricula.laws import Act, Register, affected
from curricula.refusals import ActUnknown, ArticleUnknown
from tests.curricula.given import item


def an_act(**changes: Any) -> dict[str, Any]:
    """An act as the register writes it."""
    return {
        "act": "sample-act",
        "kind": "law",
        "region": "CN",
        "title": {"zh": "样例法", "en": "Sample Act"},
        "document_number": None,
        "issuer": {"zh": "样例机关", "en": "Sample issuer"},
        "adopted": "2019-12-01",
        "valid_from": "2020-01-01",
        "valid_to": "2025-12-31",
        "last_article": 50,
        "verified": True,
        "unconfirmed": [],
        "source": "sample",
        "articles": [
            {
                "article": "7",
                "subject": {"zh": "奖励", "en": "Awards"},
                "valid_from": "2021-01-01",
                "valid_to": "2023-12-31",
            },
            {"article": "8", "subject": {"zh": "报酬", "en": "Pay"}},
        ],
        **changes,
    }


def test_an_act_comes_back_from_its_json() -> None:
    act = Act.from_json(an_act())
    assert Act.from_json(act.to_json()) == act


@pytest.mark.parametrize(
    ("article", "day", "in_force"),
    [
        ("8", "2019-12-31", False),
        ("8", "2020-01-01", True),
        ("8", "2025-12-31", True),
        ("8", "2026-01-01", False),
        ("7", "2020-12-31", False),
        ("7", "2021-01-01", True),
        ("7", "2023-12-31", True),
        ("7", "2024-01-01", False),
        ("9", "2022-01-01", True),
    ],
)
def test_first_and_last_day_are_in_force_and_an_article_may_have_its_own(
    article: str, day: str, in_force: bool
) -> None:
    register = Register.of([Act.from_json(an_act())])
    assert register.in_force(Citation("sample-act", article), date.fromisoformat(day)) is in_force


def test_an_act_the_register_does_not_have_is_never_in_force() -> None:
    assert not Register.of([]).in_force(Citation("x", "1"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("article", "there"),
    [("1", True), ("50", True), ("50-1", True), ("51", False), ("0", False), ("abc", False), ("8", True)],
)
def test_an_act_knows_which_articles_it_has(article: str, there: bool) -> None:
    assert Act.from_json(an_act()).has(article) is there


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"kind": "poem"}, "/kind", "not-a-choice"),
        ({"region": "Zhejiang"}, "/region", "pattern"),
        ({"valid_to": "2019-01-01"}, "/valid_to", "days-reversed"),
        ({"unconfirmed": ["colour"]}, "/unconfirmed/0", "not-a-choice"),
        (
            {"articles": [{"article": "51", "subject": {"zh": "无", "en": "none"}}]},
            "/articles/0/article",
            "article-beyond",
        ),
        ({"note": "text"}, "/note", "not-a-mapping"),
        ({"author": "x"}, "/author", "unknown-key"),
    ],
)
def test_a_planted_fault_in_an_act_is_named(changes: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(Faults) as refusal:
        Act.from_json(an_act(**changes))
    assert (field, rule) in {(one.field, one.rule) for one in refusal.value.findings}


def test_what_cites_an_act_or_one_article_is_listed() -> None:
    register = Register.of([Act.from_json(an_act())])
    seven, eight = {"act": "sample-act", "article": "7"}, {"act": "sample-act", "article": "8"}
    bank = [
        item("single", "T-1", citations=[seven]),
        item("single", "T-2", citations=[seven, eight], version=3),
        item("single", "T-3"),
    ]
    courses = [("C-1", (Citation("sample-act", "8"),)), ("C-2", (Citation("other", "8"),))]
    assert affected(register, "sample-act", None, bank, courses).to_json() == {
        "act": "sample-act",
        "article": None,
        "items": [{"id": "T-1", "version": 1}, {"id": "T-2", "version": 3}],
        "courses": ["C-1"],
    }
    assert affected(register, "sample-act", "8", bank, courses).items == (("T-2", 3),)
    assert affected(register, "sample-act", "9", bank, courses).items == ()


def test_an_unknown_act_or_article_is_refused() -> None:
    register = Register.of([Act.from_json(an_act())])
    with pytest.raises(ActUnknown):
        affected(register, "other")
    with pytest.raises(ArticleUnknown) as refusal:
        affected(register, "sample-act", "51")
    assert refusal.value.facts == {"act": "sample-act", "article": "51"}


def test_the_register_says_of_each_act_whether_its_text_was_read() -> None:
    register = shipped().register
    assert register.act("technology-manager-standard-2026").verified is False
    assert register.act("henan-transformation-2019").verified is True
    assert register.act("transformation-law-2015").verified is True
    assert "valid_from" in register.act("transformation-law-2015").unconfirmed
    for act in register.acts.values():
        assert act.title.en
        assert act.source


def test_the_sample_questions_cite_only_articles_the_register_describes() -> None:
    library = shipped()
    for bank in library.banks.values():
        for one in bank.items:
            for citation in one.citations:
                assert library.register.act(citation.act).described(citation.article) is not None, (one.id, citation)
