"""Text is cleaned before it is stored; names are found, sorted and spelled."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from service.foundation.names import english_name, name_keys, search_keys, sort_key, split_name, surnames
from service.foundation.text import (
    CleanStr,
    CleanText,
    CodeStr,
    FilledStr,
    ForbiddenCharacter,
    NotInAName,
    PersonName,
    TextMissing,
    TextTooLong,
    clean,
    mask_identity,
    mask_name,
    mask_phone,
    person_name,
)

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = st.text(HAN, min_size=2, max_size=4)


@given(st.text(max_size=80))
def test_clean_text_stays_clean_and_holds_nothing_invisible(text: str) -> None:
    try:
        cleaned = clean(text, 200, lines=True)
    except ForbiddenCharacter:
        return
    assert clean(cleaned, 200, lines=True) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    for character in cleaned:
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
        assert character not in "\u200b\u200e\u202e\u2066\ufeff"


def test_invisible_and_direction_characters_vanish() -> None:
    assert clean("\ufeff张\u200b三\u202e", 10) == "张三"
    assert clean("a\r\nb\rc", 10, lines=True) == "a\nb\nc"
    assert clean("a\r\nb", 10) == "a b"
    assert clean("e\u0301", 1) == "é"
    assert clean("１２ＡＢ　（）", 10, fold_width=True) == "12AB ()"
    assert clean("（保留）", 10) == "（保留）"


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "\ud800", "a\x7f", "a\ufffdb", "\uffff", "\ufdd0"])
def test_control_characters_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(ForbiddenCharacter) as refused:
        clean(text, 10, field="title")
    assert refused.value.field == "title"
    assert str(refused.value.facts["character"]).startswith("U+")


def test_too_long_and_missing_texts_are_refused() -> None:
    with pytest.raises(TextTooLong) as refused:
        clean("四个汉字", 3)
    assert refused.value.facts == {"length": 4, "limit": 3}
    with pytest.raises(TextMissing):
        clean(" \u200b ", 3, min_length=1)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张　三", "张三"),
        (" 欧阳 娜娜 ", "欧阳娜娜"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ・ 买买提", "阿卜杜拉·买买提"),
        ("Conan  O’Brien", "Conan O'Brien"),
        ("𠮷野", "𠮷野"),
        ("秦〇", "秦〇"),
        ("\U00031350三", "\U00031350三"),
        ("\ue81e平", "龴平"),
        ("José María", "José María"),
        ("Martin Luther King Jr.", "Martin Luther King Jr."),
    ],
)
def test_names_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert person_name(typed) == stored
    assert person_name(stored) == stored


@pytest.mark.parametrize(
    "typed", ["张三1", "张三（大）", "张三?", "😀", "·张三", "张三·", "---", "张\ue000", "=张三", "张三/李四"]
)
def test_what_is_in_nobodys_name_is_refused(typed: str) -> None:
    with pytest.raises(NotInAName):
        person_name(typed)


def test_a_name_has_one_to_a_hundred_characters() -> None:
    assert len(person_name("阿" * 100)) == 100
    with pytest.raises(TextTooLong):
        person_name("阿" * 101)
    with pytest.raises(TextMissing):
        person_name("　")


def test_schemas_clean_what_they_read_and_collect_every_refusal() -> None:
    class Form(BaseModel):
        name: PersonName
        note: CleanStr = ""
        text: CleanText = ""
        code: CodeStr = "1"
        title: FilledStr = "1"

    form = Form(name="张　三", note=" x\u200b ", text="a\r\nb", code="ＡＢ１２")
    assert (form.name, form.note, form.text, form.code) == ("张三", "x", "a\nb", "AB12")
    with pytest.raises(ValidationError) as refused:
        Form.model_validate({"name": "张三1", "note": "字" * 201, "code": "", "title": "\0"})
    errors = {error["loc"][0]: error for error in refused.value.errors()}
    assert {place: error["type"] for place, error in errors.items()} == {
        "name": "not-in-a-name",
        "note": "text-too-long",
        "code": "text-missing",
        "title": "forbidden-character",
    }
    assert errors["note"]["ctx"]["error"].facts == {"length": 201, "limit": 200}
    assert "at most 200" in errors["note"]["msg"]
    assert '"not-in-a-name"' in refused.value.json()
    assert Form.model_json_schema()["properties"]["name"] == {
        "maxLength": 100,
        "minLength": 1,
        "title": "Name",
        "type": "string",
    }


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("欧阳娜娜", "OUYANG Nana"),
        ("单雄信", "SHAN Xiongxin"),
        ("仇英", "QIU Ying"),
        ("区梦觉", "OU Mengjue"),
        ("曾国藩", "ZENG Guofan"),
        ("查良镛", "ZHA Liangyong"),
        ("解缙", "XIE Jin"),
        ("朴树", "PIAO Shu"),
        ("万俟卨", "MOQI Xie"),
        ("尉迟恭", "YUCHI Gong"),
        ("吕不韦", "LYU Buwei"),
        ("李西安", "LI Xi'an"),
        ("王女", "WANG Nyu"),
        ("欧阳", "OU Yang"),
        ("迪丽热巴·迪力木拉提", "Dilireba Dilimulati"),
        ("John Smith", "John Smith"),
    ],
)
def test_names_are_spelled_by_the_national_standard(name: str, english: str) -> None:
    assert english_name(name) == english


def test_a_character_without_a_known_reading_leaves_the_spelling_to_the_holder() -> None:
    assert english_name("张\U000323af") is None
    assert "张\U000323af" in name_keys("张\U000323af")
    assert sort_key("张\U000323af").startswith("zhang1 ")


def test_the_surname_table_is_well_formed() -> None:
    table = surnames()
    assert len(table.single) >= 60
    assert len(table.compound) >= 60
    for readings in (*table.single.values(), *table.compound.values()):
        assert all(reading.isalpha() and reading == reading.lower() for reading in readings)
    assert all(len(surname) == 1 for surname in table.single)
    assert all(len(surname) == 2 for surname in table.compound)
    assert split_name("司马光") == ("司马", "光")
    assert split_name("John") == ("", "John")


@given(NAMES, st.data())
def test_every_piece_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    keys = set(name_keys(name))
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert set(search_keys(name[start:end])) <= keys
    english = english_name(name)
    if english is not None:
        assert set(search_keys(english.replace("'", ""))) <= keys


def test_names_are_found_by_sound_initials_and_either_reading() -> None:
    keys = name_keys("曾绿")
    for query in ("zenglv", "zenglyu", "zenglu", "cenglv", "zl", "Zeng Lyu", "曾", "绿", "曾绿", "曾 绿"):
        assert set(search_keys(query)) <= set(keys), query
    assert not set(search_keys("曾红")) <= set(keys)
    assert set(search_keys("买买提")) <= set(name_keys("阿卜杜拉·买买提"))
    assert set(search_keys("smith")) <= set(name_keys("John Smith"))
    assert set(search_keys("JOHN SMITH")) <= set(name_keys("John Smith"))
    assert search_keys("  ") == []
    assert len(keys) == len(set(keys))


def test_names_sort_as_in_a_dictionary() -> None:
    names = ["张三丰", "单雄信", "张三", "李四", "林冲", "阿宝", "曾国藩", "欧阳修", "张伞"]
    assert sorted(names, key=lambda name: sort_key(name).encode()) == [
        "阿宝", "李四", "林冲", "欧阳修", "单雄信", "曾国藩", "张三", "张三丰", "张伞",
    ]  # fmt: skip


def test_shown_numbers_and_names_hide_their_middle() -> None:
    assert mask_identity("11010119900307002X") == "1101**********002X"
    assert mask_identity("E12345678") == "E1*****78"
    assert mask_identity("123") == "***"
    assert mask_phone("13812345678") == mask_phone("+8613812345678") == "138****5678"
    assert mask_phone("+85291234567") == "+852****4567"
    assert mask_phone("1234") == "****"
    assert mask_phone("123456") == "****56"
    assert [mask_name(name) for name in ("张三", "张三丰", "欧阳娜娜", "张", "John Smith")] == [
        "张*",
        "张*丰",
        "欧**娜",
        "张",
        "J*** S****",
    ]


@given(st.text(st.sampled_from("0123456789ABCDEX"), max_size=20))
def test_a_mask_keeps_the_length_and_hides_at_least_half(number: str) -> None:
    masked = mask_identity(number)
    assert len(masked) == len(number)
    assert masked.count("*") * 2 >= len(number)
