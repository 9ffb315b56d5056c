"""Editions: read, checked, frozen by digest, and overlaid by a region that may add but never lower."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from curricula import editions
from curricula.content import CONTENT, shipped
from curricula.editions import Overlay, Shelf, Standard, Syllabus, overlaid
from curricula.findings import Faults
from curricula.refusals import KindUnknown, OverlayForAnotherEdition, SyntaxBroken

INITIAL = CONTENT / "courses" / "technology-manager-2026-initial.yaml"
OVERLAY = CONTENT / "courses" / "overlays" / "zhejiang-2026-initial.yaml"
STANDARD = CONTENT / "standards" / "technology-manager-2026.yaml"


def initial() -> Syllabus:
    """The shipped syllabus of the initial level."""
    edition = editions.parse(INITIAL.read_bytes(), INITIAL.name)
    assert isinstance(edition, Syllabus)
    return edition


def zhejiang() -> Overlay:
    """The shipped example of an overlay."""
    edition = editions.parse(OVERLAY.read_bytes(), OVERLAY.name)
    assert isinstance(edition, Overlay)
    return edition


def findings(text: str, shelf: Shelf | None = None) -> list[tuple[int | None, str, str]]:
    """(line, field, rule) of what the checker says."""
    return [(one.line, one.field, one.rule) for one in editions.check(text, "upload.yaml", shelf)]


@pytest.mark.parametrize("path", [INITIAL, OVERLAY, STANDARD], ids=lambda path: path.stem)
def test_an_edition_comes_back_from_the_json_it_was_frozen_as(path: Path) -> None:
    edition = editions.parse(path.read_bytes(), path.name)
    frozen = json.loads(json.dumps(edition.to_json()))
    assert editions.from_json(frozen) == edition
    assert editions.digest(editions.from_json(frozen)) == editions.digest(edition)


@given(st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_how_the_file_is_written(random: Any) -> None:
    def stirred(value: Any) -> Any:
        if isinstance(value, dict):
            pairs = [(name, stirred(one)) for name, one in value.items()]
            random.shuffle(pairs)
            return dict(pairs)
        return [stirred(one) for one in value] if isinstance(value, list) else value

    edition = initial()
    rewritten = yaml.safe_dump(stirred(edition.to_json()), allow_unicode=True, sort_keys=False)
    assert editions.digest(editions.parse(rewritten)) == editions.digest(edition)


def test_a_digest_changes_with_a_single_period() -> None:
    changed = INITIAL.read_text().replace("periods: 4\n", "periods: 5\n", 1)
    assert editions.digest(editions.parse(changed)) != editions.digest(initial())


def test_the_shipped_editions_have_nothing_for_the_checker_to_say() -> None:
    shelf = shipped().shelf()
    for path in (INITIAL, OVERLAY, STANDARD):
        assert editions.check(path.read_bytes(), path.name, shelf) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("periods: 4\n", "periods: four\n", ("/modules/0/courses/0/periods", "not-whole")),
        ("minutes_per_period: 45", "minutes_per_period: 0", ("/minutes_per_period", "not-whole")),
        ("level: initial", "level: beginner", ("/level", "not-a-choice")),
        ("id: public_knowledge", "id: policy_and_law", ("/modules/1/id", "doubled")),
        ("id: TMI-PK-02", "id: TMI-PK-01", ("/modules/0/courses/1/id", "doubled")),
        ("minimum_periods: 10", "minimum_periods: 100", ("/modules/0/minimum_periods", "periods-short")),
        ("minimum_periods: 44", "minimum_periods: 20", ("/completion/minimum_periods", "out-of-range")),
        ('pass_mark: "3/5"', "pass_mark: 60", ("/assessment/pass_mark", "out-of-range")),
        ('pass_mark: "3/5"', "pass_mark: 60%", ("/assessment/pass_mark", "not-exact")),
        ("rounding: down", "rounding: down\nbonus: 1", ("/bonus", "unknown-key")),
        ("valid_from: 2026-01-01", "valid_from: 2026-13-01", ("/valid_from", "not-a-day")),
        ("valid_to: null", "valid_to: 2025-12-31", ("/valid_to", "days-reversed")),
        ("verified: false", "verified: no", ("/verified", "not-true-false")),
        ("counts: best", "counts: mean", ("/assessment/resit/counts", "not-a-choice")),
        ("units: [TM-U1]", "units: [TM-U99]", ("/modules/0/courses/0/units/0", "not-found")),
        ('article: "2"', 'article: "83"', ("/modules/0/courses/2/citations/0/article", "article-beyond")),
        ("act: patent-law-2020", "act: patent-law-1984", ("/modules/0/courses/2/citations/0/act", "not-found")),
        ('standard: technology-manager, version: "2026"', 'standard: technology-manager, version: "2031"', ("/standard", "not-found")),
        ("initial-written, version: 1", "initial-written, version: 2", ("/assessment/blueprint", "not-found")),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_with_its_line_and_field(old: str, new: str, expected: tuple[str, str]) -> None:
    text = INITIAL.read_text()
    assert old in text
    changed = text.replace(old, new, 1)
    said = findings(changed, shipped().shelf())
    assert expected in [(field, rule) for _, field, rule in said]
    line = next(line for line, field, rule in said if (field, rule) == expected)
    last_name = [one for one in expected[0].split("/") if not one.isdigit()][-1]
    assert last_name in changed.splitlines()[(line or 0) - 1]


def test_a_missing_module_is_named() -> None:
    value = initial().to_json()
    value["modules"].pop()
    said = findings(json.dumps(value))
    assert ("/modules", "module-missing") in [(field, rule) for _, field, rule in said]


def test_parsing_refuses_what_the_checker_calls_an_error() -> None:
    with pytest.raises(Faults) as refusal:
        editions.parse(INITIAL.read_text().replace("minutes: 90", "minutes: long"), "upload.yaml")
    assert refusal.value.facts["file"] == "upload.yaml"
    assert refusal.value.facts["field"] == "/assessment/minutes"
    assert refusal.value.findings[0].line == refusal.value.facts["line"]


def test_a_missing_english_text_is_a_warning_and_does_not_stop() -> None:
    text = INITIAL.read_text().replace(", en: Foundations of intellectual property", "", 1)
    assert [rule for _, _, rule in findings(text)] == ["english-missing"]
    assert isinstance(editions.parse(text), Syllabus)


@pytest.mark.parametrize("text", ["", "hello", "[]", "name: x", "3"])
def test_what_is_no_edition_is_refused_as_such(text: str) -> None:
    with pytest.raises(KindUnknown):
        editions.parse(text, "x.yaml")


def test_what_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(SyntaxBroken) as refusal:
        editions.parse("syllabus: x\ntitle: {zh: 甲\nlevel: initial\n", "x.yaml")
    assert refusal.value.facts["file"] == "x.yaml"
    assert int(str(refusal.value.facts["line"])) >= 2


def test_hours_are_minutes_by_the_edition_and_rounded_as_it_says() -> None:
    syllabus = initial()
    assert syllabus.minimum_minutes()["policy_and_law"] == 10 * 45
    assert syllabus.total_minimum_minutes() == 44 * 45
    assert syllabus.periods_of(89) == 1
    assert syllabus.periods_of(90) == 2
    exact = editions.from_json({**syllabus.to_json(), "rounding": "none"})
    assert isinstance(exact, Syllabus)
    assert exact.periods_of(89) == Fraction(89, 45)


def test_every_value_nobody_published_is_marked_as_unverified() -> None:
    library = shipped()
    for edition in [
        *library.syllabi.values(),
        *library.standards.values(),
        *library.overlays.values(),
        *library.blueprints.values(),
    ]:
        assert edition.verified is False
        assert edition.source.zh
        assert edition.source.en


def test_three_levels_are_shipped_with_four_modules_each() -> None:
    levels = {name[2]: syllabus for name, syllabus in shipped().syllabi.items()}
    assert set(levels) == {"initial", "intermediate", "senior"}
    for syllabus in levels.values():
        assert [one.id for one in syllabus.modules] == [
            "public_knowledge",
            "policy_and_law",
            "practical_skills",
            "capability",
        ]
        assert syllabus.validity_years is None
    standard = shipped().standards["technology-manager", "2026"]
    assert isinstance(standard, Standard)
    assert standard.unit_ids() == tuple(f"TM-U{n}" for n in range(1, 9))


def test_an_overlay_adds_courses_and_raises_minimums_and_names_its_base() -> None:
    made = overlaid(initial(), zhejiang())
    assert made.name == ("zhejiang-technology-manager", "2026.1", "initial")
    law = made.module("policy_and_law")
    assert law is not None
    assert law.courses[-1].id == "ZJ-PL-01"
    assert law.minimum_periods == 12
    assert made.minimum_periods == 46
    assert made.based_on == (*initial().name, initial().digest())
    assert made.valid_from == date(2026, 3, 1)
    base = {course.id for _, course in initial().courses() if course.required}
    assert base < {course.id for _, course in made.courses() if course.required}
    assert editions.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("{policy_and_law: 12}", "{policy_and_law: 9}", "/minimum_periods/policy_and_law"),
        ("pass_mark: null", 'pass_mark: "1/2"', "/pass_mark"),
        ("total_minimum_periods: 46", "total_minimum_periods: 43", "/total_minimum_periods"),
    ],
)
def test_an_overlay_that_lowers_anything_is_found_and_refused(old: str, new: str, field: str) -> None:
    text = OVERLAY.read_text().replace(old, new)
    said = findings(text, shipped().shelf())
    assert (field, "lowered") in [(place, rule) for _, place, rule in said]
    overlay = editions.parse(text)
    assert isinstance(overlay, Overlay)
    with pytest.raises(Faults):
        overlaid(initial(), overlay)


def test_an_overlay_cannot_replace_a_course_of_its_base() -> None:
    text = OVERLAY.read_text().replace("ZJ-PL-01", "TMI-PL-01")
    assert ("/adds/0/courses/0/id", "doubled") in [
        (place, rule) for _, place, rule in findings(text, shipped().shelf())
    ]


def test_an_overlay_over_another_edition_is_refused() -> None:
    senior = shipped().syllabi["technology-manager", "2026.1", "senior"]
    with pytest.raises(OverlayForAnotherEdition):
        overlaid(senior, zhejiang())


def test_an_overlay_over_an_unknown_edition_is_found() -> None:
    text = OVERLAY.read_text().replace('version: "2026.1", level: initial', 'version: "2031.1", level: initial')
    assert ("/over", "not-found") in [(place, rule) for _, place, rule in findings(text, shipped().shelf())]


def test_the_same_id_twice_in_a_standard_is_found() -> None:
    text = STANDARD.read_text().replace("id: TM-U1.2.a", "id: TM-U1.1.a")
    assert [rule for _, _, rule in findings(text)] == ["doubled"]
