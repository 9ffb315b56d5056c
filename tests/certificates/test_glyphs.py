"""Characters the typefaces draw, and names fitted to their line."""

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.refusals import GlyphMissing, NameTooLong
from certificates.render.fitting import MILLIMETRES_PER_POINT, fit_line, fit_name
from certificates.render.glyphs import (
    FONT_FILES,
    FONTS_DIR,
    SUPPLEMENT,
    advances,
    missing_glyphs,
    require_glyphs,
    width_of,
)

LINE = 160.0


def _every_gbk_han() -> str:
    found = []
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            character = bytes([lead, trail]).decode("gbk", "ignore")
            if len(character) == 1 and "\u4e00" <= character <= "\u9fff":
                found.append(character)
    return "".join(found)


def test_every_character_of_gbk_is_drawn() -> None:
    characters = _every_gbk_han()
    assert len(characters) == 20902
    assert missing_glyphs(characters) == []


def test_rare_characters_of_names_are_drawn() -> None:
    # GB 18030 level 3 and names that complaints about registers are known for; the middle dots of minority names.
    assert missing_glyphs("𠮷㛃䶮𬭎堃喆镕𬍡𫟹𬱖𣲘𡐓·•‧々〇") == []


@pytest.mark.parametrize("weight", [400, 700])
def test_both_weights_draw_the_same(weight: int) -> None:
    assert advances(FONTS_DIR, weight).keys() == advances(FONTS_DIR).keys()


def test_supplement_adds_only_what_the_main_font_lacks() -> None:
    main, supplement = FONT_FILES[0], next(file for file in FONT_FILES if file.family == SUPPLEMENT)
    with TTFont(FONTS_DIR / main.name, lazy=True) as first, TTFont(FONTS_DIR / supplement.name, lazy=True) as second:
        assert not first.getBestCmap().keys() & second.getBestCmap().keys()
        assert second["name"].getDebugName(1) == SUPPLEMENT
    assert (FONTS_DIR / supplement.name).stat().st_size < 6_000_000


def test_missing_characters_are_named_once_in_order() -> None:
    assert missing_glyphs("林🙂\U00031350远🙂\u0e01") == ["🙂", "\U00031350", "\u0e01"]
    with pytest.raises(GlyphMissing) as refused:
        require_glyphs("林\U000e0101🙂")
    assert refused.value.facts["code_points"] == "U+E0101, U+1F642"
    require_glyphs("林知远 Lin\n")


latin = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -'", min_size=1, max_size=60).filter(str.strip)
han = st.text("林知远阿依古丽买提·欧阳司马𠮷㛃䶮", min_size=1, max_size=40).filter(lambda name: name.strip("·"))


@settings(deadline=None)
@given(latin | han)
def test_a_name_is_never_cut_and_never_wider_than_its_line(name: str) -> None:
    fitted = fit_name(name, LINE, FONTS_DIR, spacing=0.02)
    assert "".join(fitted.lines).replace(" ", "") == name.replace(" ", "")
    assert 1 <= len(fitted.lines) <= 2
    assert 8 <= fitted.size <= 30
    for line in fitted.lines:
        assert width_of(line, fitted.size, FONTS_DIR, spacing=0.02) * MILLIMETRES_PER_POINT <= LINE + 1e-6


def test_short_names_are_large_and_long_ones_break_at_a_dot_or_space() -> None:
    assert fit_name("林知远", LINE, FONTS_DIR).size == 30
    long = fit_name("阿依古丽买买提吐尔逊阿布都热合曼·尼亚孜欧阳文静司马相如诸葛孔明", LINE, FONTS_DIR)
    assert long.lines[0].endswith("·")
    assert long.size == 16


def test_a_text_that_cannot_be_printed_whole_is_refused_with_its_length() -> None:
    with pytest.raises(NameTooLong) as refused:
        fit_name("欧" * 150, LINE, FONTS_DIR, field="name_zh")
    assert refused.value.facts["length"] == 150
    assert 100 < int(str(refused.value.facts["limit"])) < 150
    assert refused.value.sentence("zh").startswith("姓名太长")
    with pytest.raises(NameTooLong):
        fit_line("证书" * 60, LINE, FONTS_DIR, field="title_zh", largest=34)
    assert fit_line("证书", LINE, FONTS_DIR, field="title_zh", largest=34) == 34
