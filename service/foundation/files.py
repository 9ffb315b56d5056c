"""Files of the installation: written whole or not at all, named by their digest, never by what a user said."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4


class FileGone(FileNotFoundError):
    """A stored file is not where its row says."""


def put(root: Path, kind: str, content: bytes, suffix: str) -> tuple[str, str]:
    """Store bytes under `kind`; returns (key, SHA-256 hex). Write, fsync, rename: a crash leaves no half file."""
    digest = hashlib.sha256(content).hexdigest()
    key = f"{kind}/{digest[:2]}/{digest}{suffix}"
    target = root / key
    if target.exists():
        return key, digest
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.parent / f".{uuid4().hex}"
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    return key, digest


def get(root: Path, key: str) -> bytes:
    """The bytes stored under a key made by `put`; raises FileGone."""
    target = (root / key).resolve()
    if not target.is_relative_to(root.resolve()) or not target.is_file():
        raise FileGone(key)
    return target.read_bytes()
