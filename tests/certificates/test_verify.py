"""The layered answer: every state is reached, in its order, and nothing a stranger sends breaks it."""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.canonical import Json, canonical
from certificates.credential import compose, content_digest
from certificates.facts import CertificateFacts
from certificates.keys import Ed25519Signer, KeyState, KeyTable, PublishedKey
from certificates.proofs import secured
from certificates.published_status import PublishedLists
from certificates.refusals import CertificateRefusal, StatusListUnreadable
from certificates.samples import sample_facts
from certificates.status import StatusEntry, StatusList, compose_status_list
from certificates.verify import Answer, CredentialState, Standing, verify_credential
from tests.certificates.conftest import NOW

LIST = "https://certificates.example/bases/b07/status/revocation"
SUSPENDED = "https://certificates.example/bases/b07/status/suspension"


class Record:
    """The issuer's record in memory: digests by id, and standing."""

    def __init__(self, *credentials: Json, standing: Standing | None = Standing.GOOD) -> None:
        self.digests = {credential["id"]: content_digest(credential) for credential in credentials}
        self.standing = standing

    def content_digest_of(self, credential_id: str) -> str | None:
        return self.digests.get(credential_id)

    def standing_of(self, credential_id: str, entries: tuple[Mapping[str, Any], ...]) -> Standing | None:
        return self.standing


@pytest.fixture(scope="module")
def true_facts(facts: CertificateFacts) -> CertificateFacts:
    return CertificateFacts.from_data({**facts.to_data(), "specimen": False, "valid_until": "2029-10-11"})


@pytest.fixture(scope="module")
def credential(true_facts: CertificateFacts, signer: Ed25519Signer) -> Json:
    return secured(compose(true_facts, [StatusEntry(LIST, 4711)]), signer, NOW)


def test_a_certificate_that_stands_is_valid(credential: Json, keys: KeyTable) -> None:
    record = Record(credential)
    answer = verify_credential(canonical(credential), keys=keys, now=NOW, registry=record, status=record)
    assert answer.state is CredentialState.VALID
    assert answer.valid
    assert [check.name for check in answer.checks] == [
        "read", "shape", "known", "content", "proof", "issuer", "status", "begun", "not-expired",
    ]  # fmt: skip
    assert answer.number == "JSJL-07-2026-000128-0"
    assert answer.sentence("zh-CN") == "此证书有效。"
    assert answer.sentence("en") == "This certificate is valid."
    assert answer.reason("en") is None


def test_a_specimen_is_said_to_certify_nothing(facts: CertificateFacts, signer: Ed25519Signer, keys: KeyTable) -> None:
    specimen = secured(compose(facts), signer, NOW)
    answer = verify_credential(canonical(specimen), keys=keys, now=NOW)
    assert answer.specimen
    assert answer.sentence("zh") == "此证书有效。它是样章，不具证明效力。"
    assert answer.sentence("en").endswith("It is a specimen and certifies nothing.")


@pytest.mark.parametrize("standing", [Standing.REVOKED, Standing.SUPERSEDED, Standing.SUSPENDED])
def test_standing_is_never_overtaken_by_dates(credential: Json, keys: KeyTable, standing: Standing) -> None:
    record = Record(credential, standing=standing)
    late = NOW + timedelta(days=4000)
    answer = verify_credential(canonical(credential), keys=keys, now=late, registry=record, status=record)
    assert answer.state.value == standing.value


def test_unknown_standing_is_not_called_valid(credential: Json, keys: KeyTable) -> None:
    record = Record(credential, standing=None)
    answer = verify_credential(canonical(credential), keys=keys, now=NOW, registry=record, status=record)
    assert answer.state is CredentialState.UNDECIDED
    assert verify_credential(canonical(credential), keys=keys, now=NOW).state is CredentialState.UNDECIDED


def test_an_address_never_issued_is_unknown(credential: Json, keys: KeyTable) -> None:
    answer = verify_credential(canonical(credential), keys=keys, now=NOW, registry=Record(), status=Record())
    assert answer.state is CredentialState.UNKNOWN


def test_another_content_under_a_known_address_differs_even_when_signed(
    true_facts: CertificateFacts, credential: Json, signer: Ed25519Signer, keys: KeyTable
) -> None:
    holder = true_facts.holder.model_copy(update={"name_zh": "林致远"})
    forged = secured(compose(true_facts.model_copy(update={"holder": holder})), signer, NOW)
    record = Record(credential)
    answer = verify_credential(canonical(forged), keys=keys, now=NOW, registry=record, status=record)
    assert answer.state is CredentialState.CONTENT_DIFFERS


