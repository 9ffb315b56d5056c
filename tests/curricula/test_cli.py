"""The command line through its own door: a process, its output and its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from curricula.content import CONTENT
from tests.curricula.given import an_item

ROOT = CONTENT.parent
PAPER, BANK = "technology-manager-2026-initial-written", "technology-manager-public-sample"


def run(*arguments: str | Path, language: str = "zh_CN.UTF-8") -> subprocess.CompletedProcess[str]:
    """`python -m curricula` with these arguments."""
    environment = {**os.environ, "LANG": language, "LC_ALL": "", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "curricula", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=environment, timeout=60, check=False
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON that was written."""
    return json.loads(done.stdout)


def bank_file(path: Path, *items: dict[str, Any]) -> Path:
    """A bank of these items."""
    path.write_text(
        yaml.safe_dump({"bank": "b", "version": 1, "public": False, "items": list(items)}, allow_unicode=True)
    )
    return path


def test_checking_everything_shipped_ends_with_nought() -> None:
    done = run("check")
    assert done.returncode == 0, done.stdout
    assert answer(done)["errors"] == 0
    assert answer(done)["counts"]["items"] == 60


def test_a_finding_ends_with_one_and_names_file_line_and_field(tmp_path: Path) -> None:
    path = bank_file(tmp_path / "b.yaml", an_item("single", "S-1", key="Z"))
    done = run("check", path)
    assert done.returncode == 1
    (one,) = answer(done)["findings"]
    assert one["file"] == str(path)
    assert "key: Z" in path.read_text().splitlines()[one["line"] - 1]
    assert (one["field"], one["rule"], one["severity"]) == ("/items/0/key", "key-not-an-option", "error")
    assert one["sentence"] == {"zh": "答案 Z 不在选项之中。", "en": "The key Z is not one of the options."}


def test_a_warning_alone_ends_with_nought(tmp_path: Path) -> None:
    path = bank_file(tmp_path / "b.yaml", an_item("single", "S-1", second_reader=None))
    done = run("check", path)
    assert (done.returncode, answer(done)["warnings"]) == (0, 1)


def test_an_unreadable_file_ends_with_two_and_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_text("bank: b\nitems: [\n")
    for language, words in (("zh_CN.UTF-8", "行：引号或括号没有闭合"), ("en_US.UTF-8", "is not closed.")):
        done = run("check", path, language=language)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert str(path) in done.stderr
        assert words in done.stderr


def test_the_same_seed_draws_the_same_form_and_the_candidate_paper_has_no_key() -> None:
    once = run("draw", PAPER, BANK, "--seed", "7", "--day", "2026-06-01")
    again = run("draw", PAPER, BANK, "--seed", "7", "--day", "2026-06-01", language="en_US.UTF-8")
    other = run("draw", PAPER, BANK, "--seed", "8", "--day", "2026-06-01")
    assert once.returncode == 0
    assert once.stdout == again.stdout != other.stdout
    assert len(answer(once)["slots"]) == 20
    paper = run("draw", PAPER, BANK, "--seed", "7", "--day", "2026-06-01", "--candidate", "42")
    assert len(answer(paper)["questions"]) == 20
    assert '"key"' not in paper.stdout
    assert '"rationale"' not in paper.stdout


def test_a_form_that_cannot_be_filled_ends_with_one_and_the_cells(tmp_path: Path) -> None:
    bank = bank_file(tmp_path / "b.yaml", an_item("single", "S-1"))
    text = (CONTENT / "courses" / "blueprints" / f"{PAPER}.yaml").read_text()
    plan = tmp_path / "paper.yaml"
    plan.write_text(text.replace(f"bank: {BANK}", "bank: b"))
    done = run("draw", plan, bank, "--seed", "1")
    assert done.returncode == 1
    assert answer(done)["refused"] == "cells-short-of-items"
    assert "无法组成试卷" in answer(done)["sentence"]
    wrong_bank = run("draw", PAPER, bank, "--seed", "1")
    assert answer(wrong_bank)["refused"] == "blueprint-does-not-fit-bank"


def test_a_form_is_scored_from_files(tmp_path: Path) -> None:
    form, answers, marks = tmp_path / "form.json", tmp_path / "answers.json", tmp_path / "marks.yaml"
    form.write_text(run("draw", PAPER, BANK, "--seed", "7", "--day", "2026-06-01").stdout, encoding="utf-8")
    slots = json.loads(form.read_text())["slots"]
    single = next(one for one in slots if one["item"]["kind"] == "single")
    essay = next(one for one in slots if one["item"]["kind"] == "essay")
    answers.write_text(json.dumps({single["slot"]: single["item"]["key"], essay["slot"]: "作答"}))
    waiting = run("score", form, answers)
    assert waiting.returncode == 0
    assert answer(waiting)["state"] == "pending"
    assert answer(waiting)["earned"] == single["points"]
    lines = {one["id"]: one["points"] for one in essay["item"]["rubric"]}
    marks.write_text(yaml.safe_dump({essay["slot"]: lines}))
    done = answer(run("score", form, answers, "--marks", marks))
    assert done["state"] == "complete"
    assert done["earned"] == str(int(single["points"]) + int(essay["points"]))
    assert len(done["digest"]) == 64
    marks.write_text(yaml.safe_dump({essay["slot"]: {"r1": 99}}))
    refused = run("score", form, answers, "--marks", marks, "--language", "en")
    assert refused.returncode == 1
    assert answer(refused)["refused"] == "mark-out-of-range"
    assert "99" in answer(refused)["sentence"]


@pytest.mark.parametrize(("content", "code"), [("{", 2), ("[]", 1), ("{}", 1)])
def test_a_file_that_is_no_form_is_refused(tmp_path: Path, content: str, code: int) -> None:
    form, answers = tmp_path / "form.json", tmp_path / "answers.json"
    form.write_text(content)
    answers.write_text("{}")
    assert run("score", form, answers).returncode == code


def test_answers_that_are_a_list_are_refused(tmp_path: Path) -> None:
    form, answers = tmp_path / "form.json", tmp_path / "answers.json"
    form.write_text(run("draw", PAPER, BANK, "--seed", "7", "--day", "2026-06-01").stdout, encoding="utf-8")
    answers.write_text("[]")
    done = run("score", form, answers)
    assert done.returncode == 2
    assert "answers.json" in done.stderr


def test_what_a_change_of_law_affects_is_listed() -> None:
    whole, one = (
        answer(run("affected", "transformation-law-2015")),
        answer(run("affected", "transformation-law-2015:45")),
    )
    assert {item["id"] for item in one["items"]} < {item["id"] for item in whole["items"]}
    assert "TMI-PL-01" in one["courses"]
    unknown = run("affected", "no-such-law")
    assert (unknown.returncode, answer(unknown)["refused"]) == (1, "act-unknown")


def test_help_speaks_both_languages() -> None:
    assert "检查文件和文件夹" in run("--help").stdout
    assert "check files and folders" in run("--help", language="en_US.UTF-8").stdout
    assert "check files and folders" in run("--language", "en", "--help").stdout
    assert "用法：" in run("draw", "--help", "--language=zh-CN", language="en_US.UTF-8").stdout
    for verb in ("check", "draw", "score", "affected"):
        assert run(verb, "--help").returncode == 0


@pytest.mark.parametrize(
    "arguments", [(), ("draw",), ("draw", PAPER, BANK, "--seed", "1", "--day", "tomorrow"), ("dance",)]
)
def test_a_command_line_not_understood_ends_with_two(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "命令行写法不对" in done.stderr
