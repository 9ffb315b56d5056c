"""Keys as published: multikeys, DID documents and key sets."""

import base64

import pytest

from certificates.keys import (
    DocumentResolver,
    Ed25519Signer,
    KeyState,
    PublishedKey,
    did_document,
    did_document_address,
    did_of_base,
    jwks,
    multikey_of,
    public_bytes_of,
    secret_multikey_of,
)
from certificates.refusals import KeyMalformed

DID = did_of_base("certificates.example", "07")
SEED = bytes(range(32))
MULTIKEY = Ed25519Signer(SEED, f"{DID}#k").multikey


def _keys() -> list[PublishedKey]:
    return [PublishedKey(f"k{number}", MULTIKEY, state) for number, state in enumerate(KeyState)]


def test_multikey_survives_both_ways() -> None:
    assert multikey_of(public_bytes_of(MULTIKEY)) == MULTIKEY
    assert MULTIKEY.startswith("z6Mk")
    assert Ed25519Signer.from_secret_multikey(secret_multikey_of(SEED), "x").multikey == MULTIKEY


@pytest.mark.parametrize(
    "multikey", ["", "6Mk", "z", "z0OIl", "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv", "z" + "6" * 200]
)
def test_what_is_no_ed25519_key_is_refused(multikey: str) -> None:
    with pytest.raises(KeyMalformed):
        public_bytes_of(multikey)


def test_a_refused_secret_is_not_repeated_in_the_refusal() -> None:
    secret = secret_multikey_of(SEED)
    with pytest.raises(KeyMalformed) as refused:
        Ed25519Signer.from_secret_multikey(secret[:-1], "x")
    assert secret[1:20] not in str(refused.value)
    assert secret not in repr(Ed25519Signer.from_secret_multikey(secret, "x"))


def test_did_of_a_base_leads_to_its_document() -> None:
    assert DID == "did:web:certificates.example:bases:b07"
    assert did_document_address(DID) == "https://certificates.example/bases/b07/did.json"
    assert did_of_base("localhost:8000", "12") == "did:web:localhost%3A8000:bases:b12"
    assert did_document_address("did:web:localhost%3A8000:bases:b12") == "https://localhost:8000/bases/b12/did.json"
    assert did_document_address("did:web:example.cn") == "https://example.cn/.well-known/did.json"
    with pytest.raises(KeyMalformed):
        did_document_address("did:key:z6Mk")


def test_a_compromised_key_is_taken_out_and_the_others_stand() -> None:
    document = did_document(DID, _keys())
    ids = [f"{DID}#k{number}" for number, state in enumerate(KeyState) if state is not KeyState.COMPROMISED]
    assert [method["id"] for method in document["verificationMethod"]] == ids
    assert document["assertionMethod"] == ids
    assert [key["kid"] for key in jwks(DID, _keys())["keys"]] == ids


def test_key_set_holds_the_public_bytes() -> None:
    (key,) = jwks(DID, [PublishedKey("k1", MULTIKEY, KeyState.ACTIVE)])["keys"]
    assert base64.urlsafe_b64decode(key["x"] + "=") == public_bytes_of(MULTIKEY)
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")


def test_resolver_finds_assertion_keys_only() -> None:
    document = did_document(DID, [PublishedKey("k1", MULTIKEY, KeyState.ACTIVE)])
    found = DocumentResolver([document]).resolve(f"{DID}#k1")
    assert found is not None
    assert found.controller == DID
    for spoiled in (
        {**document, "assertionMethod": []},
        {
            **document,
            "verificationMethod": [{**document["verificationMethod"][0], "controller": "did:web:other.example"}],
        },
        {**document, "verificationMethod": [{**document["verificationMethod"][0], "type": "JsonWebKey"}]},
        {**document, "id": "did:web:other.example"},
    ):
        assert DocumentResolver([spoiled]).resolve(f"{DID}#k1") is None
    with pytest.raises(KeyMalformed):
        DocumentResolver([{"id": DID}])


def test_a_key_name_with_other_characters_is_refused() -> None:
    with pytest.raises(KeyMalformed):
        PublishedKey("k 1#", MULTIKEY, KeyState.ACTIVE)
