"""The layered answer to "is this credential valid?", from a resolver, status, the issuer's own record and a clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from certificates.canonical import Json, read_json
from certificates.catalogue import sentence
from certificates.credential import CONTEXTS, TYPES, content_digest, is_specimen
from certificates.keys import KeyResolver
from certificates.proofs import HeldProof, verify_proofs
from certificates.refusals import (
    CertificateRefusal,
    DuplicateMember,
    JsonTooLarge,
    JsonUnreadable,
)


class CredentialState(StrEnum):
    """The answer; exactly one of these, the first that applies in the order of the checks."""

    UNREADABLE = "unreadable"  # not a credential at all
    UNKNOWN = "unknown"  # the issuer never issued one under this address
    CONTENT_DIFFERS = "content-differs"  # issued, but not with this content
    UNPROVEN = "unproven"  # the signature does not hold, or its key vouches for nothing
    REVOKED = "revoked"
    SUPERSEDED = "superseded"  # replaced by a newer issue under the same number
    SUSPENDED = "suspended"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    UNDECIDED = "undecided"  # the status could not be looked up
    VALID = "valid"


class Standing(StrEnum):
    """What the issuer's status says of a credential."""

    GOOD = "good"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"


class Registry(Protocol):
    """The issuer's record: the ``content_digest`` of the credential issued under an id, None for an unknown id."""

    def content_digest_of(self, credential_id: str) -> str | None: ...


class StatusReader(Protocol):
    """The standing of a credential, from the issuer's record or from its published lists.

    ``entries`` are the credential's own ``credentialStatus`` entries. None when it cannot be said (no list at hand).
    """

    def standing_of(self, credential_id: str, entries: tuple[Mapping[str, Any], ...]) -> Standing | None: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One check made: its name, whether it was passed (None: could not be made here), and the refusal if any."""

    name: str
    passed: bool | None
    refusal: CertificateRefusal | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer with the checks behind it. ``checked_at`` is the passed-in moment."""

    state: CredentialState
    checked_at: datetime
    checks: tuple[Check, ...]
    specimen: bool = False
    number: str | None = None
    proofs: tuple[HeldProof, ...] = ()

    SENTENCES: ClassVar[Mapping[CredentialState, str]] = {
        CredentialState.UNREADABLE: "This is not a certificate credential that can be read.",
        CredentialState.UNKNOWN: "No certificate was issued under this address.",
        CredentialState.CONTENT_DIFFERS: "A certificate was issued under this address, but its content is different.",
        CredentialState.UNPROVEN: "The signature does not hold: nothing vouches for this content.",
        CredentialState.REVOKED: "This certificate was revoked.",
        CredentialState.SUPERSEDED: "This certificate was replaced by a newer issue under the same number.",
        CredentialState.SUSPENDED: "This certificate is suspended.",
        CredentialState.NOT_YET_VALID: "This certificate is not valid yet.",
        CredentialState.EXPIRED: "This certificate has expired.",
        CredentialState.UNDECIDED: "The content is genuine, but whether it still stands could not be looked up.",
        CredentialState.VALID: "This certificate is valid.",
    }
    SPECIMEN_SENTENCE: ClassVar[str] = "It is a specimen and certifies nothing."

    @property
    def valid(self) -> bool:
        """Whether every check was passed."""
        return self.state is CredentialState.VALID

    def sentence(self, language: str = "en") -> str:
        """The answer as a sentence or two in the reader's language."""
        said = [sentence(self.SENTENCES[self.state], language)]
        if self.specimen:
            said.append(sentence(self.SPECIMEN_SENTENCE, language))
        return ("" if language.lower().startswith("zh") else " ").join(said)

    def reason(self, language: str = "en") -> str | None:
        """The refusal behind the answer as a sentence, if there is one."""
        refused = next((check.refusal for check in self.checks if check.refusal is not None), None)
        return None if refused is None else refused.sentence(language)


_UNREADABLE = (JsonUnreadable, JsonTooLarge, DuplicateMember)


def verify_credential(
    data: bytes | str,
    *,
    keys: KeyResolver,
    now: datetime,
    registry: Registry | None = None,
    status: StatusReader | None = None,
) -> Answer:
    """Judge a credential file; never raises for what a stranger sends.

    In order: read strictly, shape (exactly our contexts and types), known to the issuer, same content, proof and key,
    issuer signs for itself, standing, dates. ``registry`` None (a verifier that is not the issuer) leaves the two checks
    against the issuer's record unmade; ``status`` None or an answer of None ends in UNDECIDED unless the credential
    carries no status. ``now`` carries its time zone.
    """
    if now.tzinfo is None:
        raise ValueError("the clock needs its time zone")
    return _Judgement(now).of(data, keys, registry, status)


