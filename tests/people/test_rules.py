"""Numbers of documents and phones are checked by the rule of their kind."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from certificates.check_characters import resident_check_character
from service.people.errors import (
    IdentityNumberMissing,
    WrongCheckCharacter,
    WrongEnglishName,
    WrongIdentityDate,
    WrongIdentityForm,
    WrongIdentityRegion,
    WrongMobileNumber,
)
from service.people.rules import (
    IDENTITY_NAMES,
    Identity,
    IdentityKind,
    check_english_name,
    check_identity,
    check_mobile,
    english_name_choices,
    identity_kind,
)

TODAY = date(2026, 5, 15)
GB_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # the table printed in GB 11643-1999


def closed(seventeen: str) -> str:
    """17 digits and their check place, by the standard's printed tables."""
    remainder = sum(int(digit) * weight for digit, weight in zip(seventeen, GB_WEIGHTS, strict=True)) % 11
    return seventeen + dict(enumerate("10X98765432"))[remainder]


BIRTHS = st.dates(date(1900, 1, 1), TODAY)
RESIDENT = st.builds(
    lambda region, born, order: closed(f"{region}{born:%Y%m%d}{order:03d}"),
    st.sampled_from(["110101", "310115", "441900", "429004", "650102", "500381"]),
    BIRTHS.filter(lambda born: born.year >= 1000),
    st.integers(0, 999),
)


@given(RESIDENT)
def test_a_well_formed_resident_number_tells_birth_and_sex(number: str) -> None:
    identity = check_identity(IdentityKind.RESIDENT, number, TODAY)
    assert identity.number == number
    assert identity.born is not None
    assert identity.born.strftime("%Y%m%d") == number[6:14]
    assert identity.female == (number[16] in "02468")
    assert ric.calc_check_digit(number) == number[17]


@given(RESIDENT, st.integers(0, 17), st.sampled_from("0123456789"))
def test_every_single_mistyped_place_is_noticed(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong == number:
        return
    with pytest.raises((WrongCheckCharacter, WrongIdentityDate, WrongIdentityRegion)):
        check_identity(IdentityKind.RESIDENT, wrong, TODAY)


@given(st.text(st.sampled_from("0123456789"), min_size=17, max_size=17), st.integers(0, 15))
def test_the_check_place_catches_swapped_neighbours(places: str, index: int) -> None:
    swapped = places[:index] + places[index + 1] + places[index] + places[index + 2 :]
    assert closed(places)[17] == resident_check_character(places)
    assert (resident_check_character(swapped) == resident_check_character(places)) == (swapped == places)


def test_lower_case_full_width_and_blanks_are_folded() -> None:
    number = next(n for n in (closed(f"11010119900307{order:03d}") for order in range(1000)) if n.endswith("X"))
    typed = " " + number[:6].translate({ord(str(i)): 0xFF10 + i for i in range(10)}) + " " + number[6:17] + "x "
    assert check_identity(IdentityKind.RESIDENT, typed, TODAY).number == number
    assert check_identity(IdentityKind.RESIDENT, number[:17] + "Ｘ", TODAY).number == number


@pytest.mark.parametrize("birth", ["19900230", "19901301", "19900100", "18991231", f"{TODAY + timedelta(1):%Y%m%d}"])
def test_a_day_of_birth_that_cannot_be_is_refused(birth: str) -> None:
    with pytest.raises(WrongIdentityDate) as refused:
        check_identity(IdentityKind.RESIDENT, closed(f"110101{birth}001"), TODAY)
    assert refused.value.field == "identity_number"
    assert refused.value.facts["date"] == f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"


def test_somebody_born_today_has_a_number_and_leap_days_are_real() -> None:
    assert check_identity(IdentityKind.RESIDENT, closed(f"110101{TODAY:%Y%m%d}001"), TODAY).born == TODAY
    assert check_identity(IdentityKind.RESIDENT, closed("11010120000229001"), TODAY).born == date(2000, 2, 29)
    with pytest.raises(WrongIdentityDate):
        check_identity(IdentityKind.RESIDENT, closed("11010119000229001"), TODAY)


@pytest.mark.parametrize("region", ["000000", "160101", "810000", "830000", "990101", "110001", "117101"])
def test_a_region_that_issues_no_resident_cards_is_refused(region: str) -> None:
    with pytest.raises(WrongIdentityRegion):
        check_identity(IdentityKind.RESIDENT, closed(f"{region}19900307001"), TODAY)


@pytest.mark.parametrize(
    "number",
    ["110101900307001", "1101011990030700", "1101011990030700X1", "11010119900307０0一", "1.1010119900307e+17"],
)
def test_a_resident_number_of_another_form_is_refused(number: str) -> None:
    with pytest.raises(WrongIdentityForm) as refused:
        check_identity(IdentityKind.RESIDENT, number, TODAY)
    assert refused.value.facts["kind"] == IDENTITY_NAMES[IdentityKind.RESIDENT]


@pytest.mark.parametrize("kind", list(IdentityKind))
def test_an_empty_number_is_asked_for(kind: IdentityKind) -> None:
    with pytest.raises(IdentityNumberMissing):
        check_identity(kind, " - ", TODAY)


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        (IdentityKind.HK_MACAO_RESIDENCE, "810000"),
        (IdentityKind.HK_MACAO_RESIDENCE, "820000"),
        (IdentityKind.TAIWAN_RESIDENCE, "830000"),
        (IdentityKind.PERMANENT_RESIDENT, "931840"),
    ],
)
def test_residence_permits_and_nine_prefixed_cards_are_checked_like_resident_numbers(
    kind: IdentityKind, region: str
) -> None:
    number = closed(f"{region}19900307002")
    assert check_identity(kind, number, TODAY) == Identity(kind, number, date(1990, 3, 7), female=True)
    with pytest.raises(WrongCheckCharacter):
        check_identity(kind, number[:17] + ("0" if number[17] != "0" else "1"), TODAY)
    with pytest.raises(WrongIdentityDate):
        check_identity(kind, closed(f"{region}19901307002"), TODAY)


