"""Unified social credit codes are checked place by place, as the standard and an independent library have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from service.organisations.errors import CreditCodeRefused
from service.organisations.rules import credit_check_character, credit_code

WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # the table printed in GB 32100-2015
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def closed_code(seventeen: str) -> str:
    """17 places and their check place by the standard's printed weights."""
    total = sum(ALPHABET.index(place) * weight for place, weight in zip(seventeen, WEIGHTS, strict=True))
    return seventeen + ALPHABET[(31 - total % 31) % 31]


CODES = st.builds(
    lambda head, region, body: closed_code(head + region + body),
    st.sampled_from(["91", "12", "11", "52", "N2"]),
    st.sampled_from(["110000", "310115", "440300"]),
    st.text(st.sampled_from(ALPHABET), min_size=9, max_size=9),
)


@given(CODES)
def test_credit_codes_agree_with_the_printed_weights(code: str) -> None:
    assert credit_code(code) == code
    assert uscc.calc_check_digit(code[:17]) == code[17] == credit_check_character(code[:17])


@given(CODES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_a_mistyped_place_of_a_credit_code_is_noticed(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CreditCodeRefused):
            credit_code(wrong)


def test_a_published_credit_code_is_right_in_any_dress() -> None:
    # The example in python-stdnum's documentation of GB 32100.
    assert credit_code("91110000600037341L") == "91110000600037341L"
    assert credit_code(" ９１１１００００ 6000-37341l") == "91110000600037341L"


@pytest.mark.parametrize(
    "text", ["", "9111000060003734", "91110000600037341O", "9111000060003734IL", "91A10000600037341L"]
)
def test_a_text_that_is_no_credit_code_is_refused(text: str) -> None:
    with pytest.raises(CreditCodeRefused) as refused:
        credit_code(text)
    assert refused.value.facts["reason"]