def test_a_wallet_may_wrap_the_proof_as_one_object(credential: Json, keys: KeyTable) -> None:
    wrapped = {**credential, "proof": credential["proof"][0]}
    record = Record(credential)
    assert verify_credential(canonical(wrapped), keys=keys, now=NOW, registry=record, status=record).valid


def test_a_dropped_status_is_seen_without_record_too(credential: Json, keys: KeyTable) -> None:
    stripped = {name: value for name, value in credential.items() if name != "credentialStatus"}
    assert verify_credential(canonical(stripped), keys=keys, now=NOW).state is CredentialState.UNPROVEN


def test_changed_content_without_record_is_unproven_with_its_reason(credential: Json, keys: KeyTable) -> None:
    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["result"][0]["value"] = "100"
    answer = verify_credential(canonical(changed), keys=keys, now=NOW)
    assert answer.state is CredentialState.UNPROVEN
    assert answer.reason("en") == "The signature does not fit the document: it was changed, or signed by someone else."
    assert answer.reason("zh") == "签名与内容不符：内容被改动过，或由他人签署。"


def test_a_compromised_key_proves_nothing(
    credential: Json, true_facts: CertificateFacts, signer: Ed25519Signer
) -> None:
    keys = KeyTable({true_facts.issuer.did: [PublishedKey("k2026-1", signer.multikey, KeyState.COMPROMISED)]})
    answer = verify_credential(canonical(credential), keys=keys, now=NOW)
    assert answer.state is CredentialState.UNPROVEN


def test_a_good_key_of_another_base_proves_nothing(true_facts: CertificateFacts) -> None:
    other_did = "did:web:certificates.example:bases:b08"
    other = Ed25519Signer(b"\x08" * 32, f"{other_did}#k2026-1")
    keys = KeyTable({other_did: [PublishedKey("k2026-1", other.multikey, KeyState.ACTIVE)]})
    forged = secured(compose(true_facts), other, NOW)
    answer = verify_credential(canonical(forged), keys=keys, now=NOW)
    assert answer.state is CredentialState.UNPROVEN
    assert next(check for check in answer.checks if check.passed is False).name == "issuer"


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (datetime(2026, 10, 11, 15, 59, 59, tzinfo=UTC), CredentialState.NOT_YET_VALID),
        (datetime(2026, 10, 11, 16, 0, 0, tzinfo=UTC), CredentialState.VALID),
        (datetime(2029, 10, 11, 15, 59, 59, tzinfo=UTC), CredentialState.VALID),
        (datetime(2029, 10, 11, 16, 0, 0, tzinfo=UTC), CredentialState.EXPIRED),
    ],
)
def test_days_begin_and_end_in_china(
    credential: Json, keys: KeyTable, moment: datetime, state: CredentialState
) -> None:
    record = Record(credential)
    answer = verify_credential(canonical(credential), keys=keys, now=moment, registry=record, status=record)
    assert answer.state is state


@pytest.mark.parametrize(
    "members",
    [
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"type": ["VerifiableCredential"]},
        {"id": 7},
        {"issuer": ["did:web:x"]},
        {"credentialSubject": [{}]},
        {"validFrom": "2026-10-12"},
        {"validFrom": None},
        {"validUntil": "never"},
        {"validUntil": None},
        {"credentialStatus": []},
        {"credentialStatus": {"type": "Other"}},
        {"credentialStatus": None},
    ],
)
def test_another_shape_is_unreadable(credential: Json, keys: KeyTable, members: Json) -> None:
    answer = verify_credential(canonical({**credential, **members}), keys=keys, now=NOW)
    assert answer.state is CredentialState.UNREADABLE
    assert answer.sentence("zh") == "这不是可以读取的证书凭证。"


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_nothing_a_stranger_sends_breaks_it(data: bytes | str) -> None:
    assert verify_credential(data, keys=KeyTable({}), now=NOW).state is CredentialState.UNREADABLE


def test_a_clock_without_time_zone_is_a_mistake_of_the_caller(keys: KeyTable) -> None:
    with pytest.raises(ValueError, match="time zone"):
        verify_credential(b"{}", keys=keys, now=datetime(2026, 1, 1))  # noqa: DTZ001


def test_every_state_has_both_sentences() -> None:
    for state in CredentialState:
        answer = Answer(state, NOW, ())
        assert answer.sentence("en")
        assert answer.sentence("zh") != answer.sentence("en")


