"""Every refusal, reason and answer has its slug and its Chinese sentence with the same facts."""

import ast
import re
from pathlib import Path
from string import Formatter

import certificates
from certificates.catalogue import locale_of, phrase, sentence
from certificates.eligibility import Reason
from certificates.facts import _REASONS
from certificates.refusals import CertificateRefusal, NumberPartRefused, every_refusal
from certificates.verify import Answer

PACKAGE = Path(certificates.__file__).parent


def _places(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def _messages() -> list[str]:
    return [
        *(refusal.message for refusal in every_refusal()),
        *Reason.MESSAGES.values(),
        *Answer.SENTENCES.values(),
        Answer.SPECIMEN_SENTENCE,
    ]


def _inner_phrases() -> set[str]:
    """Reasons and rules put inside refusals, read out of the source: ``reason="..."``, ``rule="..."``, ValueError texts."""
    found = set(_REASONS.values())
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            texts = [keyword.value for keyword in node.keywords if keyword.arg in ("reason", "rule")]
            raised_by_facts = isinstance(node.func, ast.Name) and node.func.id == "ValueError"
            if raised_by_facts and path.name in ("facts.py", "text.py"):
                texts += node.args
            found |= {text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)}
    return found


def test_every_message_has_a_chinese_sentence_with_the_same_places() -> None:
    for message in _messages():
        chinese = phrase(message, "zh-CN")
        assert re.search(r"[\u4e00-\u9fff]", chinese), message
        assert _places(chinese) == _places(message), message


def test_every_reason_inside_a_sentence_is_chinese_too() -> None:
    phrases = _inner_phrases()
    assert len(phrases) > 40
    assert not [text for text in phrases if phrase(text, "zh") == text and not text.startswith("1 to")]


def test_every_refusal_has_its_own_slug_and_a_status() -> None:
    refusals = every_refusal()
    assert len({refusal.slug for refusal in refusals}) == len(refusals)
    for refusal in refusals:
        assert refusal.slug != CertificateRefusal.slug
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", refusal.slug)
        assert 400 <= refusal.status < 600


def test_refusal_speaks_the_readers_language() -> None:
    refusal = NumberPartRefused(part="prefix", value="TM", rule="two to eight capital letters, never TM")
    assert refusal.sentence("zh-Hans") == "无法用前缀 TM 生成证书编号：二至八个大写字母，且不得为 TM。"
    expected = "A certificate number cannot be made with prefix = TM: two to eight capital letters, never TM."
    assert refusal.sentence("en") == refusal.sentence("fr") == str(refusal) == expected


def test_text_of_a_reader_is_never_taken_for_a_place() -> None:
    assert sentence(
        "“{text}” is not a certificate number. A number looks like {example}.", "en", text="{x}", example="E"
    )


def test_languages_find_their_catalogue() -> None:
    assert [locale_of(tag) for tag in ("zh", "zh-CN", "zh_Hans_CN", "en", "zhx")] == ["zh_CN"] * 3 + [None] * 2
