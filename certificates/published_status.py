"""Standing read from published status lists, for verifiers that are not the issuer and for checks without network."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from certificates.canonical import Json
from certificates.keys import KeyResolver
from certificates.proofs import verify_proofs
from certificates.refusals import StatusListUnreadable
from certificates.status import ENTRIES, PURPOSES, StatusList, list_address
from certificates.verify import Standing

_STANDING = {"revocation": Standing.REVOKED, "suspension": Standing.SUSPENDED}


class PublishedLists:
    """Reads the standing of a credential from signed status lists at hand.

    Each list is believed only when its proofs hold, its issuer signed it, and ``now`` lies within its dates. A status
    entry whose list is not at hand leaves the standing unsaid (None). Give the suspension list beside the revocation list
    to see suspensions too.
    """

    def __init__(self, credentials: Iterable[Json], keys: KeyResolver, now: datetime) -> None:
        self._lists: dict[tuple[str, str], StatusList] = {}
        self._issuers: dict[tuple[str, str], str] = {}
        for credential in credentials:
            address, purpose, issuer, statuses = _believed(credential, keys, now)
            self._lists[address, purpose], self._issuers[address, purpose] = statuses, issuer

    def standing_of(self, credential_id: str, entries: tuple[Mapping[str, Any], ...]) -> Standing | None:
        """Revoked before suspended before good; StatusListUnreadable for an entry that is not one."""
        found: set[Standing] = set()
        for entry in entries:
            address, purpose, index = _entry(entry)
            statuses = self._lists.get((address, purpose))
            if statuses is None:
                return None
            if statuses[index]:
                found.add(_STANDING[purpose])
            # A credential names its revocation list only (Open Badges 3.0 has room for one entry); the issuer keeps the
            # same place in its suspension list, which counts when it is at hand and signed by the same issuer.
            beside = list_address(address, "suspension")
            if (
                purpose == "revocation"
                and beside is not None
                and self._issuers.get((beside, "suspension")) == self._issuers[address, purpose]
                and self._lists[beside, "suspension"][index]
            ):
                found.add(Standing.SUSPENDED)
        for standing in (Standing.REVOKED, Standing.SUSPENDED):
            if standing in found:
                return standing
        return Standing.GOOD


def _entry(entry: Mapping[str, Any]) -> tuple[str, str, int]:
    address, purpose, index = (entry.get(name) for name in ("statusListCredential", "statusPurpose", "statusListIndex"))
    if (
        not isinstance(address, str)
        or purpose not in PURPOSES
        or not isinstance(index, str)
        or not (index.isascii() and index.isdigit() and len(index) <= 6 and int(index) < ENTRIES)
    ):
        raise StatusListUnreadable(reason="the credential's status entry is not well formed")
    return address, str(purpose), int(index)


def _believed(credential: Json, keys: KeyResolver, now: datetime) -> tuple[str, str, str, StatusList]:
    subject, issuer, address = (credential.get(name) for name in ("credentialSubject", "issuer", "id"))
    kinds = credential.get("type")
    if (
        not isinstance(subject, dict)
        or not isinstance(issuer, str)
        or not isinstance(address, str)
        or not isinstance(kinds, list)
        or "BitstringStatusListCredential" not in kinds
        or subject.get("type") != "BitstringStatusList"
        or subject.get("statusPurpose") not in PURPOSES
        or not isinstance(subject.get("encodedList"), str)
    ):
        raise StatusListUnreadable(reason="it is not a status list credential")
    if any(proof.controller != issuer for proof in verify_proofs(credential, keys)):
        raise StatusListUnreadable(reason="it is signed by another than its issuer")
    if not _moment(credential.get("validFrom")) <= now <= _moment(credential.get("validUntil")):
        raise StatusListUnreadable(reason="it is out of date")
    return address, str(subject["statusPurpose"]), issuer, StatusList.decode(subject["encodedList"])


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise StatusListUnreadable(reason="its dates are not moments with a time zone")
    return moment
