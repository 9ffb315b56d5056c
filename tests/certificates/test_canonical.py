"""Strict reading and canonical writing of JSON."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.canonical import LARGEST_DOCUMENT, canonical, digest, read_json
from certificates.refusals import CertificateRefusal, DuplicateMember, JsonTooLarge, JsonUnreadable

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), values, max_size=5))
def test_canonical_form_does_not_depend_on_order_or_spelling(value: dict[str, Any]) -> None:
    spelled = json.dumps(dict(reversed(value.items())), indent=1, ensure_ascii=True)
    assert canonical(read_json(spelled)) == canonical(value)
    assert read_json(canonical(value)) == value
    assert digest(value) == digest(read_json(spelled))


def test_canonical_form_follows_the_standard() -> None:
    # RFC 8785, 3.2.3: members by UTF-16 code units, so the emoji stands before the letter of the private area's end.
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "1": 1e30, "b": 4.50}) == (
        '{"1":1e+30,"b":4.5,"\U0001f600":2,"\ufb33":1}'.encode()
    )


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('{"a":1,"a":1}', DuplicateMember),
        ('{"x":{"a":1,"b":2,"a":3}}', DuplicateMember),
        ('{"a":1,"\\u0061":2}', DuplicateMember),
        ("[1]", JsonUnreadable),
        ("", JsonUnreadable),
        ("{", JsonUnreadable),
        ('{"a":NaN}', JsonUnreadable),
        ('{"a":1e999}', JsonUnreadable),
        ('{"a":9007199254740993}', JsonUnreadable),
        ('{"a":"\\ud800"}', JsonUnreadable),
        ('{"a":' + "1" * 5000 + "}", JsonUnreadable),
        ('{"a":' + "[" * 20000 + "]" * 20000 + "}", JsonUnreadable),
        (b'{"a":"\xff"}', JsonUnreadable),
        (b"\xef\xbb\xbf{}", JsonUnreadable),
        (b" " * (LARGEST_DOCUMENT + 1), JsonTooLarge),
    ],
)
def test_what_cannot_be_trusted_is_refused(text: str | bytes, refusal: type[CertificateRefusal]) -> None:
    with pytest.raises(refusal):
        read_json(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_reading_never_fails_otherwise(data: bytes) -> None:
    with contextlib.suppress(JsonUnreadable, DuplicateMember):
        read_json(data)
