"""The command line speaks both languages, in help and in complaints."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from service.cli.main import tree
from service.cli.speaking import chosen_language, help_messages, run_spoken, spoken
from service.foundation.language import CHINESE, ENGLISH, chinese, speaking
from tests.cli.terminal import Terminal


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command's words."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


TMC = tree()
EVERY = [(), *commands(TMC)]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_page_is_chinese_in_chinese(words: tuple[str, ...]) -> None:
    with speaking(CHINESE):
        page = CliRunner().invoke(spoken(TMC), [*words, "--help"]).output
    assert page.startswith("用法：")
    explained = [line for line in page.splitlines() if line.strip().startswith("--")]
    for text in explained:
        assert any("一" <= sign <= "鿿" for sign in text), page
    assert "Options" not in page
    assert "Show" not in page
    assert "[required]" not in page


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_page_is_english_in_english(words: tuple[str, ...]) -> None:
    with speaking(ENGLISH):
        page = CliRunner().invoke(spoken(TMC), [*words, "--help"]).output
    assert page.startswith("Usage: ")
    assert not any("一" <= sign <= "鿿" for sign in page)


def test_every_sentence_of_help_has_its_chinese() -> None:
    assert [message for message in help_messages(TMC) if message not in chinese()] == []


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, CHINESE),
        ([], {"LANG": "C.UTF-8"}, CHINESE),
        ([], {"LANG": "en_GB.UTF-8"}, ENGLISH),
        ([], {"LANG": "zh_CN.UTF-8", "TMC_LANGUAGE": "en"}, ENGLISH),
        (["--language", "zh"], {"TMC_LANGUAGE": "en"}, CHINESE),
        (["--language=en", "run"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
    ],
)
def test_language_is_the_option_then_the_setting_then_the_locale(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert chosen_language(arguments, environment) == language


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--nothing"], "没有选项 --nothing。"),
        (["backup"], "缺少 FILE。"),
        (["run", "--port", "many"], "--port 的值不可接受："),
        (["nothing"], "无法理解该命令："),
    ],
)
def test_a_misunderstood_command_is_said_in_chinese(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with speaking(CHINESE):
        assert run_spoken(TMC, words) == 2
    assert sentence in capsys.readouterr().err


def test_the_command_works_as_a_program(somewhere: Terminal) -> None:
    assert somewhere.tmc("--help").stdout.startswith("Usage: tmc ")
    assert somewhere.tmc("--language", "zh").stdout.startswith("用法：")
    assert somewhere.tmc("--version").stdout == "0.1.0\n"
    assert not somewhere.var.exists()
