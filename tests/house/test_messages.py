"""Both languages are complete: every sentence has its Chinese, places and all."""

import re
from pathlib import Path

from service.foundation.errors import every_refusal
from tests.house.messages import held, lacking, said_in

PLACES = re.compile(r"%\((\w+)\)s")


def test_every_sentence_has_its_chinese() -> None:
    assert lacking() == []


def test_a_planted_sentence_without_chinese_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text('from service.foundation.language import later\nX = later("Nobody translated this.")\n')
    known = {one for entries in held().values() for one in entries}
    assert said_in(planted) - known == {"Nobody translated this."}


def test_translations_keep_the_places_of_facts() -> None:
    wrong = [
        (name, english, chinese)
        for name, entries in held().items()
        for english, chinese in entries.items()
        if set(PLACES.findall(english)) != set(PLACES.findall(chinese))
    ]
    assert wrong == []


def test_every_refusal_has_its_own_slug_and_both_sentences() -> None:
    from service.app import doors  # noqa: PLC0415 - importing the rooms registers their refusals

    for kind in ("errors", "rules", "actions"):
        doors(kind)
    slugs: dict[str, str] = {}
    chinese = {one for entries in held().values() for one, text in entries.items() if text}
    for refusal in every_refusal():
        name = f"{refusal.__module__}.{refusal.__name__}"
        assert slugs.setdefault(refusal.slug, name) == name, f"{refusal.slug} is said by two refusals"
        assert refusal.message in chinese, f"{name} has no Chinese sentence"
        assert 400 <= refusal.status < 600