class TestPublishedLists:
    """Standing from signed lists, as a verifier without the issuer's record reads it."""

    def _list(
        self, signer: Ed25519Signer, statuses: StatusList, address: str = LIST, purpose: str = "revocation"
    ) -> Json:
        did = sample_facts().issuer.did
        return secured(
            compose_status_list(statuses, address, did, purpose, NOW, NOW + timedelta(hours=24)), signer, NOW
        )

    def _state(self, credential: Json, keys: KeyTable, *lists: Json) -> CredentialState:
        status = PublishedLists(lists, keys, NOW)
        return verify_credential(canonical(credential), keys=keys, now=NOW, status=status).state

    def test_clear_bit_is_valid_and_set_bit_revoked(
        self, credential: Json, keys: KeyTable, signer: Ed25519Signer
    ) -> None:
        assert self._state(credential, keys, self._list(signer, StatusList())) is CredentialState.VALID
        assert self._state(credential, keys, self._list(signer, StatusList().with_set(4710))) is CredentialState.VALID
        assert self._state(credential, keys, self._list(signer, StatusList().with_set(4711))) is CredentialState.REVOKED

    def test_suspension_shows_and_revocation_outranks_it(
        self, true_facts: CertificateFacts, keys: KeyTable, signer: Ed25519Signer
    ) -> None:
        entries = [StatusEntry(SUSPENDED, 5, "suspension"), StatusEntry(LIST, 5)]
        both = secured(compose(true_facts, entries), signer, NOW)
        suspended = self._list(signer, StatusList().with_set(5), SUSPENDED, "suspension")
        clear, revoked = self._list(signer, StatusList()), self._list(signer, StatusList().with_set(5))
        assert self._state(both, keys, suspended, clear) is CredentialState.SUSPENDED
        assert self._state(both, keys, suspended, revoked) is CredentialState.REVOKED

    def test_the_suspension_list_beside_counts_when_it_is_at_hand(
        self, true_facts: CertificateFacts, keys: KeyTable, signer: Ed25519Signer
    ) -> None:
        listed, beside = (
            "https://certificates.example/status/07/revocation",
            "https://certificates.example/status/07/suspension",
        )
        one = secured(compose(true_facts, [StatusEntry(listed, 5)]), signer, NOW)
        clear, revoked = (self._list(signer, bits, listed) for bits in (StatusList(), StatusList().with_set(5)))
        suspended = self._list(signer, StatusList().with_set(5), beside, "suspension")
        elsewhere = self._list(
            signer, StatusList().with_set(5), "https://certificates.example/status/08/suspension", "suspension"
        )
        assert self._state(one, keys, clear) is CredentialState.VALID
        assert self._state(one, keys, clear, elsewhere) is CredentialState.VALID
        assert self._state(one, keys, clear, suspended) is CredentialState.SUSPENDED
        assert self._state(one, keys, revoked, suspended) is CredentialState.REVOKED
        assert self._state(one, keys, suspended) is CredentialState.UNDECIDED, "the list it names must be at hand"

    def test_list_not_at_hand_leaves_it_undecided(
        self, credential: Json, keys: KeyTable, signer: Ed25519Signer
    ) -> None:
        other = self._list(signer, StatusList(), "https://certificates.example/other")
        assert self._state(credential, keys, other) is CredentialState.UNDECIDED

    @pytest.mark.parametrize("index", [7, "-1", "131072", "4711 ", "٤", None])
    def test_malformed_index_leaves_it_undecided(
        self, true_facts: CertificateFacts, keys: KeyTable, signer: Ed25519Signer, index: Any
    ) -> None:
        unsigned = compose(true_facts, [StatusEntry(LIST, 1)])
        unsigned["credentialStatus"]["statusListIndex"] = index
        spoiled = secured(unsigned, signer, NOW)
        assert self._state(spoiled, keys, self._list(signer, StatusList())) is CredentialState.UNDECIDED

    def test_list_changed_outdated_or_signed_by_another_is_refused(self, keys: KeyTable, signer: Ed25519Signer) -> None:
        good = self._list(signer, StatusList().with_set(4711))
        swapped = copy.deepcopy(good)
        swapped["credentialSubject"]["encodedList"] = StatusList().encode()
        with pytest.raises(CertificateRefusal):
            PublishedLists([swapped], keys, NOW)
        with pytest.raises(StatusListUnreadable, match="out of date"):
            PublishedLists([good], keys, NOW + timedelta(days=2))
        foreign = compose_status_list(StatusList(), LIST, "did:web:other.example", "revocation", NOW, NOW)
        with pytest.raises(StatusListUnreadable, match="another"):
            PublishedLists([secured(foreign, signer, NOW)], keys, NOW)
        with pytest.raises(StatusListUnreadable, match="not a status list"):
            PublishedLists([{**good, "type": ["VerifiableCredential"]}], keys, NOW)
