"""Fen are neither lost nor made: sharing, rounding, reading and writing amounts."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.money import (
    AmountTooLarge,
    AmountUnreadable,
    NegativeWeight,
    NothingToShareBy,
    Rate,
    RateOutOfRange,
    RateUnreadable,
    allocate,
    capital_numerals,
    format_wan_yuan,
    format_yuan,
    parse_rate,
    parse_yuan,
    round_half_away,
    yuan_text,
)

FEN = st.integers(-(2**63) + 1, 2**63 - 1)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(FEN, WEIGHTS)
def test_parts_add_up_and_stay_within_one_fen_of_the_exact_share(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(total * weight, sum(weights))
        assert abs(part - exact) < 1
        if weight == 0:
            assert part == 0
        assert part * total >= 0


@given(FEN, WEIGHTS)
def test_a_negative_sum_is_the_mirror_image_of_the_positive_one(total: int, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@given(st.integers(0, 500), st.lists(st.integers(0, 30), min_size=1, max_size=5).filter(any))
def test_leftover_fen_go_to_the_largest_remainders_first(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    whole = sum(weights)
    remainders = [Fraction(total * weight, whole) % 1 for weight in weights]
    lucky = [part - total * weight // whole for part, weight in zip(parts, weights, strict=True)]
    for winner in (i for i, extra in enumerate(lucky) if extra):
        for other in (i for i, extra in enumerate(lucky) if not extra):
            assert (remainders[winner], -winner) > (remainders[other], -other)


@given(FEN, WEIGHTS, st.integers(1, 1000))
def test_weights_mean_only_their_proportion(total: int, weights: list[int], factor: int) -> None:
    assert allocate(total, [weight * factor for weight in weights]) == allocate(total, weights)


def test_ties_go_to_the_lower_position() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(2, [1, 1, 1]) == [1, 1, 0]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]


def test_nothing_is_shared_by_zero_weights_and_a_sum_is_refused() -> None:
    assert allocate(0, [0, 0]) == [0, 0]
    with pytest.raises(NothingToShareBy):
        allocate(1, [0, 0])
    with pytest.raises(NothingToShareBy):
        allocate(1, [])
    with pytest.raises(NegativeWeight) as refused:
        allocate(1, [3, -1])
    assert refused.value.facts == {"position": 2}


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4))
def test_halves_round_away_from_zero_like_the_decimal_standard(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    rounded = round_half_away(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    tenths = Fraction(numerator, 10)
    assert round_half_away(tenths) == int((Decimal(numerator) / 10).quantize(Decimal(1), ROUND_HALF_UP))


def test_half_a_fen_rounds_up_and_minus_half_a_fen_rounds_down() -> None:
    assert [round_half_away(Fraction(n, 2)) for n in (-3, -1, 1, 3, 5)] == [-2, -1, 1, 2, 3]


def test_a_rate_is_exact_and_lies_between_nothing_and_the_whole() -> None:
    assert Rate(1, 3).of(100) == Fraction(100, 3)
    assert Rate(1, 3).exact * 3 == 1
    assert [str(Rate(*pair)) for pair in ((5, 100), (1, 3), (1, 1), (0, 7), (3, 5000))] == [
        "5%",
        "1/3",
        "100%",
        "0%",
        "0.06%",
    ]
    for pair in ((1, 0), (-1, 2), (3, 2), (1, -2)):
        with pytest.raises(RateOutOfRange):
            Rate(*pair)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5%", Rate(1, 20)),
        ("０．０６％", Rate(3, 5000)),
        ("3‰", Rate(3, 1000)),
        (" 1/3 ", Rate(1, 3)),
        ("100%", Rate(1, 1)),
    ],
)
def test_rates_are_read_exactly(text: str, expected: Rate) -> None:
    assert parse_rate(text).exact == expected.exact


@pytest.mark.parametrize("text", ["5", "0.05", "", "five", "5 percent", "1/", "-5%", "1e2%"])
def test_a_rate_that_may_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(RateUnreadable):
        parse_rate(text)


def test_a_rate_above_the_whole_is_refused() -> None:
    with pytest.raises(RateOutOfRange):
        parse_rate("101%")
    with pytest.raises(RateOutOfRange):
        parse_rate("1/0")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12345", 1_234_500),
        ("¥12,345.00", 1_234_500),
        ("￥12，345.6", 1_234_560),
        ("１２３４．５６", 123_456),
        ("1.2万元", 1_200_000),
        ("1.2 万", 1_200_000),
        ("0.000001万元", 1),
        ("3亿元", 30_000_000_000),
        ("人民币 300 元整", 30_000),
        ("RMB 1,000", 100_000),
        ("-20", -2_000),
        ("¥-20.05", -2_005),
        ("－20", -2_000),
        ("0", 0),
        ("0.50元", 50),
        ("5角", 50),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1,23",
        "1,2345",
        "1.234,56",
        "1.234",
        "(123)",
        "1e5",
        "12元5角",
        "12.",
        ".5",
        "$5",
        "--5",
        "-¥-5",
        "1 234",
        "12万万",
        "壹佰元",
        "NaN",
        "1" * 70,
        "5角整分",
    ],
)
def test_an_amount_that_may_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(AmountUnreadable) as refused:
        parse_yuan(text)
    assert refused.value.facts["reason"]


def test_an_amount_beyond_the_books_is_refused() -> None:
    assert parse_yuan("92233720368547758.07") == 2**63 - 1
    with pytest.raises(AmountTooLarge):
        parse_yuan("92233720368547758.08")


@given(FEN)
def test_what_is_written_is_read_back_to_the_fen(fen: int) -> None:
    assert parse_yuan(format_yuan(fen, "zh-CN")) == fen
    assert parse_yuan(format_yuan(fen, "en").replace("CNY -", "CNY-")) == fen
    assert parse_yuan(yuan_text(fen)) == fen


def test_amounts_are_written_in_both_languages() -> None:
    assert format_yuan(1_234_500, "zh-CN") == "¥12,345.00"
    assert format_yuan(-5, "zh-CN") == "-¥0.05"
    assert format_yuan(-1_234_567, "en") == "CNY -12,345.67"
    assert format_wan_yuan(123_456_789, "zh-CN") == "123.46 万元"
    assert format_wan_yuan(-50_000, "zh-CN") == "-0.05 万元"
    assert format_wan_yuan(123_456_789, "en") == "CNY 1.23 million"


# The six with their rules are printed in 正确填写票据和结算凭证的基本规定; the others were written out by hand.
CAPITALS = {
    140_950: "壹仟肆佰零玖元伍角整",
    600_714: "陆仟零柒元壹角肆分",
    168_032: "壹仟陆佰捌拾元零叁角贰分",
    10_700_053: "壹拾万柒仟元零伍角叁分",
    1_640_902: "壹万陆仟肆佰零玖元零贰分",
    32_504: "叁佰贰拾伍元零肆分",
    1_234_500: "壹万贰仟叁佰肆拾伍元整",
    0: "零元整",
    1: "壹分",
    10: "壹角整",
    53: "伍角叁分",
    100: "壹元整",
    105: "壹元零伍分",
    1_000: "壹拾元整",
    1_001: "壹拾元零壹分",
    101_000: "壹仟零壹拾元整",
    1_000_500: "壹万零伍元整",
    100_000_000: "壹佰万元整",
    100_010_000: "壹佰万零壹佰元整",
    10_000_000_000: "壹亿元整",
    10_000_000_100: "壹亿零壹元整",
    10_001_000_000: "壹亿零壹万元整",
    12_345_678_912: "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分",
    100_000_000_000_000: "壹万亿元整",
    -1_234_500: "负壹万贰仟叁佰肆拾伍元整",
}


@pytest.mark.parametrize(("fen", "capitals"), CAPITALS.items())
def test_capital_numerals_are_those_of_the_accounting_rule(fen: int, capitals: str) -> None:
    assert capital_numerals(fen) == capitals


def read_capitals(text: str) -> int:
    """Value in fen, read as a person does: each numeral counts as much as the place name after it."""
    sign = -1 if text.startswith("负") else 1
    total = section = digit = 0
    for character in text.removeprefix("负").removesuffix("整"):
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        elif character in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        elif character == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        elif character == "亿":
            total = (total + section + digit) * 10**8
            section = digit = 0
        elif character == "元":
            total = (total + section + digit) * 100
            section = digit = 0
        else:
            total += digit * {"角": 10, "分": 1}[character]
            digit = 0
    return sign * total


@given(st.integers(-(10**16) + 1, 10**16 - 1) | st.integers(-(10**5), 10**5))
def test_capital_numerals_say_the_amount_and_nothing_else(fen: int) -> None:
    text = capital_numerals(fen)
    assert "零零" not in text
    assert "零元" not in text or text == "零元整"
    assert text.endswith("整") == (fen % 10 == 0)
    # 万 inside 亿 is read with the group it belongs to
    high, separator, low = text.removeprefix("负").removesuffix("整").rpartition("亿")
    value = (read_capitals(high + "元") // 100 * 10**10 if separator else 0) + read_capitals(
        low if "元" in low or not separator else low + "元"
    )
    assert value == abs(fen)


def test_capital_numerals_stop_where_the_words_stop() -> None:
    assert capital_numerals(10**18 - 1).startswith("玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿")
    with pytest.raises(AmountTooLarge):
        capital_numerals(10**18)
