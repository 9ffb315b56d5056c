"""Master keys outside the database: field encryption (AES-256-GCM), keyed look-up digests (HMAC), sealing of signing keys."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class KeyMissing(RuntimeError):
    """The keyring lacks a key the data need; the service refuses to start rather than lose data."""


@dataclass(frozen=True)
class Keyring:
    """Named 256-bit keys: `field` keys by id (the current one encrypts), one `lookup` key, one `token` key."""

    current: int
    field_keys: dict[int, bytes]
    lookup_key: bytes
    token_key: bytes

    @classmethod
    def fresh(cls) -> "Keyring":
        """A keyring of new random keys."""
        return cls(1, {1: secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32))

    @classmethod
    def read(cls, path: Path) -> "Keyring":
        """Read the keyring file; raises KeyMissing when it is not there."""
        if not path.exists():
            raise KeyMissing(f"no keyring at {path}")
        raw = json.loads(path.read_text())
        keys = {int(name): base64.b64decode(value) for name, value in raw["field_keys"].items()}
        return cls(int(raw["current"]), keys, base64.b64decode(raw["lookup_key"]), base64.b64decode(raw["token_key"]))

    def write(self, path: Path) -> None:
        """Write the keyring file once with mode 0600; an existing file is never overwritten."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = {
            "current": self.current,
            "field_keys": {str(name): base64.b64encode(key).decode() for name, key in self.field_keys.items()},
            "lookup_key": base64.b64encode(self.lookup_key).decode(),
            "token_key": base64.b64encode(self.token_key).decode(),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(raw, file)
            file.flush()
            os.fsync(file.fileno())

    def encrypt(self, clear: bytes, bound_to: str) -> bytes:
        """AES-256-GCM; key id byte in front, then nonce, then ciphertext. `bound_to` names table, column and row."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.field_keys[self.current]).encrypt(nonce, clear, bound_to.encode())
        return bytes([self.current]) + nonce + sealed

    def decrypt(self, sealed: bytes, bound_to: str) -> bytes:
        """Undo `encrypt`; raises KeyMissing for an unknown key and InvalidTag for anything changed or moved."""
        key = self.field_keys.get(sealed[0])
        if key is None:
            raise KeyMissing(f"field key {sealed[0]} is not in the keyring")
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], bound_to.encode())

    def lookup(self, kind: str, value: str) -> bytes:
        """Keyed digest (HMAC-SHA256) by which an encrypted value is found: 32 bytes, useless without the key."""
        return hmac.new(self.lookup_key, f"{kind}\x00{value}".encode(), hashlib.sha256).digest()

    def token(self, purpose: str, value: str) -> str:
        """A keyed token (hex) bound to a purpose, for form tokens and signed links."""
        return hmac.new(self.token_key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def encrypt_under(key: bytes, clear: bytes, bound_to: str) -> bytes:
    """Encrypt under one person's own key; destroying that key erases what it sealed."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound_to.encode())


def decrypt_under(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Undo `encrypt_under`; raises InvalidTag for anything changed or moved."""
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())


def digest_of(secret: str) -> bytes:
    """SHA-256 of a high-entropy secret (sign-in token, API key): what the database keeps of it."""
    return hashlib.sha256(secret.encode()).digest()


@lru_cache
def keyring_at(path: Path) -> Keyring:
    """The keyring of this process, made on first use when the installation is new."""
    if not path.exists():
        try:
            Keyring.fresh().write(path)
        except FileExistsError:  # another process of the same start was first
            return Keyring.read(path)
    return Keyring.read(path)
