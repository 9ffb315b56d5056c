"""The checker over files: planted faults are found with file, line and rule; the shipped content has no error."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from curricula.checking import Report, check_paths
from curricula.content import CONTENT, shipped, yaml_files
from curricula.findings import Faults
from curricula.formats.bank_yaml import read_bank
from curricula.papers import draw
from curricula.reading import read_file
from curricula.refusals import FileMissing, KindUnknown
from tests.curricula.given import an_act_file, an_item

BANK = """bank: sample
version: 1
public: false
items:
"""


def bank_file(folder: Path, *items: dict[str, object], name: str = "bank.yaml", header: str = BANK) -> Path:
    """A file of a bank with these items."""
    path = folder / name
    written = yaml.safe_dump(list(items), allow_unicode=True, sort_keys=False)
    path.write_text(header + "".join(f"  {line}\n" for line in written.splitlines()), encoding="utf-8")
    return path


def said(report: Report) -> set[tuple[str, str, str]]:
    """(file, field, rule) of every finding."""
    return {(Path(one.file).name, one.field, one.rule) for one in report.findings}


def test_everything_shipped_is_without_error() -> None:
    report = check_paths()
    assert [one.to_json() for one in report.findings if one.severity == "error"] == []
    assert report.counts["items"] == 60
    assert report.counts["syllabus"] == report.counts["blueprint"] == 3


@pytest.mark.parametrize("level", ["initial", "intermediate", "senior"])
def test_the_written_paper_of_each_level_is_drawn_for_any_seed(level: str) -> None:
    library = shipped()
    plan = library.blueprints[f"technology-manager-2026-{level}-written", 1]
    bank = library.banks[plan.bank]
    for seed in range(40):
        form = draw(plan, bank, seed, date(2026, 6, 1), library.register)
        kinds = [one.item.kind for one in form.slots]
        assert len(form.slots) == plan.questions
        assert form.points == 100
        assert "essay" in kinds
        assert "case" in kinds


def test_planted_faults_are_found_in_their_file_and_line(tmp_path: Path) -> None:
    path = bank_file(
        tmp_path,
        an_item("single", "S-1", key="Z"),
        an_item("single", "S-1", stem={"zh": "另一题"}),
        an_item(
            "single", "S-2", unit="TM-U99", enemies=["S-77"], citations=[{"act": "patent-law-2020", "article": "999"}]
        ),
        an_item("essay", "S-3", second_reader=None),
    )
    report = check_paths([path])
    found = said(report)
    for field, rule in [
        ("/items/0/key", "key-not-an-option"),
        ("/items/1/id", "doubled"),
        ("/items/2/unit", "not-found"),
        ("/items/2/enemies/0", "not-found"),
        ("/items/2/citations/0/article", "article-beyond"),
        ("/items/2/stem", "stem-doubled"),
        ("/items/3", "second-reader-missing"),
    ]:
        assert ("bank.yaml", field, rule) in found
    lines = path.read_text().splitlines()
    for one in report.findings:
        name = one.field.rsplit("/", 1)[-1]
        if not name.isdigit():
            assert name in lines[(one.line or 0) - 1]
    assert report.has_errors


def test_an_item_in_two_files_of_one_bank_is_found(tmp_path: Path) -> None:
    bank_file(tmp_path, an_item("single", "S-1"), name="a.yaml")
    bank_file(tmp_path, an_item("essay", "S-1"), name="b.yaml", header=BANK.replace("version: 1", "version: 2"))
    found = said(check_paths([tmp_path]))
    assert ("b.yaml", "/items/0/id", "doubled-elsewhere") in found
    assert ("b.yaml", "/version", "not-a-choice") in found
    with pytest.raises(Faults):
        read_bank(read_file(path) for path in sorted(tmp_path.iterdir()))


def test_enemies_in_another_file_of_the_bank_are_known(tmp_path: Path) -> None:
    bank_file(tmp_path, an_item("single", "S-1", enemies=["S-2"]), name="a.yaml")
    bank_file(tmp_path, an_item("essay", "S-2"), name="b.yaml")
    assert not check_paths([tmp_path]).has_errors


def test_a_blueprint_that_cannot_be_drawn_is_found_with_the_reason(tmp_path: Path) -> None:
    shipped_file = CONTENT / "courses" / "blueprints" / "technology-manager-2026-initial-written.yaml"
    text = shipped_file.read_text().replace("kinds: [essay], count: 1", "kinds: [essay], count: 9")
    path = tmp_path / "paper.yaml"
    path.write_text(text.replace("questions: 20", "questions: 28").replace("points: 100", "points: 228"))
    report = check_paths([path])
    one = next(one for one in report.findings if one.rule == "cell-cannot-be-filled")
    assert "essay" in one.to_json()["sentence"]["zh"]
    assert "无法组卷" in one.to_json()["sentence"]["zh"]
    assert "9" in one.to_json()["sentence"]["en"]


def test_a_blueprint_that_disagrees_with_its_syllabus_is_found(tmp_path: Path) -> None:
    shipped_file = CONTENT / "courses" / "blueprints" / "technology-manager-2026-initial-written.yaml"
    path = tmp_path / "paper.yaml"
    path.write_text(
        shipped_file.read_text().replace('pass_mark: "3/5"', 'pass_mark: "7/10"').replace("minutes: 90", "minutes: 80")
    )
    assert {("paper.yaml", "/pass_mark", "differs-from"), ("paper.yaml", "/minutes", "differs-from")} <= said(
        check_paths([path])
    )


def test_a_checked_file_stands_in_for_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    standard = tmp_path / "standard.yaml"
    text = (CONTENT / "standards" / "technology-manager-2026.yaml").read_text()
    standard.write_text(text.replace("TM-U1", "XX-U1"))
    syllabus = tmp_path / "syllabus.yaml"
    shutil.copy(CONTENT / "courses" / "technology-manager-2026-initial.yaml", syllabus)
    assert ("syllabus.yaml", "/modules/0/courses/0/units/0", "not-found") in said(check_paths([tmp_path]))


def test_faults_in_an_act_and_in_an_overlay_are_found(tmp_path: Path) -> None:
    an_act_file(tmp_path / "act.yaml", "valid_from: 2020-01-01", "valid_from: 2020-1-1")
    overlay = (CONTENT / "courses" / "overlays" / "zhejiang-2026-initial.yaml").read_text()
    (tmp_path / "overlay.yaml").write_text(
        overlay.replace("minimum_periods: {policy_and_law: 12}", "minimum_periods: {law: 12}")
    )
    found = said(check_paths([tmp_path]))
    assert ("act.yaml", "/valid_from", "not-a-day") in found
    assert ("overlay.yaml", "/minimum_periods/law", "not-a-choice") in found


def test_a_file_that_says_nothing_of_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("name: x\n")
    with pytest.raises(KindUnknown) as refusal:
        check_paths([tmp_path])
    assert str(refusal.value.facts["file"]).endswith("x.yaml")


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        check_paths([tmp_path / "nothing"])


def test_no_shipped_file_is_forgotten_by_the_checker() -> None:
    listed = {path.resolve() for path in yaml_files([CONTENT])}
    assert listed == {path.resolve() for path in CONTENT.rglob("*.yaml")}
