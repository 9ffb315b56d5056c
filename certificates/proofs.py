"""Data Integrity proofs of the cryptosuite eddsa-jcs-2022 (W3C Data Integrity EdDSA Cryptosuites v1.0, 3.3)."""

import copy
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from certificates.canonical import Json, canonical
from certificates.keys import KeyResolver, KeyState, ResolvedKey, Signer, public_bytes_of
from certificates.refusals import (
    KeyNotTrusted,
    KeyUnknown,
    ProofFails,
    ProofKindRefused,
    ProofMalformed,
    ProofMissing,
)

CRYPTOSUITE = "eddsa-jcs-2022"
_MEMBERS = frozenset(
    {"@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue", "id"}
)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+\-][0-9]{2}:[0-9]{2})")
_MOST_PROOFS = 4


@dataclass(frozen=True, slots=True)
class HeldProof:
    """A proof that holds: who vouches, with which key, since when (the signer's own word)."""

    verification_method: str
    controller: str
    key_state: KeyState
    created: datetime | None


def moment(value: datetime) -> str:
    """A moment as XML Schema dateTime in UTC to the second; ValueError without time zone."""
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hash_data(document: Json, configuration: Json) -> bytes:
    """SHA-256 of the canonical proof configuration, then SHA-256 of the canonical document: 64 bytes (3.3.4)."""
    return hashlib.sha256(canonical(configuration)).digest() + hashlib.sha256(canonical(document)).digest()


def create_proof(document: Json, signer: Signer, created: datetime, purpose: str = "assertionMethod") -> Json:
    """The proof of an unsecured document (3.3.1); the document is not changed and must carry no proof itself."""
    if "proof" in document:
        raise ValueError("an unsecured document carries no proof")
    proof: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": moment(created),
        "verificationMethod": signer.verification_method,
        "proofPurpose": purpose,
    }
    if "@context" in document:
        proof["@context"] = copy.deepcopy(document["@context"])
    signature = signer.sign(hash_data(document, proof))
    return {**proof, "proofValue": "z" + base58.b58encode(signature).decode("ascii")}


def secured(document: Json, signer: Signer, created: datetime) -> Json:
    """The document with its proof as a set of one: the one shape every reader of Open Badges tried accepts."""
    return {**copy.deepcopy(document), "proof": [create_proof(document, signer, created)]}


def proofs_of(document: Json) -> list[Json]:
    """The proofs a document carries, at least one; ProofMissing, ProofMalformed, ProofKindRefused."""
    carried = document.get("proof")
    proofs = [carried] if isinstance(carried, dict) else carried
    if not proofs:
        raise ProofMissing()
    if not isinstance(proofs, list) or len(proofs) > _MOST_PROOFS or not all(isinstance(one, dict) for one in proofs):
        raise ProofMalformed(place="/proof", reason="it is neither a proof nor a short list of proofs")
    for proof in proofs:
        integrity = proof.get("type") == "DataIntegrityProof"
        if not integrity or proof.get("cryptosuite") != CRYPTOSUITE:
            raise ProofKindRefused(kind=str(proof.get("cryptosuite" if integrity else "type"))[:60])
    return proofs


def verify_proofs(document: Json, keys: KeyResolver, purpose: str = "assertionMethod") -> tuple[HeldProof, ...]:
    """Check every proof of a secured document alone; all must hold.

    ``document`` was read by ``canonical.read_json``, so no member hides behind another of the same name. Raises
    ProofMissing, ProofKindRefused, ProofMalformed, KeyUnknown, KeyNotTrusted or ProofFails.
    """
    return tuple(_verify(document, proof, keys, purpose) for proof in proofs_of(document))


def _verify(document: Json, proof: Json, keys: KeyResolver, purpose: str) -> HeldProof:
    for name in proof:
        if name not in _MEMBERS:
            raise ProofMalformed(place=f"/proof/{name[:40]}", reason="it is not a member of this kind of proof")
    if proof.get("proofPurpose") != purpose:
        raise ProofMalformed(place="/proof/proofPurpose", reason="it is made for another purpose")
    signature = _signature(proof.get("proofValue"))
    created = _created(proof.get("created"))
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or len(method) > 400:
        raise ProofMalformed(place="/proof/verificationMethod", reason="it is not the address of a key")

    unsecured = {name: value for name, value in document.items() if name != "proof"}
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in configuration:
        _require_leading(_as_list(document.get("@context")), _as_list(configuration["@context"]))
        unsecured["@context"] = configuration["@context"]

    key = _trusted(method, keys)
    public = Ed25519PublicKey.from_public_bytes(public_bytes_of(key.multikey))
    try:
        public.verify(signature, hash_data(unsecured, configuration))
    except InvalidSignature:
        raise ProofFails() from None
    return HeldProof(method, key.controller, key.state, created)


def _signature(value: Any) -> bytes:
    if isinstance(value, str) and value.startswith("z") and len(value) <= 100:
        try:
            signature = base58.b58decode(value[1:])
        except ValueError:
            signature = b""
        if len(signature) == 64 and "z" + base58.b58encode(signature).decode("ascii") == value:
            return signature
    raise ProofMalformed(place="/proof/proofValue", reason="it is not a base58btc signature of 64 bytes")


def _created(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise ProofMalformed(place="/proof/created", reason="it is not a moment with a time zone")


def _as_list(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def _require_leading(carried: list[Any], vouched: list[Any]) -> None:
    """The document's contexts must begin with those the proof vouches for (3.3.2, step 4)."""
    if [canonical(one) for one in carried[: len(vouched)]] != [canonical(one) for one in vouched]:
        raise ProofMalformed(
            place="/proof/@context", reason="the document does not begin with the contexts of the proof"
        )


def _trusted(method: str, keys: KeyResolver) -> ResolvedKey:
    key = keys.resolve(method)
    if key is None or key.verification_method != method:
        raise KeyUnknown(key=method)
    if key.state not in (KeyState.ACTIVE, KeyState.RETIRED):
        raise KeyNotTrusted(key=method, state=key.state.value)
    return key