def test_a_permit_of_the_other_kind_is_refused() -> None:
    with pytest.raises(WrongIdentityRegion):
        check_identity(IdentityKind.HK_MACAO_RESIDENCE, closed("83000019900307002"), TODAY)
    with pytest.raises(WrongIdentityRegion):
        check_identity(IdentityKind.TAIWAN_RESIDENCE, closed("81000019900307002"), TODAY)
    with pytest.raises(WrongIdentityRegion):
        check_identity(IdentityKind.PERMANENT_RESIDENT, closed("99984019900307002"), TODAY)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (IdentityKind.PERMANENT_RESIDENT, "CAN110078071501", "CAN110078071501"),
        (IdentityKind.PASSPORT, " e12345678 ", "E12345678"),
        (IdentityKind.PASSPORT, "ＥＡ１２３４５６７", "EA1234567"),
        (IdentityKind.HK_MACAO_TRAVEL, "h12345678", "H12345678"),
        (IdentityKind.HK_MACAO_TRAVEL, "M1234567802", "M12345678"),
        (IdentityKind.TAIWAN_TRAVEL, "01234567", "01234567"),
        (IdentityKind.TAIWAN_TRAVEL, "0123456701(B)", "0123456701B"),
    ],
)
def test_documents_without_a_check_place_are_known_by_their_form(kind: IdentityKind, typed: str, stored: str) -> None:
    assert check_identity(kind, typed.replace("(", "").replace(")", ""), TODAY) == Identity(kind, stored)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (IdentityKind.PERMANENT_RESIDENT, "CAN1100780715"),
        (IdentityKind.PASSPORT, "ABCDE"),
        (IdentityKind.PASSPORT, "1234"),
        (IdentityKind.PASSPORT, closed("11010119900307001")),
        (IdentityKind.PASSPORT, "E1234五678"),
        (IdentityKind.HK_MACAO_TRAVEL, "X12345678"),
        (IdentityKind.HK_MACAO_TRAVEL, "H1234567"),
        (IdentityKind.TAIWAN_TRAVEL, "1234567"),
        (IdentityKind.TAIWAN_TRAVEL, "A1234567"),
    ],
)
def test_a_document_of_another_form_is_refused(kind: IdentityKind, number: str) -> None:
    with pytest.raises(WrongIdentityForm):
        check_identity(kind, number, TODAY)


def test_an_old_permanent_resident_card_with_an_impossible_birth_is_refused() -> None:
    with pytest.raises(WrongIdentityDate):
        check_identity(IdentityKind.PERMANENT_RESIDENT, "CAN110078133101", TODAY)


def test_kinds_are_known_by_the_names_rosters_use() -> None:
    assert identity_kind(" 身份证 ") is IdentityKind.RESIDENT
    assert identity_kind("passport") is IdentityKind.PASSPORT
    assert identity_kind("台胞证") is IdentityKind.TAIWAN_TRAVEL
    assert identity_kind("港澳台居民居住证", "８３００００19900307002X") is IdentityKind.TAIWAN_RESIDENCE
    assert identity_kind("港澳台居民居住证", "810000199003070021") is IdentityKind.HK_MACAO_RESIDENCE
    assert identity_kind("学生证") is None
    assert {identity_kind(names[language]) for names in IDENTITY_NAMES.values() for language in ("zh", "en")} == set(
        IdentityKind
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("１３８１２３４５６７８", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("19912345678", "+8619912345678"),
        ("+852 9123 4567", "+85291234567"),
        ("+853 6612 3456", "+85366123456"),
        ("+886 912 345 678", "+886912345678"),
    ],
)
def test_mobile_numbers_are_stored_with_their_country(typed: str, stored: str) -> None:
    assert check_mobile(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345678901",
        "1381234567",
        "010-62345678",
        "+1 212 555 0100",
        "91234567",
        "张三",
        "+852 2123 4567",
        "13812345678 转 9",
    ],
)
def test_what_cannot_receive_a_message_is_refused(typed: str) -> None:
    with pytest.raises(WrongMobileNumber) as refused:
        check_mobile(typed)
    assert refused.value.field == "mobile"


def test_spellings_are_offered_with_the_standard_first() -> None:
    assert english_name_choices("单于")[0] == "SHAN Yu"
    choices = english_name_choices("吕西安")
    assert choices[0] == "LYU Xi'an"
    assert {"LYU Xian", "LV Xi'an", "LU Xi'an"} <= set(choices)
    assert "GAI Ping" in english_name_choices("盖平")
    assert {"WANG Le", "WANG Yue"} <= set(english_name_choices("王乐"))
    assert english_name_choices("John Smith") == ["John Smith"]
    assert english_name_choices("张\U000323af") == []
    assert len(english_name_choices("曾乐乐", limit=3)) == 3


def test_a_holders_own_spelling_is_letters_only() -> None:
    assert check_english_name("  OUYANG   Nana ") == "OUYANG Nana"
    assert check_english_name("LI Xi’an") == "LI Xi'an"
    assert check_english_name("O'BRIEN Mary-Jane") == "O'BRIEN Mary-Jane"
    for wrong in ("", "张三", "LI 4", "-LI", "LI; DROP", "A" * 101):
        with pytest.raises(WrongEnglishName):
            check_english_name(wrong)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=3))
def test_every_offered_spelling_may_be_chosen(name: str) -> None:
    for choice in english_name_choices(name):
        assert check_english_name(choice) == choice
