"""Proofs: W3C's published example byte for byte, and nothing changed gets through."""

import copy
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import base58
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.canonical import Json, canonical, read_json
from certificates.credential import compose
from certificates.facts import CertificateFacts
from certificates.keys import Ed25519Signer, KeyState, KeyTable, PublishedKey, ResolvedKey
from certificates.proofs import create_proof, hash_data, secured, verify_proofs
from certificates.refusals import (
    CertificateRefusal,
    KeyNotTrusted,
    KeyUnknown,
    ProofFails,
    ProofKindRefused,
    ProofMalformed,
    ProofMissing,
)
from tests.certificates.conftest import NOW

PUBLISHED: dict[str, Any] = json.loads(Path(__file__).with_name("w3c_eddsa_jcs_2022.json").read_text("utf-8"))


class OneKey:
    """Resolves the key of W3C's example."""

    def resolve(self, verification_method: str) -> ResolvedKey | None:
        return ResolvedKey(verification_method, "did:key", PUBLISHED["publicKeyMultibase"], KeyState.ACTIVE)


def test_w3c_example_is_reproduced_byte_for_byte() -> None:
    document = json.loads(PUBLISHED["canonicalDocument"])
    configuration = {name: value for name, value in PUBLISHED["proof"].items() if name != "proofValue"}
    assert canonical(document).decode() == PUBLISHED["canonicalDocument"]
    assert hashlib.sha256(canonical(document)).hexdigest() == PUBLISHED["documentHash"]
    assert hashlib.sha256(canonical(configuration)).hexdigest() == PUBLISHED["proofHash"]
    assert hash_data(document, configuration).hex() == PUBLISHED["proofHash"] + PUBLISHED["documentHash"]

    signer = Ed25519Signer.from_secret_multikey(PUBLISHED["secretKeyMultibase"], configuration["verificationMethod"])
    assert signer.multikey == PUBLISHED["publicKeyMultibase"]
    proof = create_proof(document, signer, datetime.fromisoformat(configuration["created"]))
    assert proof == PUBLISHED["proof"]
    assert base58.b58decode(proof["proofValue"][1:]).hex() == PUBLISHED["signature"]


def test_w3c_example_verifies_with_a_single_proof_object() -> None:
    document = {**json.loads(PUBLISHED["canonicalDocument"]), "proof": PUBLISHED["proof"]}
    (held,) = verify_proofs(document, OneKey())
    assert held.verification_method == PUBLISHED["proof"]["verificationMethod"]


@pytest.fixture(scope="module")
def credential(facts: CertificateFacts, signer: Ed25519Signer) -> Json:
    return secured(compose(facts), signer, NOW)


def test_a_signed_credential_verifies_and_signing_again_gives_the_same(
    credential: Json, facts: CertificateFacts, signer: Ed25519Signer, keys: KeyTable
) -> None:
    assert secured(compose(facts), signer, NOW) == credential
    (held,) = verify_proofs(credential, keys)
    assert held.controller == facts.issuer.did
    assert held.created == NOW


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(data=st.data())
def test_any_changed_byte_is_refused(credential: Json, keys: KeyTable, data: st.DataObject) -> None:
    raw = bytearray(canonical(credential))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    try:
        changed = read_json(bytes(raw))
    except CertificateRefusal:
        return
    assert canonical(changed) != canonical(credential)
    with pytest.raises(CertificateRefusal):
        verify_proofs(changed, keys)


def _changed(credential: Json, **members: Any) -> Json:
    changed = copy.deepcopy(credential)
    changed["proof"][0].update(members)
    return changed


def test_every_proof_of_a_set_must_hold(credential: Json, keys: KeyTable) -> None:
    twice = copy.deepcopy(credential)
    twice["proof"].append({**twice["proof"][0], "created": "2026-11-23T08:00:01Z"})
    with pytest.raises(ProofFails):
        verify_proofs(twice, keys)


@pytest.mark.parametrize("proof", [None, []])
def test_a_document_without_proof_is_refused(credential: Json, keys: KeyTable, proof: Any) -> None:
    with pytest.raises(ProofMissing):
        verify_proofs({**credential, "proof": proof}, keys)


@pytest.mark.parametrize("proof", ["text", 7, ["text"], [{}] * 5])
def test_what_is_no_list_of_proofs_is_refused(credential: Json, keys: KeyTable, proof: Any) -> None:
    with pytest.raises(ProofMalformed):
        verify_proofs({**credential, "proof": proof}, keys)


@pytest.mark.parametrize(
    "members",
    [
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": None},
        {"cryptosuite": ["eddsa-jcs-2022"]},
        {"type": "Ed25519Signature2020"},
        {"type": None},
        {"type": "eddsa-jcs-2022"},
    ],
)
def test_other_kinds_of_proof_are_refused_even_when_signed(credential: Json, keys: KeyTable, members: Json) -> None:
    with pytest.raises(ProofKindRefused):
        verify_proofs(_changed(credential, **members), keys)


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"proofPurpose": "authentication"}, "/proof/proofPurpose"),
        ({"expires": "2026-01-01T00:00:00Z"}, "/proof/expires"),
        ({"previousProof": "urn:x"}, "/proof/previousProof"),
        ({"created": "2026-11-23"}, "/proof/created"),
        ({"created": "2026-13-23T08:00:00Z"}, "/proof/created"),
        ({"verificationMethod": {"id": "x"}}, "/proof/verificationMethod"),
        ({"proofValue": "z"}, "/proof/proofValue"),
        ({"proofValue": None}, "/proof/proofValue"),
        ({"proofValue": "z0OIl"}, "/proof/proofValue"),
        ({"@context": ["https://elsewhere.example"]}, "/proof/@context"),
    ],
)
def test_a_malformed_proof_is_refused_at_its_place(credential: Json, keys: KeyTable, members: Json, place: str) -> None:
    with pytest.raises(ProofMalformed) as refused:
        verify_proofs(_changed(credential, **members), keys)
    assert refused.value.facts["place"] == place


def test_a_key_nobody_publishes_is_refused(credential: Json) -> None:
    with pytest.raises(KeyUnknown):
        verify_proofs(credential, KeyTable({}))


@pytest.mark.parametrize("state", [KeyState.NEXT, KeyState.COMPROMISED])
def test_a_key_that_does_not_vouch_is_refused(
    credential: Json, facts: CertificateFacts, signer: Ed25519Signer, state: KeyState
) -> None:
    keys = KeyTable({facts.issuer.did: [PublishedKey("k2026-1", signer.multikey, state)]})
    with pytest.raises(KeyNotTrusted):
        verify_proofs(credential, keys)


def test_a_retired_key_still_vouches_for_what_it_signed(
    credential: Json, facts: CertificateFacts, signer: Ed25519Signer
) -> None:
    keys = KeyTable({facts.issuer.did: [PublishedKey("k2026-1", signer.multikey, KeyState.RETIRED)]})
    assert verify_proofs(credential, keys)[0].key_state is KeyState.RETIRED


def test_another_key_under_the_same_name_is_refused(credential: Json, facts: CertificateFacts) -> None:
    other = Ed25519Signer(b"\x07" * 32, f"{facts.issuer.did}#k2026-1")
    keys = KeyTable({facts.issuer.did: [PublishedKey("k2026-1", other.multikey, KeyState.ACTIVE)]})
    with pytest.raises(ProofFails):
        verify_proofs(credential, keys)


def test_a_secured_document_is_not_signed_again(credential: Json, signer: Ed25519Signer) -> None:
    with pytest.raises(ValueError, match="no proof"):
        create_proof(credential, signer, NOW)
