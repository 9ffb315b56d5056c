"""Reading: YAML without its surprises, every field with its line, and a sentence for what cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula import reading
from curricula.language import sentence
from curricula.reading import pointer_text, read_file, read_json, read_text
from curricula.refusals import FileMissing, FileNotText, FileTooLarge, SyntaxBroken


def test_only_true_false_null_and_whole_numbers_are_not_text() -> None:
    text = "a: true\nb: no\nc: 12\nd: 12.50\ne: 2026-01-31\nf: null\ng:\nh: 0012\ni: '12'\nj: 1e3\nk: .inf\nl: 1_000\nm: \"true\"\n"
    assert read_text(text, "x").value == {
        "a": True,
        "b": "no",
        "c": 12,
        "d": "12.50",
        "e": "2026-01-31",
        "f": None,
        "g": None,
        "h": "0012",
        "i": "12",
        "j": "1e3",
        "k": ".inf",
        "l": "1_000",
        "m": "true",
    }


def test_each_field_knows_its_line() -> None:
    document = read_text("a: 1\nb:\n  - c: 2\n    d: [3,\n      4]\n  - e\n", "x")
    assert document.line(("b",)) == 2
    assert document.line(("b", 0, "d")) == 4
    assert document.line(("b", 0, "d", 1)) == 5
    assert document.line(("b", 1)) == 6
    assert document.line(("b", 0, "missing")) == 3
    assert pointer_text(("b", 0, "a/b~c")) == "/b/0/a~1b~0c"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\n\tb: 2\n", 2, "tab"),
        ("a: 1\nb: 'open\n", 3, "not closed"),
        ("a: 1\nb: c: d\n", 2, "colon"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: &x 1\nb: *x\n", 1, "anchors"),
        ("a: !!python/object:os.system x\n", 1, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\n? [x]\n: 2\n", 2, "plain text"),
        ("a: 1\nb: \x07\n", 2, "control"),
        ("[" * 60 + "]" * 60, 1, "deep"),
        ("a: 1\n  b: 2\n c: 3\n", 2, "colon"),
    ],
)
def test_what_is_not_read_is_named_by_line_and_reason(text: str, line: int, words: str) -> None:
    with pytest.raises(SyntaxBroken) as refusal:
        read_text(text, "x.yaml")
    assert refusal.value.facts["line"] == line
    assert words in sentence(refusal.value, "en")
    assert f"x.yaml 第 {line} 行" in sentence(refusal.value, "zh-CN")


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(FileNotText) as refusal:
        read_text("标题: 甲\n正文: 乙".encode("gb18030"), "x.yaml")
    assert refusal.value.facts["line"] == 1


def test_a_byte_order_mark_is_not_part_of_the_first_field() -> None:
    assert read_text(b"\xef\xbb\xbfa: 1\n", "x").value == {"a": 1}


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    path = tmp_path / "big.yaml"
    path.write_text("a: 12345678901234567890")
    for read in (
        lambda: read_file(path),
        lambda: read_text(path.read_text(), "x"),
        lambda: read_text(path.read_bytes(), "x"),
    ):
        with pytest.raises(FileTooLarge):
            read()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing) as refusal:
        read_file(tmp_path / "none.yaml")
    assert "none.yaml" in sentence(refusal.value)


@pytest.mark.parametrize(("text", "line"), [('{"a": 1,\n "b": }', 2), ('{"a": 1, "a": 2}', 1), ("[" * 100000, 1)])
def test_broken_json_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(SyntaxBroken) as refusal:
        read_json(text, "x.json")
    assert refusal.value.facts["line"] == line


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_json_without_floats_is_read_as_what_it_is(value: Any) -> None:
    assert read_json(json.dumps(value), "x").value == value


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_read_or_refused_and_never_breaks(text: str | bytes) -> None:
    refused = None
    try:
        read_text(text, "x")
    except (SyntaxBroken, FileNotText) as refusal:
        refused = refusal
    if refused is not None:
        assert "x" in sentence(refused)
        assert int(str(refused.facts["line"])) >= 1
