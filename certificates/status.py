"""Bitstring Status Lists (W3C Bitstring Status List v1.0): one bit a credential, compressed and published."""

import base64
import binascii
import gzip
import zlib
from dataclasses import dataclass
from datetime import datetime

from certificates.canonical import Json
from certificates.proofs import moment
from certificates.refusals import StatusIndexRefused, StatusListUnreadable

ENTRIES = 131_072
"""The smallest list the specification allows, for the privacy of the crowd."""

PURPOSES = ("revocation", "suspension")
_LONGEST_ENCODED = 200_000


def list_address(address: str, purpose: str) -> str | None:
    """The address of the list of another purpose that keeps the same places: an issuer's lists differ in their last part only.

    None when ``address`` is not one of ours, which end in their purpose.
    """
    stem, _, last = address.rpartition("/")
    return f"{stem}/{purpose}" if stem and last in PURPOSES else None


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A credential's place in a status list: list address, index (0 to entries - 1), purpose."""

    list_address: str
    index: int
    purpose: str = "revocation"

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise ValueError(f"a status list is for {' or '.join(PURPOSES)}")
        if not 0 <= self.index < ENTRIES:
            raise StatusIndexRefused(index=self.index, length=ENTRIES)

    def to_data(self) -> Json:
        """The ``credentialStatus`` member; the index is text, as the specification says."""
        return {
            "id": f"{self.list_address}#{self.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_address,
        }


@dataclass(frozen=True, slots=True)
class StatusList:
    """131,072 bits, index 0 the leftmost; a value: ``with_set`` gives a new list."""

    bits: bytes = bytes(ENTRIES // 8)

    def __post_init__(self) -> None:
        if len(self.bits) != ENTRIES // 8:
            raise StatusListUnreadable(reason="it has not 131072 entries")

    def __getitem__(self, index: int) -> bool:
        byte, mask = _place(index)
        return bool(self.bits[byte] & mask)

    def with_set(self, *indices: int) -> "StatusList":
        """A list in which these entries are set; setting one twice changes nothing, none is ever cleared."""
        changed = bytearray(self.bits)
        for index in indices:
            byte, mask = _place(index)
            changed[byte] |= mask
        return StatusList(bytes(changed))

    def encode(self) -> str:
        """Compressed (gzip without name or time, so equal lists are equal text), base64url, multibase ``u``."""
        packed = gzip.compress(self.bits, compresslevel=9, mtime=0)
        return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")

    @classmethod
    def decode(cls, encoded: str) -> "StatusList":
        """Read ``encodedList``; never unpacks more than one list's bytes. Raises StatusListUnreadable."""
        if not encoded.startswith("u") or len(encoded) > _LONGEST_ENCODED:
            raise StatusListUnreadable(reason="it is not base64url multibase")
        body = encoded[1:]
        try:
            packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise StatusListUnreadable(reason="it is not base64url multibase") from None
        unpacker = zlib.decompressobj(wbits=31)
        try:
            bits = unpacker.decompress(packed, ENTRIES // 8 + 1)
        except zlib.error:
            raise StatusListUnreadable(reason="it is not gzip") from None
        if not unpacker.eof:
            raise StatusListUnreadable(reason="it has not 131072 entries")
        return cls(bits)


def _place(index: int) -> tuple[int, int]:
    if not 0 <= index < ENTRIES:
        raise StatusIndexRefused(index=index, length=ENTRIES)
    return index // 8, 0x80 >> index % 8


def compose_status_list(
    statuses: StatusList, address: str, issuer: str, purpose: str, valid_from: datetime, valid_until: datetime
) -> Json:
    """The unsecured status list credential, to be signed by the issuer and published at ``address``."""
    if purpose not in PURPOSES:
        raise ValueError(f"a status list is for {' or '.join(PURPOSES)}")
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": moment(valid_from),
        "validUntil": moment(valid_until),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": statuses.encode(),
        },
    }
