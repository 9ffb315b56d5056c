"""Certificate numbers, check codes and the address in the QR code."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from certificates.refusals import (
    AddressRefused,
    CheckCodeUnreadable,
    NumberCheckFails,
    NumberPartRefused,
    NumberUnreadable,
)
from certificates.serial import (
    CertificateNumber,
    check_character,
    make_check_code,
    parse_check_code,
    parse_number,
    parse_verification_address,
    same_check_code,
    verification_address,
)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.builds(
    CertificateNumber,
    prefix=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=8).filter(lambda prefix: prefix != "TM"),
    base_code=st.integers(1, 36).map("{:02d}".format),
    year=st.integers(2000, 2999),
    serial=st.integers(1, 999_999),
)


def test_check_character_agrees_with_a_published_number() -> None:
    # The example of the Global Release Identifier standard (IFPI), which uses the same system: A1-2425G-ABC1234002-M.
    assert check_character("A12425GABC1234002") == "M"


@settings(deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=24))
def test_check_character_agrees_with_an_independent_implementation(text: str) -> None:
    assert check_character(text) == mod_37_36.calc_check_digit(text)


@settings(deadline=None)
@given(numbers)
def test_number_survives_printing_and_reading(number: CertificateNumber) -> None:
    assert parse_number(str(number)) == number


@settings(deadline=None)
@given(numbers, st.booleans(), st.booleans(), st.booleans())
def test_number_is_read_as_people_type_it(number: CertificateNumber, lower: bool, bare: bool, wide: bool) -> None:
    text = str(number)
    if bare:
        text = text.replace("-", "")
    if lower:
        text = text.lower()
    if wide:
        text = "".join(chr(ord(character) + 0xFEE0) for character in text)
    assert parse_number(f"  {text} ") == number


@settings(deadline=None)
@given(numbers, st.data())
def test_no_single_substitution_passes_for_another_number(number: CertificateNumber, data: st.DataObject) -> None:
    written = str(number)
    places = [place for place, character in enumerate(written) if character != "-"]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([character for character in ALPHABET if character != written[place]]))
    try:
        read = parse_number(written[:place] + other + written[place + 1 :])
    except (NumberCheckFails, NumberUnreadable, NumberPartRefused):
        return
    # Only the forgiven look-alikes (O for 0, I or L for 1) come through, and as the same number.
    assert read == number


def test_a_mistyped_number_comes_back_with_likely_readings() -> None:
    number = str(CertificateNumber("JSJL", "07", 2026, 128))
    assert number.endswith("-0")
    with pytest.raises(NumberCheckFails) as refused:
        parse_number(number[:-1] + "O")
    assert refused.value.suggestions[0] == number
    with pytest.raises(NumberCheckFails) as refused:
        parse_number("JSJL-07-2026-000218-0")
    assert number in refused.value.suggestions


@pytest.mark.parametrize(
    "text", ["", "JSJL", "JSJL-07-2026-00012X-0", "证书", "JSJL-07-2026-000128-0-EXTRA", "🙂" * 20]
)
def test_what_is_no_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(NumberUnreadable):
        parse_number(text)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_reading_a_number_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(NumberUnreadable, NumberCheckFails, NumberPartRefused):
        parse_number(text)


@pytest.mark.parametrize(
    ("prefix", "base", "year", "serial"),
    [
        ("TM", "07", 2026, 1),
        ("J", "07", 2026, 1),
        ("JS1", "07", 2026, 1),
        ("JSJL", "37", 2026, 1),
        ("JSJL", "00", 2026, 1),
        ("JSJL", "7", 2026, 1),
        ("JSJL", "07", 1999, 1),
        ("JSJL", "07", 2026, 0),
        ("JSJL", "07", 2026, 1_000_000),
    ],
)
def test_parts_outside_the_scheme_are_refused(prefix: str, base: str, year: int, serial: int) -> None:
    with pytest.raises(NumberPartRefused):
        CertificateNumber(prefix, base, year, serial)


@settings(deadline=None)
@given(st.binary(min_size=8, max_size=16))
def test_check_code_survives_reading_in_any_spelling(random_bytes: bytes) -> None:
    code = make_check_code(random_bytes)
    assert parse_check_code(code) == code
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_check_code(sloppy) == code
    assert same_check_code(sloppy, code)


def test_check_code_keeps_all_sixty_bits() -> None:
    assert make_check_code(b"\xff" * 8) == "ZZZZ-ZZZZ-ZZZZ"
    assert make_check_code(b"\x00" * 7 + b"\x0f") == "0000-0000-0000"
    assert make_check_code(b"\x00" * 7 + b"\x10") == "0000-0000-0001"
    with pytest.raises(ValueError, match="eight"):
        make_check_code(b"short")


def test_another_or_unreadable_check_code_is_not_the_same() -> None:
    assert not same_check_code("7K3M-9QXA-42TE", "7K3M-9QXA-42TD")
    assert not same_check_code("U", "7K3M-9QXA-42TD")
    with pytest.raises(CheckCodeUnreadable):
        parse_check_code("7K3M-9QXA-42TU")


@settings(deadline=None)
@given(numbers, st.binary(min_size=8, max_size=8))
def test_address_leads_back_to_number_and_code(number: CertificateNumber, random_bytes: bytes) -> None:
    code = make_check_code(random_bytes)
    address = verification_address("https://certificates.example:8443", str(number), code)
    assert address == f"HTTPS://CERTIFICATES.EXAMPLE:8443/V/{number}/{code}"
    assert parse_verification_address(address) == (number, code)
    assert parse_verification_address(address.lower()) == (number, code)


@pytest.mark.parametrize(
    "origin",
    [
        "http://certificates.example",
        "https://certificates.example/path",
        "https://user@certificates.example",
        "https://证书.example",
        "https://",
        "ftp://certificates.example",
    ],
)
def test_an_origin_that_cannot_be_trusted_or_printed_is_refused(origin: str) -> None:
    with pytest.raises(AddressRefused):
        verification_address(origin, "JSJL-07-2026-000128-0", "7K3M-9QXA-42TD")


def test_demonstrations_on_this_machine_may_use_plain_http() -> None:
    address = verification_address("http://127.0.0.1:8000", "JSJL-07-2026-000128-0", "7K3M-9QXA-42TD")
    assert address == "HTTP://127.0.0.1:8000/V/JSJL-07-2026-000128-0/7K3M-9QXA-42TD"


def test_a_scanned_text_without_number_and_code_is_refused() -> None:
    with pytest.raises(AddressRefused):
        parse_verification_address("https://certificates.example/somewhere")