class _Judgement:
    """Collects the checks of one verification."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.checks: list[Check] = []
        self.specimen = False
        self.number: str | None = None
        self.proofs: tuple[HeldProof, ...] = ()

    def answer(self, state: CredentialState) -> Answer:
        return Answer(state, self.now, tuple(self.checks), self.specimen, self.number, self.proofs)

    def note(self, name: str, passed: bool | None, refusal: CertificateRefusal | None = None) -> bool:
        self.checks.append(Check(name, passed, refusal))
        return passed is not False

    def of(
        self, data: bytes | str, keys: KeyResolver, registry: Registry | None, status: StatusReader | None
    ) -> Answer:
        try:
            credential = read_json(data)
        except _UNREADABLE as refusal:
            self.note("read", False, refusal)
            return self.answer(CredentialState.UNREADABLE)
        self.note("read", True)
        shape = _shape_of(credential)
        if shape is None:
            self.note("shape", False)
            return self.answer(CredentialState.UNREADABLE)
        self.note("shape", True)
        self.specimen, self.number = is_specimen(credential), shape.number

        refused = self._against_record(credential, shape, registry) or self._proven(credential, shape, keys)
        return self.answer(refused or self._standing(shape, status) or self._dated(shape))

    def _against_record(self, credential: Json, shape: "_Shape", registry: Registry | None) -> CredentialState | None:
        if registry is None:
            self.note("known", None)
            self.note("content", None)
            return None
        kept = registry.content_digest_of(shape.credential_id)
        if not self.note("known", kept is not None):
            return CredentialState.UNKNOWN
        if not self.note("content", kept == content_digest(credential)):
            return CredentialState.CONTENT_DIFFERS
        return None

    def _proven(self, credential: Json, shape: "_Shape", keys: KeyResolver) -> CredentialState | None:
        try:
            self.proofs = verify_proofs(credential, keys)
        except CertificateRefusal as refusal:
            self.note("proof", False, refusal)
            return CredentialState.UNPROVEN
        self.note("proof", True)
        # A key vouches only for the issuer that publishes it: another base's good key proves nothing here.
        if not self.note("issuer", all(proof.controller == shape.issuer for proof in self.proofs)):
            return CredentialState.UNPROVEN
        return None

    def _standing(self, shape: "_Shape", status: StatusReader | None) -> CredentialState | None:
        if not shape.status and status is None:
            self.note("status", None)
            return None
        try:
            standing = None if status is None else status.standing_of(shape.credential_id, shape.status)
        except CertificateRefusal as refusal:
            self.note("status", None, refusal)
            return CredentialState.UNDECIDED
        if standing is None:
            self.note("status", None)
            return CredentialState.UNDECIDED
        self.note("status", standing is Standing.GOOD)
        return None if standing is Standing.GOOD else CredentialState(standing.value)

    def _dated(self, shape: "_Shape") -> CredentialState:
        if not self.note("begun", shape.valid_from <= self.now):
            return CredentialState.NOT_YET_VALID
        if not self.note("not-expired", shape.valid_until is None or self.now <= shape.valid_until):
            return CredentialState.EXPIRED
        return CredentialState.VALID


@dataclass(frozen=True, slots=True)
class _Shape:
    """What verification needs of a credential, each part of its right type."""

    credential_id: str
    issuer: str
    valid_from: datetime
    valid_until: datetime | None
    status: tuple[Mapping[str, Any], ...]
    number: str | None


def _shape_of(credential: Json) -> _Shape | None:
    """The credential's parts, or None when it has not exactly the shape this package composes."""
    issuer = credential.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    subject = credential.get("credentialSubject")
    valid_from = _moment(credential.get("validFrom"))
    carries_end = "validUntil" in credential
    valid_until = _moment(credential.get("validUntil"))
    entries = _status_entries(credential)
    if (
        credential.get("@context") != list(CONTEXTS)
        or credential.get("type") != list(TYPES)
        or not isinstance(credential.get("id"), str)
        or not isinstance(issuer_id, str)
        or not isinstance(subject, dict)
        or valid_from is None
        or (carries_end and valid_until is None)
        or entries is None
    ):
        return None
    number = subject.get("licenseNumber")
    return _Shape(
        credential["id"], issuer_id, valid_from, valid_until, entries, number if isinstance(number, str) else None
    )


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _status_entries(credential: Json) -> tuple[Mapping[str, Any], ...] | None:
    if "credentialStatus" not in credential:
        return ()
    carried = credential["credentialStatus"]
    entries = carried if isinstance(carried, list) else [carried]
    if not entries or not all(
        isinstance(entry, dict) and entry.get("type") == "BitstringStatusListEntry" for entry in entries
    ):
        return None
    return tuple(entries)
