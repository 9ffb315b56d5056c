"""What a file says of itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PdfMetadata:
    """What the file says of itself. ``identifier`` is any bytes fixed by the content (its digest)."""

    title: str
    author: str
    created: datetime
    identifier: bytes
    language: str = "zh-Hans"
    keywords: tuple[str, ...] = ()
