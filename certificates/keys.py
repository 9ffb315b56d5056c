"""Signing keys as published: multikeys, DID documents, JWKS, and the states a key goes through."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import quote, unquote

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certificates.canonical import Json
from certificates.refusals import KeyMalformed

_ED25519_PUBLIC = b"\xed\x01"  # multicodec ed25519-pub, as varint
_ED25519_PRIVATE = b"\x80\x26"  # multicodec ed25519-priv


class KeyState(StrEnum):
    """next -> active -> retired; compromised from any of them and for ever."""

    NEXT = "next"  # published, signs nothing yet
    ACTIVE = "active"  # signs
    RETIRED = "retired"  # signs no more, still vouches for what it signed
    COMPROMISED = "compromised"  # taken out: everything under it fails


class Signer(Protocol):
    """Whoever holds a private key: a file, a device, a key service."""

    @property
    def verification_method(self) -> str:
        """The DID URL of the key, such as ``did:web:HOST:bases:b07#k2026-1``."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of ``data``."""
        ...


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key: ``fragment`` such as ``k2026-1``, the multikey (``z6Mk...``) and its state."""

    fragment: str
    multikey: str
    state: KeyState

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._\-]{1,40}", self.fragment):
            raise KeyMalformed(key=self.fragment[:40], reason="its name has other than letters, digits, dots, hyphens")
        public_bytes_of(self.multikey)


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """What a resolver answers for a verification method."""

    verification_method: str
    controller: str
    multikey: str
    state: KeyState


class KeyResolver(Protocol):
    """Finds the key behind a verification method; None when its issuer does not publish it for assertions."""

    def resolve(self, verification_method: str) -> ResolvedKey | None: ...


class Ed25519Signer:
    """A signer over a private key in memory; the seed never leaves it and never shows in its representation."""

    def __init__(self, seed: bytes, verification_method: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._verification_method = verification_method

    @classmethod
    def from_secret_multikey(cls, secret: str, verification_method: str) -> "Ed25519Signer":
        """From a secret multikey (``z3u2...``: multicodec 0x1300, base58btc)."""
        return cls(_decoded(secret, _ED25519_PRIVATE, "secret key"), verification_method)

    @property
    def verification_method(self) -> str:
        return self._verification_method

    @property
    def multikey(self) -> str:
        """The public key as multikey."""
        return multikey_of(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self._verification_method!r})"


def _decoded(multibase: str, codec: bytes, what: str) -> bytes:
    shown = what if codec == _ED25519_PRIVATE else multibase[:60]
    if not multibase.startswith("z") or len(multibase) > 80:
        raise KeyMalformed(key=shown, reason="it is not base58btc multibase")
    try:
        raw = base58.b58decode(multibase[1:])
    except ValueError:
        raise KeyMalformed(key=shown, reason="it is not base58btc multibase") from None
    if raw[:2] != codec or len(raw) != 34:
        raise KeyMalformed(key=shown, reason="it is not an Ed25519 key")
    return raw[2:]


def multikey_of(public: bytes) -> str:
    """The multikey (base58btc multibase, multicodec ed25519-pub) of 32 public key bytes."""
    if len(public) != 32:
        raise KeyMalformed(key="public key", reason="it is not an Ed25519 key")
    return "z" + base58.b58encode(_ED25519_PUBLIC + public).decode("ascii")


def secret_multikey_of(seed: bytes) -> str:
    """The secret multikey (multicodec ed25519-priv) of a 32-byte seed."""
    if len(seed) != 32:
        raise KeyMalformed(key="secret key", reason="it is not an Ed25519 key")
    return "z" + base58.b58encode(_ED25519_PRIVATE + seed).decode("ascii")


def public_bytes_of(multikey: str) -> bytes:
    """The 32 public key bytes of a multikey; KeyMalformed for anything but an Ed25519 key."""
    return _decoded(multikey, _ED25519_PUBLIC, "public key")


def did_of_base(host: str, base_code: str) -> str:
    """The issuer identifier of a base: ``did:web:HOST:bases:bNN``; the colon before a port is written %3A."""
    return f"did:web:{quote(host.lower(), safe='.-')}:bases:b{base_code}"


def did_document_address(did: str) -> str:
    """Where a did:web identifier is published (W3C CCG did:web method): ``https://HOST/path/did.json``."""
    if not did.startswith("did:web:"):
        raise KeyMalformed(key=did[:80], reason="it is not a did:web identifier")
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{unquote(host)}/{'/'.join(path) or '.well-known'}/did.json"


def did_document(did: str, keys: Iterable[PublishedKey]) -> Json:
    """The DID document of an issuer (DID 1.1 with Multikey).

    Keys in state next, active and retired stand as assertion methods (next so that caches know it before its first
    signature); a compromised key is left out, and with it everything it signed.
    """
    published = [key for key in keys if key.state is not KeyState.COMPROMISED]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{key.fragment}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": key.multikey,
            }
            for key in published
        ],
        "assertionMethod": [f"{did}#{key.fragment}" for key in published],
    }


def jwks(did: str, keys: Iterable[PublishedKey]) -> Json:
    """The same keys as a JSON Web Key Set (RFC 8037), the compromised left out."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": f"{did}#{key.fragment}",
                "x": base64.urlsafe_b64encode(public_bytes_of(key.multikey)).rstrip(b"=").decode("ascii"),
            }
            for key in keys
            if key.state is not KeyState.COMPROMISED
        ]
    }


class DocumentResolver:
    """Resolves against DID documents already at hand; a published assertion key counts as active."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self._keys: dict[str, ResolvedKey] = {}
        for document in documents:
            self._read(document)

    def _read(self, document: Mapping[str, Any]) -> None:
        did, methods, assertions = (document.get(name) for name in ("id", "verificationMethod", "assertionMethod"))
        if not isinstance(did, str) or not isinstance(methods, list) or not isinstance(assertions, list):
            raise KeyMalformed(key=str(did)[:80], reason="it is not a DID document with verification methods")
        for method in methods:
            if not isinstance(method, dict) or method.get("type") != "Multikey" or method.get("controller") != did:
                continue
            name, multikey = method.get("id"), method.get("publicKeyMultibase")
            if (
                isinstance(name, str)
                and isinstance(multikey, str)
                and name in assertions
                and name.startswith(f"{did}#")
            ):
                public_bytes_of(multikey)
                self._keys[name] = ResolvedKey(name, did, multikey, KeyState.ACTIVE)

    def resolve(self, verification_method: str) -> ResolvedKey | None:
        return self._keys.get(verification_method)


class KeyTable:
    """Resolves against keys with their states, as the issuer itself keeps them: did -> published keys."""

    def __init__(self, keys: Mapping[str, Iterable[PublishedKey]]) -> None:
        self._keys = {
            f"{did}#{key.fragment}": ResolvedKey(f"{did}#{key.fragment}", did, key.multikey, key.state)
            for did, published in keys.items()
            for key in published
        }

    def resolve(self, verification_method: str) -> ResolvedKey | None:
        return self._keys.get(verification_method)
