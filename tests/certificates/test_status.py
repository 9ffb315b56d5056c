"""Status lists: one bit a credential."""

import base64
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.refusals import StatusIndexRefused, StatusListUnreadable
from certificates.status import ENTRIES, StatusEntry, StatusList, compose_status_list
from tests.certificates.conftest import NOW

LIST = "https://certificates.example/bases/b07/status/revocation"


@settings(deadline=None, max_examples=25)
@given(st.sets(st.integers(0, ENTRIES - 1), max_size=20))
def test_list_survives_encoding_and_holds_just_what_was_set(indices: set[int]) -> None:
    statuses = StatusList.decode(StatusList().with_set(*indices).encode())
    assert {index for index in range(ENTRIES) if statuses[index]} == indices


def test_first_entry_is_the_leftmost_bit() -> None:
    assert StatusList().with_set(0).bits[0] == 0b1000_0000
    assert StatusList().with_set(7, 7).bits[0] == 0b0000_0001


def test_empty_list_is_encoded_as_the_standard_shows() -> None:
    # The W3C specification's example of an untouched list of 131,072 entries, compared by content:
    # another compressor may choose other bytes.
    example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert StatusList.decode(example) == StatusList()
    assert StatusList().encode() == StatusList().encode()


@pytest.mark.parametrize("index", [-1, ENTRIES])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    with pytest.raises(StatusIndexRefused):
        _ = StatusList()[index]
    with pytest.raises(StatusIndexRefused):
        StatusList().with_set(index)
    with pytest.raises(StatusIndexRefused):
        StatusEntry(LIST, index)


def _encoded(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "zabc",
        "u!!!",
        "uAAAA",
        _encoded(b"not gzip at all"),
        _encoded(gzip.compress(b"short")),
        _encoded(gzip.compress(bytes(ENTRIES // 8 + 1))),
        _encoded(gzip.compress(bytes(ENTRIES // 8))[:-4]),
        _encoded(gzip.compress(bytes(50_000_000))),
        "u" + "A" * 300_000,
    ],
    ids=["empty", "other base", "not base64", "no gzip", "text", "short", "too long", "cut", "bomb", "huge"],
)
def test_what_is_no_list_is_refused_and_bombs_are_not_unpacked(encoded: str) -> None:
    with pytest.raises(StatusListUnreadable):
        StatusList.decode(encoded)


def test_entry_says_its_index_as_text() -> None:
    assert StatusEntry(LIST, 94567).to_data() == {
        "id": f"{LIST}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": LIST,
    }
    with pytest.raises(ValueError, match="revocation"):
        StatusEntry(LIST, 1, "message")


def test_list_credential_names_issuer_purpose_and_dates() -> None:
    credential = compose_status_list(StatusList(), LIST, "did:web:x.example", "suspension", NOW, NOW)
    assert credential["credentialSubject"]["statusPurpose"] == "suspension"
    assert credential["validFrom"] == "2026-11-23T08:00:00Z"
    with pytest.raises(ValueError, match="revocation"):
        compose_status_list(StatusList(), LIST, "did:web:x.example", "other", NOW, NOW)
